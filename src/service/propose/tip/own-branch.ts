import { syncAnnotation } from '../../../domain/policy.ts';
import { parseRepoPath, type RepoPath } from '../../../domain/repo-path.ts';
import { bareKey, parseToken, tokenKey } from '../../../domain/token.ts';
import type { WorkloadToken } from '../../../domain/workload-token.ts';
import type { Facts } from '../../../manifests/objects.ts';
import { objectKey } from '../../../plan/plan.ts';
import { sourceEntriesOf } from '../../../plan/restart/sources/source-names.ts';
import type { CommitInfo, Ref, Snapshot } from '../../../ports.ts';
import { RESTART, ROTATION, readTrailers } from '../../../words/trailers.ts';
import { parserOf, readFacts } from '../../reading/read-files.ts';
import type { ServedBranch } from '../../served-branch.ts';
import { readHistory, type TipHistory } from './tip-history.ts';

export type TipObject = Facts & { readonly path: RepoPath };

/** The branch of one group as it is on the host. */
export type Tip =
  | { readonly kind: 'none' }
  | {
      /** `shared`, `foreign`: a person's or another tool's commit is in it, and is never overwritten. */
      readonly kind: TipHistory['kind'];
      readonly ref: Ref;
      readonly commit: CommitInfo;
      /** Our newest commit in it; null where nothing of ours was found. */
      readonly own: CommitInfo | null;
      /** The commit of ours that stands on the base; null where others have pushed. */
      readonly first: CommitInfo | null;
      readonly snapshot: Snapshot;
      /** Everything in files that differ from the base. */
      readonly objects: readonly TipObject[];
      /**
       * The value of `force-sync` of those that this branch bumps, by `objectKey`: only the ones with a version that our commit
       * brings, since a base that has moved on makes other files differ too. On a foreign tip all of them.
       */
      readonly tokens: ReadonlyMap<string, string>;
      /** `key=version` of what our commit says it brings; empty on a foreign tip, whose content is a person's to finish. */
      readonly rotations: ReadonlySet<string>;
      /** What workloads name of restart sources, by `objectKey`; empty on a foreign tip. */
      readonly sources: ReadonlyMap<string, WorkloadToken>;
      /** What a commit of stage two says it restarts, by `restartName`; empty on every other tip. */
      readonly restarts: ReadonlySet<string>;
    };

/** A branch that is there. */
export type Existing = Exclude<Tip, { readonly kind: 'none' }>;

/** Reads the tip of an own branch: whose it is, and what it carries beyond the base. */
export async function readTip(
  served: ServedBranch,
  ref: Ref | undefined,
  base: { readonly ref: Ref; readonly snapshot: Snapshot },
  signal: AbortSignal,
): Promise<Tip> {
  if (ref === undefined) return { kind: 'none' };
  const commit = await served.workspace.commit(ref, signal);
  const snapshot = await served.workspace.snapshot(ref, signal);
  const history = await readHistory(served, { ref, commit }, base.ref, signal);
  const objects = await readObjects(served, snapshot, base.snapshot, signal);
  const own = history.kind === 'foreign' ? null : history.own;
  const effects = (trailer: string) => new Set(own === null ? [] : readTrailers(own.message, trailer));
  const [rotations, restarts] = [effects(ROTATION), effects(RESTART)];
  const sources = rotations.size === 0 ? [] : objects.flatMap(sourcesAt);
  const carried = { rotations, restarts, sources: new Map(sources), tokens: tokensOf(objects, rotations) };
  const first = history.kind === 'ours' ? history.first : null;
  return { kind: history.kind, ref, commit, own, first, snapshot, objects, ...carried };
}

/** What our newest commit in a shared branch says of the objects in these files; their lines may have been changed since. */
export async function objectsAtOwn(
  served: ServedBranch,
  tip: Existing,
  paths: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly TipObject[]> {
  const { own } = tip;
  if (own === null || own.oid === tip.ref.oid) return tip.objects;
  const snapshot = await served.workspace.snapshot({ name: tip.ref.name, oid: own.oid }, signal);
  const entries = snapshot.entries.filter(({ path }) => paths.has(path));
  return readObjects(served, { ...snapshot, entries }, { ...snapshot, entries: [] }, signal);
}

function sourcesAt(object: TipObject): readonly (readonly [string, WorkloadToken])[] {
  const entries = object.type === 'workload' ? sourceEntriesOf(object) : new Map();
  return entries.size === 0 ? [] : [[objectKey(object), entries]];
}

async function readObjects(
  served: ServedBranch,
  tip: Snapshot,
  base: Snapshot,
  signal: AbortSignal,
): Promise<readonly TipObject[]> {
  const known = new Map(base.entries.map((entry) => [entry.path, entry.oid]));
  const differing = tip.entries.filter(({ path, oid }) => known.get(path) !== oid);
  const facts = await readFacts(tip, differing, parserOf(served), signal);
  return differing.flatMap((entry) => {
    const path = parseRepoPath(entry.path);
    const { objects = [] } = facts.get(entry.oid) ?? {};
    return path === null ? [] : objects.map((object) => ({ ...object, path }));
  });
}

function tokensOf(objects: readonly TipObject[], rotations: ReadonlySet<string>): ReadonlyMap<string, string> {
  const tokens = new Map<string, string>();
  // Where a key without account and region lies only the index can tell: it looks closer.
  const bare = new Set([...rotations].map(bareKey));
  for (const object of objects) {
    const value = object.annotations.get(syncAnnotation(object.kind));
    const entries = parseToken(value ?? null) ?? [];
    const isBrought = entries.some((entry) => bare.has(bareKey(`${tokenKey(entry)}=${entry.version}`)));
    if (value !== undefined && (isBrought || rotations.size === 0)) tokens.set(objectKey(object), value);
  }
  return tokens;
}
