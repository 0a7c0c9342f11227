import { sha256Hex } from './digest.ts';
import type { KeepingService, SecretPlace, SecretService } from './secret-id.ts';

/**
 * The token: what `force-sync` on an ExternalSecret holds. It names each secret the object fetches, the version that was
 * current, and when that was seen. Equality is decided by versions alone.
 */
export interface TokenEntry {
  /** Left out where it is that of the object's home. */
  readonly service?: KeepingService;
  /** Null for both where they are those of the object's home. */
  readonly account: string | null;
  readonly region: string | null;
  readonly name: string;
  /** Null for AWSCURRENT. */
  readonly label: string | null;
  /** As written: 32 to 64 of `[A-Za-z0-9-]`, or `sha256-` and 16 hex digits. See {@link tokenVersion}. */
  readonly version: string;
  /** UTC, to the second: `2024-10-23T12:26:46Z`. */
  readonly time: string;
}

/** What an object's own store stands for: entries leave out what they share with it. Without a home: Secrets Manager. */
export interface TokenHome extends SecretPlace {
  readonly service: KeepingService;
}

/** Entries sorted by key, no key twice. */
export type Token = readonly TokenEntry[];

/** The longest value that is read or written, in bytes (all of a token is ASCII). */
export const MAX_TOKEN_LENGTH = 4096;

const PLAIN_VERSION = /^[A-Za-z0-9-]{32,64}$/;
const HASHED_VERSION = /^sha256-[0-9a-f]{16}$/;
const ENCODED = /^(?:[A-Za-z0-9/_+.!-]|%[0-9A-F]{2})+$/;
const PLACE = /(\d{12}):([a-z0-9-]+):/.source;
const SERVICE = /(secretsmanager|ssm):/.source;
const PLACE_FIRST = new RegExp(`^((?:${SERVICE})?)(?:${PLACE})?`);
const PART = /([A-Za-z0-9/_+.!%-]+)/.source;
const VERSION = /([A-Za-z0-9-]{32,64}|sha256-[0-9a-f]{16})/.source;
const TIME = /(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ)/.source;
const ENTRY = new RegExp(`^(?:${SERVICE})?(?:${PLACE})?${PART}(?:#${PART})?=${VERSION}@${TIME}$`);

/** A VersionId as a token holds it. A VersionId is chosen by a caller: anything unusual is replaced by its digest. Idempotent. */
export function tokenVersion(versionId: string): string {
  const asWritten = PLAIN_VERSION.test(versionId) || HASHED_VERSION.test(versionId);
  return asWritten ? versionId : `sha256-${sha256Hex(versionId, 16)}`;
}

/** What a key is made of. */
type Keyed = Pick<TokenEntry, 'service' | 'account' | 'region' | 'name' | 'label'>;

/** The entry's key as written; tokens are sorted and merged by it. */
export function tokenKey(entry: Keyed): string {
  const service = entry.service === undefined ? '' : `${entry.service}:`;
  const place = entry.account === null || entry.region === null ? '' : `${entry.account}:${entry.region}:`;
  const label = entry.label === null ? '' : `#${encodePart(entry.label)}`;
  return `${service}${place}${encodePart(entry.name)}${label}`;
}

/** The service of an entry in an object with this home. */
export function serviceOf(
  { service }: Pick<TokenEntry, 'service'>,
  home: Pick<TokenHome, 'service'> | null,
): KeepingService {
  return service ?? home?.service ?? 'secretsmanager';
}

/** How an entry of this service names it in an object with this home. */
export function namedService(
  service: SecretService,
  home: Pick<TokenHome, 'service'> | null,
): Pick<TokenEntry, 'service'> {
  // A find says by its name what it is.
  return service === 'find' || serviceOf({}, home) === service ? {} : { service };
}

/** The key of an entry outside of its object: with account and region, unless there is no `home` to be told apart. */
export function keyElsewhere(entry: Keyed, home: SecretPlace | null): string {
  if (entry.account !== null || home === null) return tokenKey(entry);
  return tokenKey({ ...entry, account: home.account, region: home.region });
}

/** A key, or a key with its version, without service, account and region. */
export function bareKey(key: string): string {
  return key.replace(PLACE_FIRST, '');
}

/** The same entries as an object with this home spells them: without service, account and region of its own. */
export function atHome(token: Token, home: TokenHome | null): Token {
  const spelled = token.map((entry) => ({ entry, short: shortAt(entry, home) }));
  // Where both spellings are there, the one that needs no change stands.
  return sortToken([
    ...spelled.flatMap(({ entry, short }) => (short === entry ? [] : [short])),
    ...spelled.flatMap(({ entry, short }) => (short === entry ? [entry] : [])),
  ]);
}

