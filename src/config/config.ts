import type { Grouping } from '../domain/grouping/grouping.ts';
import type { EvidencePolicy } from '../domain/life/evidence-policy.ts';
import type { MergePolicy } from '../domain/life/merge-policy.ts';
import type { Limits, Windows } from '../domain/life/opening-policy.ts';
import type {
  AllowedAccount,
  BaselineMode,
  Bindings,
  CredentialPlace,
  Destination,
  KustomizeMode,
  Order,
  Pin,
  RebaseWhen,
  RestartPolicy,
} from '../domain/policy.ts';
import type { Problem } from '../domain/problem.ts';

/**
 * Room `config`: text → Config, or every problem at once with its place. It knows the YAML that operators write, in our own
 * format and in ESO Reloader's, and the tables of keys; it opens no file, reads no environment and never holds a
 * credential, only where one is.
 *
 * A Config is complete: what the text leaves out has its default, and nothing in it is optional.
 */
export interface Config {
  /** Keeps two installations on one repository apart; part of every branch name. */
  readonly instance: string;
  /** True stops all writing. */
  readonly paused: boolean;
  readonly sources: readonly Source[];
  /** Entries of one kind are ORed. */
  readonly destinations: readonly Destination[];
  readonly aws: AwsConfig;
  /** Empty only where ESO Reloader's documents stand alone: they cannot name one. */
  readonly repositories: readonly Repository[];
  readonly coalesce: {
    readonly windowMilliseconds: number;
    readonly capMilliseconds: number;
    /** RE2 patterns on names of secrets whose changes do not wait; anywhere in the name. */
    readonly urgent: readonly string[];
  };
  readonly reconcile: {
    /** False: only by command. */
    readonly isAutomatic: boolean;
    readonly intervalMilliseconds: number;
    readonly baseline: BaselineMode;
  };
  readonly git: GitConfig;
  readonly cache: CacheConfig;
  readonly network: NetworkConfig;
  readonly sweep: { readonly intervalMilliseconds: number };
  readonly status: StatusConfig;
  /** Where mounted secrets lie: `<secretsDir>/<name>/<key>`. */
  readonly secretsDir: string;
}

/** One queue. */
export interface Source {
  readonly queueUrl: string;
  readonly region: string;
  /** Null: AWS's own address. */
  readonly endpoint: string | null;
  readonly maxNumberOfMessages: number;
  readonly waitTimeSeconds: number;
  /** In seconds. */
  readonly visibilityTimeout: number;
  readonly auth: SourceAuth;
}

export type SourceAuth =
  /** The SDK's own chain: environment, web identity, container, instance. */
  | { readonly authMethod: 'default' }
  | {
      readonly authMethod: 'static';
      readonly accessKeyId: CredentialPlace;
      readonly secretAccessKey: CredentialPlace;
      readonly sessionToken: CredentialPlace | null;
    }
  /** A service account's token and its role: what is named, else the files in `folder`, else what EKS injects. */
  | {
      readonly authMethod: 'serviceAccount';
      /** Holds `token` and `role-arn`. */
      readonly folder: string | null;
      readonly tokenFile: string | null;
      readonly role: string | null;
    };

export interface AwsConfig {
  readonly accounts: readonly Account[];
  /** Who describes secrets and assumes the accounts' roles. */
  readonly auth: SourceAuth;
  readonly endpoints: {
    readonly sqs: string | null;
    readonly secretsManager: string | null;
    readonly parameterStore: string | null;
    readonly sts: string | null;
  };
  /** `describe` asks AWS which version is current; `event` believes events that name a version. */
  readonly truth: Truth;
}

/** Where health and metrics are served. */
export interface StatusConfig {
  readonly host: string;
  /** 0: chosen by the system. */
  readonly port: number;
  /** True where the file names the port: then it must be had. */
  readonly isPortNamed: boolean;
}

/** The way out for everything that is sent. Null: what the environment says. */
export interface NetworkConfig {
  /** A proxy for everything, without credentials; null also where `proxySecret` names it. */
  readonly proxy: string | null;
  /** Holds the proxy's whole address, with user and password. */
  readonly proxySecret: CredentialPlace | null;
  /** Hosts that are asked directly. */
  readonly noProxy: readonly string[] | null;
  /** Authorities beside those that Node knows. Null: none. */
  readonly caFile: string | null;
}

