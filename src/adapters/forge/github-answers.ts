import type { Oid } from '../../domain/repo-path.ts';

/** What a pull request says about itself. Who closed it is not part of GitHub's answer. */
export interface PullFacts {
  readonly number: number;
  readonly url: string;
  readonly open: boolean;
  readonly merged: boolean;
  /** Epoch milliseconds; null where it was not merged. */
  readonly mergedAt: number | null;
  /** `owner/name` of the repository that the branch lies in; null when that was deleted. */
  readonly headRepository: string | null;
  readonly branch: string;
  readonly head: Oid;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  /** Sorted, none twice. */
  readonly labels: readonly string[];
  readonly isAutoMerge: boolean;
  /** Told of a single pull request only, and there too `unknown` until GitHub has worked it out. */
  readonly conflict: 'none' | 'conflicting' | 'unknown';
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it was closed or merged; null while it is open. */
  readonly closedAt: number | null;
}

/** GitHub allows a hundred labels on an issue, of fifty characters each. */
const MAX_LABELS = 100;
const MAX_LABEL = 256;

const OID = /^[0-9a-f]{40}$/;

/** A pull request as GitHub writes it, or null when the answer is no pull request. */
export function readPull(data: unknown): PullFacts | null {
  const state = at(data, 'state');
  const names = readNames(data);
  const times = readTimes(data);
  const labels = readLabels(at(data, 'labels'));
  if (state !== 'open' && state !== 'closed') return null;
  if (names === null || times === null || labels === null) return null;
  const autoMerge = at(data, 'auto_merge');
  return {
    ...names,
    open: state === 'open',
    merged: times.mergedAt !== null,
    headRepository: readText(data, 'head', 'repo', 'full_name'),
    body: readText(data, 'body') ?? '',
    labels,
    isAutoMerge: typeof autoMerge === 'object' && autoMerge !== null,
    conflict: state === 'open' ? conflictOf(data) : 'unknown',
    ...times,
  };
}

function readNames(data: unknown): Pick<PullFacts, 'number' | 'url' | 'branch' | 'head' | 'base' | 'title'> | null {
  const number = readId(data, 'number');
  const url = webAddress(at(data, 'html_url'));
  const branch = readText(data, 'head', 'ref');
  const head = readText(data, 'head', 'sha');
  const base = readText(data, 'base', 'ref');
  const title = readText(data, 'title');
  if (number === null || url === null || branch === null || head === null || !OID.test(head)) return null;
  return base === null || title === null ? null : { number, url, branch, head, base, title };
}

/** The names of a list of labels; null where it is none. */
export function readLabels(data: unknown): readonly string[] | null {
  if (!Array.isArray(data)) return null;
  const names = data.slice(0, MAX_LABELS).map((one) => readText(one, 'name'));
  if (!names.every((name) => name !== null && name.length <= MAX_LABEL)) return null;
  return [...new Set(names.filter((name) => name !== null))].toSorted();
}

/** The epoch milliseconds at this place of an answer; null where there is no time. */
export function readTime(data: unknown, ...path: readonly string[]): number | null {
  const time = Date.parse(readText(data, ...path) ?? '');
  return Number.isNaN(time) ? null : time;
}

/** Null where one of them is missing, or is neither a time nor null. */
function readTimes(data: unknown): Pick<PullFacts, 'mergedAt' | 'createdAt' | 'updatedAt' | 'closedAt'> | null {
  const [createdAt, updatedAt] = [readTime(data, 'created_at'), readTime(data, 'updated_at')];
  const [mergedAt, closedAt] = [readTime(data, 'merged_at'), readTime(data, 'closed_at')];
  const isWrong = (key: string, time: number | null) => time === null && readText(data, key) !== null;
  if (createdAt === null || updatedAt === null) return null;
  if (isWrong('merged_at', mergedAt) || isWrong('closed_at', closedAt)) return null;
  return { mergedAt, createdAt, updatedAt, closedAt };
}

function conflictOf(data: unknown): PullFacts['conflict'] {
  const mergeable = at(data, 'mergeable');
  if (mergeable === false || at(data, 'mergeable_state') === 'dirty') return 'conflicting';
  return mergeable === true ? 'none' : 'unknown';
}

/** A page of pull requests, or null when one of the entries is no pull request. */
export function readPulls(data: unknown): readonly PullFacts[] | null {
  if (!Array.isArray(data)) return null;
  const pulls = data.slice(0, 100).map(readPull);
  return pulls.every((pull) => pull !== null) ? pulls : null;
}

/** The text at this place of an answer, own properties only; null when there is none. */
export function readText(data: unknown, ...path: readonly string[]): string | null {
  return text(at(data, ...path));
}

/** The positive whole number at this place of an answer; null when there is none. */
export function readId(data: unknown, ...path: readonly string[]): number | null {
  return positive(at(data, ...path));
}

/** What lies at this place of an answer, own properties only. */
export function at(data: unknown, ...path: readonly string[]): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

function webAddress(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 2048 || !URL.canParse(value)) return null;
  const url = new URL(value);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
}
