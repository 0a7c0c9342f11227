import { formatToken, MAX_TOKEN_LENGTH, type Token } from '../../domain/token.ts';

/** Where a repository keeps what its objects had before anything was bumped. */
export const BASELINE_FILE = '.gitops-reloader/baseline.yaml';

/** One object that follows secrets, and the versions that it had at adoption. */
export interface BaselineEntry {
  readonly path: string;
  readonly kind: string;
  /** Null where nothing says it. */
  readonly namespace: string | null;
  readonly name: string;
  readonly token: Token;
}

/** What tells one object of a baseline from the others. */
type Identified = Omit<BaselineEntry, 'token'>;

/** The map key of an object in a baseline. */
export function baselineKey({ path, kind, namespace, name }: Identified): string {
  return JSON.stringify([path, kind, namespace, name]);
}

/** The object behind an index's view of it. */
export function identityOf(object: {
  readonly path: string;
  readonly kind: string;
  readonly resolvedNamespace: string | null;
  readonly name: string;
}): Identified {
  const { path, kind, resolvedNamespace: namespace, name } = object;
  return { path, kind, namespace, name };
}

/** {@link baselineKey} of the object behind an index's view of it. */
export function baselineKeyOf(object: Parameters<typeof identityOf>[0]): string {
  return baselineKey(identityOf(object));
}

/** Entries in their one order, no object twice: the last one stands. */
export function sortEntries(entries: readonly BaselineEntry[]): readonly BaselineEntry[] {
  const byKey = new Map(entries.map((entry) => [baselineKey(entry), entry]));
  return [...byKey].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry);
}

const LONGEST_PATH = 4096;
const LONGEST_NAME = 253;

/** True for what a baseline may hold: whatever else an object is called cannot be applied to a cluster either. */
export function isKeepable({ path, kind, namespace, name, token }: BaselineEntry): boolean {
  const texts = [kind, name, ...(namespace === null ? [] : [namespace])];
  if (!isText(path, LONGEST_PATH) || !texts.every((text) => isText(text, LONGEST_NAME))) return false;
  return token.length > 0 && formatToken(token).length <= MAX_TOKEN_LENGTH;
}

function isText(text: string, longest: number): boolean {
  return text !== '' && text.length <= longest;
}
