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
  /** One outcome per change, in order. Rejects never. */
  handle(changes: readonly ReceivedChange[]): Promise<readonly Outcome[]>;
}

interface Waiting {
  readonly changes: readonly ReceivedChange[];
  readonly resolve: (outcomes: readonly Outcome[]) => void;
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

  const go = async (changes: readonly ReceivedChange[]): Promise<readonly Outcome[]> => {
    const { clock, meter, name } = served;
    const begun = clock.now();
    const refused = circuit === null ? null : refusal(circuit, begun);
    if (refused !== null) return changes.map(({ change }) => ({ ...refused, secret: change.names[0] ?? null }));
    pulse.beat();
    const outcomes = await handleChanges(watched, changes, abort);
    pulse.rest();
    if (abort.aborted) return outcomes;
    meter.observe('handling_seconds', { repository: name }, (clock.now() - begun) / 1000);
    const failure = hostFailure(outcomes);
    if (failure === null) health.well({ kind: 'repository', name });
    else health.failing({ kind: 'repository', name }, failure);
    // What a person has to mend is answered at once, and given back slowly as it is.
    circuit = failure?.retry === 'later' ? opened(circuit, failure, clock.now()) : null;
    return outcomes;
  };

  const goOn = async () => {
    if (state === 'going') return;
    state = 'going';
    while (waiting.length > 0) {
      const taken = take(waiting);
      const outcomes = await go(taken.flatMap(({ changes }) => changes));
      let from = 0;
      for (const { changes, resolve } of taken) {
        resolve(outcomes.slice(from, from + changes.length));
        from += changes.length;
      }
    }
    state = 'idle';
  };

  return {
    name: served.name,
    handle: (changes) => {
      if (changes.length === 0) return Promise.resolve([]);
      return new Promise((resolve) => {
        waiting.push({ changes, resolve });
        void goOn();
      });
    },
  };
}

/** The oldest that waits, and as many more as fit into one go. */
function take(waiting: Waiting[]): readonly Waiting[] {
  const taken = waiting.splice(0, 1);
  let count = taken[0]?.changes.length ?? 0;
  for (let next = waiting[0]; next !== undefined && count + next.changes.length <= MOST_CHANGES; next = waiting[0]) {
    taken.push(next);
    waiting.shift();
    count += next.changes.length;
  }
  return taken;
}
