import type { Grouping } from '../../domain/grouping/grouping.ts';
import type { Index } from '../../manifests/graph.ts';
import { groupOfUser } from '../group.ts';
import type { GroupName } from '../grouping/group-names.ts';
import { type DueRestart, feedersNamed } from './due-restarts.ts';

/** The groups of stage one whose merges say since when these restarts may be due; none twice, in order. */
export function refreshGroupsOf(
  index: Index,
  restarts: readonly DueRestart[],
  grouping: Grouping,
): readonly GroupName[] {
  const groups = new Map<string, GroupName>();
  for (const restart of restarts) {
    for (const user of restart.changed.flatMap((name) => feedersNamed(restart, name))) {
      const group = groupOfUser(index, user, grouping);
      if (group !== null) groups.set(group.key, group);
    }
  }
  return [...groups.values()].toSorted((left, right) => (left.key < right.key ? -1 : 1));
}
