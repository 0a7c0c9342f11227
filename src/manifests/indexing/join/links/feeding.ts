import type { NamespaceFacts, Placed } from '../../../objects.ts';
import { type ClusterFinder, createClusterFinder, type Reaching } from '../../cluster/cluster-consumers.ts';
import { isOnlyReported } from '../../cluster/only-reported.ts';
import { namespacesByName } from '../../cluster/select-namespace.ts';
import {
  createWriters,
  type LocatedExternalSecret,
  type LocatedWorkload,
  takenSecrets,
  targetsOf,
} from '../../find-consumers.ts';
import { createSourceFinder, type LocatedSource } from '../../sources/source-consumers.ts';

/** What feeds one workload. */
export interface Fed {
  readonly writers: readonly LocatedExternalSecret[];
  /** Those whose Secrets it names, while it gets a generated one in their place. */
  readonly bypassed: readonly LocatedExternalSecret[];
  readonly makers: Reaching;
  readonly sources: readonly LocatedSource[];
}

/** What reaches far: where one of these lists is another, everybody has to be asked again. */
export interface Surroundings {
  /** The ClusterExternalSecrets, in the order of the index. */
  readonly makers: readonly LocatedExternalSecret[];
  readonly namespaces: readonly Placed<NamespaceFacts>[];
  readonly sources: readonly LocatedSource[];
}

/**
 * Tells who feeds whom. As long as the surroundings are the same, an answer stays true for a workload until some ExternalSecret
 * comes or goes that writes a Secret of a name which the workload has.
 */
export interface Feeding {
  readonly fedBy: (workload: LocatedWorkload) => Fed;
  /** The ClusterExternalSecret that makes an ExternalSecret of this repository; undefined where none does. */
  readonly makerOf: ClusterFinder['makerOf'];
  /** Both return the names of the Secrets that it writes. */
  readonly add: (one: LocatedExternalSecret) => readonly string[];
  readonly remove: (one: LocatedExternalSecret) => readonly string[];
  readonly surround: (surroundings: Surroundings) => void;
}

/** Starts without anything. */
export function createFeeding(): Feeding {
  const writers = createWriters();
  let cluster = NO_MAKERS;
  let findSources = createSourceFinder([]);
  return {
    fedBy: (workload) => {
      const own = writers.find(takenSecrets(workload), workload);
      const { takenOver = [] } = workload;
      return {
        writers: own,
        bypassed: takenOver.length === 0 ? NONE : writers.find(new Set(takenOver.map(({ name }) => name)), workload),
        makers: cluster.feeding(workload, (secret) => own.some(({ targetName }) => targetName === secret)),
        sources: findSources(workload),
      };
    },
    makerOf: (one) => cluster.makerOf(one),
    add: (one) => move(one, writers.add),
    remove: (one) => move(one, writers.remove),
    surround: ({ makers, namespaces, sources }) => {
      cluster = makers.length === 0 ? NO_MAKERS : createClusterFinder(makers, namespacesByName(namespaces));
      findSources = createSourceFinder(sources);
    },
  };
}

const NONE: readonly never[] = [];
const NOBODY: Reaching = new Map();
const NO_MAKERS: ClusterFinder = { feeding: () => NOBODY, makerOf: () => undefined };

/** What is only reported writes nothing, and what a ClusterExternalSecret makes is asked of that. */
function move(one: LocatedExternalSecret, act: (one: LocatedExternalSecret) => void): readonly string[] {
  if (one.reach !== undefined || isOnlyReported(one)) return NONE;
  act(one);
  return targetsOf(one);
}
