import type { Grouping } from '../../domain/grouping/grouping.ts';
import type { Index } from '../../manifests/graph.ts';
import { namersIn } from '../../manifests/query-index.ts';
import { type BranchParts, branchName, groupWishes, isOwnBranch, stageOfBranch } from '../group.ts';
import type { Wish } from '../truth/wish.ts';
import { type GroupName, groupedIndex } from './group-names.ts';

/** How the own branches of one base are called. */
export type BranchNaming = Pick<BranchParts, 'prefix' | 'instance' | 'base'>;

// An index never changes, and every group of it asks.
const CURRENT = new WeakMap<Index, WeakMap<Grouping, Map<string, ReadonlySet<string>>>>();

/**
 * Of these branches those of stage one on which other groups may have proposed the wishes before the grouping changed: no
 * group is called like them any more. One whose group is still there and was only split is told by its name. Where several
 * bases are served, one that no group here is called like is most likely another base's.
 */
export function formerBranches(
  { index, grouping, bases }: { readonly index: Index; readonly grouping: Grouping; readonly bases: number },
  wishes: readonly Wish[],
  branches: readonly string[],
  naming: BranchNaming,
): readonly string[] {
  const own = branches.filter((branch) => isOwnBranch(naming, branch) && stageOfBranch(branch) === 1);
  if (own.length === 0) return [];
  const current = currentBranches(index, grouping, naming);
  const whole =
    grouping.paths.length === 0
      ? new Set<string>()
      : new Set(
          groupWishes(index, wishes, unsplit(grouping)).map((group) => branchName({ ...naming, group, stage: 1 })),
        );
  return own.filter((branch) => whole.has(branch) || (bases === 1 && !current.has(branch)));
}

const UNSPLIT = new WeakMap<Grouping, Grouping>();

/** The same names without the patterns. */
function unsplit(grouping: Grouping): Grouping {
  const known = UNSPLIT.get(grouping) ?? { ...grouping, paths: [] };
  UNSPLIT.set(grouping, known);
  return known;
}

function currentBranches(index: Index, grouping: Grouping, naming: BranchNaming): ReadonlySet<string> {
  const byGrouping = CURRENT.get(index) ?? new WeakMap<Grouping, Map<string, ReadonlySet<string>>>();
  CURRENT.set(index, byGrouping);
  const byNaming = byGrouping.get(grouping) ?? new Map<string, ReadonlySet<string>>();
  byGrouping.set(grouping, byNaming);
  const key = JSON.stringify([naming.prefix, naming.instance, naming.base]);
  const known =
    byNaming.get(key) ?? new Set(groupsOf(index, grouping).map((group) => branchName({ ...naming, group, stage: 1 })));
  byNaming.set(key, known);
  return known;
}

function groupsOf(index: Index, grouping: Grouping): readonly GroupName[] {
  const { nameOf, partsOf } = groupedIndex(index, grouping);
  const names = namersIn(index).flatMap((user) => partsOf(user).map((part) => nameOf(user, part)));
  return [...new Set(names)].flatMap((name) => name ?? []);
}
