import { handleChanges } from '../handle-changes.ts';
import type { Health } from '../health.ts';
import type { Outcome } from '../outcome.ts';
import { watchBranch } from '../probes/watch-branch.ts';
import type { ServedBranch } from '../served-branch.ts';
import type { ReceivedChange } from '../truth/identify-changes.ts';
import { type Circuit, hostFailure, opened, refusal } from './circuit.ts';

/** The way of all changes, from whatever queue, through one served branch. */
export interface Lane {
  /** The served branch's name. */
  readonly name: string;
  /** One outcome per change, in order, each as soon as it stands. They never reject. */
  handle(changes: readonly ReceivedChange[]): readonly Promise<Outcome>[];
}

interface Waiting {
  readonly change: ReceivedChange;
  readonly resolve: (outcome: Outcome) => void;
}

/** The most changes of one go: a storm becomes several, each with its own few commits. */
const MOST_CHANGES = 300;

/**
 * A lane goes once at a time; what comes meanwhile waits and goes together, as one change where it is one. A host that does
 * not answer is left alone for a while, so that its messages go back to the queue at once and nobody else waits for it.
 */
export function createLane(served: ServedBranch, health: Health, abort: AbortSignal): Lane {
  const waiting: Waiting[] = [];
  let state: 'idle' | 'going' = 'idle';
  let circuit: Circuit | null = null;
  const pulse = health.pulse(`lane ${served.name}`);
  const watched = watchBranch(served, pulse);

  const go = async (taken: readonly Waiting[]): Promise<void> => {
    const { clock, meter, name } = served;
    const begun = clock.now();
    const refused = circuit === null ? null : refusal(circuit, begun);
    if (refused !== null) {
      for (const { change, resolve } of taken) resolve({ ...refused, secret: change.change.names[0] ?? null });
      return;
    }
    const resolvers = new Map(taken.map(({ change, resolve }) => [change, resolve]));
    const changes = [...resolvers.keys()];
    pulse.beat();
    const outcomes = await handleChanges(watched, changes, abort, (change, result) => resolvers.get(change)?.(result));
    pulse.rest();
    if (abort.aborted) return;
    meter.observe('handling_seconds', { repository: name }, (clock.now() - begun) / 1000);
    const failure = hostFailure(outcomes);
    if (failure === null) health.well({ kind: 'repository', name });
    else health.failing({ kind: 'repository', name }, failure);
    // What a person has to mend is answered at once, and given back slowly as it is.
    circuit = failure?.retry === 'later' ? opened(circuit, failure, clock.now()) : null;
  };

  const goOn = async () => {
    if (state === 'going') return;
    state = 'going';
    while (waiting.length > 0) await go(waiting.splice(0, MOST_CHANGES));
    state = 'idle';
  };

  return {
    name: served.name,
    handle: (changes) => {
      const outcomes = changes.map(
        (change) => new Promise<Outcome>((resolve) => void waiting.push({ change, resolve })),
      );
      void goOn();
      return outcomes;
    },
  };
}
