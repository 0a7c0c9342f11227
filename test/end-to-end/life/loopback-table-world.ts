import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../../src/adapters/local/system-clock.ts';
import { createMemoryMeter } from '../../../src/adapters/memory/memory-meter.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { labelUpdated } from '../../../src/demo/aws/rotation-events.ts';
import { commitFiles } from '../../../src/demo/git/bare-repository.ts';
import { git, gitWithInput } from '../../../src/demo/git/git-cli.ts';
import type { People } from '../../../src/demo/github/people.ts';
import { type EmbeddedWorld, startWorld, WORLD } from '../../../src/demo/world.ts';
import { RETRY_COMMAND, RETRY_LABEL } from '../../../src/plan/life/ended/retry-request.ts';
import type { Log } from '../../../src/ports.ts';
import { consumeBatch } from '../../../src/service/consume/consume.ts';
import { createLane } from '../../../src/service/consume/lane.ts';
import { createHealth } from '../../../src/service/health.ts';
import { readRefs } from '../../../src/service/round.ts';
import { emptyMemory, sweepBranch } from '../../../src/service/sweep/sweep-branch.ts';
import { type Connections, connect } from '../../../src/wire/connect.ts';
import { ROTATION, readTrailers } from '../../../src/words/trailers.ts';
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
} from '../../service/life/table/table-world.ts';
import { DROP } from '../faulty-run.ts';
import { externalSecret, STORE } from '../manifests.ts';

const QUIET: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const NEVER = new AbortController().signal;
const ADA = { login: 'ada', type: 'User' } as const;
const GRACE = { login: 'grace', type: 'User' } as const;
const RITA = { login: 'rita', type: 'User' } as const;
const STALE = { login: 'stale[bot]', type: 'Bot' } as const;
const ADA_COMMITS = { name: 'Ada', email: 'ada@acme.example' };
const PLACE = { account: WORLD.account, region: WORLD.region, name: 'a', suffix: 'Ab3dEf' };
const PUSH = /^POST git-receive-pack$/;

/** What all of a world's parts share. */
interface Stage {
  readonly world: EmbeddedWorld;
  readonly people: People;
  readonly dir: string;
  /** Moves GitHub's clock on: it tells times to the second. */
  readonly pass: (milliseconds: number) => void;
}

/** The embedded world: real Git, and GitHub, AWS and SQS on loopback, each process of the service wired as in production. */
export async function openLoopbackWorld(rules: TableRules): Promise<TableWorld> {
  const firstText = tokenText(externalSecret('db', 'a'));
  const files = new Map([
    ['store.yaml', STORE],
    ['README.md', '# Ours\n'],
    ['db.yaml', firstText],
  ]);
  let passed = 0;
  const world = await startWorld({ files, now: () => Date.now() + passed });
  const pass = (milliseconds: number) => {
    passed += milliseconds;
  };
  const restore = setEnvironment(world.environment);
  const people = world.github.people(WORLD.repository);
  const { mayDismiss = true, neededApprovals = 0, hasMergeQueue = false } = rules;
  await people.setRules({ mayDismiss: mayDismiss ? null : [], neededApprovals, hasMergeQueue });
  for (const { login } of [ADA, GRACE]) await people.permit(login, 'write');
  await people.permit(RITA.login, 'read');
  world.secrets.put({ name: 'a', suffix: PLACE.suffix, versions: { AWSCURRENT: versionId(1) } });
  const stage: Stage = { world, people, dir: world.repository.dir, pass };
  return {
    ...serviceOf(stage),
    ...filesOf(stage),
    ...peopleOf(stage),
    firstText,
    see: () => see(stage),
    end: async () => {
      restore();
      await world.close();
      if (world.github.violations.length > 0) throw new Error(world.github.violations.join('\n'));
    },
  };
}

/** Credentials are read from the environment, as a process does. Puts back what was there. */
function setEnvironment(environment: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, environment);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

type Service = Pick<
  TableWorld,
  'rotate' | 'repeat' | 'handle' | 'sweep' | 'race' | 'wait' | 'setForge' | 'setOpening' | 'waiting'
>;

