import { createGitHubForge } from '../../../src/adapters/forge/github-forge.ts';
import { createLimitedFetch } from '../../../src/adapters/net/limited-fetch.ts';
import { createFaults } from '../../../src/demo/faults.ts';
import { commitFiles } from '../../../src/demo/git/bare-repository.ts';
import { git } from '../../../src/demo/git/git-cli.ts';
import { startGitServer } from '../../../src/demo/git/git-server.ts';
import { heads, isAncestor } from '../../../src/demo/github/branches.ts';
import { startGitHub } from '../../../src/demo/github/github-server.ts';
import type { People } from '../../../src/demo/github/people.ts';
import type { Pull } from '../../../src/demo/github/world.ts';
import type { Forge, Workspace } from '../../../src/ports.ts';
import type { Create } from '../../adapters/git/git-world.ts';
import type { House } from '../../service/life/model/steps.ts';
import type { Files, SeenPull, Sight, Town } from '../../service/life/model/town.ts';
import { externalSecret, STORE } from '../../service/manifests.ts';
import { START } from '../../service/memory-world.ts';
import { createTeamWorld, type Layout } from '../../service/team-world.ts';
import { createVirtualTime, quietInMemory } from '../../service/virtual-time.ts';

const TOKEN = 'token-of-the-bot';
const BOT = { login: 'acme-reloader', type: 'User' } as const;
const ALICE = { login: 'alice', type: 'User' } as const;
const BOB = { login: 'bob', type: 'User' } as const;
const STALE = { login: 'stale[bot]', type: 'Bot' } as const;
const PERSON = { name: 'Ada', email: 'ada@example.com' };
const NAME = 'acme/gitops';
const OURS = 'gitops-reloader/';
const NEVER = new AbortController().signal;

/** A town whose repository is a real one behind a Git host, and whose forge is GitHub on loopback; AWS and the queue are in memory. */
export interface RealTown extends Town {
  close(): Promise<void>;
}

/** Time stands still while a call to a host is under way. */
export async function openRealTown(
  layout: Layout,
  files: Readonly<Record<string, string>>,
  { mayDismiss, hasMergeQueue, needs, rewrites }: House,
  createWorkspace: Create,
): Promise<RealTown> {
  const calls: Calls = { underWay: 0, losesAnswer: false, ahead: 0 };
  const time = createVirtualTime(START, () => quiet(calls));
  const server = await startGitServer({ faults: createFaults() });
  const manifests = Object.entries(layout).map(([name, keys]) => [`${name}.yaml`, externalSecret(name, keys)] as const);
  const all = new Map([['store.yaml', STORE], ['README.md', '# Ours\n'], ...manifests, ...Object.entries(files)]);
  const { dir, url } = await server.createRepository(NAME, { files: all, branch: 'main', person: PERSON, time: 1 });
  const hub = await startGitHub({
    faults: createFaults(),
    gitDir: (name) => (name === NAME ? dir : null),
    now: () => Math.floor(time.now()) + calls.ahead,
  });
  hub.addToken(TOKEN, BOT);
  const people = hub.people(NAME);
  const asked = { neededApprovals: needs === 'approval' ? 1 : 0, needsChecks: needs === 'checks' };
  await people.setRules({ ...asked, hasMergeQueue, mayDismiss: mayDismiss ? null : ['nobody'] });
  if (rewrites === 'refused') await git(dir, ['config', 'receive.denyNonFastForwards', 'true']);
  await people.permit(ALICE.login, 'write');
  await people.permit(BOB.login, 'read');
  const forgeOf = () =>
    createGitHubForge({
      owner: 'acme',
      repository: 'gitops',
      baseUrl: hub.url,
      auth: { kind: 'token', token: () => Promise.resolve(TOKEN) },
      fetch: createLimitedFetch(),
    });
  const workspace = await createWorkspace({ url, credentials: async () => null });
  const hosts = { workspace: counted(calls, forgetful(calls, workspace)), forge: counted<Forge>(calls, forgeOf()) };
  const world = createTeamWorld(layout, { files, time, hosts });
  return {
    time,
    inbox: world.inbox,
    start: (how) => world.start(how),
    rotate: (secret, version) => world.rotate(secret, version),
    tell: (secret, version) => void world.tell(secret, version),
    loseAnswer: () => {
      calls.losesAnswer = true;
    },
    // What people do in the middle of a process's work is under way too.
    ...counted(calls, sightOf(dir, people, forgeOf())),
    ...counted(calls, pushesOf(dir, people)),
    ...counted(calls, peopleOf(dir, people, calls)),
    close: async () => {
      await workspace.close();
      await hub.close();
      await server.close();
      if (hub.violations.length > 0) throw new Error(hub.violations.join('\n'));
    },
  };
}

