import { Failure } from '../domain/failure.ts';
import type { IndexKey } from '../domain/kept/kept-index.ts';
import type { EvidencePolicy } from '../domain/life/evidence-policy.ts';
import type { MergePolicy } from '../domain/life/merge-policy.ts';
import type { Limits, Windows } from '../domain/life/opening-policy.ts';
import type { AllowedAccount, BaselineMode, Bindings, RebaseWhen, RepositoryOrigin } from '../domain/policy.ts';
import type { Oid } from '../domain/repo-path.ts';
import type { IndexedFile, Indexer } from '../manifests/build-index.ts';
import type { FileProblem, Index } from '../manifests/graph.ts';
import type { Finds } from '../manifests/indexing/possible-use.ts';
import type { BlobFacts } from '../manifests/objects.ts';
import type { ManifestReader } from '../manifests/parse/manifest-reader.ts';
import type { Wait } from '../plan/life/opening.ts';
import type { DeliveredCommit } from '../plan/restart/statuses/delivered.ts';
import type { Scope } from '../plan/scope.ts';
import type { Clock, Forge, IndexCache, Log, Meter, Person, SecretVersions, TreeEntry, Workspace } from '../ports.ts';
import type { Templates } from '../words/templates/say-proposal.ts';
import { createOneByOne, type OneByOne } from './reading/one-by-one.ts';

/** What each blob says, by blob id: a blob is parsed once, however many commits hold it. */
export type FactsByBlob = Map<Oid, BlobFacts>;

/** What a process knows of a base's history. */
export interface BaseLine {
  readonly head: Oid;
  /** The head, and commits that are known to be beneath it. */
  readonly beneath: Set<Oid>;
  /** When the base was last seen on another history than before, epoch milliseconds; null: never by this process. */
  readonly rewrittenAt: number | null;
}

/** What a process remembers of a base branch: nothing that it could not read again. */
export interface BranchMemory {
  /** Filled by each read of the index, and cut back to what that one used. */
  readonly factsByBlob: FactsByBlob;
  /** What came to it since it was cut back. */
  readonly learned: Set<Oid>;
  /** Reads of the index go one after the other: what one has read the next one need not. */
  readonly reads: OneByOne;
  /** What was read last; null before. */
  last: { readonly read: ReadFiles; readonly index: Index; readonly baseline: Oid | null } | null;
  /** Where the base and the own branches were last seen, by their full names; null before. Replaced, never changed. */
  seen: ReadonlyMap<string, SeenRef> | null;
  /** What is known of the base's history; null before. */
  line: BaseLine | null;
  /** Remembers what the last index was joined from; null before the first. */
  indexer: Indexer | null;
  /** What waits to be opened or confirmed, by the short name of its branch. */
  readonly waiting: Map<string, Waiting>;
  /** Open pull requests that may be merged without a person, by the short name of their branch. */
  readonly toMerge: Map<string, MergeCandidate>;
  /** What was reported on the base's commits when that was asked last, epoch milliseconds; null before. */
  delivered: { readonly head: Oid; readonly at: number; readonly commits: readonly DeliveredCommit[] } | null;
  /** Whether earlier commits of the base hold a refresh. */
  readonly holds: Map<string, boolean>;
}

/** Where a ref is, and since when this process has seen it there, epoch milliseconds. */
export interface SeenRef {
  readonly oid: Oid;
  readonly since: number;
  /** A writer of this process has pushed it, and leaves it to whichever of them comes first. */
  readonly isFree?: true;
}

/** The last push of one writer to a ref; times in epoch milliseconds. */
export interface OwnPush {
  readonly oid: Oid;
  readonly at: number;
  /** When it may open a pull request of it. */
  readonly opensAt: number;
  /** How many in a row took over what another had left, and came to no pull request. */
  readonly takeOvers: number;
}

/** An open pull request that was read back with what is to be merged at its head. */
export interface MergeCandidate {
  readonly number: number;
  readonly url: string;
  readonly head: Oid;
  readonly tip: 'ours' | 'shared';
  /** Of stage two: how it is known that all of what it restarts for was applied. */
  readonly evidence: 'status' | 'settled';
  readonly isUrgent: boolean;
  /** Since when it has its content, epoch milliseconds. */
  readonly since: number;
  /** When it is worth to look again, epoch milliseconds. */
  readonly nextLookAt: number;
}

/** What is to be opened, as far as that decides when. */
export interface OpeningWork {
  readonly objects: number;
  readonly isUrgent: boolean;
  /** The time of its commit, epoch milliseconds: who waits longest comes first. */
  readonly since: number;
}

/** Something that waits, as it was last judged. */
export interface Waiting extends OpeningWork {
  readonly wait: Wait;
}

