import { createHash } from 'node:crypto';
import { Failure, internalFailure } from '../../domain/failure.ts';
import { isSafeRefName, type Oid } from '../../domain/repo-path.ts';
import type {
  CommitDraft,
  CommitInfo,
  Person,
  PublishResult,
  RefUpdate,
  Snapshot,
  UpdateResult,
  Workspace,
} from '../../ports.ts';
import { historyOf, mergeBase, type ParentsOf } from './memory-history.ts';
import { stopped, unknownObject } from './memory-host-failure.ts';
import { editTree, type ListedTree, listTree, type MemoryFile, type MemoryTree, mergeTrees } from './memory-tree.ts';

/**
 * Folder `memory`: stand-ins for the outside that live in this process, for tests of the service. Each passes the same
 * contract suite as the real adapter.
 */

/** A workspace together with its world: what a host, other people and bad luck can do to it. */
export interface MemoryWorkspace extends Workspace {
  tip(ref: string): Oid | null;
  /** Null where the ref or the file does not exist. */
  fileAt(ref: string, path: string): string | null;
  /** A person pushes: files by path, null removes one. Makes the branch where it does not exist. */
  commitTo(ref: string, files: ReadonlyMap<string, string | null>, message: string, person?: Person): Oid;
  /** Whether everything of `older` is part of `newer`, through all parents. */
  isAncestor(older: Oid, newer: Oid): boolean;
  /** Null where they have nothing in common. */
  mergeBase(one: Oid, other: Oid): Oid | null;
  /** A person merges `other` into `ref`, as Git does without conflicts, and puts these files into the merge besides. */
  mergeTo(ref: string, other: string, files: ReadonlyMap<string, string>, person?: Person): Promise<Oid>;
  /** Moves a ref to a known commit; null deletes it. */
  moveRef(ref: string, oid: Oid | null): void;
  /** From now on pushes to this ref are refused; null allows them again. */
  refuse(ref: string, reason: string | null): void;
  /** From now on refs whose name begins so may only be added to; null allows more again. */
  refuseRewrites(prefix: string, reason: string | null): void;
  /** The next publish is carried out, but its result is `unknown`. */
  loseAnswer(): void;
  /** Runs within the next publish, right before the host compares. */
  race(act: () => void): void;
  /** The next call of any method rejects with this. */
  failNext(failure: Failure): void;
}

interface StoredCommit {
  readonly info: CommitInfo;
  readonly tree: MemoryTree;
}

interface World {
  readonly commits: Map<Oid, StoredCommit>;
  readonly blobs: Map<Oid, string>;
  readonly refs: Map<string, Oid>;
  readonly refusals: Map<string, string>;
  readonly addedTo: Map<string, string>;
  readonly hostLogin: string | null;
  listed: ListedTree;
  losesAnswer: boolean;
  race: (() => void) | null;
  failure: Failure | null;
}

const SOMEBODY: Person = { name: 'Somebody', email: 'somebody@example.com' };

/**
 * A repository with one commit on `refs/heads/main` that holds these files; a plain text is a file of mode 100644. With a
 * login the host makes the commits that are published, in the name of that bot and each at its own time.
 */
export function createMemoryWorkspace(
  files: ReadonlyMap<string, string | MemoryFile>,
  hostLogin: string | null = null,
): MemoryWorkspace {
  const world: World = {
    commits: new Map(),
    blobs: new Map(),
    refs: new Map(),
    refusals: new Map(),
    addedTo: new Map(),
    hostLogin,
    listed: new Map(),
    losesAnswer: false,
    race: null,
    failure: null,
  };
  const first = new Map(
    [...files].map(([path, file]) => [path, typeof file === 'string' ? { mode: '100644', content: file } : file]),
  );
  world.refs.set(
    'refs/heads/main',
    store(world, first, [], { message: 'Initial commit\n', author: SOMEBODY, time: 0 }),
  );
  return { ...portOf(world), ...handlesOf(world) };
}

function portOf(world: World): Workspace {
  const begin = (signal: AbortSignal) => {
    const failure = signal.aborted ? stopped() : world.failure;
    world.failure = null;
    if (failure !== null) throw failure;
  };
  return {
    refs: async (prefixes, signal) => {
      begin(signal);
      return [...world.refs]
        .filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)))
        .map(([name, oid]) => ({ name, oid }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    snapshot: async (ref, signal) => {
      begin(signal);
      return snapshotOf(world, ref.oid);
    },
    commit: async (ref, signal) => {
      begin(signal);
      return find(world, ref.oid).info;
    },
    publish: async (update, signal) => {
      begin(signal);
      return publish(world, update);
    },
    publishAll: async (updates, signal) => {
      const lost = world.losesAnswer;
      world.losesAnswer = false;
      const results = updates.map((update) =>
        settled(() => {
          begin(signal);
          return publish(world, update);
        }),
      );
      return lost ? results.map((result) => lostAnswer('oid' in result ? result.oid : undefined)) : results;
    },
  };
}