interface Calls {
  underWay: number;
  losesAnswer: boolean;
  /** How far GitHub's clock goes before ours, in milliseconds. */
  ahead: number;
}

async function quiet(calls: Calls): Promise<void> {
  for (let calm = 0; calm < 3; ) {
    await quietInMemory();
    if (calls.underWay > 0) await new Promise((resolve) => void setTimeout(resolve, 1));
    calm = calls.underWay > 0 ? 0 : calm + 1;
  }
}

type Methods = Readonly<Record<string, (...given: readonly never[]) => Promise<unknown>>>;

function counted<T extends object>(calls: Calls, port: T): T {
  const methods = Object.entries(port as Methods).map(([name, method]) => {
    const count = async (...given: readonly never[]) => {
      calls.underWay += 1;
      try {
        return await method(...given);
      } finally {
        calls.underWay -= 1;
      }
    };
    return [name, typeof method === 'function' ? count : method] as const;
  });
  return Object.fromEntries(methods) as T;
}

function forgetful(calls: Calls, workspace: Workspace): Workspace {
  return {
    refs: (prefixes, signal) => workspace.refs(prefixes, signal),
    snapshot: async (ref, signal) => {
      const snapshot = await workspace.snapshot(ref, signal);
      return { ...snapshot, ...counted(calls, { read: (oid: string) => snapshot.read(oid) }) };
    },
    commit: (ref, signal) => workspace.commit(ref, signal),
    publish: async (update, signal) => {
      const result = await workspace.publish(update, signal);
      if (!calls.losesAnswer) return result;
      calls.losesAnswer = false;
      return { kind: 'unknown', reason: 'the connection was lost' };
    },
    publishAll: async (updates, signal) => {
      const results = await workspace.publishAll(updates, signal);
      if (!calls.losesAnswer) return results;
      calls.losesAnswer = false;
      return results.map(() => ({ kind: 'unknown', reason: 'the connection was lost' }) as const);
    },
  };
}

type Seeing = Pick<Town, 'look' | 'filesAt' | 'messageOf' | 'isAncestor' | 'mergeBase' | 'facts'>;

function sightOf(dir: string, people: People, forge: Forge): Seeing {
  const known = new Map<string, Files>();
  const readFiles = async (commit: string) => {
    const paths = (await git(dir, ['ls-tree', '-r', '--name-only', commit])).split('\n').filter((path) => path !== '');
    return new Map(
      await Promise.all(paths.map(async (path) => [path, await git(dir, ['show', `${commit}:${path}`])] as const)),
    );
  };
  return {
    look: async (): Promise<Sight> => {
      const all = await people.pulls();
      const pulls = await Promise.all(all.map((pull) => seen(pull, forge)));
      const branches = await heads(dir);
      const own = [...branches].filter(([name]) => name.startsWith(OURS));
      const refs = new Map(own.map(([name, oid]) => [`refs/heads/${name}`, oid] as const));
      return { base: branches.get('main') ?? '', branches: refs, pulls };
    },
    filesAt: async (commit) => {
      const files = known.get(commit) ?? (await readFiles(commit));
      known.set(commit, files);
      return files;
    },
    messageOf: (commit) => git(dir, ['show', '-s', '--format=%B', commit]),
    isAncestor: (older, newer) => isAncestor(dir, older, newer),
    facts: (number) => forge.mergeFacts(number, NEVER),
    mergeBase: async (one, other) => (await git(dir, ['merge-base', one, other])).trim(),
  };
}

async function seen(pull: Readonly<Pull>, forge: Forge): Promise<SeenPull> {
  const { number, branch, head, body, comments, labels, createdAt } = pull;
  const own = comments.filter(({ author }) => author.login === BOT.login).map((comment) => comment.body);
  const state = stateOf(pull);
  const facts = state === 'open' ? await forge.mergeFacts(number, NEVER) : null;
  const { isAutoMerge = false, isQueued = false, approvals = [] } = facts ?? {};
  const ours = { number, state, branch, head, body, comments: own, labels, createdAt };
  return { ...ours, isAutoMerge, isQueued, approvals };
}

