import type { Failure } from '../../../../src/domain/failure.ts';
import { version } from '../../manifests.ts';
import type { Process } from '../../memory-world.ts';
import type { Gate } from '../../ports-of-process.ts';

import { effectsOf, factsOf, namesOf, secretAt } from './effects.ts';
import type { Watch } from './our-acts.ts';
import type { House } from './steps.ts';
import { type Files, openOf, refOf, type SeenPull, type Sight, type Town } from './town.ts';

/** How often each step had something to do, for people who wonder whether the model tries anything. */
export type Counts = Map<string, number>;

export interface Event {
  readonly secret: string;
  readonly version: string;
}

/** What somebody has decided on, which must not become something else behind their back. */
export interface Decision {
  readonly pull: number;
  readonly kind: 'approval' | 'auto-merge';
  readonly head: string;
  /** `<place>=<what it gets>`. */
  readonly effects: ReadonlySet<string>;
}

/** What was merged: to be taken back by people, maybe. */
export interface Merged {
  readonly number: number;
  readonly before: Files;
  readonly after: Files;
}

/** A process, what is known of its acts, and what happens in the middle of its present one. */
export interface Resident {
  readonly process: Process;
  readonly watch: Watch;
  gate: Gate | null;
}

/** A town, and what the model remembers of what happened in it. */
export interface Life {
  readonly town: Town;
  readonly house: House;
  readonly counts: Counts;
  /** What AWS called current, in order, by secret. */
  readonly aws: ReadonlyMap<string, string[]>;
  /** Events that EventBridge has not delivered yet, and all that there ever were. */
  readonly pending: Event[];
  readonly told: Event[];
  /** Places that were there when an event of their secret was told. */
  readonly needs: Set<string>;
  /** Commits of people on our branches, by id with their ref: nobody but people may take these away. */
  readonly theirs: Map<string, string>;
  readonly decisions: Decision[];
  /** Heads of pull requests in the merge queue, by number. */
  readonly queued: Map<number, string>;
  /** `<place>=<version>` that people turned down or took back, by the pull request that brought it. */
  readonly turnedDown: Map<number, ReadonlySet<string>>;
  /** Pull requests whose content somebody who may write asked for again. */
  readonly retried: Set<number>;
  /** Those that were opened again: what is said of them a second time is new. */
  readonly reopened: Set<number>;
  /** `<place>=<version>` that people took out of a branch of ours, by its ref, or by its pull request once that is merged. */
  readonly takenOut: Map<string, ReadonlySet<string>>;
  readonly merges: Merged[];
  /** What the base said after each merge, by place. */
  readonly bases: Map<string, string[]>;
  /** When each restart was announced on the base: `<workload>=<value>`. */
  readonly announced: Map<string, number>;
  /** Secrets whose proposal a person merged although AWS had been rolled back since: their choice. */
  readonly excused: Set<string>;
  /** Processes that have looked at what people decided, and have not pushed yet: a reviewer sees what is there after the push. */
  readonly gaps: Set<object>;
  /** The heads of open pull requests when they were last seen, by number. */
  readonly heads: Map<number, string>;
  /** What was found wrong. */
  readonly wrong: string[];
  /** The process that is there all the time; null before its first look. */
  resident: Resident | null;
  /** What the next call of a process to Git or the forge comes to. */
  accident: { readonly side: string; readonly when: 'before' | 'after'; readonly failure: Failure } | null;
  /** Groups were joined or parted. */
  isRegrouped: boolean;
  versions: number;
}

export function newLife(town: Town, house: House, counts: Counts, secrets: readonly string[]): Life {
  return {
    town,
    house,
    counts,
    aws: new Map(secrets.map((secret) => [secret, []])),
    pending: [],
    told: [],
    needs: new Set(),
    theirs: new Map(),
    decisions: [],
    queued: new Map(),
    turnedDown: new Map(),
    retried: new Set(),
    reopened: new Set(),
    takenOut: new Map(),
    merges: [],
    bases: new Map(),
    announced: new Map(),
    excused: new Set(),
    gaps: new Set(),
    heads: new Map(),
    wrong: [],
    resident: null,
    accident: null,
    isRegrouped: false,
    versions: 0,
  };
}

export function newVersion(life: Life): string {
  life.versions += 1;
  return version(life.versions);
}

export function currentOf({ aws }: Life, secret: string): string {
  return aws.get(secret)?.at(-1) ?? '';
}

export async function deliver(life: Life, events: readonly Event[]): Promise<boolean> {
  const { town } = life;
  const files = events.length === 0 ? new Map() : await town.filesAt((await town.look()).base);
  for (const event of events) {
    life.told.push(event);
    town.tell(event.secret, event.version);
    for (const [path, text] of files as Files) {
      if (text.includes(`key: ${event.secret}\n`)) life.needs.add(`${path.slice(0, -'.yaml'.length)} ${event.secret}`);
    }
  }
  return events.length > 0;
}

