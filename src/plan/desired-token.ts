import { type Meant, slotOf } from '../domain/find/token-slot.ts';
import { syncAnnotation } from '../domain/policy.ts';
import { refKey, type SecretRef } from '../domain/secret-id.ts';
import {
  atHome,
  findEntry,
  formatToken,
  keepTimes,
  MAX_TOKEN_LENGTH,
  namedService,
  parseToken,
  type Token,
  type TokenEntry,
  tokenKey,
  tokenVersion,
} from '../domain/token.ts';
import type { Home, IndexedExternalSecret, ResolvedReference } from '../manifests/graph.ts';
import type { SkipCode } from './codes.ts';
import { ASK_AGAIN, NOT_HERE, type TurnedDownHere } from './life/turned-down.ts';
import type { Obstacle } from './plan.ts';
import { isNamedIn } from './secret-name.ts';
import { concerns, follows, meantOf } from './truth/concerns.ts';
import { seenVersion } from './truth/seen-version.ts';
import type { Truth, Wish } from './truth/wish.ts';

/** What the token of one ExternalSecret should become, and what became of each secret it names. */
export type DesiredToken = { readonly entries: readonly DecidedEntry[] } & (
  | {
      readonly kind: 'due';
      readonly token: Token;
      /** The entries whose version is new here. */
      readonly changed: Token;
      /** Secrets of the same object that AWS cannot give, in words. */
      readonly troubles: readonly string[];
    }
  | { readonly kind: 'skip'; readonly obstacle: Obstacle }
);

export interface TokenRequest {
  readonly user: IndexedExternalSecret;
  readonly wishes: readonly Wish[];
  readonly truth: Truth;
  /** The token that the own branch's tip has for this object, whose times are kept where versions are equal. */
  readonly earlier: Token;
  /** `key=version` of everything that people rejected, or took back on the base. */
  readonly turnedDown: TurnedDownHere;
  /** What the object had at adoption; left out: nobody has recorded it. */
  readonly baseline?: Token | undefined;
}

/** One secret that an object names: what its token says, what it should say, and why. */
export interface DecidedEntry {
  /** The wishes that ask for it. */
  readonly wishes: readonly Wish[];
  readonly existing: TokenEntry | null;
  /** What the object had at adoption; null where that is not recorded. */
  readonly baseline: TokenEntry | null;
  /** The existing entry where nothing newer is known. */
  readonly desired: TokenEntry | null;
  /** True when the version is new, or without an entry it moved or is not the baseline's: reason enough for a bump. */
  readonly due: boolean;
  /** Why its version cannot be told. */
  readonly obstacle: Obstacle | null;
}

/**
 * Compares what an object's token says with what is known now. An object is due when a version differs from its entry,
 * or when a secret that moved has no entry yet. Every secret the object names gets an entry, since a refresh fetches all.
 */
export function desiredToken(request: TokenRequest): DesiredToken {
  const { user, turnedDown } = request;
  const { home } = user;
  const present = atHome(parseToken(user.object.annotations.get(syncAnnotation(user.object.kind)) ?? null) ?? [], home);
  const earlier = atHome(request.earlier, home);
  const entries = decideEntries(request, present);
  const changed = keepTimes(
    entries.flatMap(({ due, desired }) => (due && desired !== null ? [desired] : [])),
    present,
    earlier,
  );
  const desired = entries.flatMap((entry) => entry.desired ?? []);
  const token = keepTimes(desired, present, earlier);
  const obstacle =
    changed.length === 0 ? whyNothingChanges(entries, present) : whyHeld(token, { present, changed, turnedDown, home });
  if (obstacle !== null) return { kind: 'skip', obstacle, entries };
  return { kind: 'due', token, changed, troubles: troublesOf(entries), entries };
}

/** What is asked of one object that names secrets. */
interface EntriesRequest extends Pick<TokenRequest, 'wishes' | 'truth' | 'baseline'> {
  readonly user: Pick<IndexedExternalSecret, 'references' | 'home'>;
}

/** Each secret that an object follows, compared with the token that it has. */
export function decideEntries(request: EntriesRequest, present: Token): readonly DecidedEntry[] {
  return followedSecrets(request.user).map((followed) => decideEntry(followed, present, request));
}

/** A reference that can be bumped: it names a secret and follows one of its labels, or its tags. */
interface Followed {
  readonly reference: ResolvedReference;
  readonly ref: SecretRef;
  readonly names: readonly string[];
}

function followedSecrets(user: EntriesRequest['user']): readonly Followed[] {
  return user.references.flatMap((reference): readonly Followed[] => {
    const { resolution } = reference;
    if (resolution.kind !== 'secret' || reference.reference.follows.kind === 'pinned') return [];
    return [{ reference, ref: resolution.ref, names: resolution.names }];
  });
}

