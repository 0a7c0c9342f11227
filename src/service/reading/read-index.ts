import type { TemplateKind } from '../../domain/policy.ts';
import { parseRepoPath } from '../../domain/repo-path.ts';
import { BASELINE_FILE } from '../../manifests/baseline/baseline-entry.ts';
import { type ParsedBaseline, parseBaseline } from '../../manifests/baseline/parse-baseline.ts';
import { createIndexer, type IndexedFile, type Indexer } from '../../manifests/build-index.ts';
import type { FileProblem, Index } from '../../manifests/graph.ts';
import { followPins } from '../../manifests/indexing/pins/follow-pins.ts';
import { useOfEntry } from '../../manifests/indexing/tree-entry.ts';
import type { BlobFacts } from '../../manifests/objects.ts';
import { readBlob } from '../../manifests/read-blob.ts';
import { joinBaseline } from '../../plan/reconcile/baseline/join-baseline.ts';
import type { Ref, Snapshot, TreeEntry } from '../../ports.ts';
import type { FactsByBlob, ReadFiles, ServedBranch } from '../served-branch.ts';
import { noteRead, recallIndex } from './kept-index.ts';
import { sameValue } from './same-value.ts';

/** Reads the graph at the head of the base branch. */
export async function readIndex(
  served: ServedBranch,
  base: Ref,
  signal: AbortSignal,
): Promise<{ readonly snapshot: Snapshot; readonly index: Index }> {
  await recallIndex(served);
  const snapshot = await served.workspace.snapshot(base, signal);
  const { memory, settings } = served;
  const read = await readFiles(snapshot, parserOf(served), signal);
  forgetOthers(memory.factsByBlob, snapshot);
  noteRead(served, snapshot.commit);
  // Most commits of a large repository change nothing that an index holds.
  const isKnown = memory.last !== null && saysTheSame(memory.last.read, read);
  const baseline = baselineAt(snapshot);
  const isSame = isKnown && memory.last?.baseline === (baseline?.oid ?? null);
  const index =
    isSame && memory.last !== null
      ? memory.last.index
      : await withBaseline(
          followPins(indexerOf(served).build(read.files, read.problems), settings.scope.pin),
          snapshot,
        );
  memory.last = { read, index, baseline: baseline?.oid ?? null };
  return { snapshot, index };
}

function indexerOf({ memory, settings }: ServedBranch): Indexer {
  memory.indexer ??= createIndexer(settings, settings.scope.kustomize);
  return memory.indexer;
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

function saysTheSame(earlier: ReadFiles, now: ReadFiles): boolean {
  if (earlier.files.length !== now.files.length) return false;
  const isSame = now.files.every(({ path, facts }, at) => {
    const before = earlier.files[at];
    return before?.path === path && sameValue(before.facts, facts);
  });
  return isSame && sameValue(earlier.problems, now.problems);
}

/** What blobs are read with: which kinds are workloads too, and what is known of blobs that were read so. */
export interface Parser {
  readonly known: FactsByBlob;
  readonly kinds: readonly TemplateKind[];
}

/** What the blobs of a served branch are read with. */
export function parserOf({ memory, settings }: ServedBranch): Parser {
  return { known: memory.factsByBlob, kinds: settings.scope.restart.kinds };
}

/** Told now and then how many of all entries have been read. */
export type Progress = (done: number, all: number) => void;

/** Reads every manifest of a snapshot; what is known by its blob id is not read again. */
export async function readFiles(
  snapshot: Snapshot,
  parser: Parser,
  signal: AbortSignal,
  progress: Progress = () => undefined,
): Promise<ReadFiles> {
  const files: IndexedFile[] = [];
  const problems: FileProblem[] = [];
  for (const [at, entry] of snapshot.entries.entries()) {
    signal.throwIfAborted();
    if (at % 500 === 0) progress(at, snapshot.entries.length);
    const use = useOfEntry(entry);
    if (use.kind === 'read') files.push({ path: use.path, facts: await factsOf(snapshot, entry, parser) });
    else if (use.kind === 'problem') problems.push(use.problem);
    else files.push(...pathOnly(entry.path));
  }
  return { files, problems };
}

/** What one entry of a snapshot says; null for what is no manifest. */
export async function readFacts(snapshot: Snapshot, entry: TreeEntry, parser: Parser): Promise<BlobFacts | null> {
  return useOfEntry(entry).kind === 'read' ? factsOf(snapshot, entry, parser) : null;
}

async function factsOf(snapshot: Snapshot, entry: TreeEntry, { known, kinds }: Parser): Promise<BlobFacts> {
  const earlier = known.get(entry.oid);
  if (earlier !== undefined) return earlier;
  const facts = readBlob(await snapshot.read(entry.oid), kinds);
  known.set(entry.oid, facts);
  return facts;
}

/** A file that is no manifest still counts: charts and includes are found by path. */
function pathOnly(path: string): readonly IndexedFile[] {
  const safe = parseRepoPath(path);
  return safe === null ? [] : [{ path: safe, facts: SAYS_NOTHING }];
}

const SAYS_NOTHING: BlobFacts = { objects: [], unreadable: [], patches: [], replacements: [], text: null };

function forgetOthers(known: FactsByBlob, snapshot: Snapshot): void {
  const used = new Set(snapshot.entries.map(({ oid }) => oid));
  for (const oid of known.keys()) if (!used.has(oid)) known.delete(oid);
}
