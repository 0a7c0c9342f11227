import type { KustomizationFacts, ObjectFacts } from '../objects.ts';
import { groupOf } from './object-header.ts';
import { field, items, noteMalformed, text, type View } from './yaml-view.ts';

const LISTS = ['resources', 'bases', 'components', 'patchesStrategicMerge'];
const PATCH_LISTS = ['patches', 'patchesJson6902'];
const SIGNS = [...LISTS, ...PATCH_LISTS, 'namespace'];

/**
 * What a kustomization includes and the namespace it sets; null for every other document. One without a kind is taken
 * for a kustomization when it has a kustomization's keys: whether it is one, its file name decides later.
 */
export function readKustomization(root: View, header: ObjectFacts): KustomizationFacts | null {
  if (!isKustomization(root, header)) return null;
  return {
    ...header,
    type: 'kustomization',
    namespace: text(field(root, 'namespace')),
    includes: [
      ...LISTS.flatMap((key) => entriesOf(root, key).map((entry) => text(entry))),
      ...PATCH_LISTS.flatMap((key) => entriesOf(root, key).map((entry) => text(field(entry, 'path')))),
    ].filter((include) => include !== null),
  };
}

/** Kustomize lets both be absent; a kind of another group (Flux has a Kustomization too) is something else. */
function isKustomization(root: View, { apiVersion, kind }: ObjectFacts): boolean {
  if (apiVersion !== '' && groupOf(apiVersion) !== 'kustomize.config.k8s.io') return false;
  if (kind === 'Kustomization' || kind === 'Component') return true;
  return kind === '' && SIGNS.some((key) => field(root, key) !== null);
}

function entriesOf(root: View, key: string): readonly View[] {
  const value = field(root, key);
  const list = items(value);
  if (value !== null && list === null) noteMalformed(value, `${key} is not a list`);
  return list ?? [];
}
