import type { KustomizeMode } from '../../../domain/policy.ts';
import { withOrdering } from '../kustomize/built/ordering.ts';
import { type ChosenWorkload, chooseWorkload, type PlacedWorkload } from '../kustomize/choose-workloads.ts';
import type { Splitter } from '../kustomize/split-object.ts';
import type { LocatedWorkload } from '../find-consumers.ts';
import type { Feeding } from './feeding.ts';

/** Workloads as they are edited. What was chosen stays as long as the same feeds everything that a workload was looked at as. */
export interface WorkloadChoices {
  readonly choose: (
    workloads: readonly PlacedWorkload[],
    feeding: Feeding,
    splitter: Splitter,
  ) => readonly PlacedWorkload[];
}

/** Starts without any choice. */
export function createWorkloadChoices(mode: KustomizeMode): WorkloadChoices {
  const choices = new WeakMap<PlacedWorkload, ChosenWorkload>();
  const numberOf = createNumbers();
  return {
    choose: (workloads, feeding, splitter) => {
      const feedersOf = (one: LocatedWorkload): readonly number[] => {
        const { writers, makers, sources } = feeding.fedBy(one);
        return [...writers, ...makers.keys(), ...sources].map(numberOf).toSorted((left, right) => left - right);
      };
      const chosen: PlacedWorkload[] = [];
      for (const workload of workloads) {
        const known = choices.get(workload);
        const isKnown = known?.lookedAt.every((one) => feeding.isKnown(one)) === true;
        const choice = known !== undefined && isKnown ? known : choose(workload);
        for (const one of choice.chosen) chosen.push(one);
      }
      return chosen;

      function choose(workload: PlacedWorkload): ChosenWorkload {
        const { chosen: some, lookedAt } = chooseWorkload(workload, feedersOf, { mode, splitter });
        const choice = { chosen: some.map((one) => withOrdering(one)), lookedAt };
        choices.set(workload, choice);
        return choice;
      }
    },
  };
}

/** Any two things have different numbers. */
function createNumbers(): (one: object) => number {
  const numbers = new WeakMap<object, number>();
  let last = 0;
  return (one) => {
    const known = numbers.get(one);
    if (known !== undefined) return known;
    last += 1;
    numbers.set(one, last);
    return last;
  };
}
