import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import { at, readText } from './github-answers.ts';

/** GitHub said no, or nothing came back. */
export interface Refusal {
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** GitHub's own words, for decisions: the message first, then one line per error. */
  readonly reasons: readonly string[];
  readonly failure: Failure;
}

interface Row {
  readonly code: 'forge-unreachable' | 'forge-denied' | 'forge-missing' | 'forge-rejected' | 'forge-rate-limited';
  readonly retry: 'later' | 'never';
  readonly hint: string;
}

const UNREACHABLE: Row = {
  code: 'forge-unreachable',
  retry: 'later',
  hint: 'Check that GitHub is up and that this machine may reach it; it is tried again.',
};
const STOPPED: Row = { ...UNREACHABLE, hint: 'The work was stopped; it begins again by itself.' };
const UNAUTHENTICATED: Row = {
  code: 'forge-denied',
  retry: 'never',
  hint: 'The token or the App key is not accepted: renew it, and check the App id and the clock of this machine.',
};
const FORBIDDEN: Row = {
  code: 'forge-denied',
  retry: 'never',
  hint: 'Give the token or the App read and write access to contents and pull requests of this repository (and authorise it for single sign-on where the organisation asks for that).',
};
const MISSING: Row = {
  code: 'forge-missing',
  retry: 'never',
  hint: 'Check the name of the repository, and that the token or the App installation may see it: GitHub answers 404 for what it hides.',
};
const MOVED: Row = {
  code: 'forge-missing',
  retry: 'never',
  hint: 'The repository was renamed or moved: put its present address into the configuration.',
};
const REJECTED: Row = {
  code: 'forge-rejected',
  retry: 'never',
  hint: "Read GitHub's message; a rule of the repository or an option of the pull request stands against it.",
};
const CONFLICT: Row = {
  ...REJECTED,
  retry: 'later',
  hint: 'Something else changed at the same time; it is tried again.',
};
const LIMITED: Row = {
  code: 'forge-rate-limited',
  retry: 'later',
  hint: 'GitHub limits how much this identity may ask; it is tried again when GitHub allows it.',
};

const SECONDARY = /secondary rate limit|abuse detection|submitted too quickly/i;
const SECONDARY_SECONDS = 60;
const LONGEST_SECONDS = 3600;

export interface RefusalContext {
  /** What was tried: "open a pull request for x". */
  readonly attempt: string;
  /** True when the caller's own signal was aborted. */
  readonly stopped: boolean;
  readonly scrub: (text: string) => string;
}

/**
 * What octokit threw, as a {@link Refusal}. Of the error only the status, GitHub's message and the system's error code are
 * kept: it holds the request's headers.
 */
export function classify(error: unknown, context: RefusalContext): Refusal {
  const known = [error, at(error, 'cause')].find((one) => one instanceof Failure);
  if (known !== undefined) return { status: null, reasons: [], failure: known };
  const answer = at(error, 'response');
  const status = at(answer, 'status');
  if (typeof status !== 'number') return { status: null, reasons: [], failure: withoutAnswer(error, context) };
  const headers = headersOf(answer);
  const reasons = reasonsOf(at(answer, 'data')).map(context.scrub);
  const row = rowFor(status, reasons, headers);
  const words = reasons.length === 0 ? '' : `: ${plainText(reasons.join('; '))}`;
  const message = `could not ${context.attempt}: GitHub answered ${status}${words}`;
  const wait = row === LIMITED ? { retryAfterSeconds: waitSeconds(reasons, headers) } : {};
  return { status, reasons, failure: new Failure(message, { ...row, ...wait }) };
}

/** GraphQL's word for what is wrong, as the status by which REST says it. */
const GRAPHQL_TYPES: Readonly<Record<string, number>> = {
  RATE_LIMITED: 429,
  FORBIDDEN: 403,
  INSUFFICIENT_SCOPES: 403,
  NOT_FOUND: 404,
  STALE_DATA: 409,
  UNPROCESSABLE: 422,
  INTERNAL: 500,
  SERVICE_UNAVAILABLE: 503,
};

/**
 * GraphQL's errors, which come in an answer of status 200, as a {@link Refusal}. Of several the one counts that ends soonest.
 * One without a type is GitHub's own trouble (a time limit, mostly), unless it is about the question itself.
 */
export function classifyErrors(
  errors: readonly unknown[],
  headers: ReadonlyMap<string, string>,
  { attempt, scrub }: RefusalContext,
): Refusal {
  const statuses = errors.slice(0, 20).map(statusOf);
  const status = statuses.find((one) => one === 429 || one >= 500) ?? statuses[0] ?? 500;
  const reasons = reasonsOf({ errors }).flatMap(unpacked).map(scrub);
  const row = SECONDARY.test(reasons.join(' ')) ? LIMITED : rowFor(status, reasons, headers);
  const words = reasons.length === 0 ? '' : `: ${plainText(reasons.join('; '))}`;
  const wait = row === LIMITED ? { retryAfterSeconds: waitSeconds(reasons, headers) } : {};
  return { status, reasons, failure: new Failure(`could not ${attempt}: GitHub refused${words}`, { ...row, ...wait }) };
}

