import type { DescribedSecret } from './domain/described/described-secret.ts';
import type { Failure } from './domain/failure.ts';
import type { FindFilter, ListedSecret } from './domain/find/find-filter.ts';
import type { IndexKey, KeptIndex, LoadedIndex } from './domain/kept/kept-index.ts';
import type { Remark } from './domain/life/remark.ts';
import type { Counters, Durations, Gauges } from './domain/metrics/measures.ts';
import type { Oid, RepoFile } from './domain/repo-path.ts';
import type { SecretPlace, SecretRef } from './domain/secret-id.ts';
import type { SigningKey } from './domain/signing/signing-key.ts';
import type { Dismissal, MergeFacts, MergeWish } from './plan/life/merge-facts.ts';
import type { DeliveredCommit } from './plan/restart/statuses/delivered.ts';
/**
 * What the service needs from the outside: types only. Each port has one contract suite under `test/contracts/` that runs
 * against the real adapter and the in-memory one. Every method rejects with a `Failure` and nothing else.
 */

/**
 * A message with a lease. At least once: what is not acked comes back; an ack after the lease was lost is harmless, and rejects
 * where the queue says that the message is still there.
 */
export interface InboxMessage {
  readonly id: string;
  readonly body: string;
  /** When SQS received it, in epoch milliseconds; event times are clamped to it. */
  readonly sentAt: number;
  /** 1 at the first delivery. */
  readonly receiveCount: number;
  /** Those of one group have an order, in which they come to their end; null where the queue keeps none. */
  readonly group: string | null;
  /** Deletes the message: its effect is durable, or it is proved that nothing is to be done. */
  ack(): Promise<void>;
  /** Prolongs the lease to this many seconds from now. False when the lease is already lost. */
  extend(seconds: number): Promise<boolean>;
  /** Gives the message back; it is delivered again after this many seconds. */
  release(seconds: number): Promise<void>;
}

export interface Inbox {
  /** For logs, health and metrics: the queue's name, of no other queue beside it; without credentials. */
  readonly name: string;
  /**
   * One long poll of at most `waitSeconds` (0 to 20; left out: as configured). Empty when nothing came or `signal` was
   * aborted. What an aborted poll had already taken comes back when its lease ends.
   */
  receive(signal: AbortSignal, waitSeconds?: number): Promise<readonly InboxMessage[]>;
  /** About how many messages wait, without receiving one: shows that the queue is there and may be read. */
  waiting(signal: AbortSignal): Promise<number>;
}

export type SecretAnswer =
  | ({ readonly kind: 'found' } & DescribedSecret)
  | { readonly kind: 'absent' }
  | { readonly kind: 'denied' };

export type ListAnswer =
  | {
      readonly kind: 'listed';
      /** All that fit the filter, and maybe others; none twice. What changed in the last five minutes may be missing. */
      readonly secrets: readonly ListedSecret[];
      /** AWS's own clock when it answered last, epoch milliseconds. */
      readonly seenAt: number;
    }
  /** More than `MOST_LISTED`, or more pages than those take: nothing is told of any. */
  | { readonly kind: 'too-many' }
  | { readonly kind: 'denied' };

/** Versions by label, never a value: no method here can return one, by design. */
export interface SecretVersions {
  describe(ref: SecretRef, signal: AbortSignal): Promise<SecretAnswer>;
  /** The secrets of Secrets Manager in a place, those included whose deletion is scheduled. */
  list(place: SecretPlace, filter: FindFilter, signal: AbortSignal): Promise<ListAnswer>;
  /** The parameters of Parameter Store in a place, with the versions that describing each would tell; without tags. */
  listParameters(place: SecretPlace, signal: AbortSignal): Promise<ListAnswer>;
}

export interface Ref {
  /** In full: `refs/heads/main`. */
  readonly name: string;
  readonly oid: Oid;
}

export interface TreeEntry {
  /** As Git holds it, decoded as UTF-8; not yet checked by `parseRepoPath`. Entries that are not UTF-8 are left out. */
  readonly path: string;
  /** Six octal digits: 100644, 100755, 120000 (symlink), 160000 (submodule). */
  readonly mode: string;
  readonly oid: Oid;
}

export interface Snapshot {
  readonly commit: Oid;
  /** In Git's order. An entry that is as in the snapshot taken before this one may be the same object. */
  readonly entries: readonly TreeEntry[];
  /** The bytes of one blob of this snapshot. */
  read(oid: Oid): Promise<Uint8Array>;
  /** Brings blobs of this snapshot here, in as few requests as the host allows: to `read` one then asks nobody. */
  prefetch(oids: readonly Oid[], signal: AbortSignal): Promise<void>;
}

