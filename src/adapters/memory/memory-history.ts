import type { Oid } from '../../domain/repo-path.ts';

/** The parents of a commit. */
export type ParentsOf = (oid: Oid) => readonly Oid[];

/** A commit and all that it builds on, the ones nearest to it first. */
export function historyOf(parentsOf: ParentsOf, oid: Oid): ReadonlySet<Oid> {
  const seen = new Set<Oid>([oid]);
  // What is added while it is gone through is gone through too.
  for (const at of seen) for (const parent of parentsOf(at)) seen.add(parent);
  return seen;
}

/** A commit that both have in common, and that is beneath no other one of these; null where there is none. */
export function mergeBase(parentsOf: ParentsOf, one: Oid, other: Oid): Oid | null {
  const known = historyOf(parentsOf, one);
  const both = [...historyOf(parentsOf, other)].filter((oid) => known.has(oid));
  const beneath = new Set(both.flatMap((oid) => parentsOf(oid).flatMap((parent) => [...historyOf(parentsOf, parent)])));
  return both.find((oid) => !beneath.has(oid)) ?? null;
}
