import { type Grouping, NO_GROUPING } from '../domain/grouping/grouping.ts';
import {
  type Destination,
  IGNORE,
  isRefreshedKind,
  type KustomizeMode,
  type LabelSelector,
  type Order,
  type Pin,
  RESTART_DEFAULTS,
  type RestartPolicy,
  WORKLOAD_KINDS,
} from '../domain/policy.ts';
import { matchesGlob } from '../domain/repo-path.ts';
import { matchesLabels } from '../manifests/indexing/cluster/match-labels.ts';
import { isOnlyReported } from '../manifests/indexing/cluster/only-reported.ts';
import { type ExternalSecretFacts, manifestOf, type Placed, type WorkloadFacts } from '../manifests/objects.ts';
import type { Obstacle } from './plan.ts';

/** Which objects of a repository may be touched, and in which order. From the config, per branch. */
export interface Scope {
  /** Glob patterns (`*` within a segment, `**` across); empty allows every path. */
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly destinations: readonly Destination[];
  readonly order: Order;
  /** Left out: none. */
  readonly pin?: Pin;
  readonly restart: RestartPolicy;
  readonly kustomize: KustomizeMode;
  /** What goes into one pull request. */
  readonly grouping: Grouping;
}

/** Every path and every kind that can be touched: what a plan without a configuration looks at. */
export function everything(order: Order): Scope {
  const labels: LabelSelector = { matchLabels: {}, matchExpressions: [] };
  const kinds = ['ExternalSecret', ...WORKLOAD_KINDS] as const;
  const destinations = kinds.map((kind): Destination => ({ kind, names: [], namespaces: [], labels }));
  const rest = { restart: RESTART_DEFAULTS, kustomize: 'base', grouping: NO_GROUPING } as const;
  return { paths: [], exclude: [], destinations, order, ...rest };
}

/** Why an object is outside the scope; null when it is inside. */
export function outsideScope(
  scope: Scope,
  object: Placed<ExternalSecretFacts> | Placed<WorkloadFacts>,
): Obstacle | null {
  const { isIgnored, wrong } = object.steering;
  if (isIgnored) return { code: 'ignored-by-annotation', reason: `It carries ${IGNORE}: "true".`, hint: null };
  if (wrong !== null) {
    return {
      code: 'wrong-annotation',
      reason: `${wrong.annotation} (${manifestOf(object)}:${wrong.line}) says nothing that can be understood.`,
      hint: `It must be ${wrong.allowed}.`,
    };
  }
  if (!inPaths(scope, object.path) || isExcluded(scope, manifestOf(object))) {
    return {
      code: 'out-of-scope',
      reason: 'Its path is outside the configured paths.',
      hint: 'See spec.repositories[].branches[].paths and exclude.',
    };
  }
  if (!isSelected(scope, object)) {
    return {
      code: 'not-selected',
      reason: `No destination in the configuration selects this ${object.kind}.`,
      hint: 'See spec.destinationsToWatch.',
    };
  }
  if (object.editedIn.kind === 'nowhere') {
    const { reason, hint } = object.editedIn;
    return { code: 'shared-base', reason, hint };
  }
  return whyPatched(object);
}

function whyPatched({ kind, patchedBy }: Placed<ExternalSecretFacts> | Placed<WorkloadFacts>): Obstacle | null {
  if (patchedBy === null) return null;
  const what = isRefreshedKind(kind) ? 'its annotations or what it fetches' : 'its annotations';
  return {
    code: 'patched',
    reason: `Kustomize overwrites ${what}: ${patchedBy}.`,
    hint: 'Move them out of the patch, or bump the patch by hand.',
  };
}

function inPaths(scope: Scope, path: string): boolean {
  const included = scope.paths.length === 0 || scope.paths.some((pattern) => matchesGlob(pattern, path));
  return included && !isExcluded(scope, path);
}

function isExcluded({ exclude }: Scope, path: string): boolean {
  return exclude.some((pattern) => matchesGlob(pattern, path));
}

/** What is only reported is never touched, and a marker is asked for where it stands: no destination has to select them. */
function isSelected(scope: Scope, object: Placed<ExternalSecretFacts> | Placed<WorkloadFacts>): boolean {
  if (object.marker !== undefined || isOnlyReported(object) || isNamedKind(scope, object)) return true;
  return scope.destinations.some((destination) => selects(destination, object));
}

/** A kind that the configuration names for restarts needs no destination. */
function isNamedKind({ restart }: Scope, { apiVersion, kind }: Placed<ExternalSecretFacts> | Placed<WorkloadFacts>) {
  return restart.kinds.some((one) => one.kind === kind && apiVersion.startsWith(`${one.group}/`));
}

function selects(destination: Destination, object: Placed<ExternalSecretFacts> | Placed<WorkloadFacts>): boolean {
  // What a ClusterExternalSecret makes are ExternalSecrets.
  if (destination.kind !== (isRefreshedKind(object.kind) ? 'ExternalSecret' : object.kind)) return false;
  if (destination.names.length > 0 && !destination.names.includes(object.name)) return false;
  if (destination.namespaces.length > 0 && !destination.namespaces.includes(object.resolvedNamespace ?? ''))
    return false;
  return matchesLabels(destination.labels, object.labels);
}
