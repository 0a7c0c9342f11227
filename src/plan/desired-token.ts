import { FORCE_SYNC } from '../domain/policy.ts';
import { refKey, type SecretRef } from '../domain/secret-id.ts';
import {
  findEntry,
  formatToken,
  keepTimes,
  MAX_TOKEN_LENGTH,
  parseToken,
  type Token,
  type TokenEntry,
  tokenKey,
  tokenVersion,
} from '../domain/token.ts';
import type { IndexedExternalSecret, ResolvedReference } from '../manifests/graph.ts';
import type { SkipCode } from './plan.ts';
import type { KnownSecret, Truth, Wish } from './truth/wish.ts';

/** What the token of one ExternalSecret should become. */
export type DesiredToken =
  | {
      readonly kind: 'due';
      readonly token: Token;
      /** The entries whose version is new here. */
      readonly changed: Token;
    }
  | { readonly kind: 'skip'; readonly code: SkipCode; readonly reason: string; readonly hint: string | null };

export interface TokenRequest {
  readonly user: IndexedExternalSecret;
  readonly wishes: readonly Wish[];
  readonly truth: Truth;
  /** The token that the own branch's tip has for this object, whose times are kept where versions are equal. */
  readonly earlier: Token;
  /** `key=version` of everything that people rejected. */
  readonly rejected: ReadonlySet<string>;
}

/** What became of one entry: the value it should have, and why it is (not) new. */
interface Entry {
  readonly desired: TokenEntry | null;
  readonly due: boolean;
  readonly obstacle: Exclude<DesiredToken, { kind: 'due' }> | null;
}

/**
 * Compares what an object's token says with what is known now. An object is due when a version differs from its entry,
 * or when a secret that moved has no entry yet. Every secret the object names gets an entry, since a refresh fetches all.
 */
export function desiredToken(request: TokenRequest): DesiredToken {
  const { user, rejected, earlier } = request;
  const present = parseToken(user.object.annotations.get(FORCE_SYNC) ?? null) ?? [];
  const entries = followedSecrets(user).map((followed) => decideEntry(followed, present, request));
  const changed = entries.flatMap((entry) => (entry.due && entry.desired !== null ? [entry.desired] : []));
  if (changed.length === 0) {
    const obstacle = entries.find((entry) => entry.obstacle !== null)?.obstacle;
    return obstacle ?? currentSkip(present);
  }
  const held = changed.filter((entry) => rejected.has(`${tokenKey(entry)}=${entry.version}`));
  if (held.length > 0) {
    return {
      kind: 'skip',
      code: 'rejected-by-people',
      reason: `A person closed the pull request for ${held.map((entry) => `${tokenKey(entry)}=${entry.version}`).join(', ')}.`,
      hint: 'The next version is proposed again. To propose this one, reopen that pull request.',
    };
  }
  const desired = entries.flatMap((entry) => (entry.desired === null ? [] : [entry.desired]));
  const token = keepTimes(desired, present, earlier);
  if (formatToken(token).length > MAX_TOKEN_LENGTH) {
    return {
      kind: 'skip',
      code: 'token-too-long',
      reason: `Its token would be longer than ${MAX_TOKEN_LENGTH} bytes.`,
      hint: 'Split the ExternalSecret into several that name fewer secrets.',
    };
  }
  return { kind: 'due', token, changed: keepTimes(changed, present, earlier) };
}

/** Where an object's secrets live unless an entry says otherwise: the place of its first resolved reference. */
export function homeOf(user: IndexedExternalSecret): { readonly account: string; readonly region: string } | null {
  for (const { resolution } of user.references) {
    if (resolution.kind === 'secret') return { account: resolution.ref.account, region: resolution.ref.region };
  }
  return null;
}

/** True when a wish concerns this reference: the same account, region and name, whatever label it follows. */
export function concerns(wish: Wish, reference: ResolvedReference): boolean {
  const { resolution } = reference;
  if (resolution.kind !== 'secret' || resolution.ref.service !== wish.service) return false;
  if (resolution.ref.account !== wish.account || resolution.ref.region !== wish.region) return false;
  return resolution.names.some((name) => wish.names.includes(name));
}

/** True when a move of the wish's label changes what this reference fetches. AWSPREVIOUS moves with AWSCURRENT. */
export function follows(wish: Wish, reference: ResolvedReference): boolean {
  const followed = reference.reference.follows;
  if (followed.kind !== 'label') return false;
  if (wish.label === null || followed.label === wish.label) return true;
  return followed.label === 'AWSPREVIOUS' && wish.label === 'AWSCURRENT';
}

/** A reference that can be bumped: it names a secret and follows one of its labels. */
interface Followed {
  readonly reference: ResolvedReference;
  readonly ref: SecretRef;
  readonly name: string;
  readonly label: string;
}

