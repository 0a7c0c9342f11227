import type { Grouping } from '../../domain/grouping/grouping.ts';
import type { Branch, Repository } from '../config.ts';

/** What goes into one pull request: split as the branch says, else as its repository does. */
export function groupingOf({ group, groups }: Pick<Repository, 'group' | 'groups'>, branch: Branch): Grouping {
  return { paths: (branch.group ?? group).paths, named: groups };
}
