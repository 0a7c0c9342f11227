import type { NamespaceFacts, Placed } from '../../objects.ts';
import { type ClusterFinder, createClusterFinder, type Reaching } from '../cluster/cluster-consumers.ts';
import { isOnlyReported } from '../cluster/only-reported.ts';
import { namespacesByName } from '../cluster/select-namespace.ts';
import {
  createWriters,
  type LocatedExternalSecret,
  type LocatedWorkload,
  takenSecrets,
  targetsOf,
} from '../find-consumers.ts';
import { createSourceFinder, type FindSources, type LocatedSource } from '../sources/source-consumers.ts';

/** What feeds one workload. */
export interface Fed {
  readonly writers: readonly LocatedExternalSecret[];
  /** Those whose Secrets it names, while it gets a generated one in their place. */
  readonly bypassed: readonly LocatedExternalSecret[];
  readonly makers: Reaching;
  readonly sources: readonly LocatedSource[];
}

/** What reaches far: where one of these is another, everybody is asked again. */
export interface Surroundings {
  /** The ClusterExternalSecrets, in the order of the index. */
  readonly makers: readonly LocatedExternalSecret[];
  readonly namespaces: readonly Placed<NamespaceFacts>[];
  readonly sources: readonly LocatedSource[];
}

/** ExternalSecrets that are there no longer, and new ones. */
export interface SecretsChange {
  readonly gone: readonly LocatedExternalSecret[];
  readonly come: readonly LocatedExternalSecret[];
}

/**
 * Who feeds whom. An answer is kept as long as the same workload is asked about in every round, no ExternalSecret of the name of
 * a Secret that it names came or went, and the surroundings are the same.
 */
export interface Feeding {
  /** Begins a round. */
  readonly update: (change: SecretsChange, surroundings: Surroundings) => void;
  readonly fedBy: (workload: LocatedWorkload) => Fed;
  /** True where what was said of it in the last round still holds. */
  readonly isKnown: (workload: LocatedWorkload) => boolean;
  /** The ClusterExternalSecret that makes an ExternalSecret of this repository; undefined where none does. */
  readonly makerOf: ClusterFinder['makerOf'];
}

interface Kept {
  readonly fed: Fed;
  /** The last round in which it held. */
  round: number;
}

/** Starts without any ExternalSecret. */
export function createFeeding(): Feeding {
  const writers = createWriters();
  const kept = new WeakMap<LocatedWorkload, Kept>();
  let around: Surroundings = { makers: [], namespaces: [], sources: [] };
  let finders = findersIn(around);
  let moved = new Set<string>();
  let round = 0;
  const lookUp = (workload: LocatedWorkload): Kept | null => {
    const known = kept.get(workload);
    if (known === undefined) return null;
    if (known.round === round) return known;
    if (known.round !== round - 1 || workload.secrets.some(({ name }) => moved.has(name))) return null;
    known.round = round;
    return known;
  };
  const find = (workload: LocatedWorkload): Fed => {
    const own = writers.find(takenSecrets(workload), workload);
    const { takenOver = [] } = workload;
    const names = new Set(takenOver.map(({ name }) => name));
    return {
      writers: own,
      bypassed: names.size === 0 ? [] : writers.find(names, workload),
      makers: finders.feeding(workload, (secret) => own.some(({ targetName }) => targetName === secret)),
      sources: finders.findSources(workload),
    };
  };
  return {
    update: ({ gone, come }, surroundings) => {
      moved = new Set();
      for (const one of gone.filter(writes)) note(moved, one, writers.remove);
      for (const one of come.filter(writes)) note(moved, one, writers.add);
      const isSame = sameSurroundings(around, surroundings);
      round += isSame ? 1 : 2;
      if (!isSame) finders = findersIn(surroundings);
      around = surroundings;
    },
    fedBy: (workload) => {
      const known = lookUp(workload);
      if (known !== null) return known.fed;
      const fed = find(workload);
      kept.set(workload, { fed, round });
      return fed;
    },
    isKnown: (workload) => lookUp(workload) !== null,
    makerOf: (one) => finders.makerOf(one),
  };
}

type Finders = ClusterFinder & { readonly findSources: FindSources };

function findersIn({ makers, namespaces, sources }: Surroundings): Finders {
  return {
    ...(makers.length === 0 ? NO_MAKERS : createClusterFinder(makers, namespacesByName(namespaces))),
    findSources: createSourceFinder(sources),
  };
}

const NOBODY: Reaching = new Map();
const NO_MAKERS: ClusterFinder = { feeding: () => NOBODY, makerOf: () => undefined };

function writes(one: LocatedExternalSecret): boolean {
  return one.reach === undefined && !isOnlyReported(one);
}

function note(moved: Set<string>, one: LocatedExternalSecret, act: (one: LocatedExternalSecret) => void): void {
  for (const name of targetsOf(one)) moved.add(name);
  act(one);
}

function sameSurroundings(left: Surroundings, right: Surroundings): boolean {
  return (
    sameItems(left.makers, right.makers) &&
    sameItems(left.namespaces, right.namespaces) &&
    sameItems(left.sources, right.sources)
  );
}

/** True for lists of the very same items. */
export function sameItems(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((one, at) => one === right[at]);
}