function followedSecrets(user: IndexedExternalSecret): readonly Followed[] {
  return user.references.flatMap((reference): readonly Followed[] => {
    const { resolution } = reference;
    const followed = reference.reference.follows;
    if (resolution.kind !== 'secret' || followed.kind !== 'label') return [];
    const { ref, names } = resolution;
    return [{ reference, ref, name: names[0] ?? ref.id, label: followed.label }];
  });
}

function decideEntry(followed: Followed, present: Token, request: TokenRequest): Entry {
  const known = request.truth.get(refKey(followed.ref));
  const name = known?.kind === 'described' ? known.name : followed.name;
  const label = followed.label === 'AWSCURRENT' ? null : followed.label;
  const slot = { ...placeOf(followed.ref, homeOf(request.user)), name, label };
  const existing = findEntry(present, tokenKey(slot)) ?? null;
  const wish = request.wishes.find((one) => concerns(one, followed.reference) && follows(one, followed.reference));
  const seen = versionOf(known, followed.label, name, existing);
  if (seen.kind === 'nothing') {
    return { desired: existing, due: false, obstacle: wish === undefined ? null : seen.obstacle };
  }
  const desired = { ...slot, version: tokenVersion(seen.version), time: seen.time };
  const due = existing === null ? wish?.moved === true : existing.version !== desired.version;
  return { desired, due, obstacle: null };
}

type Place = { readonly account: string; readonly region: string };

/** A token names account and region only where they are not the object's own. */
function placeOf(
  place: Place,
  home: Place | null,
): { readonly account: string | null; readonly region: string | null } {
  const atHome = home?.account === place.account && home.region === place.region;
  return atHome ? { account: null, region: null } : { account: place.account, region: place.region };
}

type SeenVersion =
  | { readonly kind: 'version'; readonly version: string; readonly time: string }
  | { readonly kind: 'nothing'; readonly obstacle: Entry['obstacle'] };

function versionOf(
  known: KnownSecret | undefined,
  label: string,
  name: string,
  existing: TokenEntry | null,
): SeenVersion {
  if (known === undefined) return nothing('version-unknown', `Which version of ${name} is current is not known.`);
  switch (known.kind) {
    case 'absent':
      return nothing(
        'secret-absent',
        `AWS knows no secret ${name} there.`,
        'Check the key, the account and the region.',
      );
    case 'denied':
      return nothing(
        'secret-denied',
        `AWS denies DescribeSecret for ${name}.`,
        'Grant secretsmanager:DescribeSecret on it.',
      );
    case 'unnamed':
      return existing === null
        ? { kind: 'version', version: `unnamed version of ${name}`, time: known.seenAt }
        : nothing(
            'version-unknown',
            `It already has an entry for ${name}, and which version is current is not known.`,
            'Give --version, or --config so that AWS is asked.',
          );
    case 'claimed':
      return claimedVersion(known, label, name, existing);
    case 'described':
      return describedVersion(known, label, name);
  }
}

function describedVersion(
  known: Extract<KnownSecret, { kind: 'described' }>,
  label: string,
  name: string,
): SeenVersion {
  const version = known.versions.get(label);
  if (known.deleted) {
    return nothing(
      'secret-deleted',
      `${name} is scheduled for deletion: its value cannot be read.`,
      'Restore it in AWS.',
    );
  }
  if (version === undefined) return nothing('version-unknown', `No version of ${name} carries the label ${label}.`);
  return { kind: 'version', version, time: known.seenAt };
}

function claimedVersion(
  known: Extract<KnownSecret, { kind: 'claimed' }>,
  label: string,
  name: string,
  existing: TokenEntry | null,
): SeenVersion {
  const version = known.versions.get(label);
  if (version === undefined) return nothing('version-unknown', `The event names no version of ${name} for ${label}.`);
  const older = existing !== null && existing.version !== tokenVersion(version) && existing.time >= known.seenAt;
  return older
    ? nothing('older-event', `Its entry for ${name} is from ${existing.time}, the event from ${known.seenAt}.`)
    : { kind: 'version', version, time: known.seenAt };
}

function nothing(code: SkipCode, reason: string, hint: string | null = null): SeenVersion {
  return { kind: 'nothing', obstacle: { kind: 'skip', code, reason, hint } };
}

function currentSkip(present: Token): DesiredToken {
  const versions = present.map((entry) => `${tokenKey(entry)}=${entry.version}`).join(', ');
  return present.length === 0
    ? {
        kind: 'skip',
        code: 'at-baseline',
        reason: 'It has no token yet, and no event says that a version moved.',
        hint: null,
      }
    : { kind: 'skip', code: 'already-current', reason: `It already has ${versions}.`, hint: null };
}