/** What reconcile does after people or bots have closed or deleted: every secret is looked at again. */
export function tellAll(life: Life): void {
  for (const secret of new Set(life.told.map((one) => one.secret))) {
    life.pending.push({ secret, version: currentOf(life, secret) });
  }
}

/** People's decisions on a pull request are their own business once they have pushed to it themselves. */
export function forgetDecisions(life: Life, number: number): void {
  const kept = life.decisions.filter(({ pull }) => pull !== number);
  life.decisions.splice(0, life.decisions.length, ...kept);
  life.queued.delete(number);
}

export async function decide(life: Life, pull: SeenPull, kind: Decision['kind']): Promise<void> {
  const { base } = await life.town.look();
  const effects = namesOf(await effectsOf(life.town, base, pull.head));
  life.decisions.push({ pull: pull.number, kind, head: pull.head, effects });
}

/** A person, or the forge, merges, and the base is looked at. False on a conflict. */
export async function mergePull(
  life: Life,
  pull: SeenPull,
  how: 'merge' | 'squash' | 'rebase',
  branch: 'keep' | 'delete',
): Promise<boolean> {
  const { town } = life;
  const before = await town.filesAt((await town.look()).base);
  if (!(await town.merge(pull.number, how, branch))) return false;
  const after = await noteMerge(life, pull, before);
  for (const [place, found] of factsOf(after)) {
    const secret = secretAt(place);
    if (secret !== null && found !== currentOf(life, secret)) excuse(life, secret);
  }
  return true;
}

/** Somebody has merged what was at this head: the base is looked at. */
export async function noteMerge(life: Life, pull: SeenPull, before: Files): Promise<Files> {
  const { town } = life;
  const sight = await town.look();
  const after = await town.filesAt(sight.base);
  life.merges.push({ number: pull.number, before, after });
  forgetDecisions(life, pull.number);
  // What was merged may be cleared away.
  for (const [oid, ref] of life.theirs) {
    if (ref === refOf(pull) && (await town.isAncestor(oid, pull.head))) life.theirs.delete(oid);
  }
  forgetReverts(life, before, after);
  const out = life.takenOut.get(refOf(pull));
  // Merged without it: what the base does not have looks as if it had been taken back.
  if (out !== undefined) life.takenOut.set(`#${pull.number}`, out);
  life.takenOut.delete(refOf(pull));
  watchRestarts(life, after);
  for (const [place, found] of factsOf(after)) {
    const seen = life.bases.get(place) ?? [];
    if (secretAt(place) !== null && seen.at(-1) !== found) life.bases.set(place, [...seen, found]);
  }
  return after;
}

/** The forge merges what it was asked to merge by itself, or puts it into its queue. False where there is nothing of the kind. */
export async function forgeGoesOn(life: Life): Promise<boolean> {
  const { town, house, queued, gaps } = life;
  // Whoever is about to push has looked for a queue already.
  if (gaps.size > 0) return false;
  let hasActed = false;
  for (const pull of openOf(await town.look())) {
    if (!pull.isAutoMerge || (await town.facts(pull.number)).rules !== 'satisfied') continue;
    if (house.hasMergeQueue) {
      await town.autoMerge(pull.number, false);
      await town.enqueue(pull.number);
      queued.set(pull.number, pull.head);
      hasActed = true;
    } else hasActed = (await mergePull(life, pull, 'squash', 'keep')) || hasActed;
  }
  return hasActed;
}

/** A version that was taken back is due again when AWS goes back to it after another one was merged. */
function forgetReverts({ merges, turnedDown }: Life, before: Files, after: Files): void {
  const earlier = factsOf(before);
  const moved = [...factsOf(after)].flatMap(([place, value]) =>
    earlier.get(place) === value ? [] : [secretAt(place)],
  );
  for (const { number } of merges) {
    const left = [...(turnedDown.get(number) ?? [])].filter(
      (name) => !moved.includes(secretAt(name.slice(0, name.indexOf('=')))),
    );
    if (turnedDown.has(number)) turnedDown.set(number, new Set(left));
  }
}

/** A merge of what AWS has left again is not noticed before something tells of that secret. */
function excuse(life: Life, secret: string): void {
  if (!life.pending.some((one) => one.secret === secret)) life.excused.add(secret);
}

const SETTLE_MILLISECONDS = 360_000;

/** A restart must have been announced on the base, and have settled, before it is made there. */
function watchRestarts({ town, announced, wrong }: Life, base: Files): void {
  const now = town.time.now();
  for (const [place, value] of factsOf(base)) {
    const [name = '', what = ''] = place.split(' ');
    const key = `${name}=${value}`;
    if (what === 'made' && now < (announced.get(key) ?? Infinity) + SETTLE_MILLISECONDS)
      wrong.push(`${name} made ${value} too early`);
    if (what === 'due' && !announced.has(key)) announced.set(key, now);
  }
}

export function pullAt(sight: Sight, which: number): SeenPull | undefined {
  const open = openOf(sight);
  return open[which % Math.max(open.length, 1)];
}
