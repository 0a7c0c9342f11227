import { Failure } from '../../../../src/domain/failure.ts';
import type { Oid } from '../../../../src/domain/repo-path.ts';
import type { Workspace } from '../../../../src/ports.ts';
import type { KnownCommit, OpenRaceWorld, RaceWorld } from './host/race-world.ts';
import { type Evidence, filesAfter, judge } from './judge.ts';
import { bringAbout, logOf, type Notes } from './replica.ts';
import { BRANCHES, MAIN, type Script, type Turn } from './script.ts';
import { createStage, type Stage } from './stage.ts';

const FILES = new Map([
  ['README.md', '# Ours\n'],
  ['apps/db/secret.yaml', 'kind: ExternalSecret\n'],
  ['apps/db/person.txt', 'nobody yet\n'],
  ...BRANCHES.map((ref) => [logOf(ref), 'begin\n'] as const),
]);

/** What stands between a replica and its workspace: nothing, or a planted defect. */
export type Plant = (workspace: Workspace) => Workspace;

/** A life that was played: what was wrong with it, in words, and how often which outcome came of a publish. */
export interface Lived {
  readonly wrong: readonly string[];
  readonly outcomes: readonly string[];
}

/** Plays a life to its end. */
export async function live(open: OpenRaceWorld, script: Script, plant: Plant = (one) => one): Promise<Lived> {
  const stage = createStage();
  const world = await open(stage, FILES, script.traits);
  try {
    const commits = new Map<Oid, KnownCommit>();
    const base: Oid[] = [];
    for (const oid of (await world.tips()).values()) {
      commits.set(oid, { parents: [], files: FILES });
      base.push(oid);
    }
    const notes: Notes = {
      attempts: [],
      ends: new Map(),
      wrong: [],
      filesOf: (oid) => {
        learn({ stage, notes, commits });
        return commits.get(oid)?.files ?? null;
      },
      isOnBase: (oid) => base.includes(oid),
    };
    const refused = new Set<string>();
    const replicas = script.jobs.map((jobs, number) => async () => {
      const start = async () => {
        const stop = new AbortController();
        stage.live(number, () => stop.abort());
        return { workspace: plant(await world.open(number)), signal: stop.signal };
      };
      const replica = { number, process: await start(), start, stage, notes };
      for (const [index, job] of jobs.entries()) await bringAbout(replica, job, `job-${number}-${index}`);
    });
    const act = async (turn: Acting) => {
      learn({ stage, notes, commits });
      if (turn.kind === 'hook') return hook(world, turn, refused);
      await person(world, turn, { commits, base });
    };
    await stage.run(world, script.turns, { replicas, act });
    learn({ stage, notes, commits });
    const evidence = { notes, stage, commits, refused };
    const outcomes = notes.attempts.map(({ outcome }) => (outcome instanceof Failure ? outcome.code : outcome.kind));
    return { wrong: [...judge(evidence), ...(await compare(world, evidence))], outcomes };
  } finally {
    await world.close();
  }
}

type Acting = Exclude<Turn, { readonly kind: 'go' | 'late' }>;

async function hook(world: RaceWorld, { act, ref }: Extract<Acting, { readonly kind: 'hook' }>, refused: Set<string>) {
  if (act === 'refuse') refused.add(ref);
  await world.refuse(act === 'refuse' ? ref : null);
}

interface Known {
  readonly commits: Map<Oid, KnownCommit>;
  readonly base: Oid[];
}

async function person(
  world: RaceWorld,
  { act, ref }: Extract<Acting, { readonly kind: 'person' }>,
  { commits, base }: Known,
): Promise<void> {
  const tips = await world.tips();
  if (act !== 'commit') {
    if (tips.has(ref)) await world.move(ref, act === 'delete' ? null : (tips.get(MAIN) ?? null));
    return;
  }
  const parent = tips.get(ref) ?? tips.get(MAIN) ?? '';
  if (!tips.has(ref)) await world.move(ref, parent);
  const changed = new Map([['apps/db/person.txt', `person ${commits.size}\n`]]);
  const oid = await world.commit(ref, changed);
  commits.set(oid, { parents: [parent], files: new Map([...(commits.get(parent)?.files ?? []), ...changed]) });
  if (ref === MAIN) base.push(oid);
}

/** What landed is known by what it must hold; whether it does is compared in the end. */
function learn({
  stage,
  notes,
  commits,
}: Pick<Evidence, 'notes'> & { readonly stage: Stage; readonly commits: Known['commits'] }) {
  for (const { attempt: number, to } of stage.landings) {
    const attempt = number === null ? undefined : notes.attempts[number];
    if (to === null || commits.has(to) || attempt === undefined || attempt.update.to === null) continue;
    const { parent } = attempt.update.to;
    const before = commits.get(parent);
    if (before !== undefined) commits.set(to, { parents: [parent], files: filesAfter(before.files, attempt) });
  }
}

async function compare(world: RaceWorld, { stage, commits }: Evidence): Promise<string[]> {
  const wrong: string[] = [];
  const landed = new Set(stage.landings.flatMap(({ to }) => (to === null ? [] : [to])));
  for (const oid of landed) {
    const [real, known] = [await world.contents(oid), commits.get(oid)];
    if (textOf(real) !== textOf(known)) wrong.push(`${oid} holds ${textOf(real)} instead of ${textOf(known)}`);
  }
  await world.verify().catch((error: unknown) => wrong.push(`the repository is damaged: ${String(error)}`));
  return wrong;
}

function textOf(commit: KnownCommit | undefined): string {
  const files = [...(commit?.files ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([commit?.parents, files]);
}
