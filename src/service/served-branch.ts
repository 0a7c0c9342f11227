import { Failure } from '../domain/failure.ts';
import type { AllowedAccount, Bindings, RebaseWhen, RepositoryOrigin } from '../domain/policy.ts';
import type { Oid } from '../domain/repo-path.ts';
import type { IndexedFile } from '../manifests/build-index.ts';
import type { FileProblem, Index } from '../manifests/graph.ts';
import type { Finds } from '../manifests/indexing/possible-use.ts';
import type { BlobFacts } from '../manifests/objects.ts';
import type { Scope } from '../plan/scope.ts';
import type { Clock, Forge, Log, Meter, Person, SecretVersions, Workspace } from '../ports.ts';
import type { Templates } from '../words/templates/say-proposal.ts';

/** What each blob says, by blob id: a blob is parsed once, however many commits hold it. */
export type FactsByBlob = Map<Oid, BlobFacts>;

/** What a process remembers of a base branch: nothing that it could not read again. */
export interface BranchMemory {
  /** Filled by each read of the index, and cut back to what that one used. */
  readonly factsByBlob: FactsByBlob;
  /** What was read last; null before. */
  last: { readonly read: ReadFiles; readonly index: Index } | null;
}

/** Everything that the files of a snapshot say, before it is joined. */
export interface ReadFiles {
  readonly files: readonly IndexedFile[];
  readonly problems: readonly FileProblem[];
}

/** Nothing was read yet, but for what these blobs say. */
export function newMemory(known: ReadonlyMap<Oid, BlobFacts> = new Map()): BranchMemory {
  return { factsByBlob: new Map(known), last: null };
}

/** One base branch of one repository, with everything that is needed to serve it. */
export interface ServedBranch {
  /** `<repository>@<base>`, for logs and outcomes. */
  readonly name: string;
  readonly workspace: Workspace;
  readonly forge: Forge;
  /** Null in event mode: AWS may not be asked, and only events that name a version act. */
  readonly secretVersions: SecretVersions | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly settings: BranchSettings;
  readonly memory: BranchMemory;
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
  readonly author: Person;
  /** When a branch of the same content is put on the base's new head. */
  readonly rebaseWhen: RebaseWhen;
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
