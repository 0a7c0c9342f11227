import type { Outcome } from '../outcome.ts';

/** What became of one own branch, or of one group of due restarts. */
export type Swept =
  /** Nothing was to be done, and nothing is to be said. */
  | { readonly kind: 'quiet' }
  | { readonly kind: 'done'; readonly branch: string; readonly outcome: Outcome }
  /** A ref moved: begin again from the refs. */
  | { readonly kind: 'moved'; readonly why: string };

export const QUIET: Swept = { kind: 'quiet' };