function serviceOf({ world, pass }: Stage): Service {
  const { sqs, secrets, faults } = world;
  let opening: Opening = 'free';
  const repeat = async (version: number) => {
    sqs.send(WORLD.queue, JSON.stringify(labelUpdated(PLACE, versionId(version))));
  };
  const rotate = (version: number) => {
    secrets.putVersion('a', versionId(version));
    return repeat(version);
  };
  const handle = async () => {
    if (sqs.visible(WORLD.queue) > 0) await withService(world, opening, handleOnce);
  };
  return {
    rotate,
    repeat,
    handle,
    sweep: () => withService(world, opening, sweepToRest),
    race: async (version) => {
      let state: 'ahead' | 'done' = 'ahead';
      const second = async () => {
        state = 'done';
        await repeat(version);
        await handle();
      };
      faults.git.plan(PUSH, { kind: 'before', act: second });
      await rotate(version);
      await handle();
      faults.git.clear();
      if (state === 'ahead') await second();
    },
    wait: async () => {
      sqs.advance(3_600_000);
      pass(3_600_000);
    },
    setOpening: (state) => {
      opening = state;
    },
    setForge: (state) => {
      if (state === 'down') faults.github.plan(/./, DROP, Number.POSITIVE_INFINITY);
      else faults.github.clear();
    },
    waiting: async () => sqs.bodies(WORLD.queue).length,
  };
}

/** A process of the service, but for its loops: it knows nothing of those before it. */
async function withService(
  world: EmbeddedWorld,
  opening: Opening,
  act: (connections: Connections) => Promise<void>,
): Promise<void> {
  const loaded = loadConfig(world.config(), 'config.yaml');
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded.problems));
  const connections = await connect(loaded.config, QUIET);
  try {
    const branches = connections.branches.map((served) => ({
      ...served,
      settings: { ...served.settings, ...OPENINGS[opening] },
    }));
    await act({ ...connections, branches });
  } finally {
    await connections.close();
  }
}

async function handleOnce({ inboxes, branches }: Connections): Promise<void> {
  const [source] = inboxes;
  const [served] = branches;
  if (source === undefined || served === undefined) throw new Error('one queue and one branch are configured');
  const [clock, meter] = [createSystemClock(), createMemoryMeter()];
  const dependencies = [
    { kind: 'queue', name: source.inbox.name } as const,
    { kind: 'repository', name: served.name } as const,
  ];
  const health = createHealth(dependencies, clock, meter);
  const lanes = [createLane(served, health, NEVER)];
  await consumeBatch({ ...source, lanes, clock, log: QUIET, meter, health }, { stopping: NEVER, abort: NEVER });
}

const MOST_PASSES = 30;
const SOON_MILLISECONDS = 15_000;

/**
 * A forge that is down makes chores fail, and not the pass. As long as refs moved under one, or something is due soon, another comes,
 * as in the service.
 */
async function sweepToRest({ branches }: Connections): Promise<void> {
  for (const served of branches) {
    const memory = emptyMemory();
    for (let passes = 1; passes <= MOST_PASSES; passes += 1) {
      const refs = await readRefs(served, NEVER);
      if (refs === null) throw new Error('the base is gone');
      const { isMoved, nextDueAt } = await sweepBranch(served, refs, { memory, look: 'full' }, NEVER);
      const isDueSoon = (nextDueAt ?? Number.POSITIVE_INFINITY) < served.clock.now() + SOON_MILLISECONDS;
      if (!(isMoved || isDueSoon)) break;
      await sleep(1000);
    }
  }
}

async function branchOf(dir: string): Promise<string> {
  const branch = await findBranch(dir);
  if (branch === null) throw new Error('there is no branch of ours');
  return branch;
}

/** The only one that there ever is. */
async function findBranch(dir: string): Promise<string | null> {
  const refs = await git(dir, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/gitops-reloader/']);
  return refs === '' ? null : refs.trim();
}

type FilesHalf = Pick<TableWorld, 'read' | 'push' | 'updateBranch' | 'deleteBranch'>;

function filesOf({ dir, people, pass }: Stage): FilesHalf {
  const nameOf = async (on: 'base' | 'branch') => (on === 'base' ? WORLD.base : branchOf(dir));
  let time = 1_780_000_000;
  const push: TableWorld['push'] = async (on, files) => {
    const commit = { branch: await nameOf(on), files: new Map(Object.entries(files)), message: 'A person was here\n' };
    await commitFiles(dir, { ...commit, person: ADA_COMMITS, time: (time += 1) });
    // GitHub sees it at once.
    await people.pulls();
    pass(2000);
  };
  return {
    push,
    read: async (on, path) => git(dir, ['show', `refs/heads/${await nameOf(on)}:${path}`]),
    updateBranch: async (more) => {
      const branch = await branchOf(dir);
      const [ours, base] = [`refs/heads/${branch}`, `refs/heads/${WORLD.base}`];
      const tree = await treeWith(dir, (await git(dir, ['merge-tree', '--write-tree', ours, base])).trim(), more);
      const who = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: ADA_COMMITS.email };
      const env = { ...who, GIT_COMMITTER_NAME: 'GitHub', GIT_COMMITTER_EMAIL: 'noreply@github.com' };
      const parents = ['-p', ours, '-p', base];
      const merge = await git(dir, ['commit-tree', tree, ...parents, '-m', `Merge branch 'main' into ${branch}`], env);
      await git(dir, ['update-ref', ours, merge.trim()]);
      await people.pulls();
      pass(2000);
    },
    deleteBranch: async () => {
      await people.deleteBranchAs(await branchOf(dir), ADA);
      pass(2000);
    },
  };
}

