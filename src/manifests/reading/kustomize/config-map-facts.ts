import type { ConfigMapFacts, GeneratedConfigMap } from '../../kustomize-facts.ts';
import type { ObjectFacts } from '../../objects.ts';
import { readArgoHealth } from '../deployers/argo-health.ts';
import { entries, field, items, text, type View } from '../yaml-view.ts';

// Replacements take names, keys and Regions from a ConfigMap; the files that others keep there are not looked into.
const MAX_VALUE = 512;
const MAX_VALUES = 200;

/** What replacements may take from a ConfigMap; null for every other document. */
export function readConfigMap(
  root: View,
  { apiVersion, kind, name, namespace, ...rest }: ObjectFacts,
): ConfigMapFacts | null {
  if (apiVersion !== 'v1' || kind !== 'ConfigMap' || name === '') return null;
  const data = (entries(field(root, 'data')) ?? []).flatMap(([key, value]): [string, string][] => {
    const plain = text(value);
    return plain === null || plain.length > MAX_VALUE ? [] : [[key, plain]];
  });
  const metadata = {
    name,
    labels: Object.fromEntries(rest.labels),
    annotations: Object.fromEntries(rest.annotations),
  };
  const content = JSON.stringify({ metadata, data: Object.fromEntries(data.slice(0, MAX_VALUES)) });
  return { name, namespace, content, argoHealth: readArgoHealth(root, name) };
}

/** The ConfigMaps that a kustomization makes. */
export function readGenerators(root: View): readonly GeneratedConfigMap[] {
  return (items(field(root, 'configMapGenerator')) ?? []).flatMap((entry): readonly GeneratedConfigMap[] => {
    const name = text(field(entry, 'name')) ?? '';
    if (name === '') return [];
    const behavior = text(field(entry, 'behavior'));
    return [
      {
        name,
        namespace: text(field(entry, 'namespace')),
        behavior: behavior === 'merge' || behavior === 'replace' ? behavior : 'create',
        literals: readLiterals(entry),
      },
    ];
  });
}

function readLiterals(entry: View): GeneratedConfigMap['literals'] {
  if (['files', 'envs', 'env'].some((key) => field(entry, key) !== null)) return null;
  const literals = new Map<string, string>();
  for (const item of items(field(entry, 'literals')) ?? []) {
    const [, key, value = ''] = /^([^=]+)=([^"'\n]*)$/.exec(text(item) ?? '') ?? [];
    // Quotes are taken away by rules of their own.
    if (key === undefined || value.length > MAX_VALUE) return null;
    literals.set(key, value);
  }
  return literals;
}
