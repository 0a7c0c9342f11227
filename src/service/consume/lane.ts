import type { SecretChange } from '../../domain/change.ts';
import { isUrgentIn } from '../../manifests/urgent-secrets.ts';
import { handleChanges } from '../handle-changes.ts';
import type { Health } from '../health.ts';
import type { Outcome } from '../outcome.ts';
import { watchBranch } from '../probes/watch-branch.ts';
import { forWriter, type ServedBranch } from '../served-branch.ts';
import type { ReceivedChange } from '../truth/identify-changes.ts';
import { type Circuit, hostFailure, opened, refusal } from './circuit.ts';
import { type CoalesceSettings, NO_WINDOW } from './coalesce.ts';
import { createGathering } from './gather.ts';

/** The way of all changes, from whatever queue, through one served branch. */
export interface Lane {
  /** The served branch's name. */
  readonly name: string;
  /** One outcome per change, in order, each as soon as it stands. They never reject. */
  handle(changes: readonly ReceivedChange[]): readonly Promise<Outcome>[];
  /** What is gathered goes at once, and so does what comes from now on. */
  hurry(): void;
}

interface Waiting {
  readonly change: ReceivedChange;
  readonly resolve: (outcome: Outcome) => void;
}

/**
 * A lane gathers changes until nothing more came for a window, so that the events of one rotation become one bump; then it goes,
 * once at a time. What comes meanwhile waits and goes together, as one change where it is one. A change of an urgent secret goes
 * at once, with all that waits. A host that does not answer is left alone for a while, so that its messages go back to the queue
 * at once and nobody else waits for it.
 */
export function createLane(
  served: ServedBranch,
  health: Health,
  abort: AbortSignal,
  coalesce: CoalesceSettings = NO_WINDOW,
): Lane {
  const { clock, meter, name } = served;
  const gathering = createGathering<Waiting>(clock, coalesce);
  let state: 'idle' | 'going' = 'idle';
  let circuit: Circuit | null = null;
  const pulse = health.pulse(`lane ${name}`);
  const watched = watchBranch(forWriter(served), pulse);

  const go = async (taken: readonly Waiting[]): Promise<void> => {
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
    while (gathering.size() > 0) await go(await gathering.take());
    state = 'idle';
  };

  return {
    name,
    handle: (changes) => {
      const outcomes = changes.map(
        (change) =>
          new Promise<Outcome>((resolve) => {
            gathering.add({ change, resolve }, isUrgent(change.change, served, coalesce) ? 'urgent' : 'usual');
          }),
      );
      void goOn();
      return outcomes;
    },
    hurry: () => gathering.hurry(),
  };
}

/** By its name, or by the annotation in the index that was read last: what nobody knows yet is not urgent. */
function isUrgent(change: SecretChange, { memory }: ServedBranch, { isUrgent: isNamed }: CoalesceSettings): boolean {
  return isNamed(change.names) || (memory.last !== null && isUrgentIn(memory.last.index, change));
}