/** What to fetch with a commit that is not here: its trees and files, or its trees alone where the host can do that. */
export type SnapshotContent = 'files' | 'trees';

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** What it says of its time (0 where nothing), its people and itself is up to whoever made it. */
export interface CommitInfo extends Pick<CommitDraft, 'author' | 'time' | 'message'> {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly committer: Person;
}

/** A commit to be made: same draft, same commit id. */
export interface CommitDraft {
  readonly parent: Oid;
  /** Files that exist in the parent; their modes are kept. */
  readonly files: readonly RepoFile[];
  /** Files that do not: of mode 100644, with the folders that they need. Nothing may stand in their way. */
  readonly newFiles?: readonly RepoFile[];
  readonly message: string;
  readonly author: Person;
  /** Epoch seconds, for author and committer. */
  readonly time: number;
}

export type RefUpdate =
  /** `expected`: where the ref must be now; null when it must not exist. */
  | { readonly ref: string; readonly expected: Oid | null; readonly to: CommitDraft }
  /** Deletes the ref. What is gone already counts as deleted. */
  | { readonly ref: string; readonly expected: Oid; readonly to: null };

export type PublishResult =
  /** Where the ref is, or was before it was deleted. `isFound`: it was so already, by whomever. */
  | { readonly kind: 'done'; readonly oid: Oid; readonly isFound?: true }
  /** The ref was not at `expected`: nothing was written. Begin again from the refs. */
  | { readonly kind: 'moved' }
  /** A rule, a hook or a permission refused it. Trying again does not help. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The answer was lost: list the refs and compare content. `oid`: the commit, where one was to be published. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly oid?: Oid };

/** Of one of several updates. */
export type UpdateResult = PublishResult | { readonly kind: 'failed'; readonly failure: Failure };

/** A Git repository without a work tree. It never moves a ref that is not at `expected`. */
export interface Workspace {
  /** Refs whose full name starts with one of `prefixes`, fresh from the host. */
  refs(prefixes: readonly string[], signal: AbortSignal): Promise<readonly Ref[]>;
  /** The tree of a commit that `refs` has just returned. `content` (left out: `files`) decides no more than what it costs. */
  snapshot(ref: Ref, signal: AbortSignal, content?: SnapshotContent): Promise<Snapshot>;
  commit(ref: Ref, signal: AbortSignal): Promise<CommitInfo>;
  publish(update: RefUpdate, signal: AbortSignal): Promise<PublishResult>;
  /** The same for several, in as few requests as the host allows: a result for each, in order, as if it had been alone. */
  publishAll(updates: readonly RefUpdate[], signal: AbortSignal): Promise<readonly UpdateResult[]>;
}

/** A commit for a host to make: what is to be in it is decided and known by its id. */
export interface RemoteDraft extends Pick<CommitDraft, 'parent' | 'message' | 'author' | 'time'> {
  readonly parentTree: Oid;
  /** The tree that the commit must hold, whatever else the host makes of it. */
  readonly tree: Oid;
  /** What differs from the parent's tree, with the modes that the files have or get. */
  readonly files: readonly (RepoFile & { readonly mode: string })[];
}

/** A code host that makes, and signs, commits of ours. It moves no ref. */
export interface RemoteCommits {
  /** Makes a commit of exactly this parent, tree and message. Two calls are two commits, as the host sets its own time. */
  create(draft: RemoteDraft, signal: AbortSignal): Promise<Oid>;
  /** The login that the host puts down as the author; null where the draft's author stays. */
  author(signal: AbortSignal): Promise<string | null>;
}

/** What signs our own commits. Its key is read when it is used, and is in no message. */
export interface Signer {
  /**
   * An armored signature of these bytes. `time`, epoch seconds, is its date where the format has one: the same bytes get the
   * same signature where the key's algorithm allows it.
   */
  sign(payload: Uint8Array, time: number): Promise<string>;
  /** Shows that it can sign. Rejects with a Failure that says why not. */
  describe(): Promise<SigningKey>;
}

