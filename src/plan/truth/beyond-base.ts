import { indexedAs, meantBy } from '../../domain/find/token-slot.ts';
import { syncAnnotation } from '../../domain/policy.ts';
import { atHome, findEntry, parseToken, serviceOf, type Token, type TokenEntry, tokenKey } from '../../domain/token.ts';
import type { WorkloadToken } from '../../domain/workload-token.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import { objectKey } from '../plan.ts';
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
}

/**
 * Compares the tokens on an own branch's tip with those on the base. Entries that the base has with the same version are
 * merged already, and drop out. What the tip brings to an object that the base has no more is for everyone who follows that
 * secret: the object may only have been moved or renamed.
 */
export function beyondBase(index: Index, tip: BranchTip): BeyondBase {
  const tokens = new Map<string, Token>();
  const claims = new Map<string, Claim>();
  const homeless = homelessEntries(index, tip);
  for (const user of index.externalSecrets) {
    const written = parseToken(tip.tokens.get(objectKey(user.object)) ?? null) ?? followedOf(user, homeless, tip);
    const token = atHome(written, user.home);
    const base = atHome(
      parseToken(user.object.annotations.get(syncAnnotation(user.object.kind)) ?? null) ?? [],
      user.home,
    );
    const ahead = token.filter((entry) => findEntry(base, tokenKey(entry))?.version !== entry.version);
    if (ahead.length === 0) continue;
    tokens.set(objectKey(user.object), token);
    const rotated = ahead.filter((entry) => isNamedIn(tip.rotations, entry, user.home));
    // Thousands of objects may say the same of one secret.
    for (const entry of rotated) {
      const moved = findEntry(base, tokenKey(entry)) === undefined;
      for (const claim of claimOf(user, entry, moved)) claims.set(JSON.stringify([claim.wish, entry]), claim);
    }
  }
  for (const claim of claimsOfSources(index, tip)) claims.set(JSON.stringify(claim.wish), claim);
  return { tokens, claims: [...claims.values()] };
}

/**
 * A workload names a restart source by a digest alone: which secret moved stands in the trailers. When it was seen does not; any
 * event that names a version is newer.
 */
function claimsOfSources(index: Index, { sources, rotations }: BranchTip): readonly Claim[] {
  if (sources === undefined || sources.size === 0) return [];
  const entries = [...rotations].flatMap((rotation) => parseToken(`${rotation}@1970-01-01T00:00:00Z`) ?? []);
  return index.restartSources.flatMap((source) => {
    const ahead = source.consumers.flatMap((workload) => {
      const atTip = sources.get(objectKey(workload))?.get(source.tokenName);
      const onBase = sourceEntriesOf(workload).get(source.tokenName);
      return atTip === undefined || atTip === onBase ? [] : [onBase];
    });
    if (ahead.length === 0) return [];
    const isNew = ahead.includes(undefined);
    const named = entries.filter((entry) => source.references.some((one) => isEntryOf(source, one, entry)));
    return named.flatMap((entry) => claimOf(source, entry, isNew));
  });
}

/** What the tip has in objects that are not on the base, each version once. */
function homelessEntries(index: Index, tip: BranchTip): Token {
  const known = new Set(index.externalSecrets.map(({ object }) => objectKey(object)));
  const entries = [...tip.tokens].flatMap(([key, value]) => (known.has(key) ? [] : (parseToken(value) ?? [])));
  return [...new Map(entries.map((entry) => [`${tokenKey(entry)}=${entry.version}`, entry])).values()];
}

function followedOf(user: IndexedExternalSecret, entries: Token, { rotations }: BranchTip): Token {
  return entries.filter(
    (entry) =>
      user.references.some((reference) => isEntryOf(user, reference, entry)) && isNamedIn(rotations, entry, user.home),
  );
}

/**
 * An entry that the base has with another version was due by itself, maybe without anybody's saying that it moved. It is
 * looked at again wherever it is used; objects without an entry for it stay at their baseline.
 */
function claimOf({ home }: Pick<IndexedExternalSecret, 'home'>, entry: TokenEntry, moved: boolean): readonly Claim[] {
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
