import { Failure } from '../../../../src/domain/failure.ts';
import type { Forge } from '../../../../src/ports.ts';
import { ROTATION, readTrailers } from '../../../../src/words/trailers.ts';
import { externalSecret, STORE } from '../../manifests.ts';
import { createWorld, MAIN, type Process, type ProcessOptions, type World } from '../../memory-world.ts';
import { mergeLines } from './merge-lines.ts';
import {
  branchSeen,
  OPENINGS,
  type Opening,
  type Seen,
  type TableRules,
  type TableWorld,
  tokenText,
  versionId,
  versionIn,
  versionsNamed,
} from './table-world.ts';

const NEVER = new AbortController().signal;
const PERSON = { name: 'Ada', email: 'ada@example.com' };

/** The world in memory. */
export async function openMemoryWorld({
  mayDismiss = true,
  neededApprovals = 0,
  hasMergeQueue = false,
}: TableRules): Promise<TableWorld> {
  const firstText = tokenText(externalSecret('db', ['a']));
  const files = { 'store.yaml': STORE, 'README.md': '# Ours\n', 'db.yaml': firstText };
  const world = createWorld({ files, rules: { mayDismiss, neededApprovals, hasMergeQueue }, mergeFiles: mergeLines });
  world.rotate('a', versionId(1));
  await world.time.pass(60_000);
  return {
    ...serviceOf(world),
    ...filesOf(world),
    ...peopleOf(world),
    firstText,
    see: () => see(world),
    end: async () => undefined,
  };
}

type Service = Pick<
  TableWorld,
  'rotate' | 'repeat' | 'handle' | 'sweep' | 'race' | 'wait' | 'setForge' | 'setOpening' | 'waiting'
>;

function serviceOf(world: World): Service {
  let isDown = false;
  let opening: Opening = 'free';
  const start = (more: ProcessOptions = {}): Process =>
    world.start({
      settings: OPENINGS[opening],
      ports: (ports) => (isDown ? { ...ports, forge: downForge(ports.forge) } : ports),
      ...more,
    });
  const rotate = async (version: number) => {
    await world.time.pass(60_000);
    world.rotate('a', versionId(version));
    world.tell('a', versionId(version));
  };
  const repeat = async (version: number) => void world.tell('a', versionId(version));
  const handle = async (process = start()) => {
    if (world.inbox.visible() > 0) await process.batch();
  };
  return {
    rotate,
    repeat,
    handle: () => handle(),
    sweep: async () => {
      await world.time.pass(60_000);
      await start().sweepToRest();
    },
    race: async (version) => {
      let state: 'ahead' | 'done' = 'ahead';
      const second = async () => {
        state = 'done';
        await repeat(version);
        await start().work();
      };
      await rotate(version);
      await handle(
        start({
          gate: async (call, moment) => {
            if (call === 'publish' && moment === 'before' && state === 'ahead') await second();
          },
        }),
      );
      if (state === 'ahead') await world.time.run(second());
    },
    wait: () => world.time.pass(3_600_000),
    setOpening: (state) => {
      opening = state;
    },
    setForge: (state) => {
      isDown = state === 'down';
    },
    waiting: async () => world.inbox.bodies().length,
  };
}

function down(): Promise<never> {
  const hint = 'Wait until it answers again.';
  return Promise.reject(new Failure('could not reach it', { code: 'forge-unreachable', retry: 'later', hint }));
}

/** It has the same methods, and none answers. */
function downForge(forge: Forge): Forge {
  return Object.fromEntries(Object.keys(forge).map((name) => [name, down])) as unknown as Forge;
}

async function branchOf(world: World): Promise<string> {
  const ref = await findBranch(world);
  if (ref === null) throw new Error('there is no branch of ours');
  return ref;
}

/** The only one that there ever is. */
async function findBranch({ workspace }: World): Promise<string | null> {
  const [ref] = await workspace.refs(['refs/heads/gitops-reloader/'], NEVER);
  return ref?.name ?? null;
}

type FilesHalf = Pick<TableWorld, 'read' | 'push' | 'updateBranch' | 'deleteBranch'>;

