/** Which bumps go into which stage. PRODUCT rule: refresh first, then restart. */
export const ORDERS = ['staged', 'gated', 'refreshOnly', 'together'] as const;
export type Order = (typeof ORDERS)[number];

/**
 * What becomes of a manifest that several overlays include. `base`: it is edited itself where it means the same in all of them,
 * else in each overlay. `overlay`: always in each overlay. `skip`: nowhere.
 */
export const KUSTOMIZE_MODES = ['base', 'overlay', 'skip'] as const;
export type KustomizeMode = (typeof KUSTOMIZE_MODES)[number];

/**
 * What of a rotation is written into an ExternalSecret besides its token. `version`: `remoteRef.version` names the VersionId, so
 * that the merge is what lets it in. `name`: the Secret gets a new name as well, and what uses it names that.
 */
export const PINS = ['none', 'version', 'name'] as const;
export type Pin = (typeof PINS)[number];

/** When the branch of an open pull request is made anew on the base's head although its content stays the same. */
export const REBASE_WHEN = ['conflicted', 'behind', 'never'] as const;

export type RebaseWhen = (typeof REBASE_WHEN)[number];

/** Whether a baseline is proposed for objects that have none. */
export const BASELINE_MODES = ['propose', 'none'] as const;
export type BaselineMode = (typeof BASELINE_MODES)[number];

/** 1 refreshes ExternalSecrets (and announces restarts), 2 restarts workloads. */
export type Stage = 1 | 2;

/** Workload kinds that are restarted, by a pod-template annotation or (a Rollout) by `spec.restartAt`. */
export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** The annotations that are written, and the ones people write to steer us. */
export const FORCE_SYNC = 'force-sync';
/** The one annotation that a ClusterExternalSecret passes on to the ExternalSecrets it makes. */
export const CLUSTER_FORCE_SYNC = 'external-secrets.io/force-sync';
export const RESTART_DUE = 'gitops-reloader.dev/restart-due';
export const SECRET_VERSIONS = 'gitops-reloader.dev/secret-versions';
export const IGNORE = 'gitops-reloader.dev/ignore';
export const URGENT = 'gitops-reloader.dev/urgent';
export const ORDER = 'gitops-reloader.dev/order';
export const PIN = 'gitops-reloader.dev/pin';
export const RESTART = 'gitops-reloader.dev/restart';
export const GROUP = 'gitops-reloader.dev/group';

/** The annotation that holds the token of an object of this kind. */
export function syncAnnotation(kind: string): string {
  return kind === 'ClusterExternalSecret' ? CLUSTER_FORCE_SYNC : FORCE_SYNC;
}

/** True for an annotation that holds a token of secrets. */
export function isSyncAnnotation(annotation: string): boolean {
  return annotation === FORCE_SYNC || annotation === CLUSTER_FORCE_SYNC;
}

/** True for the kinds that are refreshed; what else is edited is a workload. */
export function isRefreshedKind(kind: string): boolean {
  return ['ExternalSecret', 'ClusterExternalSecret', 'RefreshMarker'].includes(kind);
}

/** What the annotations of one object ask for. */
export interface Steering {
  readonly isIgnored: boolean;
  /** The object's own order, before that of its path and repository; null where it says none. */
  readonly order: Order | null;
  /** Of an ExternalSecret: its own pin, before that of its branch; left out where it says none. */
  readonly pin?: Pin;
  /** False leaves a workload alone; on an ExternalSecret, all that it feeds. */
  readonly restarts: boolean;
  /** ExternalSecrets of one group name are one group; null where it says none. */
  readonly group: string | null;
  /** The first that says nothing we know: what is meant is not guessed. */
  readonly wrong: { readonly annotation: string; readonly line: number; readonly allowed: string } | null;
}

/** How a pod takes a Secret: the ways that can be chosen to restart for. */
export const SECRET_USES = ['env', 'envFrom', 'volumes'] as const;
export type ChosenUse = (typeof SECRET_USES)[number];

