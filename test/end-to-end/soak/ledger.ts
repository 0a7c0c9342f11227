import type { Clock } from '../../../src/ports.ts';
import { type Outcome, outcome } from '../../../src/service/outcome.ts';
import type { ReceivedChange } from '../../../src/service/truth/identify-changes.ts';
import type { RandomNumbers } from '../kill-loop/random-numbers.ts';

/** Ids of the events that had their effect: written at once and for good, whoever dies afterwards. */
export type Ledger = Set<string>;

/** A process's way to the ledger. A go takes its time, sometimes longer than a lease, and does not always go well. */
export function ledgerLane(ledger: Ledger, clock: Clock, random: RandomNumbers) {
  const write = ({ change }: ReceivedChange): Outcome => {
    const { id } = change.event;
    if (id === null) throw new Error('an event of the soak has an id');
    const luck = random();
    if (luck < 0.02) return outcome('try-later', 'nothing was written');
    if (luck < 0.021) return outcome('needs-operator', 'nothing may be written');
    const isKnown = ledger.has(id);
    ledger.add(id);
    if (luck < 0.025) return outcome('try-later', 'it was written, and the answer was lost');
    return isKnown ? outcome('already-current', 'it is there') : outcome('published', 'it was written');
  };
  return {
    name: 'ledger',
    handle: (changes: readonly ReceivedChange[]) => {
      const longest = random() < 0.05 ? 200_000 : 20_000;
      const going = clock.sleep(random() * longest, new AbortController().signal);
      return changes.map(async (change) => {
        await going;
        return write(change);
      });
    },
    hurry: () => undefined,
  };
}