/** The tree with these files at its root. */
async function treeWith(dir: string, tree: string, files: Readonly<Record<string, string>>): Promise<string> {
  if (Object.keys(files).length === 0) return tree;
  const listed = (await git(dir, ['ls-tree', tree])).split('\n').filter((line) => line !== '');
  const added: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    const blob = await gitWithInput(dir, ['hash-object', '-w', '--stdin'], text);
    added.push(`100644 blob ${blob.trim()}\t${path}`);
  }
  const kept = listed.filter((line) => !Object.keys(files).some((path) => line.endsWith(`\t${path}`)));
  return (await gitWithInput(dir, ['mktree'], `${[...kept, ...added].join('\n')}\n`)).trim();
}

type PeopleHalf = Omit<TableWorld, keyof FilesHalf | keyof Service | 'firstText' | 'see' | 'end'>;

function peopleOf({ people, pass }: Stage): PeopleHalf {
  const then = async (done: Promise<unknown>) => {
    await done;
    pass(2000);
  };
  return {
    close: (pull, who) => then(people.closeAs(pull, who === 'person' ? ADA : STALE)),
    reopen: (pull) => then(people.reopenAs(pull, ADA)),
    merge: (pull, method) => then(people.mergeAs(pull, ADA, method)),
    askRetry: (pull, how, who) => {
      const account = who === 'writer' ? ADA : RITA;
      return then(
        how === 'label' ? people.labelAs(pull, RETRY_LABEL, account) : people.commentAs(pull, RETRY_COMMAND, account),
      );
    },
    unlabel: (pull) => then(people.unlabelAs(pull, RETRY_LABEL, ADA)),
    approve: (pull) => then(people.approveAs(pull, GRACE)),
    setAutoMerge: (pull) => then(people.setAutoMergeAs(pull, ADA, true)),
    enqueue: (pull) => then(people.enqueueAs(pull, ADA)),
    markDraft: (pull) => then(people.markDraft(pull, true)),
    lock: (pull) => then(people.lock(pull)),
  };
}

async function see(stage: Stage): Promise<Seen> {
  const { world, people, dir } = stage;
  const pulls = await people.pulls();
  const texts: string[] = [];
  for (const { number, state, mergedAt, body } of pulls) {
    const shown = mergedAt === null ? state : 'merged';
    const marks = state === 'open' ? await marksOf(stage, number) : [];
    texts.push([`#${number}`, shown, versionsNamed(readTrailers(body, ROTATION)), ...marks].join(' '));
  }
  const ours = pulls.flatMap(({ comments }) => comments.filter(({ author }) => author.login === WORLD.bot.login));
  return {
    pulls: texts,
    branch: await seeBranch(dir, await findBranch(dir)),
    base: versionIn(await git(dir, ['show', `refs/heads/${WORLD.base}:db.yaml`])),
    queue: world.sqs.bodies(WORLD.queue).length,
    comments: ours.length,
  };
}

/** What GitHub says of an open one, by its API. */
async function marksOf({ world }: Stage, number: number): Promise<readonly string[]> {
  const marks: string[] = [];
  await withService(world, 'free', async ({ branches }) => {
    const facts = await branches[0]?.forge.mergeFacts(number, NEVER);
    if (facts?.isDraft === true) marks.push('draft');
    if ((facts?.approvals.length ?? 0) > 0) marks.push('approved');
    if (facts?.isAutoMerge === true) marks.push('auto-merge');
    if (facts?.isQueued === true) marks.push('queued');
  });
  return marks;
}

async function seeBranch(dir: string, branch: string | null): Promise<string> {
  const ref = `refs/heads/${branch ?? ''}`;
  const base = `refs/heads/${WORLD.base}`;
  if (branch === null) return 'none';
  const authors = await git(dir, ['log', '--topo-order', '--format=%an', `${base}..${ref}`]);
  const isBehind = (await git(dir, ['rev-list', '--count', `${ref}..${base}`])).trim() !== '0';
  const text = await git(dir, ['show', `${ref}:db.yaml`]);
  return branchSeen(
    text,
    isBehind,
    authors.split('\n').filter((line) => line !== ''),
  );
}
