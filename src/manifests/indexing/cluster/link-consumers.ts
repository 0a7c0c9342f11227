import type { IndexedExternalSecret } from '../../graph.ts';
import type { NamespaceFacts, Placed } from '../../objects.ts';
import { findConsumers, type LocatedExternalSecret, type LocatedWorkload } from '../find-consumers.ts';
import { clusterEntry, findClusterConsumers } from './cluster-consumers.ts';
import { isOnlyReported } from './only-reported.ts';
import { namespacesByName } from './select-namespace.ts';

type Links = Pick<IndexedExternalSecret, 'consumers' | 'unsure' | 'bypassed' | 'madeBy'>;

/** Whom each object that names secrets feeds, and which of them is made by another one. */
export function linkConsumers(
  objects: readonly LocatedExternalSecret[],
  workloads: readonly LocatedWorkload[],
  namespaces: readonly Placed<NamespaceFacts>[],
): (object: LocatedExternalSecret) => Links {
  const writers = objects.filter((one) => one.reach === undefined && !isOnlyReported(one));
  const consumers = findConsumers(writers, workloads);
  const bypassed = findBypassed(writers, workloads);
  const feeds = lazyTargets(consumers);
  const found = findClusterConsumers(objects, workloads, {
    namespaces: namespacesByName(namespaces),
    isFed: (workload, secret) => feeds().get(workload)?.has(secret) === true,
  });
  const makers = new Map<LocatedExternalSecret, LocatedExternalSecret>();
  for (const [maker, { children }] of found) for (const child of children) makers.set(child, maker);
  return (object) => {
    const ofCluster = clusterEntry(found, object);
    const isCluster = object.reach !== undefined;
    const maker = makers.get(object);
    const passedBy = bypassed.get(object) ?? [];
    const madeBy = maker === undefined ? (object.owner ?? null) : maker.name;
    return {
      consumers: isCluster ? ofCluster.consumers : (consumers.get(object) ?? []),
      ...(ofCluster.unsure.length === 0 ? {} : { unsure: ofCluster.unsure }),
      ...(passedBy.length === 0 ? {} : { bypassed: passedBy }),
      ...(madeBy === null ? {} : { madeBy }),
    };
  };
}

/** The workloads that name the Secret of each object, and get a generated one in its place. */
function findBypassed(
  writers: readonly LocatedExternalSecret[],
  workloads: readonly LocatedWorkload[],
): ReturnType<typeof findConsumers> {
  const some = workloads.filter(({ takenOver }) => takenOver !== undefined);
  if (some.length === 0) return new Map();
  return findConsumers(writers, some, ({ takenOver = [] }) => new Set(takenOver.map(({ name }) => name)));
}

/** Which Secrets each workload has from an ExternalSecret; only asked for where a ClusterExternalSecret leaves a doubt. */
function lazyTargets(consumers: ReturnType<typeof findConsumers>) {
  let made: Map<LocatedWorkload, Set<string>> | null = null;
  return () => {
    if (made !== null) return made;
    made = new Map();
    for (const [writer, fed] of consumers) {
      for (const workload of fed) made.set(workload, (made.get(workload) ?? new Set()).add(writer.targetName));
    }
    return made;
  };
}
