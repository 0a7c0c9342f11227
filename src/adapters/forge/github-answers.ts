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
}

const OID = /^[0-9a-f]{40}$/;

/** A pull request as GitHub writes it, or null when the answer is no pull request. */
export function readPull(data: unknown): PullFacts | null {
  const number = positive(at(data, 'number'));
  const url = webAddress(at(data, 'html_url'));
  const state = at(data, 'state');
  const branch = text(at(data, 'head', 'ref'));
  const head = text(at(data, 'head', 'sha'));
  const base = text(at(data, 'base', 'ref'));
  const title = text(at(data, 'title'));
  const mergedAt = readTime(at(data, 'merged_at'));
  if (number === null || url === null || (state !== 'open' && state !== 'closed')) return null;
  if (branch === null || head === null || !OID.test(head) || base === null || title === null) return null;
  if (Number.isNaN(mergedAt)) return null;
  return {
    number,
    url,
    open: state === 'open',
    merged: mergedAt !== null,
    mergedAt,
    headRepository: text(at(data, 'head', 'repo', 'full_name')),
    branch,
    head,
    base,
    title,
    body: text(at(data, 'body')) ?? '',
  };
}

/** Epoch milliseconds; null where GitHub says null, NaN where it is no time. */
function readTime(value: unknown): number | null {
  const written = text(value);
  return written === null ? null : Date.parse(written);
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
