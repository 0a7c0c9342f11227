import type { TemplateKind } from '../../domain/policy.ts';
import { type Oid, parseRepoPath, type RepoPath } from '../../domain/repo-path.ts';
import { BASELINE_FILE } from '../../manifests/baseline/baseline-entry.ts';
import type { IndexedFile } from '../../manifests/build-index.ts';
import type { FileProblem } from '../../manifests/graph.ts';
import { useOfEntry } from '../../manifests/indexing/tree-entry.ts';
import type { BlobFacts } from '../../manifests/objects.ts';
import type { ManifestReader } from '../../manifests/parse/manifest-reader.ts';
import { SETTINGS_FILE } from '../../manifests/reading/repository-settings.ts';
import type { Snapshot, TreeEntry } from '../../ports.ts';
import type { EntrySays, FactsByBlob, ReadFiles, ServedBranch } from '../served-branch.ts';
import { compareEntries } from './compare-entries.ts';
import { sameValue } from './same-value.ts';

/** What blobs are read with. */
export interface Parser {
  /** What is known of blobs that were read with the same kinds; what is read is added. */
  readonly known: FactsByBlob;
  /** Told what was added. */
  readonly learned?: Set<Oid>;
  /** Which kinds are workloads too. */
  readonly kinds: readonly TemplateKind[];
  readonly reader: ManifestReader;
}

/** What the blobs of a served branch are read with. */
export function parserOf({ memory, settings, reader }: Pick<ServedBranch, 'memory' | 'settings' | 'reader'>): Parser {
  return { known: memory.factsByBlob, learned: memory.learned, kinds: settings.scope.restart.kinds, reader };
}

/** Told now and then how many of all entries have been read. */
export type Progress = (done: number, all: number) => void;

/** How a snapshot is read: what an earlier one said, if there is one, and who is told how far it is. */
export interface ReadingHow {
  readonly earlier?: ReadFiles | null;
  readonly progress?: Progress;
}

/**
 * Reads every manifest of a snapshot. What is known by its blob id is not read again, and what says the same as in `earlier`
 * is the same object.
 */
export async function readFiles(
  snapshot: Snapshot,
  parser: Parser,
  signal: AbortSignal,
  { earlier = null, progress = () => undefined }: ReadingHow = {},
): Promise<ReadFiles> {
  const { entries } = snapshot;
  const { says, manifests, beside } = sortOut(entries, earlier);
  const wanted: Wanted = {
    oids: manifests.map(({ oid }) => oid),
    beside,
    progress: (left) => progress(entries.length - left, entries.length),
  };
  const facts = await factsOf(snapshot, wanted, parser, signal);
  for (const { at, was, path, oid } of manifests) {
    const file = { path, facts: facts.get(oid) ?? SAYS_NOTHING };
    says[at] = was?.kind === 'file' && sameValue(was.file, file) ? was : { kind: 'file', file };
  }
  const files: IndexedFile[] = [];
  const problems: FileProblem[] = [];
  for (const one of says) {
    if (one.kind === 'file') files.push(one.file);
    else if (one.kind === 'problem') problems.push(one.problem);
  }
  return { entries, says, files, problems };
}

/** What entries say as far as that is known without their blobs, and what is to be read for the others. */
function sortOut(entries: readonly TreeEntry[], earlier: ReadFiles | null) {
  const { same, changed } = compareEntries(earlier?.entries ?? [], entries);
  const earlierSays = earlier?.says ?? [];
  const says = Array.from(same, (before) => earlierSays[before] ?? NOTHING);
  const manifests: Manifest[] = [];
  const beside: Oid[] = [];
  for (const [at, before] of changed) {
    const entry = entries[at];
    if (entry === undefined) continue;
    const use = useOfEntry(entry);
    if (use.kind === 'read') manifests.push({ at, was: earlierSays[before], path: use.path, oid: entry.oid });
    else says[at] = use.kind === 'problem' ? use : pathOnly(entry.path);
    if (READ_ANYWAY.includes(entry.path)) beside.push(entry.oid);
  }
  return { says, manifests, beside };
}

/** What is read of a snapshot besides its manifests. */
const READ_ANYWAY: readonly string[] = [BASELINE_FILE, SETTINGS_FILE];

/** A manifest that is new or changed, at its place, and what its path said before. */
interface Manifest {
  readonly at: number;
  readonly was: EntrySays | undefined;
  readonly path: RepoPath;
  readonly oid: Oid;
}

/** What some entries of a snapshot say, by blob id; entries that are no manifests are left out. */
export async function readFacts(
  snapshot: Snapshot,
  some: readonly TreeEntry[],
  parser: Parser,
  signal: AbortSignal,
): Promise<ReadonlyMap<Oid, BlobFacts>> {
  const oids = some.filter((entry) => useOfEntry(entry).kind === 'read').map(({ oid }) => oid);
  return factsOf(snapshot, { oids, beside: [], progress: () => undefined }, parser, signal);
}

interface Wanted {
  readonly oids: readonly Oid[];
  /** Blobs that others will read. */
  readonly beside: readonly Oid[];
  /** Told how many are left. */
  readonly progress: (left: number) => void;
}

async function factsOf(
  snapshot: Snapshot,
  { oids, beside, progress }: Wanted,
  { known, learned, kinds, reader }: Parser,
  signal: AbortSignal,
): Promise<ReadonlyMap<Oid, BlobFacts>> {
  signal.throwIfAborted();
  const found = new Map<Oid, BlobFacts>();
  const missing = new Set<Oid>();
  for (const oid of oids) {
    const facts = known.get(oid);
    if (facts === undefined) missing.add(oid);
    else found.set(oid, facts);
  }
  let left = missing.size;
  progress(left);
  if (missing.size + beside.length > 0) await snapshot.prefetch([...missing, ...beside], signal);
  if (missing.size === 0) return found;
  const tell = (oid: Oid, facts: BlobFacts) => {
    found.set(oid, facts);
    known.set(oid, facts);
    learned?.add(oid);
    left -= 1;
    if (left % 500 === 0) progress(left);
  };
  await reader.read({ oids: [...missing], kinds, load: (oid) => snapshot.read(oid), tell }, signal);
  return found;
}

/** A file that is no manifest still counts: charts and includes are found by path. */
function pathOnly(path: string): EntrySays {
  const safe = parseRepoPath(path);
  return safe === null ? NOTHING : { kind: 'file', file: { path: safe, facts: SAYS_NOTHING } };
}

const NOTHING: EntrySays = { kind: 'nothing' };
const SAYS_NOTHING: BlobFacts = { objects: [], unreadable: [], patches: [], replacements: [], text: null };
