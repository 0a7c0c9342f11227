import { indexedAs, meantBy } from '../../domain/find/token-slot.ts';
import { type Grouping, NO_GROUPING, type Part, partOf } from '../../domain/grouping/grouping.ts';
import { syncAnnotation } from '../../domain/policy.ts';
import { atHome, findEntry, parseToken, serviceOf, type Token, type TokenEntry, tokenKey } from '../../domain/token.ts';
import type { WorkloadToken } from '../../domain/workload-token.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import { objectKey } from '../plan.ts';
import { baselineOf } from '../reconcile/baseline/baseline-of.ts';
import { sourceEntriesOf } from '../restart/sources/source-names.ts';
import { isNamedIn } from '../secret-name.ts';
import { isEntryOf } from './concerns.ts';
import type { Claim } from './newest-claim.ts';

/** An own branch's tip, as far as the plan needs it. */
export interface BranchTip {
  /** The value of `force-sync` by `objectKey`. */
  readonly tokens: ReadonlyMap<string, string>;
  /** `key=version` of what its commit says it brings; the other entries of its tokens only came along. */
  readonly rotations: ReadonlySet<string>;
  /** What workloads name of restart sources, by `objectKey`; left out where there are none. */
  readonly sources?: ReadonlyMap<string, WorkloadToken>;
}

/** What an own branch's tip carries that the base does not. */
export interface BeyondBase {
  /** The tip's token by `objectKey`, for every ExternalSecret whose token differs or that follows what stands nowhere now. */
  readonly tokens: ReadonlyMap<string, Token>;
  /** One claim per rotation: the branch stays responsible for it. Truth is read again for each. */
  readonly claims: readonly Claim[];
  /** The parts, by their keys, that each claim is for. */
  readonly parts: ReadonlyMap<Claim, ReadonlySet<string>>;
}

/**
 * Compares the tokens on an own branch's tip with those on the base. Entries that the base has with the same version are
 * merged already, and drop out. What the tip brings to an object that the base has no more is for everyone who follows that
 * secret, in its own part where there is anyone: the object may only have been moved or renamed.
 */
export function beyondBase(index: Index, tip: BranchTip, grouping: Grouping = NO_GROUPING): BeyondBase {
  const tokens = new Map<string, Token>();
  const claims = new Map<string, { readonly claim: Claim; readonly parts: Set<string> }>();
  const add = (key: string, claim: Claim, part: string) => {
    const known = claims.get(key) ?? { claim, parts: new Set() };
    known.parts.add(part);
    claims.set(key, { ...known, claim });
  };
  for (const [user, written] of carriersOf(index, tip, grouping)) {
    const token = atHome(written, user.home);
    const base = atHome(
      parseToken(user.object.annotations.get(syncAnnotation(user.object.kind)) ?? null) ?? [],
      user.home,
    );
    const ahead = token.filter((entry) => findEntry(base, tokenKey(entry))?.version !== entry.version);
    if (ahead.length === 0) continue;
    const isBehind = behindBaseline(index, user);
    tokens.set(objectKey(user.object), token);
    const part = partOf(user.object.path, grouping).key;
    const rotated = ahead.filter((entry) => isNamedIn(tip.rotations, entry, user.home));
    // Thousands of objects may say the same of one secret.
    for (const entry of rotated) {
      const moved = findEntry(base, tokenKey(entry)) === undefined && !isBehind(entry);
      for (const claim of claimOf(user, entry, moved)) add(JSON.stringify([claim.wish, entry]), claim, part);
    }
  }
  for (const { claim, part } of claimsOfSources(index, tip, grouping)) add(JSON.stringify(claim.wish), claim, part);
  const all = [...claims.values()];
  return {
    tokens,
    claims: all.map(({ claim }) => claim),
    parts: new Map(all.map(({ claim, parts }) => [claim, parts])),
  };
}

/** Whether an object is proved to be behind an entry by its baseline alone: then nothing has to say that it moved. */
function behindBaseline(index: Index, user: IndexedExternalSecret): (entry: TokenEntry) => boolean {
  const baseline = baselineOf(index, user);
  return (entry) => (findEntry(baseline, tokenKey(entry))?.version ?? entry.version) !== entry.version;
}

/** The same, of one part alone: the tokens stay, since what is not brought there any more has to go. */
export function beyondIn(beyond: BeyondBase, part: Part): BeyondBase {
  return { ...beyond, claims: beyond.claims.filter((claim) => beyond.parts.get(claim)?.has(part.key) === true) };
}

