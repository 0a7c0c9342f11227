import { type Grouping, NO_PART, type Part, partOf, partText } from '../../domain/grouping/grouping.ts';
import { matchesGlob } from '../../domain/repo-path.ts';
import { type SecretRef, secretKey } from '../../domain/secret-id.ts';
import type { Index, IndexedExternalSecret, IndexedRestartSource } from '../../manifests/graph.ts';
import { isOnlyReported } from '../../manifests/indexing/cluster/only-reported.ts';
import { type NamedSecret, namersIn, namersOf } from '../../manifests/query-index.ts';
import { concerns } from '../truth/concerns.ts';

/** What names secrets: an ExternalSecret, or what restarts workloads without one. */
export type User = IndexedExternalSecret | IndexedRestartSource;

/** How a group is told from others, on every replica and in every round. */
export interface GroupName {
  /** The `secretKey` of the smallest secret in it, or its name as people gave it, with its part: stable whoever moved. */
  readonly key: string;
  /** That secret or name, for people; without its part. */
  readonly name: string;
  readonly part: Part;
}

/** A group for people, with its part: `prod/db in cluster=prod`. */
export function titleOf({ name, part }: Pick<GroupName, 'name' | 'part'>): string {
  const text = partText(part);
  return text === null ? name : `${name} in ${text}`;
}

/** A name before its part is told. */
type BareName = Omit<GroupName, 'part'>;

/** The groups of an index. Each is found when it is first asked for: of a commit that came just now one or two are. */
export interface GroupedIndex {
  /** The group that a user belongs to in a part; null where it is not edited there, or follows nothing. */
  readonly nameOf: (user: User, part: Part) => GroupName | null;
  readonly partsOf: (user: User) => readonly Part[];
}

// An index never changes: thousands of objects that share a secret would else be walked through once for each of them.
const GROUPED = new WeakMap<Index, WeakMap<Grouping, GroupedIndex>>();

/** The groups of everything that follows a secret; what follows none is in no group. */
export function groupedIndex(index: Index, grouping: Grouping): GroupedIndex {
  const known = GROUPED.get(index) ?? new WeakMap<Grouping, GroupedIndex>();
  GROUPED.set(index, known);
  const grouped = known.get(grouping) ?? nameGroups(index, grouping);
  known.set(grouping, grouped);
  return grouped;
}

/** The same group in one part; a group of no part keeps the key, and so the branch, that it always had. */
export function inPart({ key, name }: BareName, part: Part): GroupName {
  return { key: part.key === '' ? key : JSON.stringify(['part', part.key, key]), name, part };
}

export function smallest<T extends BareName>(names: readonly T[]): T | null {
  return names.reduce<T | null>((least, one) => (least === null || one.key < least.key ? one : least), null);
}

/** A secret as the name of a group. */
export function nameOfSecret(secret: Omit<SecretRef, 'id'>, [name = '']: readonly string[]): BareName {
  const key = secretKey({ name, ...secret });
  // A secret's own name is the better one for people: of a group of both it is the smaller.
  return secret.service === 'find' ? { key: `~${key}`, name: `find ${name}` } : { key, name };
}

/** True where a user moves with the secret: those that only pin a version of it do not. */
export function isFollower(user: User, secret: NamedSecret): boolean {
  return followable(user).some(
    (reference) => reference.reference.follows.kind !== 'pinned' && concerns(secret, reference),
  );
}

/** The parts that a user is edited in: of a restart source those of the workloads that it restarts. */
function partsEdited(user: User, grouping: Grouping): readonly Part[] {
  if (grouping.paths.length === 0) return [NO_PART];
  if (isExternalSecret(user)) return [partOf(user.object.path, grouping)];
  const parts = new Map(user.consumers.map(({ path }) => partOf(path, grouping)).map((part) => [part.key, part]));
  return parts.size === 0 ? [NO_PART] : [...parts.values()];
}

function isExternalSecret(user: User): user is IndexedExternalSecret {
  return 'targetName' in user.object;
}

function nameGroups(index: Index, grouping: Grouping): GroupedIndex {
  const parts = new Map<User, readonly Part[]>();
  const partsOf = (user: User) => {
    const known = parts.get(user) ?? partsEdited(user, grouping);
    parts.set(user, known);
    return known;
  };
  const names = new Map<string, Map<User, GroupName | null>>();
  const near = createNeighbours(index, grouping, partsOf);
  const nameOf = (user: User, part: Part) => {
    if (!partsOf(user).some(({ key }) => key === part.key)) return null;
    const named = names.get(part.key) ?? new Map<User, GroupName | null>();
    names.set(part.key, named);
    if (!named.has(user)) for (const [one, name] of nameComponent(user, part, near)) named.set(one, name);
    return named.get(user) ?? null;
  };
  return { nameOf, partsOf };
}

/** Everyone who belongs together with this one, with the one name of all; null where they follow nothing. */
function nameComponent(user: User, part: Part, near: Neighbours): readonly (readonly [User, GroupName | null])[] {
  const users = component(user, part, near);
  const bare = nameOfAll(users, part, near.grouping);
  const name = bare === null ? null : inPart(bare, part);
  return users.map((one) => [one, name] as const);
}

