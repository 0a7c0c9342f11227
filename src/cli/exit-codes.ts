/**
 * Room `cli`: what a person types and what they read back. Results go to stdout, commentary to stderr. It decides nothing
 * about secrets, manifests or pull requests.
 */
export const EXIT = {
  /** Done; for `plan` also when there is nothing to do. */
  ok: 0,
  /** Something was tried and failed. */
  failed: 1,
  /** The arguments, the configuration or a named file are not usable. Nothing was tried. */
  usage: 2,
  /** Ended by a second signal before everything received came to its end; what was under way is delivered again. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