function shortAt(entry: TokenEntry, home: TokenHome | null): TokenEntry {
  const isHere = home !== null && entry.account === home.account && entry.region === home.region;
  const isOwn = entry.service === serviceOf({}, home);
  if (!isHere && !isOwn) return entry;
  const { service, ...rest } = entry;
  const named = service === undefined || isOwn ? {} : { service };
  return { ...named, ...rest, ...(isHere ? { account: null, region: null } : {}) };
}

/** The annotation's value. Entries are sorted; where a key comes twice the last one stands. */
export function formatToken(token: Token): string {
  return sortToken(token)
    .map((entry) => `${tokenKey(entry)}=${entry.version}@${entry.time}`)
    .join(' ');
}

/**
 * Reads an annotation's value. Null is "no token": absent, empty, too long, or a value that somebody else wrote. A time
 * that no calendar has is nobody's time: commit times are computed from it.
 */
export function parseToken(value: string | null): Token | null {
  if (value === null || value === '' || value.length > MAX_TOKEN_LENGTH) return null;
  const entries: TokenEntry[] = [];
  const keys = new Set<string>();
  for (const text of value.split(' ')) {
    const entry = parseEntry(text);
    if (entry === null || keys.has(tokenKey(entry))) return null;
    keys.add(tokenKey(entry));
    entries.push(entry);
  }
  return sortToken(entries);
}

/** True when both tokens hold the same versions under the same keys; times do not count. */
export function sameVersions(left: Token, right: Token): boolean {
  return versionsText(left) === versionsText(right);
}

/** The entries of `desired`, each with the time of the first of `earlier` that already holds the same version. */
export function keepTimes(desired: Token, ...earlier: readonly Token[]): Token {
  return sortToken(
    desired.map((entry) => {
      for (const token of earlier) {
        const same = findEntry(token, tokenKey(entry));
        if (same !== undefined && same.version === entry.version) return { ...entry, time: same.time };
      }
      return entry;
    }),
  );
}

/** Two tokens in one: all keys of both; where both have a key, the entry of `winner`. */
export function mergeTokens(winner: Token, other: Token): Token {
  return sortToken([...other, ...winner]);
}

/** The entry with this key ({@link tokenKey}), if there is one. */
export function findEntry(token: Token, key: string): TokenEntry | undefined {
  return token.find((entry) => tokenKey(entry) === key);
}

/** The entry that a key of {@link keyElsewhere} stands for, if there is one. */
export function findKeyed(token: Token, key: string): TokenEntry | undefined {
  const [, service = ''] = PLACE_FIRST.exec(key) ?? [];
  const bare = bareKey(key);
  // An object leaves out its own service, its own place, or both: never what another entry of it needs.
  const spellings = [key, key.slice(service.length), `${service}${bare}`, bare];
  return spellings.flatMap((one) => findEntry(token, one) ?? [])[0];
}

/** Twelve hex digits that change exactly when a version in the token changes; names no secret. */
export function versionsDigest(token: Token): string {
  return sha256Hex(versionsText(token), 12);
}

/** `time` in the form a token holds: UTC, rounded up to the second. */
export function tokenTime(epochMilliseconds: number): string {
  return new Date(Math.ceil(epochMilliseconds / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

function versionsText(token: Token): string {
  return sortToken(token)
    .map((entry) => `${tokenKey(entry)}=${entry.version}`)
    .join(' ');
}

function sortToken(token: Token): Token {
  const byKey = new Map(token.map((entry) => [tokenKey(entry), entry]));
  return [...byKey].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry);
}

function parseEntry(text: string): TokenEntry | null {
  const [, service, account, region, nameText, labelText, version, time] = ENTRY.exec(text) ?? [];
  if (nameText === undefined || version === undefined || time === undefined || !isCalendarTime(time)) return null;
  const name = decodePart(nameText);
  const label = labelText === undefined ? null : decodePart(labelText);
  if (name === null || (label === null && labelText !== undefined)) return null;
  return { ...writtenService(service), account: account ?? null, region: region ?? null, name, label, version, time };
}

function writtenService(service: string | undefined): Pick<TokenEntry, 'service'> {
  if (service === undefined) return {};
  return { service: service === 'ssm' ? 'ssm' : 'secretsmanager' };
}

/** The engine reads February 30 as March 1. */
function isCalendarTime(time: string): boolean {
  const milliseconds = Date.parse(time);
  return !Number.isNaN(milliseconds) && tokenTime(milliseconds) === time;
}

function encodePart(text: string): string {
  let encoded = '';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    const plain = byte < 0x80 && /[A-Za-z0-9/_+.!-]/.test(character);
    encoded += plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Null when the text is not the one spelling that {@link encodePart} would have written. */
function decodePart(text: string): string | null {
  if (!ENCODED.test(text)) return null;
  try {
    const decoded = decodeURIComponent(text);
    return encodePart(decoded) === text ? decoded : null;
  } catch {
    return null;
  }
}
