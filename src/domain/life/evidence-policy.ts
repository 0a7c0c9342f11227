/** Which commit statuses and checks say that what lies under these paths was applied. */
export interface StatusMapping {
  /** Patterns on the path of what is refreshed; empty: every path. */
  readonly paths: readonly string[];
  /** Names, or patterns on names: of each at least one is there, and all that fit succeeded. */
  readonly contexts: readonly string[];
}

/** How it is known that a refresh was applied, where more than time is to say so. */
export interface EvidencePolicy {
  readonly statuses: readonly StatusMapping[];
  /** How long after the last of them a refresh counts as done: they say that it was applied, not that it was fetched. */
  readonly delayMilliseconds: number;
}

/** Time alone. */
export const NO_EVIDENCE: EvidencePolicy = { statuses: [], delayMilliseconds: 60_000 };
