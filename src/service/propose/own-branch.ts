import { FORCE_SYNC } from '../../domain/policy.ts';
import { parseRepoPath } from '../../domain/repo-path.ts';
import { objectKey } from '../../plan/plan.ts';
import type { CommitInfo, Ref, Snapshot } from '../../ports.ts';
import { ROTATION, readTrailers } from '../../words/trailers.ts';
import { readFacts } from '../read-index.ts';
import type { ServedBranch } from '../served-branch.ts';

/** The branch of one group as it is on the host. */
export type Tip =
  | { readonly kind: 'none' }
  | {
      /** `foreign`: a person's or another tool's commit is on top; it is never overwritten. */
      readonly kind: 'ours' | 'foreign';
      readonly ref: Ref;
      readonly commit: CommitInfo;
      readonly snapshot: Snapshot;
      /** The value of `force-sync` by `objectKey`, of the ExternalSecrets in files that differ from the base. */
      readonly tokens: ReadonlyMap<string, string>;
    };

/** Reads the tip of an own branch: whose it is, and what it carries beyond the base. */
export async function readTip(
  served: ServedBranch,
  ref: Ref | undefined,
  base: Snapshot,
  signal: AbortSignal,
): Promise<Tip> {
  if (ref === undefined) return { kind: 'none' };
  const commit = await served.workspace.commit(ref, signal);
  const snapshot = await served.workspace.snapshot(ref, signal);
  const kind = isOurs(served, commit) ? 'ours' : 'foreign';
  return { kind, ref, commit, snapshot, tokens: await readTokens(served, snapshot, base) };
}

/** Ours is one commit by our author, on one parent, that says which versions it carries. */
function isOurs(served: ServedBranch, commit: CommitInfo): boolean {
  const { author } = served.settings;
  const byUs = [commit.author, commit.committer].every(
    ({ name, email }) => name === author.name && email === author.email,
  );
  return byUs && commit.parents.length === 1 && readTrailers(commit.message, ROTATION).length > 0;
}

async function readTokens(served: ServedBranch, tip: Snapshot, base: Snapshot): Promise<ReadonlyMap<string, string>> {
  const known = new Map(base.entries.map((entry) => [entry.path, entry.oid]));
  const tokens = new Map<string, string>();
  for (const entry of tip.entries) {
    const path = parseRepoPath(entry.path);
    if (path === null || known.get(entry.path) === entry.oid) continue;
    const facts = await readFacts(tip, entry, served.factsByBlob);
    for (const object of facts?.objects ?? []) {
      const value = object.annotations.get(FORCE_SYNC);
      if (object.type === 'external-secret' && value !== undefined) tokens.set(objectKey({ ...object, path }), value);
    }
  }
  return tokens;
}