/** Who is connected with whom, within a part. */
interface Neighbours {
  readonly grouping: Grouping;
  readonly followers: (secret: NamedSecret, part: Part) => readonly User[];
  readonly members: (name: string, part: Part) => readonly User[];
}

function createNeighbours(index: Index, grouping: Grouping, partsOf: GroupedIndex['partsOf']): Neighbours {
  const followers = new Map<string, ReadonlyMap<string, readonly User[]>>();
  let members: ReadonlyMap<string, readonly User[]> | null = null;
  return {
    grouping,
    members: (name, part) => {
      members ??= byKey(namersIn(index), partsOf, (user, inside) => {
        const given = givenName(user, inside, grouping);
        return given === null ? null : keyInPart(given.name, inside);
      });
      return members.get(keyInPart(name, part)) ?? [];
    },
    followers: (secret, part) => {
      const key = keyOf(secret);
      const known = followers.get(key) ?? byKey(followersOf(index, secret), partsOf, (_, inside) => inside.key);
      followers.set(key, known);
      return known.get(part.key) ?? [];
    },
  };
}

/** Users by a key that each has in each of its parts; null: none. */
function byKey(
  users: readonly User[],
  partsOf: GroupedIndex['partsOf'],
  keyIn: (user: User, part: Part) => string | null,
): ReadonlyMap<string, readonly User[]> {
  const found = new Map<string, User[]>();
  for (const user of users) {
    for (const part of partsOf(user)) {
      const key = keyIn(user, part);
      if (key !== null) append(found, key, user);
    }
  }
  return found;
}

function followersOf(index: Index, secret: NamedSecret): readonly User[] {
  return namersOf(index, secret).filter((user) => isFollower(user, secret));
}

function keyInPart(name: string, part: Part): string {
  return JSON.stringify([part.key, name]);
}

function append(lists: Map<string, User[]>, key: string, user: User): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [user]);
  else known.push(user);
}

/** Everyone in a part who is connected with this one by secrets that two of them follow, or by a group's name. */
function component(user: User, part: Part, { grouping, followers, members }: Neighbours): readonly User[] {
  const found = new Set<User>([user]);
  const asked = new Set<string>();
  const once = (key: string, ask: () => readonly User[]) => {
    if (asked.has(key)) return;
    asked.add(key);
    for (const one of ask()) found.add(one);
  };
  // What is added to a set while it is gone through is gone through as well.
  for (const one of found) {
    const given = givenName(one, part, grouping);
    if (given !== null) once(keyOfGiven(given), () => members(given.name, part));
    for (const secret of followedBy(one)) once(keyOf(secret), () => followers(secret, part));
  }
  return [...found];
}

/** A name that people gave: by `rank` what an annotation says goes before what the configuration says, there in its order. */
interface GivenName {
  readonly name: string;
  readonly rank: number;
}

function givenName(user: User, part: Part, grouping: Grouping): GivenName | null {
  const annotated = isExternalSecret(user) ? user.object.steering.group : null;
  if (annotated !== null) return { name: annotated, rank: -1 };
  const rank = grouping.named.findIndex(
    ({ secrets, paths }) => fitsPath(user, part, paths, grouping) || fitsSecret(user, secrets),
  );
  const name = grouping.named[rank]?.name;
  return name === undefined ? null : { name, rank };
}

function fitsPath(user: User, part: Part, globs: readonly string[], grouping: Grouping): boolean {
  if (globs.length === 0) return false;
  const edited = isExternalSecret(user) ? [user.object.path] : user.consumers.map(({ path }) => path);
  return edited.some(
    (path) => globs.some((glob) => matchesGlob(glob, path)) && partOf(path, grouping).key === part.key,
  );
}

function fitsSecret(user: User, globs: readonly string[]): boolean {
  return (
    globs.length > 0 &&
    followedBy(user).some(
      ({ service, names }) => service !== 'find' && names.some((name) => globs.some((glob) => matchesGlob(glob, name))),
    )
  );
}

/** How users that belong together are called; null where they follow nothing. */
function nameOfAll(users: readonly User[], part: Part, grouping: Grouping): BareName | null {
  const secret = smallest(users.flatMap((one) => followedBy(one).map((found) => nameOfSecret(found, found.names))));
  if (secret === null) return null;
  const given = users.flatMap((one) => givenName(one, part, grouping) ?? []);
  const best = Math.min(...given.map(({ rank }) => rank));
  const names = given.filter(({ rank }) => rank === best);
  return smallest(names.map((one) => ({ key: keyOfGiven(one), name: one.name }))) ?? secret;
}

function keyOfGiven({ name }: GivenName): string {
  return JSON.stringify(['group', name]);
}

function keyOf({ service, account, region, names }: NamedSecret): string {
  return JSON.stringify([service, account, region, names]);
}

/** What is only reported moves with nothing, and joins no groups. */
function followable(user: User): User['references'] {
  return isExternalSecret(user) && isOnlyReported(user.object) ? [] : user.references;
}

/** The secrets an object follows, as its references alone name them: the same whoever asks. */
function followedBy(user: User): readonly NamedSecret[] {
  return followable(user).flatMap(({ reference, resolution }) => {
    if (resolution.kind !== 'secret' || reference.follows.kind === 'pinned') return [];
    return [{ names: resolution.names, ...resolution.ref }];
  });
}
