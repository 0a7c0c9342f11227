/** How a pull request's commits come onto the base. */
export const MERGE_METHODS = ['merge', 'squash', 'rebase'] as const;

export type MergeMethod = (typeof MERGE_METHODS)[number];

/** Who merges: people (`none`), the forge once its rules are met (`auto`), or this service when they are (`bot`). */
export const MERGE_MODES = ['none', 'auto', 'bot'] as const;

export type MergeMode = (typeof MERGE_MODES)[number];

/** Who merges into a base branch, how and when. */
export interface MergePolicy {
  readonly mode: MergeMode;
  /** Null: the first that the repository allows, squash before merge before rebase. */
  readonly method: MergeMethod | null;
  /** How long a pull request of one content is open before it is merged without a person, in milliseconds. */
  readonly minimumAgeMilliseconds: number;
}

/** People merge. */
export const NOBODY_MERGES: MergePolicy = { mode: 'none', method: null, minimumAgeMilliseconds: 0 };
