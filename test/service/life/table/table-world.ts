import { ALWAYS, NO_LIMITS } from '../../../../src/domain/life/opening-policy.ts';
import type { BranchSettings } from '../../../../src/service/served-branch.ts';

/** What a repository allows, and its base's rules ask for. */
export interface TableRules {
  readonly hasMergeQueue?: boolean;
  readonly neededApprovals?: number;
  readonly mayDismiss?: boolean;
}

/** Whether another pull request may be opened, and why not. */
export type Opening = 'free' | 'limit reached' | 'window closed';

const EVERY_MINUTE = { cron: '* * * * *', durationMilliseconds: 3_600_000 };

/** The settings that make it so. */
export const OPENINGS: Readonly<Record<Opening, Pick<BranchSettings, 'limits' | 'windows'>>> = {
  free: { limits: NO_LIMITS, windows: ALWAYS },
  'limit reached': { limits: { ...NO_LIMITS, open: 0 }, windows: ALWAYS },
  'window closed': { limits: NO_LIMITS, windows: { ...ALWAYS, exclude: [EVERY_MINUTE] } },
};

/** Contents by path. */
export type Files = Readonly<Record<string, string>>;

/**
 * One ExternalSecret `db` in `db.yaml` that fetches the secret `a`, whose version 1 is current on the base `main` and in AWS; one
 * queue, one code host, people, and processes of the service that begin anew each time.
 */
export interface TableWorld {
  /** AWS moves to this version, and an event tells it. */
  rotate(version: number): Promise<void>;
  /** The event of this version comes once more. */
  repeat(version: number): Promise<void>;
  /** A process handles what may be received. */
  handle(): Promise<void>;
  /** A process looks after everything. */
  sweep(): Promise<void>;
  /** The event is delivered twice: another process does all the work right before the first one pushes. */
  race(version: number): Promise<void>;
  /** What was given back to the queue may be received again. */
  wait(): Promise<void>;
  /** Whether another pull request may be opened: processes that begin from now on are configured so. */
  setOpening(state: Opening): void;
  /** The code host's API answers nothing, or does again. */
  setForge(state: 'down' | 'up'): void;
  /** The text of a file on the base, or on the proposing branch. */
  read(on: 'base' | 'branch', path: string): Promise<string>;
  /** A person's commit. */
  push(on: 'base' | 'branch', files: Files): Promise<void>;
  /** A person merges the base into the branch, and puts these files into the merge besides. */
  updateBranch(more: Files): Promise<void>;
  deleteBranch(): Promise<void>;
  close(pull: number, who: 'person' | 'bot'): Promise<void>;
  reopen(pull: number): Promise<void>;
  merge(pull: number, method: 'merge' | 'squash' | 'rebase'): Promise<void>;
  askRetry(pull: number, how: 'label' | 'comment', who: 'writer' | 'reader'): Promise<void>;
  /** Takes the retry label off again. */
  unlabel(pull: number): Promise<void>;
  approve(pull: number): Promise<void>;
  setAutoMerge(pull: number): Promise<void>;
  enqueue(pull: number): Promise<void>;
  markDraft(pull: number): Promise<void>;
  lock(pull: number): Promise<void>;
  see(): Promise<Seen>;
  /** Messages that are not deleted. */
  waiting(): Promise<number>;
  /** `db.yaml` as the base had it first. */
  readonly firstText: string;
  end(): Promise<void>;
}

/** The state of the world, as short texts. */
export interface Seen {
  /** Oldest first: `#1 open 2`, with the version that its text names, and what else is to be said of it: `draft`, `queued`. */
  readonly pulls: readonly string[];
  /** `none`, or the version on it and who made its commits beyond the base, newest first: `2: Ada bot`, `2 behind: bot`. */
  readonly branch: string;
  /** The version on the base; null where there is none of ours. */
  readonly base: number | null;
  /** Messages that are not deleted. */
  readonly queue: number;
  /** Our comments on all pull requests. */
  readonly comments: number;
}

/** A VersionId by its number, and back; null for what is none. */
export function versionId(number: number): string {
  return `0a1b2c3d-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

const FORCE_SYNC = /^ {4}force-sync: "([^"]*)"$/m;

/** The version that a manifest has; null where it has none of ours. */
export function versionIn(text: string): number | null {
  const [, value = ''] = FORCE_SYNC.exec(text) ?? [];
  const [, digits] = /^a=0a1b2c3d-0000-4000-8000-(\d{12})@/.exec(value) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** The manifest with somebody's own value in the place of our token. */
export function handWritten(text: string): string {
  return text.replace(FORCE_SYNC, '    force-sync: "by hand"');
}

/** The versions that the text of a pull request names. */
export function versionsNamed(trailers: readonly string[]): string {
  return trailers.map((name) => Number(name.slice(-12))).join(' ');
}

/** How a branch is seen: `authors` of its commits beyond the base, newest first. */
export function branchSeen(text: string, isBehind: boolean, authors: readonly string[]): string {
  const names = authors.map((author) => (author === 'gitops-reloader' ? 'bot' : author));
  return `${versionIn(text) ?? '-'}${isBehind ? ' behind' : ''}: ${names.join(' ')}`;
}

/** A manifest whose object has version 1. */
export function tokenText(manifest: string): string {
  const value = `a=${versionId(1)}@2026-01-01T00:00:00Z`;
  return manifest.replace(/^ {2}namespace: .*\n/m, `$&  annotations:\n    force-sync: "${value}"\n`);
}
