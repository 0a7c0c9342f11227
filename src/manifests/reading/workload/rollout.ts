import type { RepoPath } from '../../../domain/repo-path.ts';

/** What decides whether a changed pod template, or `restartAt`, replaces pods. */
export interface RolloutFacts {
  /** Null where it is not written, or not as a number. */
  readonly replicas: number | null;
  /** `spec.paused` of a Deployment or a Rollout. */
  readonly isPaused: boolean;
  /** `OnDelete` of a StatefulSet or a DaemonSet. */
  readonly isOnDelete: boolean;
  /** A StatefulSet replaces only pods from this number on. */
  readonly partition: number;
  /** A Rollout's `spec.restartAt`, as it is written. */
  readonly restartAt: string | null;
  /** The object whose pod template a Rollout takes. */
  readonly workloadRef: { readonly kind: string; readonly name: string } | null;
}

/** How many pods one deployment of a workload has. */
export interface Scaled {
  /** The outermost kustomization of that deployment; null where none includes it. */
  readonly root: RepoPath | null;
  /** The kustomization or patch file that says it; null where the manifest does. */
  readonly by: RepoPath | null;
  /** Null where it is not told. */
  readonly count: number | null;
}

/** A Secret that a workload names, and whose name Kustomize makes that of a generated one. */
export interface TakenOver {
  readonly name: string;
  /** The kustomization with the generator. */
  readonly by: RepoPath;
}
