import type { Clock } from '../../ports.ts';
import { type Arrival, type CoalesceSettings, dueAt, MOST_CHANGES } from './coalesce.ts';

/** What waits in a lane until it is to go. */
export interface Gathering<Item> {
  add(item: Item, pace: Arrival['pace']): void;
  /** What is to go, oldest first, as soon as it is: when its window has passed, enough is there, or something is urgent. */
  take(): Promise<readonly Item[]>;
  size(): number;
  /** From now on nothing waits for its window. */
  hurry(): void;
}

export function createGathering<Item>(clock: Clock, settings: CoalesceSettings): Gathering<Item> {
  const waiting: (Arrival & { readonly item: Item })[] = [];
  let wake = new AbortController();
  let hurried = false;
  const left = () => (hurried ? 0 : dueAt(waiting, settings) - clock.now());
  return {
    add: (item, pace) => {
      waiting.push({ item, pace, at: clock.now() });
      if (left() <= 0) wake.abort();
    },
    take: async () => {
      while (left() > 0) {
        wake = new AbortController();
        await clock.sleep(left(), wake.signal);
      }
      return waiting.splice(0, MOST_CHANGES).map(({ item }) => item);
    },
    size: () => waiting.length,
    hurry: () => {
      hurried = true;
      wake.abort();
    },
  };
}
