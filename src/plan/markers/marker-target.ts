import type { Order } from '../../domain/policy.ts';
import type { ResolvedReference } from '../../manifests/graph.ts';
import { isPush } from '../../manifests/indexing/cluster/only-reported.ts';
import type { ExternalSecretFacts, Placed, WorkloadFacts } from '../../manifests/objects.ts';
import type { Edit, Note } from '../plan.ts';
import { restartOrder } from '../restart/restart-order.ts';
import type { Scope } from '../scope.ts';

type Object = Placed<ExternalSecretFacts> | Placed<WorkloadFacts>;

/** Which value of an object an edit sets: the scalar of a marker, else an annotation at this place. */
export function targetOf(
  { marker }: Pick<Object, 'marker'>,
  otherwise: Exclude<Edit['target'], 'marker'>,
): Pick<Edit, 'target' | 'keys'> {
  return marker === undefined ? { target: otherwise } : { target: 'marker', keys: marker.keys };
}

/** The way from stores to what is written at last: the Secret of an ExternalSecret, the scalar of a marker. */
export function waysTo(
  object: Placed<ExternalSecretFacts>,
  references: readonly ResolvedReference[],
): readonly string[] {
  const { kind, name, targetName, marker, path } = object;
  if (marker !== undefined) {
    return [...new Set(references.flatMap(({ store }) => store ?? [])), `File/${path}`, `RefreshMarker/${name}`];
  }
  const isOwn = object.ownStore !== undefined;
  const stores = new Set(isOwn ? [] : references.map(({ store }) => store ?? 'store not in this repository'));
  return [...stores, `${kind}/${name}`, ...(isPush(object) ? [] : [`Secret/${targetName}`])];
}

/** What brings a changed secret to a workload, each as two steps of a chain. */
export function writerOf({
  kind,
  name,
  targetName,
  marker,
  path,
}: Placed<ExternalSecretFacts>): readonly [string, string] {
  return marker === undefined ? [`${kind}/${name}`, `Secret/${targetName}`] : [`File/${path}`, `RefreshMarker/${name}`];
}

// Under `gated` nobody can tell what applies a marked text: it waits as well.
const WAITING: readonly Order[] = ['staged', 'gated'];

/** The restart markers that are due once the refresh of this one is on the base branch: nothing else announces them. */
export function restartMarkerNotes(
  object: Placed<ExternalSecretFacts>,
  consumers: readonly Placed<WorkloadFacts>[],
  scope: Scope,
): readonly Note[] {
  return consumers
    .filter((one) => one.marker !== undefined && WAITING.includes(restartOrder(one, [object], scope)))
    .map(({ path, line, name }) => ({
      code: 'restart-marker',
      reason: `The restart marker on ${name} (${path}:${line}) is due once this is on the base branch: a second pull request proposes it.`,
      hint: null,
    }));
}
