import type { FindFilter } from '../domain/find/find-filter.ts';
import type { LabelSelector, Steering } from '../domain/policy.ts';
import type { RepoPath } from '../domain/repo-path.ts';
import type { SecretPlace } from '../domain/secret-id.ts';
import type { ConfigMapFacts, KustomizationChanges, PatchFacts, ReplacementFacts } from './kustomize-facts.ts';
import type { DeployedBy } from './reading/deployers/deployed-by.ts';
import type { RolloutFacts, Scaled, TakenOver } from './reading/workload/rollout.ts';

/**
 * Room `manifests`: what a repository says (read, index) and how to change it exactly (edit). The only room that knows
 * YAML manifests. It knows nothing of events, versions in AWS, branches or pull requests.
 *
 * This file holds the facts read from one blob. They depend on the blob's bytes alone, so they can be kept by blob id.
 */
export interface ObjectFacts {
  /** Which YAML document of the file, from 0, and which item where the document is a `kind: List` (else null). */
  readonly document: number;
  readonly item: number | null;
  /** The line of the object's first key, from 1. */
  readonly line: number;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/**
 * The scalar that an inline marker marks. A refresh marker is read as an object that fetches one secret and has its token, a
 * restart marker as a workload: what holds for those holds for these.
 */
export interface MarkedScalar {
  /** The way to it from the document's root: keys of maps, and positions in lists. */
  readonly keys: readonly (string | number)[];
  /** Of a restart marker: the names of the refresh markers in its file that it follows, each with its document. */
  readonly follows: readonly { readonly document: number; readonly name: string }[];
}

/** Which versions of a secret a reference follows. */
export type Follows =
  | { readonly kind: 'label'; readonly label: string }
  /** `uuid/<VersionId>`, or the number of a parameter's version: pinned, never bumped. */
  | { readonly kind: 'pinned'; readonly versionId: string }
  /** A label of a parameter: AWS tells which version carries it only together with values. */
  | { readonly kind: 'parameter-label'; readonly label: string }
  /** `metadataPolicy: Fetch`: follows the secret's tags, not its versions. */
  | { readonly kind: 'tags' };

export interface StoreRef {
  readonly kind: string;
  readonly name: string;
}

/** One place where an ExternalSecret names a remote key. */
export interface SecretReference {
  readonly kind: 'key' | 'find';
  /** Where it stands, as people write it: `spec.data[0].remoteRef`. */
  readonly field: string;
  readonly line: number;
  /** The key as written; for `find` a readable description of what it looks for. */
  readonly key: string;
  /** For `find`: what it looks for. */
  readonly find: FindFilter | null;
  /** In the index as its service reads `version`; before that as Secrets Manager does. */
  readonly follows: Follows;
  /** `version` as written; empty where none is. */
  readonly version: string;
  /** The entry's own store, else the object's; null when neither is named. */
  readonly store: StoreRef | null;
  /** What a marker says itself: which service, and where, if it does. No store is asked for it, unless it names one. */
  readonly said?: { readonly service: 'secretsmanager' | 'ssm' | null; readonly place: SecretPlace | null };
}

/** Which namespaces a ClusterExternalSecret writes its ExternalSecret into: those named, and those that a selector fits. */
export interface ClusterReach {
  /** `externalSecretName`; null where its own name is taken. */
  readonly childName: string | null;
  readonly namespaces: readonly string[];
  /** Null for a selector that cannot be read: it may fit anything. */
  readonly selectors: readonly (LabelSelector | null)[];
}

/**
 * An object that names secrets: an ExternalSecret, a ClusterExternalSecret, and those that are only reported (PushSecret,
 * ClusterPushSecret, and the ExternalSecret of `kubernetes-client.io`).
 */
export interface ExternalSecretFacts extends ObjectFacts {
  readonly type: 'external-secret';
  /** Only of a ClusterExternalSecret. */
  readonly reach?: ClusterReach;
  /** Only of an object that says itself what others have a store for. */
  readonly ownStore?: NonNullable<StoreFacts['aws']>;
  /** The ClusterExternalSecret that `metadata.ownerReferences` names. */
  readonly owner?: string;
  /** Its specification as JSON, for what patches make of it; left out where it is too large to be kept. */
  readonly spec?: string;
  readonly references: readonly SecretReference[];
  /** `spec.secretStoreRef`: the store of every entry that names none itself. */
  readonly store: StoreRef | null;
  /** True where any entry uses a generator: a refresh would make new credentials. */
  readonly generators: boolean;
  readonly refreshPolicy: string | null;
  readonly refreshInterval: string | null;
  readonly creationPolicy: string | null;
  readonly immutable: boolean;
  /** The Kubernetes Secret it writes: `target.name`, else its own name (in the index with what Kustomize adds to it). */
  readonly targetName: string;
  /** True where `target.name` says it. */
  readonly namesTarget: boolean;
  /** The annotations of that Secret: those of its template where there is one, else its own, which ESO copies. */
  readonly secretAnnotations: ReadonlyMap<string, string>;
  readonly steering: Steering;
  /** Only where it is no object but an inline marker. */
  readonly marker?: MarkedScalar;
}

export interface StoreFacts extends ObjectFacts {
  readonly type: 'store';
  /** As that of an ExternalSecret. */
  readonly spec?: string;
  /** Null when it is not an AWS store. */
  readonly aws: {
    readonly service: string;
    readonly region: string | null;
    /** The account of `role` (or the last of `additionalRoles` where no `role` is given); null when no role says it. */
    readonly account: string | null;
    readonly prefix: string;
  } | null;
}

/** A reference of what has no store: the service that it names itself, empty where it does not. */
export interface SourceReference extends SecretReference {
  readonly service: string;
}

/** A SecretProviderClass or a SecretsRotationMapping: it reaches workloads without any ExternalSecret. */
export interface RestartSourceFacts extends ObjectFacts {
  readonly type: 'restart-source';
  /** As that of an ExternalSecret. */
  readonly spec?: string;
  readonly references: readonly SourceReference[];
  /** Null where it does not say it. */
  readonly region: string | null;
  /** Kubernetes Secrets that the CSI driver writes from a SecretProviderClass. */
  readonly synced: readonly string[];
  /** Of a SecretsRotationMapping: the labels that a workload needs. */
  readonly selects: ReadonlyMap<string, string>;
  readonly steering: Steering;
}

/** A Namespace: its name and labels are those of the object. */
export interface NamespaceFacts extends ObjectFacts {
  readonly type: 'namespace';
}

/** One way in which a pod template names a Kubernetes Secret. */
export interface SecretUse {
  readonly name: string;
  /** `fixedVolume`: a volume whose files stay as they were at the start (by `subPath`, or read by an init container). */
  readonly via: 'env' | 'envFrom' | 'volume' | 'fixedVolume' | 'imagePullSecret';
}

export interface WorkloadFacts extends ObjectFacts {
  readonly type: 'workload';
  /** Kubernetes Secrets that the pod template names, and how. */
  readonly secrets: readonly SecretUse[];
  /** SecretProviderClasses that its volumes mount through the CSI driver; left out where there is none. */
  readonly classes?: readonly SecretUse[];
  /** Where the pod template stands, key by key. */
  readonly template: readonly string[];
  /** Its specification as JSON, as far as it is about Secrets; left out where it is too large to be kept. */
  readonly pods?: string;
  readonly templateAnnotations: ReadonlyMap<string, string>;
  readonly rollout: RolloutFacts;
  /** Only in the index, and where a kustomization says how many pods it has: one for each deployment. */
  readonly scaled?: readonly Scaled[];
  /** Only in the index: the Secrets that it names, and does not get by these names. */
  readonly takenOver?: readonly TakenOver[];
  /** Only in the index, and where kustomizations change which Secrets its pods get, or may. */
  readonly podsPatched?: true;
  readonly steering: Steering;
  /** Only where it is no object but an inline marker. */
  readonly marker?: MarkedScalar;
}

export interface KustomizationFacts extends ObjectFacts, KustomizationChanges {
  readonly type: 'kustomization';
  /** `resources`, `bases` and `components`, as written. `namespace` is the one it sets. */
  readonly includes: readonly string[];
  /** Those of them that also change what includes them. */
  readonly components: readonly string[];
}

/** What deploys folders: Argo CD's Application and ApplicationSet, Flux's Kustomization, and the sources of the latter. */
export interface DeployerFacts extends ObjectFacts {
  readonly type: 'deployer';
  /** Its specification as JSON; null where it is too large to be kept, or cannot be read. */
  readonly spec: string | null;
}

export type Facts =
  | ExternalSecretFacts
  | StoreFacts
  | WorkloadFacts
  | KustomizationFacts
  | NamespaceFacts
  | RestartSourceFacts
  | DeployerFacts;
/** Why a file or an object could not be read; a closed list, shown to people with the message. */
export type UnreadableCode =
  | 'not-yaml'
  | 'helm-template'
  | 'too-large'
  | 'too-costly'
  | 'not-text'
  | 'symlink'
  | 'submodule'
  | 'encrypted'
  | 'duplicate-key'
  | 'malformed'
  | 'unsupported-kind'
  | 'wrong-marker'
  | 'not-utf8-path';

export interface Unreadable {
  readonly code: UnreadableCode;
  readonly message: string;
  readonly line: number | null;
  /** The part of the text that may name a secret; left out: all of it. */
  readonly excerpt?: string;
  /** All keys of secrets that it names, where those are known. */
  readonly keys?: readonly string[];
  /** What to do, where that depends on this very place. */
  readonly hint?: string;
  /** Only where nothing is read of it but what may be a patch: a list of operations, or the inline patches of a kustomization. */
  readonly isPatch?: true;
}

/** Everything one blob says. `text` is kept (bounded) only when something in it could not be read. */
export interface BlobFacts {
  readonly objects: readonly Facts[];
  readonly unreadable: readonly Unreadable[];
  /** What its documents change, should a kustomization use the file as a patch; only what concerns us. */
  readonly patches: readonly PatchFacts[];
  /** The replacements it holds, should a kustomization use it as such a file. */
  readonly replacements: readonly ReplacementFacts[];
  /** Its ConfigMaps, for replacements that take values from them; left out where there is none. */
  readonly configMaps?: readonly ConfigMapFacts[];
  readonly text: string | null;
}

/** Where annotations of an object are written. */
export type EditHome =
  /** In its own manifest, at its path. */
  | { readonly kind: 'manifest' }
  /** In our patch file beside the one outermost kustomization that it is looked at through; its path is that file's. */
  | {
      readonly kind: 'overlay';
      readonly manifest: RepoPath;
      readonly kustomization: RepoPath;
      readonly file: 'there' | 'absent';
    }
  /**
   * Nowhere: several kustomizations include it, and this is why no place is the right one. `kustomization` where it is looked
   * at through that one alone.
   */
  | {
      readonly kind: 'nowhere';
      readonly manifest: RepoPath;
      readonly kustomization?: RepoPath;
      readonly reason: string;
      readonly hint: string;
    };

/** An object with its place in the repository; one that is edited for each overlay alone is there once for each. */
export type Placed<F extends Facts> = F & {
  /** Where it is edited. */
  readonly path: RepoPath;
  readonly editedIn: EditHome;
  /** From the manifest, else from the kustomization that includes it, else from what deploys it; null when nothing says it. */
  readonly resolvedNamespace: string | null;
  /** Kustomizations that nobody else includes and that reach this file; more than one means a shared base. */
  readonly roots: readonly RepoPath[];
  /** The kustomization or patch file that overwrites our annotations on it, or what it fetches; null when none may. */
  readonly patchedBy: RepoPath | null;
  /** What deploys it, each once; left out where nothing here does. */
  readonly deployedBy?: readonly DeployedBy[];
  /** The annotations by which Argo CD orders it, where kustomizations change them; null where that cannot be told. */
  readonly ordering?: ReadonlyMap<string, string> | null;
};

/** Where an object's manifest stands, wherever its annotations are written. */
export function manifestOf({ path, editedIn }: Pick<Placed<Facts>, 'path' | 'editedIn'>): RepoPath {
  return editedIn.kind === 'manifest' ? path : editedIn.manifest;
}
