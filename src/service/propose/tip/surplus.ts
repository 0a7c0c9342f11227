import { isSyncAnnotation, RESTART_DUE, SECRET_VERSIONS } from '../../../domain/policy.ts';
import { parseWorkloadToken } from '../../../domain/workload-token.ts';
import type { Index } from '../../../manifests/graph.ts';
import type { WorkloadFacts } from '../../../manifests/objects.ts';
import { objectKey, type Plan } from '../../../plan/plan.ts';
import { feederName } from '../../../plan/restart/feeder-versions.ts';
import { isSourceName } from '../../../plan/restart/sources/source-names.ts';
import type { BeyondBase } from '../../../plan/truth/beyond-base.ts';
import { findObject } from '../draft/find-object.ts';
import type { Tip, TipObject } from './own-branch.ts';

/**
 * What the tip changes although nothing asks for it any more, by `objectKey`: a bump that was rejected or rolled back, a
 * workload that no longer consumes or may no longer be touched, an object that is gone.
 */
export function surplusOf(tip: Tip, index: Index, beyond: BeyondBase, plan: Plan): readonly string[] {
  if (tip.kind === 'none' || tip.kind === 'foreign') return [];
  const bumps = plan.edits.filter(({ annotation }) => isSyncAnnotation(annotation));
  const objects = index.externalSecrets.map(({ object }) => object);
  const bumped = new Set(bumps.flatMap((edit) => findObject(objects, edit) ?? []).map((object) => objectKey(object)));
  const known = new Set(objects.map((object) => objectKey(object)));
  const stale = [...tip.tokens.keys()].filter((key) => !bumped.has(key) && (beyond.tokens.has(key) || !known.has(key)));
  return [...stale, ...staleAnnouncements(tip, index, plan)];
}

/** Workloads that the tip announces for what it bumps, and this plan does not. */
function staleAnnouncements(tip: Exclude<Tip, { readonly kind: 'none' }>, index: Index, plan: Plan): readonly string[] {
  const bumped = new Set(
    tip.objects.flatMap((object) => (tip.tokens.has(objectKey(object)) ? [tokenNameOf(object)] : [])),
  );
  const announced = tip.objects
    .filter((object) => object.type === 'workload')
    .filter((object) => announcementsOf(object).some((value) => namesOneOf(value, bumped)));
  const planned = new Set(plan.edits.flatMap((edit) => findObject(announced, edit) ?? []));
  const before = new Map(index.workloads.map((object) => [objectKey(object), announcementsOf(object).join('\n')]));
  return announced
    .filter((object) => !planned.has(object) && before.get(objectKey(object)) !== announcementsOf(object).join('\n'))
    .map((object) => objectKey(object));
}

/** What a workload says on itself, and what on its pod template. */
function announcementsOf({ annotations, templateAnnotations }: WorkloadFacts): readonly string[] {
  return [annotations.get(RESTART_DUE) ?? '', templateAnnotations.get(SECRET_VERSIONS) ?? ''];
}

function tokenNameOf(object: TipObject): string {
  return feederName({ name: object.name, ...('marker' in object ? { marker: object.marker } : {}) });
}

function namesOneOf(value: string, names: ReadonlySet<string>): boolean {
  return [...(parseWorkloadToken(value)?.keys() ?? [])].some((name) => names.has(name) || isSourceName(name));
}
