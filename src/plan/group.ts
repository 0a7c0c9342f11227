import { sha256Hex } from '../domain/digest.ts';
import type { Stage } from '../domain/policy.ts';
import { type SecretRef, secretKey } from '../domain/secret-id.ts';
import type { Index, IndexedExternalSecret, IndexedRestartSource } from '../manifests/graph.ts';
import { isOnlyReported } from '../manifests/indexing/cluster/only-reported.ts';
import { type NamedSecret, namersIn, namersOf } from '../manifests/query-index.ts';
import { concerns } from './truth/concerns.ts';
import type { Wish } from './truth/wish.ts';

/** Wishes that are served by one branch and one pull request. */
export interface Group {
  /** The `secretKey` of the smallest secret in it, or its name as people gave it: stable whichever of its secrets moved. */
  readonly key: string;
  /** That name, for people. */
  readonly name: string;
  readonly wishes: readonly Wish[];
}

export type GroupName = Pick<Group, 'key' | 'name'>;

/**
 * Secrets that meet in one ExternalSecret, or in one source of restarts, form one group, transitively: an object is never pulled between two branches.
 * ExternalSecrets that name a group (`gitops-reloader.dev/group`) are one as well. A group is named by the smallest of these
 * names, else by the smallest secret of the whole component, whatever was asked for.
 */
export function groupWishes(index: Index, wishes: readonly Wish[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const wish of wishes) {
    const known = followersOf(index, wish).flatMap((user) => groupOfUser(index, user) ?? []);
    const name = smallest(known) ?? nameOf(wish, wish.names);
    const earlier = groups.get(name.key)?.wishes ?? [];
    groups.set(name.key, { ...name, wishes: [...earlier, wish] });
  }
  return [...groups.values()].toSorted((left, right) => (left.key < right.key ? -1 : 1));
}

/** The group that an ExternalSecret belongs to; null where it follows no secret. */
export function groupOfUser(index: Index, user: User): GroupName | null {
  const names = NAMES.get(index) ?? groupNames(index);
  NAMES.set(index, names);
  return names.get(user) ?? null;
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

/** What names secrets: an ExternalSecret, or what restarts workloads without one. */
type User = IndexedExternalSecret | IndexedRestartSource;

type GroupNames = ReadonlyMap<User, GroupName>;

// An index never changes: thousands of objects that share a secret would else be walked through once for each of them.
const NAMES = new WeakMap<Index, GroupNames>();

/** The group of every ExternalSecret that follows a secret. */
function groupNames(index: Index): GroupNames {
  const names = new Map<User, GroupName>();
  const named = membersByName(index);
  for (const user of namersIn(index)) {
    if (names.has(user)) continue;
    const users = component(index, user, named);
    const secrets = smallest(users.flatMap((one) => followedBy(one).map((secret) => nameOf(secret, secret.names))));
    const name = secrets === null ? null : (smallest(users.flatMap(givenName)) ?? secrets);
    if (name !== null) for (const one of users) names.set(one, name);
  }
  return names;
}

type Members = ReadonlyMap<string, readonly IndexedExternalSecret[]>;

function membersByName({ externalSecrets }: Index): Members {
  const members = new Map<string, IndexedExternalSecret[]>();
  for (const user of externalSecrets) {
    for (const { name } of givenName(user)) {
      const known = members.get(name);
      if (known === undefined) members.set(name, [user]);
      else known.push(user);
    }
  }
  return members;
}

/** The group that people put it in. */
function givenName({ object }: User): readonly GroupName[] {
  const { group } = 'targetName' in object ? object.steering : { group: null };
  return group === null ? [] : [{ key: JSON.stringify(['group', group]), name: group }];
}

/** Every ExternalSecret that is connected with this one by secrets that two of them follow, or by a group's name. */
function component(index: Index, user: User, named: Members): readonly User[] {
  const found = new Set<User>([user]);
  const asked = new Set<string>();
  // What is added to a set while it is gone through is gone through as well.
  for (const one of found) {
    for (const { key, name } of givenName(one)) {
      const members = asked.has(key) ? [] : (named.get(name) ?? []);
      asked.add(key);
      for (const member of members) found.add(member);
    }
    for (const secret of followedBy(one)) {
      const key = JSON.stringify([secret.service, secret.account, secret.region, secret.names]);
      const followers = asked.has(key) ? [] : followersOf(index, secret);
      asked.add(key);
      for (const follower of followers) found.add(follower);
    }
  }
  return [...found];
}

/** Those that only pin a version of it do not move with it. */
function followersOf(index: Index, secret: NamedSecret): readonly User[] {
  return namersOf(index, secret).filter((user) =>
    followable(user).some((reference) => reference.reference.follows.kind !== 'pinned' && concerns(secret, reference)),
  );
}

/** What is only reported moves with nothing, and joins no groups. */
function followable({ object, references }: User): User['references'] {
  return 'targetName' in object && isOnlyReported(object) ? [] : references;
}

/** The secrets an object follows, as its references alone name them: the same whoever asks. */
function followedBy(user: User): readonly NamedSecret[] {
  return followable(user).flatMap(({ reference, resolution }) => {
    if (resolution.kind !== 'secret' || reference.follows.kind === 'pinned') return [];
    return [{ ...resolution.ref, names: resolution.names }];
  });
}

function smallest(names: readonly GroupName[]): GroupName | null {
  return names.reduce<GroupName | null>((least, one) => (least === null || one.key < least.key ? one : least), null);
}

function nameOf(secret: Omit<SecretRef, 'id'>, [name = '']: readonly string[]): GroupName {
  const key = secretKey({ ...secret, name });
  // A secret's own name is the better one for people: of a group of both it is the smaller.
  return secret.service === 'find' ? { key: `~${key}`, name: `find ${name}` } : { key, name };
}
