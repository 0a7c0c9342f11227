import type { Stage } from '../domain/policy.ts';
import type { RepoPath } from '../domain/repo-path.ts';

/**
 * Room `plan`: what we would change and why, in stages. Pure: same index, same truth, same wishes, same plan.
 * It knows secrets, versions and the index; it knows no Git, no forge and no queue.
 */
export interface Plan {
  /** Sorted by path, document, item, annotation. */
  readonly edits: readonly Edit[];
  /** Sorted by path, kind, name, code. */
  readonly skips: readonly Skip[];
}

/** One annotation of one object set to one value. */
export interface Edit {
  readonly stage: Stage;
  readonly path: RepoPath;
  readonly document: number;
  readonly item: number | null;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** Which map it stands in. */
  readonly target: 'metadata' | 'template';
  readonly annotation: string;
  /** The object's first line today, from 1. */
  readonly line: number;
  readonly before: string | null;
  readonly after: string;
  /** Token keys of the secrets that changed. */
  readonly secrets: readonly string[];
  /** How the secret reaches this object, from the secret on. */
  readonly chain: readonly string[];
  readonly reason: string;
}

export const SKIP_CODES = [
  'already-current',
  'ignored-by-annotation',
  'not-selected',
  'interval-zero',
  'created-once',
  'immutable-target',
  'creation-policy-none',
  'generator',
  'pinned-version',
  'follows-tags',
  'other-label',
  'shared-base',
  'ambiguous-account',
  'find-reference',
  'templated-reference',
  'token-too-long',
  'version-unknown',
  'older-event',
  'secret-absent',
  'secret-denied',
  'secret-deleted',
  'rejected-by-people',
  'next-run-only',
  'unsupported-kind',
  'restart-not-due',
  'no-consumer',
  'not-editable',
  'not-writable',
  'unreadable-file',
] as const;

export type SkipCode = (typeof SKIP_CODES)[number];

/** An object or file that is left alone, and why. */
export interface Skip {
  readonly path: RepoPath;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly code: SkipCode;
  readonly reason: string;
  readonly hint: string | null;
}
