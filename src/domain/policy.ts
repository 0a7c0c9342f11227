/** Which bumps go into which stage. PRODUCT rule: refresh first, then restart. */
export const ORDERS = ['staged', 'refreshOnly', 'together'] as const;
export type Order = (typeof ORDERS)[number];

/** 1 refreshes ExternalSecrets (and announces restarts), 2 restarts workloads. */
export type Stage = 1 | 2;

/** Workload kinds that are restarted by a pod-template annotation. */
export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** The annotations that are written, and the ones people write to steer us. */
export const FORCE_SYNC = 'force-sync';
export const RESTART_DUE = 'gitops-reloader.dev/restart-due';
export const SECRET_VERSIONS = 'gitops-reloader.dev/secret-versions';
export const IGNORE = 'gitops-reloader.dev/ignore';

/** One allowed AWS account: nothing outside this list is ever asked for or acted on. */
export interface AllowedAccount {
  readonly id: string;
  readonly regions: readonly string[];
}

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
