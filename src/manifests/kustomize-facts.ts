/** What a document changes when Kustomize uses it as a patch. */
export interface PatchFacts {
  /** Its own kind and name; empty for a list of operations. */
  readonly kind: string;
  readonly name: string;
  /** Of an ExternalSecret: what and how it fetches, or our annotations. Of a workload: our annotations. */
  readonly touches: { readonly externalSecret: boolean; readonly workload: boolean };
  /**
   * As JSON, what it makes of an ExternalSecret's specification: `merge` and the `namespace` it is for, or `operations`. Left out
   * where it changes our annotations, or is too large to be kept.
   */
  readonly change?: string;
  /** How many pods it gives a workload: null where that is not told. Left out where it says nothing of that. */
  readonly replicas?: number | null;
}

/** An entry of `replicas`: how many pods the workloads of a name have. */
export interface ReplicaCount {
  readonly name: string;
  readonly count: number | null;
}

/** A Secret that a kustomization generates. */
export interface GeneratedSecret {
  readonly name: string;
  readonly namespace: string | null;
  /** Whether a hash of its content is put behind its name. */
  readonly isHashed: boolean;
}

/** Which objects a patch or a replacement selects; null stands for all. Patches match the whole text as RE2 patterns. */
export interface KustomizeSelector {
  readonly kind: string | null;
  readonly name: string | null;
}

/** One patch of a kustomization: a file, or what its inline text changes. */
export interface KustomizePatch {
  readonly path: string | null;
  /** Null where each document of the patch says itself what it is for. */
  readonly target: KustomizeSelector | null;
  /** `by-more`: labels, annotations or the like decide, too. */
  readonly selects: 'by-name' | 'by-more';
  readonly changes: readonly PatchFacts[];
}

/** Fields that a Kustomize replacement fills in: `spec.data.0.remoteRef.key`. */
export interface ReplacementFacts {
  readonly select: KustomizeSelector;
  readonly fields: readonly string[];
}
