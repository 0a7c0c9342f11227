import { CLUSTER_FORCE_SYNC, FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS } from '../../../domain/policy.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import type { Facts, SecretReference } from '../../objects.ts';
import { effectiveNames, type Placement } from '../placement.ts';
import type { Overlay } from './overlays.ts';

const REPLACED = /^spec\.(?:target|refreshInterval|refreshPolicy)\b/;
const FETCHED = /^spec(?:\.(data|dataFrom|secretStoreRef)(?:\.([^.]+))?(?:\.(.+))?)?$/;
/** Parts of an entry that change what becomes of a value, not which secret is fetched. */
const HARMLESS = /(?:^|\.)(?:property|secretKey|decodingStrategy|conversionStrategy)$/;

/** The overlays of a file that may select one of its objects. */
export function overlaysOf(
  object: Facts,
  overlays: readonly Overlay[],
  placements: readonly Placement[],
): readonly Overlay[] {
  if (overlays.length === 0) return [];
  const names = [object.name, ...effectiveNames(object.name, placements)];
  return overlays.filter(({ selects }) => selects(object.kind, names));
}

/** Who makes a change of this object in its own file void or untrue; null when nobody may. */
export function patchedBy(object: Facts, overlays: readonly Overlay[]): RepoPath | null {
  const isSecret = object.type === 'external-secret';
  if (!isSecret && object.type !== 'workload') return null;
  const found = overlays.find(({ touches, fields }) => {
    if (isSecret ? touches.externalSecret : touches.workload) return true;
    return fields.some((field) => namesOurs(field) || (isSecret && REPLACED.test(unnested(field))));
  });
  return found?.by ?? null;
}

/** The kustomization that fills in what a reference fetches; null when none may. */
export function filledInBy(reference: SecretReference, overlays: readonly Overlay[]): RepoPath | null {
  return (
    overlays.find(({ fields }) => fields.some((field) => fillsIn(unnested(field), unnested(reference.field))))?.by ??
    null
  );
}

/** A ClusterExternalSecret has the specification of its ExternalSecrets one level further in. */
function unnested(field: string): string {
  return field.replace(/^spec\.externalSecretSpec\b/, 'spec');
}

function fillsIn(written: string, field: string): boolean {
  const [, list, entry, rest] = FETCHED.exec(written) ?? [];
  if (list === undefined) return /^(?:spec|\*)(?:$|\.\*)/.test(written);
  if (list === 'secretStoreRef') return true;
  if (!field.startsWith(`spec.${list}[`) || HARMLESS.test(rest ?? '')) return false;
  return entry === undefined || !/^\d+$/.test(entry) || field.startsWith(`spec.${list}[${entry}]`);
}

function namesOurs(field: string): boolean {
  return [FORCE_SYNC, CLUSTER_FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS].some((annotation) => {
    return (
      field.replaceAll('\\', '').includes(`annotations.${annotation}`) || field.includes(`annotations.[${annotation}]`)
    );
  });
}
