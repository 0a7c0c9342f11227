import type { GeneratedConfigMap } from '../../../kustomize-facts.ts';
import { isPlainMap } from '../patch-value.ts';
import type { Built, BuiltObject } from './built-object.ts';

/** A ConfigMap with what the generators of a kustomization merge into it, or put in its place. */
export function addGenerated(object: BuiltObject, generators: readonly GeneratedConfigMap[]): Built {
  if (object.kind !== 'ConfigMap') return object;
  let current = object;
  for (const { name, namespace, behavior, literals } of generators) {
    const isMeant = current.ids.some(
      (id) => id.name === name && (namespace === null || namespace === (id.namespace ?? 'default')),
    );
    if (!isMeant || behavior === 'create') continue;
    if (literals === null || !isPlainMap(current.value)) return undefined;
    const data = current.value['data'] ?? {};
    const known = behavior === 'merge' && isPlainMap(data) ? data : {};
    current = { ...current, value: { ...current.value, data: { ...known, ...Object.fromEntries(literals) } } };
  }
  return current;
}
