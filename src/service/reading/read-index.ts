import { BASELINE_FILE } from '../../manifests/baseline/baseline-entry.ts';
import { type ParsedBaseline, parseBaseline } from '../../manifests/baseline/parse-baseline.ts';
import { createIndexer } from '../../manifests/build-index.ts';
import type { Index } from '../../manifests/graph.ts';
import { followPins } from '../../manifests/indexing/pins/follow-pins.ts';
import { joinBaseline } from '../../plan/reconcile/baseline/join-baseline.ts';
import type { Ref, Snapshot, TreeEntry } from '../../ports.ts';
import type { BranchMemory, ReadFiles, ServedBranch } from '../served-branch.ts';
import { compareEntries } from './compare-entries.ts';
import { isIndexKept, noteRead, recallIndex } from './kept-index.ts';
import { parserOf, readFiles } from './read-files.ts';
import { sameValue } from './same-value.ts';

/** The graph at the head of a base branch, and the commit that it was read from. */
export interface ReadIndex {
  readonly snapshot: Snapshot;
  readonly index: Index;
}

/**
 * Reads the graph at the head of the base branch. Passes that ask for it at once are served one after the other, so that the
 * second one finds what the first one read. Rejects with a Failure of the Git host, or once `signal` is aborted.
 */
export function readIndex(served: ServedBranch, base: Ref, signal: AbortSignal): Promise<ReadIndex> {
  return served.memory.reads(() => readNext(served, base, signal), signal);
}

async function readNext(served: ServedBranch, base: Ref, signal: AbortSignal): Promise<ReadIndex> {
  const { memory } = served;
  const { last } = memory;
  // What a process knows before it has read anything was kept by an earlier one: most blobs need not come here at all.
  const isRestart = last === null && ((await isIndexKept(served)) || memory.factsByBlob.size > 0);
  // What was kept is filled in while the host looks for the trees.
  const asked = served.workspace.snapshot(base, signal, isRestart ? 'trees' : 'files');
  const [snapshot] = await Promise.all([asked, recallIndex(served)]);
  // Nothing was read since, not even of another branch: there is nothing to compare, and nothing to forget.
  const isAsRead = last?.read.entries === snapshot.entries && memory.learned.size === 0;
  return { snapshot, index: isAsRead ? last.index : await readSnapshot(served, snapshot, signal) };
}

async function readSnapshot(served: ServedBranch, snapshot: Snapshot, signal: AbortSignal): Promise<Index> {
  const { memory } = served;
  const { last } = memory;
  const read = await readFiles(snapshot, parserOf(served), signal, { earlier: last?.read ?? null });
  const baseline = baselineAt(snapshot)?.oid ?? null;
  // Most commits of a large repository change nothing that an index holds.
  const isSame = last !== null && saysTheSame(last.read, read) && last.baseline === baseline;
  const index = isSame ? last.index : await withBaseline(indexOf(read, served), snapshot);
  keepOnlyUsed(memory, read);
  noteRead(served, snapshot.commit);
  memory.last = { read, index, baseline };
  return index;
}

function indexOf({ files, problems }: ReadFiles, { memory, settings }: ServedBranch): Index {
  memory.indexer ??= createIndexer(settings, settings.scope.kustomize);
  return followPins(memory.indexer.build(files, problems), settings.scope.pin);
}

function baselineAt({ entries }: Snapshot): TreeEntry | undefined {
  return entries.find(({ path }) => path === BASELINE_FILE);
}

/** What the repository says of its baseline; null where it has none. */
export async function readBaseline(snapshot: Snapshot): Promise<ParsedBaseline | null> {
  const entry = baselineAt(snapshot);
  if (entry === undefined) return null;
  if (!entry.mode.startsWith('100')) return { kind: 'problem', line: null, reason: 'it is no plain file' };
  return parseBaseline(await snapshot.read(entry.oid));
}

/** The same index with the baseline of its objects. One that cannot be understood is none; reconcile says so. */
export async function withBaseline(index: Index, snapshot: Snapshot): Promise<Index> {
  const read = await readBaseline(snapshot);
  return read?.kind === 'baseline' ? { ...index, baseline: joinBaseline(index, read.entries) } : index;
}

/** What says the same is the same object. */
function saysTheSame(earlier: ReadFiles, now: ReadFiles): boolean {
  if (earlier.files.length !== now.files.length || earlier.problems.length !== now.problems.length) return false;
  return (
    now.files.every((file, at) => file === earlier.files[at]) &&
    now.problems.every((problem, at) => sameValue(problem, earlier.problems[at]))
  );
}

/** Keeps the facts of what this snapshot holds, and of nothing else. */
function keepOnlyUsed({ factsByBlob, learned, last }: BranchMemory, { entries }: ReadFiles): void {
  const unused =
    last === null
      ? new Set(factsByBlob.keys())
      : new Set([...compareEntries(last.read.entries, entries).gone.map(({ oid }) => oid), ...learned]);
  learned.clear();
  if (unused.size === 0) return;
  for (const { oid } of entries) unused.delete(oid);
  for (const oid of unused) factsByBlob.delete(oid);
}