/** A kind of workload that only the configuration knows, and where its pod template stands. */
export interface TemplateKind {
  readonly group: string;
  readonly kind: string;
  readonly template: readonly string[];
}

/** Which workloads restart, and how. */
export interface RestartPolicy {
  readonly on: readonly ChosenUse[];
  /** `template` goes through the Rollout's own strategy; `restartAt` replaces its pods in place. */
  readonly rollout: 'template' | 'restartAt';
  /** Which workloads Stakater Reloader restarts in the cluster: those annotated for it, or all. */
  readonly reloader: 'annotated' | 'autoAll';
  /** What that means for ours. */
  readonly whenReloader: 'skip' | 'both';
  readonly kinds: readonly TemplateKind[];
}

/** What holds where the configuration says nothing. */
export const RESTART_DEFAULTS: RestartPolicy = {
  on: SECRET_USES,
  rollout: 'template',
  reloader: 'annotated',
  whenReloader: 'skip',
  kinds: [],
};

/** One allowed AWS account: nothing outside this list is ever asked for or acted on. */
export interface AllowedAccount {
  readonly id: string;
  readonly regions: readonly string[];
  /**
   * Only where no configuration lists the accounts: it is one that the repository or the command line names, or stands for one
   * that nobody does.
   */
  readonly assumed?: 'named' | 'unnamed';
}

/** Which account and region a store stands for, whatever its manifest leaves open. */
export interface StoreBinding {
  readonly kind: string;
  readonly name: string;
  /** For a SecretStore; null binds the name in every namespace. */
  readonly namespace: string | null;
  readonly account: string;
  readonly region: string;
}

/** Which account and region the files under a path stand for, where neither key nor store says it. */
export interface PathBinding {
  /** A glob pattern as in `paths` of a branch. */
  readonly path: string;
  readonly account: string;
  readonly region: string;
}

/** Workloads of one kind that an operator names: by name, or by labels. */
export interface MappedWorkload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** A secret whose change restarts workloads that no manifest connects with it. */
export interface Mapping {
  /** A name or an ARN. */
  readonly secret: string;
  /** Null where the ARN says it, or only one place is allowed. */
  readonly account: string | null;
  readonly region: string | null;
  readonly workloads: readonly MappedWorkload[];
}

/** Where secrets live, as the configuration says; the first path that matches decides. */
export interface Bindings {
  readonly stores: readonly StoreBinding[];
  readonly paths: readonly PathBinding[];
  /** What a store that is not in the repository and not bound means: the only allowed account, or nothing of ours. */
  readonly unknownStore: 'match' | 'ignore';
  /** Secrets that restart workloads without any manifest's saying so. */
  readonly mappings?: readonly Mapping[];
}

/** Which places secrets may be in, and how what a repository leaves open is decided. From the configuration alone. */
export interface SecretPlaces {
  readonly accounts: readonly AllowedAccount[];
  readonly bindings: Bindings;
  /** Left out where nobody says which repository it is: a local checkout. */
  readonly origin?: RepositoryOrigin;
}

/** The address of a repository and its base branch, as the configuration has them. */
export interface RepositoryOrigin {
  readonly url: string;
  readonly base: string;
}

/** No bindings: what the manifests and the allowed accounts say. */
export const NO_BINDINGS: Bindings = { stores: [], paths: [], unknownStore: 'match' };

/** A Kubernetes label selector, as `destinationsToWatch` holds it. */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values: readonly string[];
  }[];
}

/** One kind that may be touched, and which objects of it. Empty lists match everything. */
export interface Destination {
  readonly kind: 'ExternalSecret' | WorkloadKind;
  readonly names: readonly string[];
  readonly namespaces: readonly string[];
  readonly labels: LabelSelector;
}

/** Where a credential is; never the credential. Read at the moment it is used, so that a replaced file takes effect. */
export type CredentialPlace =
  | { readonly kind: 'env'; readonly name: string }
  /** A full path. */
  | { readonly kind: 'file'; readonly path: string };