function statusOf(error: unknown): number {
  const type = readText(error, 'type');
  if (type !== null) return Object.hasOwn(GRAPHQL_TYPES, type) ? (GRAPHQL_TYPES[type] ?? 400) : 400;
  return readText(error, 'extensions', 'code') === null ? 500 : 400;
}

/** Some reasons are lists, written as JSON. */
function unpacked(reason: string): readonly string[] {
  try {
    const list: unknown = reason.startsWith('[') ? JSON.parse(reason) : null;
    return Array.isArray(list) ? list.slice(0, 5).filter((one) => typeof one === 'string') : [reason];
  } catch {
    return [reason];
  }
}

/** GitHub answered, but not what its description promises. */
export function unexpectedAnswer(attempt: string): Failure {
  return new Failure(`could not ${attempt}: the answer is not what GitHub's description promises`, {
    code: 'forge-rejected',
    retry: 'later',
    hint: 'Check that the API address is really that of GitHub, and look for a proxy that answers in its place.',
  });
}

/** Not sent: GitHub would have refused it. */
export function paced(attempt: string, seconds: number): Failure {
  const message = `could not ${attempt}: as much as GitHub allows was written lately`;
  return new Failure(message, { ...LIMITED, retryAfterSeconds: Math.min(seconds, LONGEST_SECONDS) });
}

/** Refused before GitHub was asked. */
export function refused(attempt: string, reason: string, retry: 'later' | 'never', hint: string): Failure {
  return new Failure(`could not ${attempt}: ${reason}`, { code: 'forge-rejected', retry, hint });
}

function rowFor(status: number, reasons: readonly string[], headers: ReadonlyMap<string, string>): Row {
  if (isLimited(status, reasons, headers)) return LIMITED;
  if (status === 401) return UNAUTHENTICATED;
  if (status === 403) return FORBIDDEN;
  if (status === 404 || status === 410 || status === 451) return MISSING;
  if (status >= 300 && status < 400) return MOVED;
  if (status === 409) return CONFLICT;
  if (status === 408 || status >= 500) return UNREACHABLE;
  return REJECTED;
}

function isLimited(status: number, reasons: readonly string[], headers: ReadonlyMap<string, string>): boolean {
  if (status === 429) return true;
  const words = SECONDARY.test(reasons.join(' '));
  if (status === 422) return words;
  if (status !== 403) return false;
  return words || headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0';
}

/** GitHub's own clock decides how long its reset is away. */
function waitSeconds(reasons: readonly string[], headers: ReadonlyMap<string, string>): number {
  const asked = wholeSeconds(headers.get('retry-after'));
  const reset = wholeSeconds(headers.get('x-ratelimit-reset'));
  const sentAt = Date.parse(headers.get('date') ?? '');
  const now = Math.floor((Number.isNaN(sentAt) ? Date.now() : sentAt) / 1000);
  const untilReset = reset === null || headers.get('x-ratelimit-remaining') !== '0' ? null : reset - now;
  const least = SECONDARY.test(reasons.join(' ')) ? SECONDARY_SECONDS : 1;
  return Math.min(Math.max(asked ?? untilReset ?? SECONDARY_SECONDS, least), LONGEST_SECONDS);
}

function wholeSeconds(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,12}$/.test(value) ? Number(value) : null;
}

function reasonsOf(data: unknown): string[] {
  const errors = at(data, 'errors');
  const lines = Array.isArray(errors) ? errors.slice(0, 5).map(reasonOf) : [];
  return [readText(data, 'message'), ...lines].filter((line) => line !== null).filter((line) => line !== '');
}

function reasonOf(error: unknown): string | null {
  if (typeof error === 'string') return error;
  const message = readText(error, 'message');
  if (message !== null) return message;
  const field = readText(error, 'field');
  return field === null ? readText(error, 'code') : `${field} is ${readText(error, 'code') ?? 'wrong'}`;
}

/** An answer's headers by lower-case names. */
export function headersOf(answer: unknown): ReadonlyMap<string, string> {
  const headers = at(answer, 'headers');
  if (typeof headers !== 'object' || headers === null) return new Map();
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function withoutAnswer(error: unknown, { attempt, stopped }: RefusalContext): Failure {
  if (stopped) return new Failure(`could not ${attempt}: stopped before the answer came`, STOPPED);
  const code = systemCode(error);
  return new Failure(`could not ${attempt}: no answer from GitHub${code === null ? '' : ` (${code})`}`, UNREACHABLE);
}

/** `ECONNREFUSED`, `UND_ERR_SOCKET`, …: from as deep as fetch hides it. */
function systemCode(error: unknown): string | null {
  let current = error;
  for (let depth = 0; depth < 4; depth += 1) {
    const code = readText(current, 'code');
    if (code !== null && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
    current = current instanceof Error ? current.cause : at(current, 'cause');
  }
  return null;
}