function stateOf({ state, mergedAt, closedBy, events }: Readonly<Pull>): SeenPull['state'] {
  if (state === 'open') return 'open';
  if (mergedAt !== null) return 'merged';
  const at = events.findLastIndex(({ event }) => event === 'closed');
  const isByDeletion = events[at - 1]?.event === 'head_ref_deleted';
  return closedBy?.login === ALICE.login && !isByDeletion ? 'closed-by-person' : 'closed-by-bot';
}

type Pushing = Pick<Town, 'commit' | 'mergeTo' | 'branchOff' | 'deleteBranch'>;

function pushesOf(dir: string, people: People): Pushing {
  let seconds = 1_700_000_000;
  const commit: Town['commit'] = async (ref, files) => {
    seconds += 1;
    const branch = ref.slice('refs/heads/'.length);
    const oid = await commitFiles(dir, {
      branch,
      files,
      message: 'A person was here\n',
      person: PERSON,
      time: seconds,
    });
    await people.pulls();
    return oid;
  };
  return {
    commit,
    mergeTo: async (ref, other, files) => {
      const tree = await git(dir, ['merge-tree', '--write-tree', ref, other]).catch(() => null);
      if (tree === null) return null;
      seconds += 1;
      const who = { GIT_AUTHOR_NAME: PERSON.name, GIT_AUTHOR_EMAIL: PERSON.email, GIT_COMMITTER_NAME: 'GitHub' };
      const when = { GIT_AUTHOR_DATE: `${seconds} +0000`, GIT_COMMITTER_DATE: `${seconds} +0000` };
      const env = { ...who, ...when, GIT_COMMITTER_EMAIL: 'noreply@github.com' };
      const args = ['commit-tree', tree.trim(), '-p', ref, '-p', other, '-m', `Merge ${other}`];
      const oid = (await git(dir, args, env)).trim();
      await git(dir, ['update-ref', ref, oid]);
      await people.pulls();
      return files.size === 0 ? oid : commit(ref, files);
    },
    branchOff: async (ref, files) => {
      await git(dir, ['update-ref', ref, 'refs/heads/main']);
      await commit(ref, files);
    },
    deleteBranch: (ref) => people.deleteBranchAs(ref.slice('refs/heads/'.length), ALICE),
  };
}

const CHECKS = { passing: 'SUCCESS', pending: 'PENDING', failing: 'FAILURE' } as const;

type Judging = Omit<Town, keyof Seeing | keyof Pushing | 'time' | 'start' | 'rotate' | 'tell' | 'inbox' | 'loseAnswer'>;

function peopleOf(dir: string, people: People, calls: Calls): Judging {
  return {
    merge: async (number, how, branch) => {
      const pull = (await people.pulls()).find((one) => one.number === number);
      if (pull === undefined || !(await succeeds(people.mergeAs(number, ALICE, how)))) return false;
      if (branch === 'delete') await git(dir, ['update-ref', '-d', `refs/heads/${pull.branch}`]);
      return true;
    },
    closeAs: (number, who) => people.closeAs(number, who === 'person' ? ALICE : STALE),
    reopen: (number) => succeeds(people.reopenAs(number, ALICE)),
    retry: async (number, who) => {
      // What is said in the very second of a close says nothing of it.
      calls.ahead += 1000;
      await people.commentAs(number, '/gitops-reloader retry', who === 'writer' ? ALICE : BOB);
    },
    label: (number, label) => people.labelAs(number, label, ALICE),
    approve: (number) => people.approveAs(number, ALICE),
    requestChanges: (number) => people.requestChangesAs(number, BOB),
    autoMerge: (number, isOn) => people.setAutoMergeAs(number, ALICE, isOn),
    enqueue: (number) => people.enqueueAs(number, ALICE),
    lock: (number) => people.lock(number),
    draft: (number, isDraft) => people.markDraft(number, isDraft),
    check: (number, state) => people.setChecks(number, CHECKS[state]),
  };
}

function succeeds(act: Promise<unknown>): Promise<boolean> {
  return act.then(
    () => true,
    () => false,
  );
}