export type PullRequestState = 'open' | 'merged' | 'closed-by-person' | 'closed-by-bot';

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: PullRequestState;
  /** The branch's short name, and the commit at its head as the forge knows it. */
  readonly branch: string;
  readonly head: Oid;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** The forge merges it by itself as soon as it may. */
  readonly isAutoMerge: boolean;
  /** Whether it still fits its base; `unknown` while the forge works it out, and in every list. */
  readonly conflict: 'none' | 'conflicting' | 'unknown';
  /** By the forge's clock, epoch milliseconds. */
  readonly createdAt: number;
  /** When it was merged; null unless the state is `merged`. */
  readonly mergedAt: number | null;
  /** The last paragraph of the head commit's message: trailers name the versions. Null unless it was merged, or closed by a person. */
  readonly headMessage: string | null;
  /** After its end somebody who may write asked for its content again, by the retry label or a comment. */
  readonly isRetryAsked: boolean;
}

export interface PullRequestDraft {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  readonly reviewers: readonly string[];
  readonly teamReviewers: readonly string[];
}

/** What was asked is so now, or a rule or a permission stands against it. */
export type Allowed = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly reason: string };

/** Pull requests of one folder of branches, whatever their base. */
export interface RecentPulls {
  readonly open: readonly Pick<PullRequest, 'number' | 'branch' | 'base' | 'createdAt'>[];
  /** When those of the last hour were opened, closed ones included, epoch milliseconds, newest first. */
  readonly createdAt: readonly number[];
}

/** A code host. Pull requests are found by head repository *and* branch. */
export interface Forge {
  /** All of this branch into this base, newest first. Of merged ones only the newest five have a message, or show a retry. */
  list(branch: string, base: string, signal: AbortSignal): Promise<readonly PullRequest[]>;
  /** "Already open" is not an error: the open one is found, updated and returned. Labels and people are best effort. */
  open(draft: PullRequestDraft, signal: AbortSignal): Promise<PullRequest>;
  /** Changes title and body where they differ from those of `pull`, as it was just listed or read; labels stay as people left them. */
  update(pull: PullRequest, draft: PullRequestDraft, signal: AbortSignal): Promise<PullRequest>;
  /** Read back, past every cache. */
  read(number: number, signal: AbortSignal): Promise<PullRequest>;
  /** Closes it where it is still open, and then says why. Such a close is never a person's. */
  close(number: number, comment: string, signal: AbortSignal): Promise<void>;
  /** Leaves a remark unless one of its key is there. Refused where nobody may comment (a locked conversation). */
  remark(number: number, remark: Remark, signal: AbortSignal): Promise<Allowed>;
  /** Of all branches below `folder` (without a slash at its end). */
  recent(folder: string, signal: AbortSignal): Promise<RecentPulls>;
  /** Of the ten of these that ended and changed last: those that a writer asked for again, or that no person closed. */
  unsettled(folder: string, signal: AbortSignal): Promise<readonly PullRequest[]>;
  mergeFacts(number: number, signal: AbortSignal): Promise<MergeFacts>;
  /** Has the forge merge it by itself, or (null) no longer. */
  autoMerge(number: number, wish: MergeWish | null, signal: AbortSignal): Promise<Allowed>;
  /** Merges it now. `moved`: another commit is at its head. */
  merge(number: number, wish: MergeWish, signal: AbortSignal): Promise<Allowed | { readonly kind: 'moved' }>;
  /** Takes back every approval but those of the commit `except`. */
  dismissApprovals(number: number, how: Dismissal, signal: AbortSignal): Promise<Allowed>;
  /** A commit and those before it, at most 20, newest first, with what was reported on each; none where there is no such commit. */
  delivered(head: Oid, signal: AbortSignal): Promise<readonly DeliveredCommit[]>;
}

/** Keeps what was read of a repository for the next life of the process. A broken cache is an empty cache. */
export interface IndexCache {
  /** For people: where it is. */
  readonly place: string;
  /** What was saved last under this key, whole, or nothing of it. Never rejects. */
  load(key: IndexKey): Promise<LoadedIndex>;
  /** Replaces what is there in one step: whoever loads meanwhile gets either one whole. */
  save(key: IndexKey, kept: KeptIndex, signal: AbortSignal): Promise<void>;
  /** Shows that it can save, and leaves nothing behind. */
  probe(): Promise<void>;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after this time, or at once when `signal` is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Constant messages, variables as fields; no bodies, no tokens. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** Measures for operators; it decides nothing and never fails: what is no number, or would count backwards, is left out. */
export interface Meter {
  count<Name extends keyof Counters>(name: Name, labels: Counters[Name], by?: number): void;
  gauge<Name extends keyof Gauges>(name: Name, labels: Gauges[Name], value: number): void;
  observe<Name extends keyof Durations>(name: Name, labels: Durations[Name], seconds: number): void;
}