/** Every ExternalSecret that the tip has something for, in the order of the index. */
function carriersOf(index: Index, tip: BranchTip, grouping: Grouping): ReadonlyMap<IndexedExternalSecret, Token> {
  if (tip.tokens.size === 0) return new Map();
  const homeless = homelessEntries(index, tip, grouping);
  const written = (user: IndexedExternalSecret) => parseToken(tip.tokens.get(objectKey(user.object)) ?? null);
  if (homeless.length === 0) {
    const own = [...tip.tokens.keys()].flatMap((key) => positionsByKey(index).get(key) ?? []);
    const users = own.toSorted((left, right) => left - right).flatMap((at) => index.externalSecrets[at] ?? []);
    return new Map(users.map((user) => [user, written(user) ?? []]));
  }
  const without = index.externalSecrets.filter((user) => written(user) === null);
  const passedOn = homeless.map(({ entry, part }) => {
    const all = without.filter((user) => followsEntry(user, entry, tip));
    const near = all.filter(({ object }) => partOf(object.path, grouping).key === part);
    return { entry, users: new Set(near.length === 0 ? all : near) };
  });
  return new Map(
    index.externalSecrets.map((user) => [
      user,
      written(user) ?? passedOn.flatMap(({ entry, users }) => (users.has(user) ? [entry] : [])),
    ]),
  );
}

// An index never changes, and every own branch is compared with it.
const POSITIONS = new WeakMap<Index, ReadonlyMap<string, readonly number[]>>();

/** Positions in `externalSecrets` by `objectKey`. */
function positionsByKey(index: Index): ReadonlyMap<string, readonly number[]> {
  const known = POSITIONS.get(index);
  if (known !== undefined) return known;
  const positions = new Map<string, number[]>();
  for (const [at, { object }] of index.externalSecrets.entries()) {
    const key = objectKey(object);
    positions.set(key, [...(positions.get(key) ?? []), at]);
  }
  POSITIONS.set(index, positions);
  return positions;
}

/**
 * A workload names a restart source by a digest alone: which secret moved stands in the trailers. When it was seen does not; any
 * event that names a version is newer.
 */
function claimsOfSources(index: Index, { sources, rotations }: BranchTip, grouping: Grouping): readonly InOnePart[] {
  if (sources === undefined || sources.size === 0) return [];
  const entries = [...rotations].flatMap((rotation) => parseToken(`${rotation}@1970-01-01T00:00:00Z`) ?? []);
  return index.restartSources.flatMap((source) => {
    const ahead = source.consumers.flatMap((workload) => {
      const atTip = sources.get(objectKey(workload))?.get(source.tokenName);
      const onBase = sourceEntriesOf(workload).get(source.tokenName);
      return atTip === undefined || atTip === onBase ? [] : [{ onBase, part: partOf(workload.path, grouping).key }];
    });
    if (ahead.length === 0) return [];
    const isNew = ahead.some(({ onBase }) => onBase === undefined);
    const named = entries.filter((entry) => source.references.some((one) => isEntryOf(source, one, entry)));
    const claims = named.flatMap((entry) => claimOf(source, entry, isNew));
    return claims.flatMap((claim) => ahead.map(({ part }) => ({ claim, part })));
  });
}

interface InOnePart {
  readonly claim: Claim;
  readonly part: string;
}

/** What the tip has in objects that are not on the base, each version once in each part. */
function homelessEntries(index: Index, tip: BranchTip, grouping: Grouping) {
  const known = positionsByKey(index);
  const entries = [...tip.tokens].flatMap(([key, value]) => {
    const part = known.has(key) ? null : partOf(grouping.paths.length === 0 ? '' : pathOfKey(key), grouping).key;
    return part === null ? [] : (parseToken(value) ?? []).map((entry) => ({ entry, part }));
  });
  const named = entries.map(
    (one) => [JSON.stringify([tokenKey(one.entry), one.entry.version, one.part]), one] as const,
  );
  return [...new Map(named).values()];
}

/** The path in an `objectKey`. */
function pathOfKey(key: string): string {
  const parts: unknown = JSON.parse(key);
  const [path]: readonly unknown[] = Array.isArray(parts) ? parts : [];
  return typeof path === 'string' ? path : '';
}

function followsEntry(user: IndexedExternalSecret, entry: TokenEntry, { rotations }: BranchTip): boolean {
  return (
    user.references.some((reference) => isEntryOf(user, reference, entry)) && isNamedIn(rotations, entry, user.home)
  );
}

/**
 * An entry that the base has with another version was due by itself, maybe without anybody's saying that it moved. It is
 * looked at again wherever it is used; objects without an entry for it stay at their baseline.
 */
export function claimOf(
  { home }: Pick<IndexedExternalSecret, 'home'>,
  entry: TokenEntry,
  moved: boolean,
): readonly Claim[] {
  const account = entry.account ?? home?.account;
  const region = entry.region ?? home?.region;
  if (account === undefined || region === undefined) return [];
  const meant = meantBy(entry);
  const { service, name } = indexedAs(meant, serviceOf(entry, home ?? null));
  const secret = { service, account, region, names: [name], suffix: null, moved };
  if (meant.kind === 'tags') {
    return [{ wish: { ...secret, kind: 'tags', label: null }, known: { kind: 'claimed', versions: new Map() } }];
  }
  const label = meant.kind === 'label' ? meant.label : 'AWSCURRENT';
  const versions = new Map([[label, { version: entry.version, seenAt: entry.time }]]);
  return [{ wish: { ...secret, kind: 'label', label }, known: { kind: 'claimed', versions } }];
}
