import type { ArgoHealth } from './reading/deployers/argo-health.ts';

/** What a document changes when Kustomize uses it as a patch. */
export interface PatchFacts {
  /** What it says that it is for; empty for a list of operations, and left out where it says none. */
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
  /** Of an ExternalSecret: what and how it fetches, or our annotations. Of a workload: our annotations. */
  readonly touches: { readonly externalSecret: boolean; readonly workload: boolean };
  /**
   * As JSON, what is to be carried out: `merge` and the `namespace` it is for, or `operations`; of a workload what is about
   * Secrets alone. Left out where it is too large to be kept.
   */
  readonly change?: string;
  /** True where our annotations are among it: whoever changes them in the manifest changes nothing. */
  readonly isOurs?: boolean;
  /** How many pods it gives a workload: null where that is not told. Left out where it says nothing of that. */
  readonly replicas?: number | null;
}

/** Which objects a patch or a replacement selects; null and what is left out stand for all. Patches match the whole text as RE2 patterns. */
export interface KustomizeSelector {
  readonly kind: string | null;
  readonly name: string | null;
  readonly group?: string;
  readonly version?: string;
  readonly namespace?: string;
  /** Label selectors as Kubernetes writes them: `app=web,!legacy`. */
  readonly labels?: string;
  readonly annotations?: string;
}

/** One patch of a kustomization: a file, or what its inline text changes. */
export interface KustomizePatch {
  readonly path: string | null;
  /** Null where each document of the patch says itself what it is for. */
  readonly target: KustomizeSelector | null;
  readonly changes: readonly PatchFacts[];
  /** Whether it comes before the kustomization names its objects and sets their namespace and labels, or after. */
  readonly phase: 'before-names' | 'after-names';
  /** True where it may change names or kinds: then nobody can tell what it makes of an object. */
  readonly renames?: boolean;
}

/** Fields that a Kustomize replacement fills in: `spec.data.0.remoteRef.key`. */
export interface ReplacementFacts {
  readonly select: KustomizeSelector;
  readonly reject: readonly KustomizeSelector[];
  readonly fields: readonly string[];
  readonly options: ReplacementOptions & { readonly isCreated: boolean };
  /** Null where it cannot be told. */
  readonly source: ReplacementSource | null;
}

/** Which part of a text is meant: all of it where there is no delimiter. */
export interface ReplacementOptions {
  readonly delimiter: string;
  readonly index: number;
}

/** Where the value of a replacement comes from; of `select`, the name is no pattern. */
export interface ReplacementSource {
  readonly select: KustomizeSelector;
  readonly field: string;
  readonly options: ReplacementOptions;
}

/** A ConfigMap, by what replacements may take from it: its short values. */
export interface ConfigMapFacts {
  readonly name: string;
  readonly namespace: string | null;
  /** Its labels, annotations and data as JSON. */
  readonly content: string;
  /** What it says of Argo CD's check for ExternalSecrets. */
  readonly argoHealth: ArgoHealth;
}

/** A ConfigMap that a kustomization makes, or adds to one that is there. */
export interface GeneratedConfigMap {
  readonly name: string;
  readonly namespace: string | null;
  readonly behavior: 'create' | 'merge' | 'replace';
  /** Null where files say what is in it. */
  readonly literals: ReadonlyMap<string, string> | null;
}

/** A Secret that a kustomization generates. */
export interface GeneratedSecret {
  readonly name: string;
  readonly namespace: string | null;
  /** Whether a hash of its content is put behind its name. */
  readonly isHashed: boolean;
}

/** An entry of `replicas`: how many pods the workloads of a name have. */
export interface ReplicaCount {
  readonly name: string;
  readonly count: number | null;
}

/** What a kustomization changes in what it includes. */
export interface KustomizationChanges {
  /** In the order in which Kustomize applies them. */
  readonly patches: readonly KustomizePatch[];
  /** What it puts before and after each name; empty where it does not. */
  readonly prefix: string;
  readonly suffix: string;
  readonly replacements: readonly ReplacementFacts[];
  /** Files with more replacements, as written. */
  readonly replacementFiles: readonly string[];
  /** `commonLabels` and `labels`: what it adds to the labels of each object. */
  readonly addedLabels: ReadonlyMap<string, string>;
  readonly generates: readonly GeneratedConfigMap[];
  /** Left out where there are none, like `secrets`: those that its `secretGenerator` makes. */
  readonly replicas?: readonly ReplicaCount[];
  readonly secrets?: readonly GeneratedSecret[];
}
