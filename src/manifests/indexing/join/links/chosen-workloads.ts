import type { WorkloadFacts } from '../../../objects.ts';
import type { LocatedWorkload } from '../../find-consumers.ts';
import { withOrdering } from '../../kustomize/built/ordering.ts';
import type { SharedBases } from '../../kustomize/choose-places.ts';
import { chooseWorkload, type PlacedWorkload } from '../../kustomize/choose-workloads.ts';
import type { Fed, Feeding } from './feeding.ts';

/** The workloads of one file as they are edited, and what feeds each. */
export interface ChosenWorkloads {
  readonly chosen: readonly PlacedWorkload[];
  readonly fed: readonly Fed[];
  /** The names of all Secrets whose writers made a difference for this choice, or could have. */
  readonly names: readonly string[];
}

/** Nobody. */
export const NO_WORKLOADS: ChosenWorkloads = { chosen: [], fed: [], names: [] };

/** Chooses the workloads of one file. */
export function chooseWorkloads(
  workloads: readonly PlacedWorkload[],
  feeding: Feeding,
  shared: SharedBases,
): ChosenWorkloads {
  if (workloads.length === 0) return NO_WORKLOADS;
  const numberOf = createNumbers();
  const known = new Map<LocatedWorkload, Fed>();
  const fedBy = (one: LocatedWorkload): Fed => {
    const fed = known.get(one) ?? feeding.fedBy(one);
    known.set(one, fed);
    return fed;
  };
  const feedersOf = (one: LocatedWorkload): readonly number[] => {
    const { writers, makers, sources } = fedBy(one);
    return [...writers, ...makers.keys(), ...sources].map(numberOf).toSorted((left, right) => left - right);
  };
  const all: PlacedWorkload[] = [];
  const names = new Set<string>();
  for (const workload of workloads) {
    const { chosen, lookedAt } = chooseWorkload(workload, feedersOf, shared);
    for (const one of chosen) all.push(withOrdering(one));
    for (const one of lookedAt) addNames(names, one);
  }
  for (const one of all) addNames(names, one);
  return { chosen: all, fed: all.map(fedBy), names: [...names] };
}

function addNames(names: Set<string>, { secrets }: WorkloadFacts): void {
  for (const { name } of secrets) names.add(name);
}

/** Any two things have different numbers. */
function createNumbers(): (one: object) => number {
  const numbers = new Map<object, number>();
  return (one) => {
    const number = numbers.get(one) ?? numbers.size;
    numbers.set(one, number);
    return number;
  };
}
