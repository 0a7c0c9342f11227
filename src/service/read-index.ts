import { parseRepoPath } from '../domain/repo-path.ts';
import { buildIndex, type IndexedFile } from '../manifests/build-index.ts';
import type { FileProblem, Index } from '../manifests/graph.ts';
import { useOfEntry } from '../manifests/indexing/tree-entry.ts';
import type { BlobFacts } from '../manifests/objects.ts';
import { readBlob } from '../manifests/read-blob.ts';
import type { Ref, Snapshot, TreeEntry } from '../ports.ts';
import type { FactsByBlob, ServedBranch } from './served-branch.ts';

/** Everything that the files of a snapshot say, before it is joined. */
export interface ReadFiles {
  readonly files: readonly IndexedFile[];
  readonly problems: readonly FileProblem[];
}

/** Reads the graph at the head of the base branch. */
export async function readIndex(
  served: ServedBranch,
  base: Ref,
  signal: AbortSignal,
): Promise<{ readonly snapshot: Snapshot; readonly index: Index }> {
  const snapshot = await served.workspace.snapshot(base, signal);
  const { files, problems } = await readFiles(snapshot, served.factsByBlob, signal);
  forgetOthers(served.factsByBlob, snapshot);
  return { snapshot, index: buildIndex(files, served.settings, problems, served.settings.scope.kustomize) };
}

/** Told now and then how many of all entries have been read. */
export type Progress = (done: number, all: number) => void;

/** Reads every manifest of a snapshot; what is known by its blob id is not read again. */
export async function readFiles(
  snapshot: Snapshot,
  known: FactsByBlob,
  signal: AbortSignal,
  progress: Progress = () => undefined,
): Promise<ReadFiles> {
  const files: IndexedFile[] = [];
  const problems: FileProblem[] = [];
  for (const [at, entry] of snapshot.entries.entries()) {
    signal.throwIfAborted();
    if (at % 500 === 0) progress(at, snapshot.entries.length);
    const use = useOfEntry(entry);
    if (use.kind === 'read') files.push({ path: use.path, facts: await factsOf(snapshot, entry, known) });
    else if (use.kind === 'problem') problems.push(use.problem);
    else files.push(...pathOnly(entry.path));
  }
  return { files, problems };
}

/** What one entry of a snapshot says; null for what is no manifest. */
export async function readFacts(snapshot: Snapshot, entry: TreeEntry, known: FactsByBlob): Promise<BlobFacts | null> {
  return useOfEntry(entry).kind === 'read' ? factsOf(snapshot, entry, known) : null;
}

async function factsOf(snapshot: Snapshot, entry: TreeEntry, known: FactsByBlob): Promise<BlobFacts> {
  const earlier = known.get(entry.oid);
  if (earlier !== undefined) return earlier;
  const facts = readBlob(await snapshot.read(entry.oid));
  known.set(entry.oid, facts);
  return facts;
}

/** A file that is no manifest still counts: charts and includes are found by path. */
function pathOnly(path: string): readonly IndexedFile[] {
  const safe = parseRepoPath(path);
  return safe === null
    ? []
    : [{ path: safe, facts: { objects: [], unreadable: [], patches: [], replacements: [], text: null } }];
}

function forgetOthers(known: FactsByBlob, snapshot: Snapshot): void {
  const used = new Set(snapshot.entries.map(({ oid }) => oid));
  for (const oid of known.keys()) if (!used.has(oid)) known.delete(oid);
}
