import { sha256Hex } from '../domain/digest.ts';
import { type Grouping, NO_GROUPING, NO_PART, type Part } from '../domain/grouping/grouping.ts';
import type { Stage } from '../domain/policy.ts';
import type { Index, IndexedExternalSecret } from '../manifests/graph.ts';
import { namersOf } from '../manifests/query-index.ts';
import {
  type GroupName,
  groupedIndex,
  inPart,
  isFollower,
  nameOfSecret,
  smallest,
  type User,
} from './grouping/group-names.ts';
import type { Wish } from './truth/wish.ts';

/** Wishes that are served by one branch and one pull request. */
export interface Group extends GroupName {
  readonly wishes: readonly Wish[];
}

/**
 * Secrets that meet in one ExternalSecret, or in one source of restarts, form one group, transitively: an object is never pulled between two branches.
 * Objects that people or the configuration put into a group are one as well. Path patterns split all of that into parts,
 * within which it holds: a wish belongs to a group in each part that uses it. A group is named by the first of the names that it
 * was given, else by the smallest secret of the whole component, whatever was asked for.
 */
export function groupWishes(index: Index, wishes: readonly Wish[], grouping: Grouping = NO_GROUPING): readonly Group[] {
  const groups = new Map<string, GroupName & { readonly wishes: Wish[] }>();
  for (const wish of wishes) {
    for (const name of groupsOfWish(index, wish, grouping)) {
      const known = groups.get(name.key);
      if (known === undefined) groups.set(name.key, { ...name, wishes: [wish] });
      else known.wishes.push(wish);
    }
  }
  return [...groups.values()].toSorted((left, right) => (left.key < right.key ? -1 : 1));
}

/** One group for each part that names the secret; what nobody names is a group of its own. */
function groupsOfWish(index: Index, wish: Wish, grouping: Grouping): readonly GroupName[] {
  const { nameOf, partsOf } = groupedIndex(index, grouping);
  const users = new Map<string, { readonly part: Part; readonly users: User[] }>();
  for (const user of namersOf(index, wish)) {
    for (const part of partsOf(user)) {
      const known = users.get(part.key);
      if (known === undefined) users.set(part.key, { part, users: [user] });
      else known.users.push(user);
    }
  }
  const own = users.size === 0 ? [{ part: NO_PART, users: [] }] : [...users.values()];
  return own.map(({ part, users: inside }) => {
    const followers = inside.filter((user) => isFollower(user, wish));
    const known = followers.flatMap((user) => nameOf(user, part) ?? []);
    return smallest(known) ?? inPart(nameOfSecret(wish, wish.names), part);
  });
}

/** The group that an ExternalSecret belongs to; null where it follows no secret. */
export function groupOfUser(
  index: Index,
  user: IndexedExternalSecret,
  grouping: Grouping = NO_GROUPING,
): GroupName | null {
  const { nameOf, partsOf } = groupedIndex(index, grouping);
  const [part = NO_PART] = partsOf(user);
  return nameOf(user, part);
}

export interface BranchParts {
  readonly prefix: string;
  readonly instance: string;
  readonly base: string;
  readonly group: Pick<GroupName, 'key' | 'name'> & Partial<Pick<GroupName, 'part'>>;
  readonly stage: Stage;
}

/**
 * The branch of a group and stage: `<prefix>/<instance>/<words>-<8 hex digits>/<refresh|restart>`. Derived, never random,
 * and a safe ref whatever the secret is called. The digits keep apart what the shortened words do not.
 */
export function branchName({ prefix, instance, base, group, stage }: BranchParts): string {
  const digest = sha256Hex(JSON.stringify([instance, base, group.key]), 8);
  return `${folderOf({ prefix, instance })}/${words(group)}-${digest}/${stage === 1 ? 'refresh' : 'restart'}`;
}

/** What people look for: the name, and after it what its part captures. */
function words({ name, part = NO_PART }: BranchParts['group']): string {
  if (part.captures.length === 0) return slug(name);
  return `${slug(name, 24)}-${slug(part.captures.map(({ value }) => value).join('-'), 15, 'part')}`;
}

/** True for what can be a branch of this instance; one of an instance or a prefix that begins alike is none. */
export function isOwnBranch(parts: Pick<BranchParts, 'prefix' | 'instance'>, branch: string): boolean {
  const folder = `${folderOf(parts)}/`;
  return branch.startsWith(folder) && /^[^/]+\/[^/]+$/.test(branch.slice(folder.length));
}

/** Where all branches of an instance lie. Two instances never share a folder: one looks after everything in its own. */
export function folderOf({ prefix, instance }: Pick<BranchParts, 'prefix' | 'instance'>): string {
  const word = slug(instance);
  return `${prefix}/${word === instance ? word : `${word}-${sha256Hex(instance, 8)}`}`;
}

/** The stage that a branch of ours is for; null where its name says none. */
export function stageOfBranch(branch: string): Stage | null {
  if (branch.endsWith('/refresh')) return 1;
  return branch.endsWith('/restart') ? 2 : null;
}

function slug(text: string, most = 40, empty = 'secret'): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, most)
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' ? empty : plain;
}
