import type { Token } from '../../../domain/token.ts';
import {
  type BaselineEntry,
  baselineKey,
  baselineKeyOf,
  identityOf,
} from '../../../manifests/baseline/baseline-entry.ts';
import type { Baseline, Index } from '../../../manifests/graph.ts';
import { namersIn } from '../../../manifests/query-index.ts';

/**
 * The baseline of each object of an index. An object that was moved to another path keeps what it had: an entry whose object
 * is gone belongs to the only one of its kind, namespace and name that has none.
 */
export function joinBaseline(
  index: Pick<Index, 'externalSecrets' | 'restartSources'>,
  entries: readonly BaselineEntry[],
): Baseline {
  const written = new Map(entries.map((entry) => [baselineKey(entry), entry.token]));
  const objects = new Map(namersIn(index).map(({ object }) => [baselineKeyOf(object), identityOf(object)]));
  const left = byIdentity(entries.filter((entry) => !objects.has(baselineKey(entry))));
  const without = byIdentity([...objects.values()].filter((object) => !written.has(baselineKey(object))));
  const joined = new Map<string, Token>();
  for (const key of objects.keys()) {
    const token = written.get(key);
    if (token !== undefined) joined.set(key, token);
  }
  for (const [identity, [object, ...others]] of without) {
    const [entry, ...more] = left.get(identity) ?? [];
    if (object === undefined || entry === undefined || others.length > 0 || more.length > 0) continue;
    joined.set(baselineKey(object), entry.token);
  }
  return joined;
}

function byIdentity<T extends Omit<BaselineEntry, 'token'>>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = JSON.stringify([item.kind, item.namespace, item.name]);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
