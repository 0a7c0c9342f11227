import type { Clock } from '../../../ports.ts';
import { type BatchAnswer, resultOf } from './batch-answer.ts';

/** SQS takes no more entries in one call. */
const MOST_ENTRIES = 10;
/** So long a call waits for others that are asked for at nearly the same time. */
const GATHER_MILLISECONDS = 5;
/** What SQS itself failed with, for one entry, is tried again after each of these pauses. */
const RETRY_MILLISECONDS = [50, 200] as const;

export interface BatchCallerOptions<Item> {
  readonly clock: Clock;
  /** One call, whose entries are named by their position. Rejects where SQS does not answer with 200. */
  readonly send: (items: readonly Item[]) => Promise<BatchAnswer>;
}

interface Asked<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes one call of ten: what is asked for within a few milliseconds goes together. Each gets its own answer, as from a call of
 * its own: it rejects with what the SDK threw for the call, or with what SQS said of this entry.
 */
export function createBatchCaller<Item>({ clock, send }: BatchCallerOptions<Item>): (item: Item) => Promise<void> {
  let gathered: Asked<Item>[] = [];
  const flush = () => {
    const asked = gathered;
    gathered = [];
    void carryOut(asked, { clock, send });
  };
  const flushSoon = async (batch: readonly Asked<Item>[]) => {
    await pass(clock, GATHER_MILLISECONDS);
    // Else it was full before.
    if (batch === gathered) flush();
  };
  return (item) =>
    new Promise((resolve, reject) => {
      gathered.push({ item, resolve, reject });
      if (gathered.length === MOST_ENTRIES) flush();
      else if (gathered.length === 1) void flushSoon(gathered);
    });
}

/** Never rejects: everybody who asked is told. */
async function carryOut<Item>(asked: readonly Asked<Item>[], { clock, send }: BatchCallerOptions<Item>): Promise<void> {
  let left = asked;
  try {
    for (const pause of [...RETRY_MILLISECONDS, null]) {
      const answer = await send(left.map(({ item }) => item));
      left = left.filter((one, at) => !isTold(one, answer, { id: String(at), isLast: pause === null }));
      if (left.length === 0 || pause === null) return;
      await pass(clock, pause);
    }
  } catch (error) {
    for (const { reject } of left) reject(error);
  }
}

/** False where it is to be tried again. */
function isTold<Item>(
  { resolve, reject }: Asked<Item>,
  answer: BatchAnswer,
  { id, isLast }: { readonly id: string; readonly isLast: boolean },
): boolean {
  const result = resultOf(answer, id);
  if (result.kind === 'done') resolve();
  else if (result.retry === 'never' || isLast) reject(result.error);
  else return false;
  return true;
}

function pass(clock: Clock, milliseconds: number): Promise<void> {
  return clock.sleep(milliseconds, new AbortController().signal);
}