/** What one entry of a snapshot is to an index. */
export type EntrySays =
  | { readonly kind: 'file'; readonly file: IndexedFile }
  | { readonly kind: 'problem'; readonly problem: FileProblem }
  | { readonly kind: 'nothing' };

/** Everything that the files of a snapshot say, before it is joined. */
export interface ReadFiles {
  readonly entries: readonly TreeEntry[];
  /** What each of the entries says, in their order. */
  readonly says: readonly EntrySays[];
  readonly files: readonly IndexedFile[];
  readonly problems: readonly FileProblem[];
}

/** Nothing was read yet, but for what these blobs say. */
export function newMemory(known: ReadonlyMap<Oid, BlobFacts> = new Map()): BranchMemory {
  return {
    factsByBlob: new Map(known),
    learned: new Set(),
    reads: createOneByOne(),
    last: null,
    seen: null,
    line: null,
    indexer: null,
    waiting: new Map(),
    toMerge: new Map(),
    delivered: null,
    holds: new Map(),
  };
}

/** One base branch of one repository, with everything that is needed to serve it. */
export interface ServedBranch {
  /** `<repository>@<base>`, for logs and outcomes. */
  readonly name: string;
  readonly workspace: Workspace;
  readonly forge: Forge;
  /** Who else is the author of our commits: the login that the code host puts there. Null, or left out: nobody. */
  readonly hostAuthor?: (signal: AbortSignal) => Promise<string | null>;
  /** Null in event mode: AWS may not be asked, and only events that name a version act. */
  readonly secretVersions: SecretVersions | null;
  readonly reader: ManifestReader;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly settings: BranchSettings;
  readonly memory: BranchMemory;
  /**
   * What this writer, one of those that a process has at work on the branch, has pushed itself, by the refs' full names: it opens
   * the pull requests of that.
   */
  readonly pushed: Map<string, OwnPush>;
  /** Where what was read is kept for the next process; left out: nowhere. */
  readonly kept?: KeptBranch;
}

/** What is kept of a branch, and what this process knows of it. */
export interface KeptBranch {
  readonly cache: IndexCache;
  readonly key: IndexKey;
  readonly state: {
    /** Whether something is kept, and when it is in the memory; null before anybody asked for it. */
    recall: { readonly isFound: Promise<boolean>; readonly whole: Promise<void> } | null;
    /** The commit that was read last; null before. */
    head: Oid | null;
    /** What the cache holds, as far as it is known. */
    saved: { readonly head: Oid; readonly oids: readonly Oid[] } | null;
    /** That it cannot be kept was told. */
    isTold: boolean;
  };
}

export interface BranchSettings {
  readonly instance: string;
  readonly branchPrefix: string;
  readonly base: string;
  /** How many base branches of this repository are served. */
  readonly bases: number;
  readonly scope: Scope;
  readonly accounts: readonly AllowedAccount[];
  /** Which account and region stores and paths stand for. */
  readonly bindings: Bindings;
  /** What Applications and Flux Kustomizations of this branch name as their source. */
  readonly origin?: RepositoryOrigin;
  /** How long after its merge a refresh counts as applied, where nothing else says so. */
  readonly settleMilliseconds: number;
  /** What else says that it was applied. */
  readonly evidence: EvidencePolicy;
  readonly author: Person;
  /** Who merges. */
  readonly merge: MergePolicy;
  /** When a branch of the same content is put on the base's new head. */
  readonly rebaseWhen: RebaseWhen;
  /** Whether a baseline is proposed for what has none; left out: it is. */
  readonly baseline?: BaselineMode;
  /** How many pull requests there may be, and when they may be opened. */
  readonly limits: Limits;
  readonly windows: Windows;
  /** True for a secret whose changes do not wait, under one of its names. */
  readonly isUrgentName: (names: readonly string[]) => boolean;
  /** People's templates; left out: our own words. */
  readonly templates?: Templates;
  readonly pullRequest: {
    readonly draft: boolean;
    readonly labels: readonly string[];
    readonly assignees: readonly string[];
    readonly reviewers: readonly string[];
    readonly teamReviewers: readonly string[];
  };
}

/** The same branch for one more writer of this process. */
export function forWriter(served: ServedBranch): ServedBranch {
  return { ...served, pushed: new Map() };
}

/** Whether AWS tells what a find finds. */
export function findsOf({ secretVersions }: Pick<ServedBranch, 'secretVersions'>): Finds {
  return secretVersions === null ? 'open' : 'told';
}

/** The configured base is not there. */
export function missingBase({ name }: ServedBranch): Failure {
  return new Failure(`${name}: the repository has no such branch`, {
    code: 'git-missing',
    retry: 'never',
    hint: 'See spec.repositories[].branches[].base.',
  });
}
