import type { Grouping } from '../../domain/grouping/grouping.ts';
import type { Index } from '../../manifests/graph.ts';
import { type Group, groupWishes } from '../group.ts';
import type { BeyondBase } from '../truth/beyond-base.ts';

/** The groups that what an own branch carries beyond the base belongs to now: each claim in the parts that it is for. */
export function groupsCarried(index: Index, { claims, parts }: BeyondBase, grouping: Grouping): readonly Group[] {
  const wanted = new Map(claims.map((claim) => [claim.wish, parts.get(claim)] as const));
  const wishes = claims.map(({ wish }) => wish);
  return groupWishes(index, wishes, grouping).flatMap((group) => {
    const own = group.wishes.filter((wish) => wanted.get(wish)?.has(group.part.key) === true);
    return own.length === 0 ? [] : [{ ...group, wishes: own }];
  });
}