function decideEntry({ reference, ref, names }: Followed, present: Token, request: EntriesRequest): DecidedEntry {
  const known = request.truth.get(refKey(ref));
  // What AWS calls it decides: an ARN that can mean two secrets means that one.
  const possible = known?.kind === 'described' ? [known.name] : names;
  const wishes = request.wishes.filter(
    (wish) =>
      concerns(wish, reference) && follows(wish, reference) && possible.some((name) => wish.names.includes(name)),
  );
  const { home } = request.user;
  const slots = slotsOf(reference, ref, possible, home);
  const slot =
    slots.find((one) => findEntry(present, tokenKey(one)) !== undefined) ??
    slots.find(({ secret }) => wishes.some((wish) => wish.names.includes(secret))) ??
    slots[0];
  if (slot === undefined) return { ...NOTHING_FOLLOWED, wishes };
  const existing = findEntry(present, tokenKey(slot)) ?? null;
  const baseline = findEntry(atHome(request.baseline ?? [], home), tokenKey(slot)) ?? null;
  const { meant, secret, ...where } = slot;
  const seen = seenVersion(known, meant, { service: ref.service, name: secret }, existing);
  if (seen.kind === 'nothing') {
    return { wishes, existing, baseline, desired: existing, due: false, obstacle: seen.obstacle };
  }
  const desired = { ...where, version: tokenVersion(seen.version), time: seen.time };
  const due = isDue(desired, { wishes, existing, baseline });
  return { wishes, existing, baseline, desired, due, obstacle: null };
}

const NOTHING_FOLLOWED = { existing: null, baseline: null, desired: null, due: false, obstacle: null };

/** A token says it by itself; without an entry the baseline does, or that it moved. */
function isDue(
  { version }: TokenEntry,
  { wishes, existing, baseline }: Pick<DecidedEntry, 'wishes' | 'existing' | 'baseline'>,
): boolean {
  if (existing !== null) return existing.version !== version;
  return (baseline !== null && baseline.version !== version) || wishes.some(({ moved }) => moved);
}

/** Where an entry may stand, and what it then stands for. */
type Slot = Pick<TokenEntry, 'account' | 'region' | 'name' | 'label'> & {
  readonly meant: Meant;
  /** The name by which the index knows the secret. */
  readonly secret: string;
};

/** Where the entry of a reference may stand, for each name that it can mean. */
export function slotsOf(
  reference: ResolvedReference,
  ref: SecretRef,
  names: readonly string[],
  home: Home | null,
): readonly Slot[] {
  return names.flatMap((name): readonly Slot[] => {
    const meant = meantOf(reference, name);
    if (meant === null) return [];
    return [{ ...namedService(ref.service, home), ...placeOf(ref, home), ...slotOf(meant), meant, secret: name }];
  });
}

/** A token names account and region only where they are not the object's own. */
function placeOf(place: SecretRef, home: Home | null): Pick<TokenEntry, 'account' | 'region'> {
  const isHome = home?.account === place.account && home.region === place.region;
  return isHome ? { account: null, region: null } : { account: place.account, region: place.region };
}

function whyNothingChanges(entries: readonly DecidedEntry[], present: Token): Obstacle {
  const [asked] = entries.flatMap(({ wishes, obstacle }) => (wishes.length > 0 && obstacle !== null ? [obstacle] : []));
  if (asked !== undefined) return asked;
  return present.length === 0
    ? { code: 'at-baseline', reason: 'It has no token yet, and no event says that a version moved.', hint: null }
    : { code: 'already-current', reason: `It already has ${versionsOf(present)}.`, hint: null };
}

/** A refresh fetches every secret of the object: one that people turned down holds them all. */
function whyHeld(
  token: Token,
  known: {
    readonly present: Token;
    readonly changed: Token;
    readonly turnedDown: TurnedDownHere;
    readonly home: Home | null;
  },
): Obstacle | null {
  const isNew = (entry: TokenEntry) => findEntry(known.present, tokenKey(entry))?.version !== entry.version;
  const isNewIn = (names: Pick<ReadonlySet<string>, 'has'>) =>
    token.filter((entry) => isNew(entry) && isNamedIn(names, entry, known.home));
  const rejected = isNewIn(known.turnedDown.rejected);
  const reverted = isNewIn(known.turnedDown.reverted);
  const held = [...rejected, ...reverted];
  const waiting = known.changed.filter((entry) => !held.some((one) => tokenKey(one) === tokenKey(entry)));
  const both = waiting.length === 0 ? '' : ` One refresh would fetch it with ${versionsOf(waiting)}: both wait.`;
  if (rejected.length > 0) {
    return {
      code: 'rejected-by-people',
      reason: `A person closed the pull request for ${versionsOf(rejected)}.${both}`,
      hint: `The next version is proposed again. To propose this one, reopen that pull request, or ${ASK_AGAIN}`,
    };
  }
  if (reverted.length > 0) {
    return {
      code: 'reverted',
      reason: `${versionsOf(reverted)} was merged, ${NOT_HERE}.${both}`,
      hint: `The next version is proposed again. To propose this one, ${ASK_AGAIN}`,
    };
  }
  if (formatToken(token).length <= MAX_TOKEN_LENGTH) return null;
  return {
    code: 'token-too-long',
    reason: `Its token would be longer than ${MAX_TOKEN_LENGTH} bytes.`,
    hint: 'Split the ExternalSecret into several that name fewer secrets.',
  };
}

const TROUBLES: readonly SkipCode[] = ['secret-absent', 'secret-denied', 'secret-deleted', 'list-denied'];

function troublesOf(entries: readonly DecidedEntry[]): readonly string[] {
  const found = entries.flatMap(({ obstacle }) =>
    obstacle !== null && TROUBLES.includes(obstacle.code) ? [obstacle.reason] : [],
  );
  return [...new Set(found)];
}

function versionsOf(token: Token): string {
  return token.map((entry) => `${tokenKey(entry)}=${entry.version}`).join(', ');
}
