import type { Oid } from '../../../domain/repo-path.ts';

/** The last word of one commit status or check on a commit. */
export type StatusReport =
  | { readonly name: string; readonly state: 'success' | 'failed' /** Epoch milliseconds. */; readonly at: number }
  | { readonly name: string; readonly state: 'pending' };

/** A commit of the base, and what was reported on it since. */
export interface DeliveredCommit {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  /** One of each name, whoever reported it. */
  readonly reports: readonly StatusReport[];
  /** False where there are more than the forge told at once: no success on it counts. */
  readonly isWhole: boolean;
}

/** What the base was, newest first: its head, and from parent to first parent. Other branches that were merged are not in it. */
export function firstParents(commits: readonly DeliveredCommit[], head: Oid): readonly DeliveredCommit[] {
  const byOid = new Map(commits.map((commit) => [commit.oid, commit]));
  const line: DeliveredCommit[] = [];
  for (let at = byOid.get(head); at !== undefined; at = byOid.get(at.parents[0] ?? '')) {
    line.push(at);
    // Whatever a forge says, nothing is gone through twice.
    byOid.delete(at.oid);
  }
  return line;
}
