import type { PublishResult, RefUpdate, UpdateResult } from '../../ports.ts';

type PublishAll = (updates: readonly RefUpdate[], signal: AbortSignal) => Promise<readonly UpdateResult[]>;

interface Waiting {
  readonly update: RefUpdate;
  readonly signal: AbortSignal;
  readonly resolve: (result: PublishResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One push at a time to a repository: what comes while one is under way waits, and goes together. So nobody waits where nothing is
 * under way, many that come at once are one request, and two updates of one branch never meet at the host.
 */
export function gatherPushes(
  publishAll: PublishAll,
): (update: RefUpdate, signal: AbortSignal) => Promise<PublishResult> {
  let waiting: Waiting[] = [];
  let state: 'idle' | 'going' = 'idle';

  const goOn = async () => {
    if (state === 'going') return;
    state = 'going';
    // What is asked for in the same breath goes along.
    await Promise.resolve();
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      // Who has stopped meanwhile is told so, and nothing of it goes out with the others.
      await publishTaken(
        publishAll,
        taken.filter(({ signal }) => signal.aborted),
      );
      await publishTaken(
        publishAll,
        taken.filter(({ signal }) => !signal.aborted),
      );
    }
    state = 'idle';
  };

  return (update, signal) =>
    new Promise((resolve, reject) => {
      waiting.push({ update, signal, resolve, reject });
      void goOn();
    });
}

/** Never rejects. */
async function publishTaken(publishAll: PublishAll, taken: readonly Waiting[]): Promise<void> {
  if (taken.length === 0) return;
  const joined = joinSignals(taken.map(({ signal }) => signal));
  try {
    const results = await publishAll(
      taken.map(({ update }) => update),
      joined.signal,
    );
    for (const [at, { resolve, reject }] of taken.entries()) {
      const result = results[at] ?? { kind: 'unknown', reason: 'nothing was said of it' };
      if (result.kind === 'failed') reject(result.failure);
      else resolve(result);
    }
  } catch (error) {
    for (const { reject } of taken) reject(error);
  } finally {
    joined.release();
  }
}

/** Aborted once all of them are: nobody is left who waits for it. */
function joinSignals(signals: readonly AbortSignal[]): { readonly signal: AbortSignal; release(): void } {
  const different = [...new Set(signals)];
  const [first] = different;
  if (first !== undefined && different.length === 1) return { signal: first, release: () => undefined };
  const all = new AbortController();
  const onAbort = () => {
    if (different.every(({ aborted }) => aborted)) all.abort();
  };
  for (const signal of different) signal.addEventListener('abort', onAbort);
  onAbort();
  return {
    signal: all.signal,
    release: () => {
      for (const signal of different) signal.removeEventListener('abort', onAbort);
    },
  };
}