function handlesOf(world: World): Omit<MemoryWorkspace, keyof Workspace> {
  return {
    tip: (ref) => world.refs.get(ref) ?? null,
    fileAt: (ref, path) => world.commits.get(world.refs.get(ref) ?? '')?.tree.get(path)?.content ?? null,
    commitTo: (ref, files, message, person = SOMEBODY) => {
      const parent = world.refs.get(ref);
      const tree = new Map(parent === undefined ? [] : find(world, parent).tree);
      for (const [path, content] of files) {
        if (content === null) tree.delete(path);
        else tree.set(path, { mode: tree.get(path)?.mode ?? '100644', content });
      }
      const time = world.commits.size;
      const oid = store(world, tree, parent === undefined ? [] : [parent], { message, author: person, time });
      world.refs.set(ref, oid);
      return oid;
    },
    isAncestor: (older, newer) => historyOf(parentsIn(world), newer).has(older),
    mergeBase: (one, other) => mergeBase(parentsIn(world), one, other),
    mergeTo: async (ref, other, files, person = SOMEBODY) => {
      const [ours, theirs] = [world.refs.get(ref) ?? '', world.refs.get(other) ?? ''];
      const fork = mergeBase(parentsIn(world), ours, theirs) ?? '';
      const tree = mergeTrees(find(world, ours).tree, find(world, theirs).tree, find(world, fork).tree);
      for (const [path, content] of files) tree.set(path, { mode: '100644', content });
      const message = `Merge ${other}\n`;
      const oid = store(world, tree, [ours, theirs], { message, author: person, time: world.commits.size });
      world.refs.set(ref, oid);
      return oid;
    },
    moveRef: (ref, oid) => {
      if (oid === null) world.refs.delete(ref);
      else world.refs.set(ref, find(world, oid).info.oid);
    },
    refuse: (ref, reason) => void (reason === null ? world.refusals.delete(ref) : world.refusals.set(ref, reason)),
    refuseRewrites: (prefix, reason) =>
      void (reason === null ? world.addedTo.delete(prefix) : world.addedTo.set(prefix, reason)),
    loseAnswer: () => {
      world.losesAnswer = true;
    },
    race: (act) => {
      world.race = act;
    },
    failNext: (failure) => {
      world.failure = failure;
    },
  };
}

const parentsIn =
  (world: World): ParentsOf =>
  (oid) =>
    find(world, oid).info.parents;

function snapshotOf(world: World, commit: Oid): Snapshot {
  world.listed = listTree(find(world, commit).tree, digest, world.listed);
  return {
    commit,
    entries: [...world.listed.values()],
    read: async (oid) => {
      const content = world.blobs.get(oid);
      if (content === undefined) throw unknownObject(oid);
      return Buffer.from(content, 'utf8');
    },
    prefetch: async () => undefined,
  };
}

function publish(world: World, { ref, expected, to }: RefUpdate): PublishResult {
  if (!isSafeRefName(ref)) throw internalFailure('only well-formed branches are published');
  const make = to === null ? () => null : prepare(world, to);
  runRace(world);
  const made = make();
  const oid = made ?? expected ?? '';
  const current = world.refs.get(ref) ?? null;
  if (current === made) return { kind: 'done', oid, isFound: true };
  if (current !== expected) return { kind: 'moved' };
  const reason = whyRefused(world, ref) ?? whyNotRewritten(world, { ref, to }, current);
  if (reason !== undefined) return { kind: 'refused', reason };
  if (made === null) world.refs.delete(ref);
  else world.refs.set(ref, made);
  return answerOf(world, oid);
}

function settled(act: () => PublishResult): UpdateResult {
  try {
    return act();
  } catch (error) {
    if (error instanceof Failure) return { kind: 'failed', failure: error };
    throw error;
  }
}

function runRace(world: World): void {
  const { race } = world;
  world.race = null;
  race?.();
}

function lostAnswer(oid: Oid | undefined): PublishResult {
  return { kind: 'unknown', reason: 'the connection was lost', ...(oid === undefined ? {} : { oid }) };
}

function answerOf(world: World, oid: Oid): PublishResult {
  const lost = world.losesAnswer;
  world.losesAnswer = false;
  return lost ? lostAnswer(oid) : { kind: 'done', oid };
}

function whyNotRewritten(world: World, { ref, to }: Pick<RefUpdate, 'ref' | 'to'>, current: Oid | null) {
  const isAdded = to === null || current === null || historyOf(parentsIn(world), to.parent).has(current);
  return isAdded ? undefined : [...world.addedTo].find(([prefix]) => ref.startsWith(prefix))?.[1];
}

function whyRefused(world: World, ref: string): string | undefined {
  const inTheWay = [...world.refs.keys()].find((name) => name.startsWith(`${ref}/`) || ref.startsWith(`${name}/`));
  return inTheWay === undefined ? world.refusals.get(ref) : `the branch ${inTheWay} is in the way`;
}

function prepare(world: World, to: CommitDraft): () => Oid {
  const tree = editTree(find(world, to.parent).tree, to);
  const message = to.message.endsWith('\n') ? to.message : `${to.message}\n`;
  return () => store(world, tree, [to.parent], { ...to, message, ...peopleAtHost(world) });
}

function peopleAtHost({ hostLogin, commits }: World) {
  if (hostLogin === null) return {};
  const author = { name: hostLogin, email: `4242+${hostLogin}@users.noreply.github.com` };
  return { author, committer: { name: 'GitHub', email: 'noreply@github.com' }, time: commits.size };
}

interface StoredPeople extends Pick<CommitDraft, 'message' | 'author' | 'time'> {
  readonly committer?: Person;
}

function store(
  world: World,
  tree: MemoryTree,
  parents: readonly Oid[],
  { message, author, time, committer = author }: StoredPeople,
): Oid {
  for (const { content } of tree.values()) world.blobs.set(digest(content), content);
  const files = [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const oid = digest(JSON.stringify([files, parents, message, author.name, author.email, time]));
  world.commits.set(oid, { info: { oid, parents, author, committer, time, message }, tree });
  return oid;
}

function find(world: World, oid: Oid): StoredCommit {
  const commit = world.commits.get(oid);
  if (commit === undefined) throw unknownObject(oid);
  return commit;
}

function digest(text: string): Oid {
  return createHash('sha1').update(text, 'utf8').digest('hex');
}
