import { sha256Hex } from '../domain/digest.ts';
import type { Stage } from '../domain/policy.ts';
import { type SecretRef, secretKey } from '../domain/secret-id.ts';
import type { Index, IndexedExternalSecret } from '../manifests/graph.ts';
import { type NamedSecret, usersOf } from '../manifests/query-index.ts';
import { concerns } from './truth/concerns.ts';
import type { Wish } from './truth/wish.ts';

/** Wishes that are served by one branch and one pull request. */
export interface Group {
  /** The `secretKey` of the smallest secret in it: stable whichever of its secrets moved. */
  readonly key: string;
  /** That secret's name, for people. */
  readonly name: string;
  readonly wishes: readonly Wish[];
}

export type GroupName = Pick<Group, 'key' | 'name'>;

/**
 * Secrets that meet in one ExternalSecret form one group, transitively: an object is never pulled between two branches.
 * The group is named by the smallest secret of the whole component, whatever was asked for.
 */
export function groupWishes(index: Index, wishes: readonly Wish[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const wish of wishes) {
    const name = smallestName(component(index, wish)) ?? nameOf(wish, wish.names);
    const earlier = groups.get(name.key)?.wishes ?? [];
    groups.set(name.key, { ...name, wishes: [...earlier, wish] });
  }
  return [...groups.values()].toSorted((left, right) => (left.key < right.key ? -1 : 1));
}

/** The group that an ExternalSecret belongs to; null where it follows no secret. */
export function groupOfUser(index: Index, user: IndexedExternalSecret): GroupName | null {
  const [secret] = followedBy(user);
  return secret === undefined ? null : smallestName(component(index, secret));
}

export interface BranchParts {
  readonly prefix: string;
  readonly instance: string;
  readonly base: string;
  readonly group: Pick<Group, 'key' | 'name'>;
  readonly stage: Stage;
}

/**
 * The branch of a group and stage: `<prefix>/<instance>/<name>-<8 hex digits>/<refresh|restart>`. Derived, never random,
 * and a safe ref whatever the secret is called. The digits keep apart what the shortened words do not.
 */
export function branchName({ prefix, instance, base, group, stage }: BranchParts): string {
  const digest = sha256Hex(JSON.stringify([instance, base, group.key]), 8);
  return `${folderOf({ prefix, instance })}/${slug(group.name)}-${digest}/${stage === 1 ? 'refresh' : 'restart'}`;
}

/** True for what can be a branch of this instance; one of an instance or a prefix that begins alike is none. */
export function isOwnBranch(parts: Pick<BranchParts, 'prefix' | 'instance'>, branch: string): boolean {
  const folder = `${folderOf(parts)}/`;
  return branch.startsWith(folder) && /^[^/]+\/[^/]+$/.test(branch.slice(folder.length));
}

/** Two instances never share a folder: one looks after everything in its own. */
function folderOf({ prefix, instance }: Pick<BranchParts, 'prefix' | 'instance'>): string {
  const word = slug(instance);
  return `${prefix}/${word === instance ? word : `${word}-${sha256Hex(instance, 8)}`}`;
}

/** The stage that a branch of ours is for; null where its name says none. */
export function stageOfBranch(branch: string): Stage | null {
  if (branch.endsWith('/refresh')) return 1;
  return branch.endsWith('/restart') ? 2 : null;
}

function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' ? 'secret' : plain;
}

/** Every ExternalSecret that is connected with the wish's secret by secrets that two of them follow. */
function component(index: Index, wish: NamedSecret): ReadonlySet<IndexedExternalSecret> {
  const found = new Set<IndexedExternalSecret>();
  const asked = new Set<string>();
  const queue: NamedSecret[] = [wish];
  for (let secret = queue.pop(); secret !== undefined; secret = queue.pop()) {
    const fresh = followersOf(index, secret).filter((user) => !found.has(user));
    for (const user of fresh) found.add(user);
    for (const one of fresh.flatMap(followedBy)) {
      const key = JSON.stringify([one.account, one.region, one.names]);
      if (!asked.has(key)) queue.push(one);
      asked.add(key);
    }
  }
  return found;
}

/** Those that only pin a version of it do not move with it. */
function followersOf(index: Index, secret: NamedSecret): readonly IndexedExternalSecret[] {
  return usersOf(index, secret).filter((user) =>
    user.references.some((reference) => reference.reference.follows.kind === 'label' && concerns(secret, reference)),
  );
}

/** The secrets an object follows, as its references alone name them: the same whoever asks. */
function followedBy(user: IndexedExternalSecret): readonly NamedSecret[] {
  return user.references.flatMap(({ reference, resolution }) => {
    if (resolution.kind !== 'secret' || reference.follows.kind !== 'label') return [];
    return [{ ...resolution.ref, names: resolution.names }];
  });
}

function smallestName(users: ReadonlySet<IndexedExternalSecret>): GroupName | null {
  const names = [...users].flatMap((user) => followedBy(user).map((secret) => nameOf(secret, secret.names)));
  return names.reduce<GroupName | null>((least, one) => (least === null || one.key < least.key ? one : least), null);
}

function nameOf(secret: Omit<SecretRef, 'id'>, [name = '']: readonly string[]): GroupName {
  return { key: secretKey({ ...secret, name }), name };
}
