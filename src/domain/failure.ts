/** Every code a failure can have. The README's errors table is checked against this list, both ways. */
export const FAILURE_CODES = [
  'aws-denied',
  'aws-throttled',
  'aws-unreachable',
  'aws-rejected',
  'queue-missing',
  'queue-denied',
  'queue-lease-lost',
  'git-unreachable',
  'git-denied',
  'git-missing',
  'git-rejected',
  'git-unreadable',
  'forge-unreachable',
  'forge-denied',
  'forge-missing',
  'forge-rejected',
  'forge-rate-limited',
  'config-invalid',
  'input-invalid',
  'file-unreadable',
  'file-unwritable',
  'status-unavailable',
  'internal',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

export interface FailureDetails {
  readonly code: FailureCode;
  /** `later`: the same call may go through. `never`: a person has to change something first. */
  readonly retry: 'later' | 'never';
  /** What the operator should do next. */
  readonly hint: string;
  /** Not before this many seconds, where the other side said so. */
  readonly retryAfterSeconds?: number;
  /** Kept for debugging; never serialised. */
  readonly cause?: unknown;
}

/** The one error class. Its message says what was attempted and what came back; it never holds a secret or a body. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly retry: 'later' | 'never';
  readonly hint: string;
  readonly retryAfterSeconds: number | null;

  constructor(message: string, details: FailureDetails) {
    super(message, { cause: details.cause });
    this.name = 'Failure';
    this.code = details.code;
    this.retry = details.retry;
    this.hint = details.hint;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
  }
}

/** A state that cannot be: names the broken invariant and asks for a report. */
export function internalFailure(invariant: string): Failure {
  return new Failure(`internal error: ${invariant}`, {
    code: 'internal',
    retry: 'never',
    hint: 'This is a bug in gitops-reloader. Please report it with the command, the version and this message.',
  });
}

/** Ends an exhaustive switch: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw internalFailure(`no case for ${JSON.stringify(value)}`);
}
