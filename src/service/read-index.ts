import { parseRepoPath } from '../domain/repo-path.ts';
import { buildIndex, type IndexedFile } from '../manifests/build-index.ts';
import type { FileProblem, Index } from '../manifests/graph.ts';
import { useOfEntry } from '../manifests/indexing/tree-entry.ts';
import type { BlobFacts } from '../manifests/objects.ts';
import { readBlob } from '../manifests/read-blob.ts';
import type { Ref, Snapshot, TreeEntry } from '../ports.ts';
import type { ServedBranch } from './served-branch.ts';

/** Reads the graph at the head of the base branch. Each blob is parsed once, however many commits hold it. */
export async function readIndex(
  served: ServedBranch,
  base: Ref,
  signal: AbortSignal,
): Promise<{ readonly snapshot: Snapshot; readonly index: Index }> {
  const snapshot = await served.workspace.snapshot(base, signal);
  const files: IndexedFile[] = [];
  const problems: FileProblem[] = [];
  for (const entry of snapshot.entries) {
    signal.throwIfAborted();
    const use = useOfEntry(entry);
    if (use.kind === 'read') files.push({ path: use.path, facts: await factsOf(served, snapshot, entry) });
    else if (use.kind === 'problem') problems.push(use.problem);
    else files.push(...pathOnly(entry.path));
  }
  forgetOthers(served, snapshot);
  return { snapshot, index: buildIndex(files, served.settings.accounts, problems) };
}

/** What one entry of a snapshot says; null for what is no manifest. */
export async function readFacts(served: ServedBranch, snapshot: Snapshot, entry: TreeEntry): Promise<BlobFacts | null> {
  return useOfEntry(entry).kind === 'read' ? factsOf(served, snapshot, entry) : null;
}

async function factsOf(served: ServedBranch, snapshot: Snapshot, entry: TreeEntry): Promise<BlobFacts> {
  const known = served.factsByBlob.get(entry.oid);
  if (known !== undefined) return known;
  const facts = readBlob(await snapshot.read(entry.oid));
  served.factsByBlob.set(entry.oid, facts);
  return facts;
}

/** A file that is no manifest still counts: charts and includes are found by path. */
function pathOnly(path: string): readonly IndexedFile[] {
  const safe = parseRepoPath(path);
  return safe === null ? [] : [{ path: safe, facts: { objects: [], unreadable: [], text: null } }];
}

function forgetOthers(served: ServedBranch, snapshot: Snapshot): void {
  const used = new Set(snapshot.entries.map(({ oid }) => oid));
  for (const oid of served.factsByBlob.keys()) if (!used.has(oid)) served.factsByBlob.delete(oid);
}