function filesOf(world: World): FilesHalf {
  const refFor = async (on: 'base' | 'branch') => (on === 'base' ? MAIN : branchOf(world));
  return {
    read: async (on, path) => world.workspace.fileAt(await refFor(on), path) ?? '',
    push: async (on, files) => {
      world.workspace.commitTo(await refFor(on), new Map(Object.entries(files)), 'A person was here\n', PERSON);
      // The forge sees it at once.
      await world.forge.pulls();
    },
    updateBranch: async (more) => {
      const ref = await branchOf(world);
      // The merge in memory knows no fork further back than the parent; the base has moved elsewhere.
      const kept = { 'db.yaml': world.workspace.fileAt(ref, 'db.yaml') ?? '' };
      await world.workspace.mergeTo(ref, MAIN, new Map(Object.entries({ ...kept, ...more })), PERSON);
      await world.forge.pulls();
    },
    deleteBranch: async () => {
      world.workspace.moveRef(await branchOf(world), null);
      await world.forge.pulls();
    },
  };
}

function did(isDone: boolean, what: string): void {
  if (!isDone) throw new Error(`cannot be ${what}`);
}

type PeopleHalf = Omit<TableWorld, keyof FilesHalf | keyof Service | 'firstText' | 'see' | 'end'>;

function peopleOf(world: World): PeopleHalf {
  const { forge, time } = world;
  return {
    close: (pull, who) => forge.closeAs(pull, who),
    reopen: async (pull) => did(await forge.reopen(pull), 'reopened'),
    // How the commits come onto the base only a real repository knows.
    merge: async (pull) => did(await world.merge(pull, 'keep'), 'merged'),
    askRetry: async (pull, _, who) => {
      await time.pass(2000);
      await forge.askRetry(pull, who);
    },
    unlabel: (pull) => forge.takeBackRetry(pull),
    approve: (pull) => forge.approve(pull, 'grace'),
    setAutoMerge: (pull) => forge.setAutoMerge(pull, true),
    enqueue: async (pull) => did(await forge.queue(pull), 'queued'),
    markDraft: (pull) => forge.setDraft(pull, true),
    lock: (pull) => forge.lock(pull),
  };
}

async function see(world: World): Promise<Seen> {
  const pulls = await world.forge.pulls();
  const marks = (pull: (typeof pulls)[number]) =>
    pull.state !== 'open'
      ? []
      : [
          ...(pull.isDraft ? ['draft'] : []),
          ...(pull.approvals.length > 0 ? ['approved'] : []),
          ...(pull.isAutoMerge ? ['auto-merge'] : []),
          ...(pull.isQueued ? ['queued'] : []),
        ];
  return {
    pulls: pulls.map((pull) => {
      const state = pull.state.startsWith('closed') ? 'closed' : pull.state;
      return [`#${pull.number}`, state, versionsNamed(readTrailers(pull.body, ROTATION)), ...marks(pull)].join(' ');
    }),
    branch: await seeBranch(world, await findBranch(world)),
    base: versionIn(world.workspace.fileAt(MAIN, 'db.yaml') ?? ''),
    queue: world.inbox.bodies().length,
    comments: pulls.reduce((sum, { comments }) => sum + comments.length, 0),
  };
}

async function seeBranch(world: World, ref: string | null): Promise<string> {
  const tip = ref === null ? null : world.workspace.tip(ref);
  if (ref === null || tip === null) return 'none';
  const base = world.workspace.tip(MAIN) ?? '';
  const onBase = new Set((await historyOf(world, base)).map(({ oid }) => oid));
  const all = await historyOf(world, tip);
  const own = all.filter(({ oid }) => !onBase.has(oid));
  const text = world.workspace.fileAt(ref, 'db.yaml') ?? '';
  return branchSeen(
    text,
    !all.some(({ oid }) => oid === base),
    own.map(({ author }) => author.name),
  );
}

/** A commit and all that it builds on, first parents first, none twice. */
async function historyOf({ workspace }: World, tip: string) {
  const known = new Map<string, Awaited<ReturnType<typeof workspace.commit>>>();
  const open = [tip];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    if (known.has(at)) continue;
    const commit = await workspace.commit({ name: MAIN, oid: at }, NEVER);
    known.set(at, commit);
    open.unshift(...commit.parents);
  }
  return [...known.values()];
}
