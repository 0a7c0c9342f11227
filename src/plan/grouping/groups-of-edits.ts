import { partOf } from '../../domain/grouping/grouping.ts';
import { isRefreshedKind } from '../../domain/policy.ts';
import { isOverlayFile } from '../../manifests/edit/overlay/overlay-file.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import type { Placed, WorkloadFacts } from '../../manifests/objects.ts';
import { groupOfUser } from '../group.ts';
import type { Edit, Plan } from '../plan.ts';
import { restartGroupOf } from '../restart/due-restarts.ts';
import { feedersOf } from '../restart/feeder-versions.ts';
import type { Scope } from '../scope.ts';
import { type GroupName, groupedIndex } from './group-names.ts';

/**
 * The groups that each edit of a plan goes to, in the plan's order: one for whatever is refreshed or restarted, and for an
 * announcement those of all that feeds the workload and is refreshed by this plan.
 */
export function groupsOfEdits(index: Index, { edits }: Plan, scope: Scope): readonly (readonly GroupName[])[] {
  const users = new Map(index.externalSecrets.map((user) => [placeOf(user.object), user]));
  const workloads = new Map(index.workloads.map((workload) => [placeOf(workload), workload]));
  const bumped = new Set(edits.flatMap((edit) => users.get(placeOfEdit(edit)) ?? []));
  return edits.map((edit) => {
    const place = placeOfEdit(edit);
    const user = users.get(place);
    if (isRefreshedKind(edit.kind)) return user === undefined ? [] : namesOf(index, [user], scope);
    const workload = workloads.get(place);
    if (workload === undefined) return [];
    const feeders = feedersOf(index, workload);
    if (edit.stage === 2) return [restartGroupOf(index, { workload, feeders }, scope)];
    const causes = feeders.filter((one) => bumped.has(one));
    return causes.length > 0 ? namesOf(index, causes, scope) : namesOfSources(index, workload, scope);
  });
}

function namesOf(index: Index, users: readonly IndexedExternalSecret[], { grouping }: Scope): readonly GroupName[] {
  return unique(users.flatMap((user) => groupOfUser(index, user, grouping) ?? []));
}

function namesOfSources(index: Index, workload: Placed<WorkloadFacts>, { grouping }: Scope): readonly GroupName[] {
  const { nameOf } = groupedIndex(index, grouping);
  const part = partOf(workload.path, grouping);
  const sources = index.restartSources.filter(({ consumers }) => consumers.includes(workload));
  return unique(sources.flatMap((source) => nameOf(source, part) ?? []));
}

function unique(names: readonly GroupName[]): readonly GroupName[] {
  const all = [...new Map(names.map((name) => [name.key, name])).values()];
  return all.toSorted((left, right) => (left.key < right.key ? -1 : 1));
}

function placeOf({
  path,
  kind,
  name,
  namespace,
  document,
  item,
}: Placed<WorkloadFacts> | IndexedExternalSecret['object']) {
  return JSON.stringify([path, kind, name, isOverlayFile(path) ? (namespace ?? null) : [document, item]]);
}

function placeOfEdit({ path, kind, name, document, item, overlay }: Edit): string {
  return JSON.stringify([path, kind, name, overlay === undefined ? [document, item] : overlay.namespace]);
}