/** How Git hosts are spoken to. */
export interface GitConfig {
  readonly transport: Transport;
  /** Where `isomorphic` keeps objects while it runs. Null: the system's temporary folder. */
  readonly cacheDir: string | null;
}

/** What is kept of repositories between two lives of the process. */
export interface CacheConfig {
  /** Null: nothing. */
  readonly directory: string | null;
}

export const TRANSPORTS = ['direct', 'isomorphic'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export const TRUTHS = ['describe', 'event'] as const;
export type Truth = (typeof TRUTHS)[number];

/** An allowed account, and the role to describe its secrets with; null: the process's own identity. */
export interface Account extends AllowedAccount {
  readonly role: string | null;
  /** Assumed one after the other before `role`, each by the one before it. */
  readonly additionalRoles: readonly string[];
  readonly externalId: string | null;
}

export interface Repository {
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
  readonly forge: ForgeConfig;
  readonly branches: readonly Branch[];
  readonly bindings: Bindings;
  readonly group: Pick<Grouping, 'paths'>;
  readonly groups: Grouping['named'];
  readonly restart: RestartPolicy;
  /** Own branches are named `<branchPrefix>/<instance>/…`. */
  readonly branchPrefix: string;
  readonly pullRequest: {
    readonly labels: readonly string[];
    readonly assignees: readonly string[];
    readonly reviewers: readonly string[];
    readonly teamReviewers: readonly string[];
    readonly draft: boolean;
    readonly rebaseWhen: RebaseWhen;
    /** Templates; null: our own words. */
    readonly title: string | null;
    readonly body: string | null;
    /** Holds the body's template, below the folder of the file that names it. Whoever reads it puts it into `body`. */
    readonly bodyFile: string | null;
  };
  readonly commit: CommitConfig;
  /** Told to the Git host beside every push, where it takes them. */
  readonly pushOptions: readonly string[];
}

export interface CommitConfig {
  readonly author: { readonly name: string; readonly email: string };
  /** A template of its first line; null: our own words. */
  readonly subject: string | null;
  /** Who makes commits: we do and push them, or the code host does. */
  readonly via: 'git' | 'api';
  /** Null: commits of our own are not signed. */
  readonly signing: SigningConfig | null;
}

export interface SigningConfig {
  readonly format: 'openpgp' | 'ssh';
  readonly key: CredentialPlace;
  /** Null: the key has none. */
  readonly passphrase: CredentialPlace | null;
}

export interface ForgeConfig {
  readonly type: 'github';
  readonly apiUrl: string;
  readonly owner: string;
  readonly repository: string;
  /** The same credential serves Git and the API. */
  readonly auth: ForgeAuth;
}

export type ForgeAuth =
  | { readonly kind: 'token'; readonly token: CredentialPlace }
  | {
      readonly kind: 'app';
      readonly appId: string;
      /** Null: looked up for the repository. */
      readonly installationId: string | null;
      readonly privateKey: CredentialPlace;
    };

/** One base branch and what may be touched on it. Patterns know `*`, `?` and `**`; empty `paths` means everything. */
export interface Branch {
  readonly base: string;
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly order: Order;
  /** What is written into an ExternalSecret besides its token. */
  readonly pin: Pin;
  /** What becomes of manifests that several overlays include. */
  readonly kustomize: KustomizeMode;
  /** How long after its merge a refresh counts as applied. */
  readonly settleMilliseconds: number;
  /** What says so sooner, or more surely. */
  readonly evidence: EvidencePolicy;
  /** Null: as its repository says. */
  readonly group: Pick<Grouping, 'paths'> | null;
  /** Its own, else those of the repository. */
  readonly limits: Limits;
  readonly windows: Windows;
  readonly merge: MergePolicy;
}

/** Notices name keys that are accepted but have no effect in this version; problems make the text unusable. */
export type LoadedConfig =
  | {
      readonly kind: 'config';
      readonly config: Config;
      readonly notices: readonly Problem[];
      /** The file with the document of our own format; null where there is none. */
      readonly ownFile: string | null;
    }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };
