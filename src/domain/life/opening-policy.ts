/** Why a pull request is not opened, or not merged, yet. */
export const WAIT_CODES = ['window-closed', 'too-many-open', 'too-many-this-hour', 'needs-confirmation'] as const;

export type WaitCode = (typeof WAIT_CODES)[number];

/** How many pull requests of one instance a repository is to have. Null: any number. */
export interface Limits {
  readonly open: number | null;
  /** Opened within an hour. */
  readonly perHour: number | null;
  /** The most objects that one may change without a person's confirmation. */
  readonly maxObjects: number | null;
}

/** A time span that begins whenever its pattern matches. */
export interface WindowTime {
  /** Five fields: minute, hour, day, month, weekday. */
  readonly cron: string;
  readonly durationMilliseconds: number;
}

/** When pull requests may be opened: within one of `allow` (always, where that is empty), and within none of `exclude`. */
export interface Windows {
  readonly allow: readonly WindowTime[];
  readonly exclude: readonly WindowTime[];
  /** Of the patterns, as IANA names it. */
  readonly timeZone: string;
}

/** Nothing waits. */
export const NO_LIMITS: Limits = { open: null, perHour: null, maxObjects: null };
export const ALWAYS: Windows = { allow: [], exclude: [], timeZone: 'UTC' };
