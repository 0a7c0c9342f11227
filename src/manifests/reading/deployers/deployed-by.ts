/** One Argo CD Application or Flux Kustomization that deploys an object, in words, and whether it applies what is merged. */
export interface DeployedBy {
  readonly name: string;
  readonly state: 'automatic' | 'manual' | 'suspended';
  /** What it waits for before it applies the next thing. */
  readonly gate?: Gate;
}

/** The annotations by which Argo CD orders what it applies. */
export const ORDERING: readonly string[] = [
  'argocd.argoproj.io/sync-wave',
  'argocd.argoproj.io/hook',
  'helm.sh/hook',
  'helm.sh/hook-weight',
];

/** What tells whether one object is applied only after another one is healthy. */
export type Gate =
  /** Within one Application sync waves order. `application`: the same for all of its sources, and for no other one. */
  { readonly kind: 'argo-cd'; readonly application: string } | FluxGate;

export interface FluxGate {
  readonly kind: 'flux';
  /** How `dependsOn` of another one would name it. */
  readonly id: { readonly namespace: string | null; readonly name: string };
  /** The names of all that it waits for at the same commit, directly or through others. */
  readonly after: readonly string[];
  /** Which of its objects have to be healthy before it is ready: all, or the ExternalSecrets that `healthChecks` names. */
  readonly waits: 'all' | readonly { readonly namespace: string | null; readonly name: string }[];
  /** Whether its `healthCheckExprs` compare when an ExternalSecret was refreshed with what its token asks for. */
  readonly isAware: boolean;
}
