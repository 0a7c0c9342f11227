import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ManifestReader, ReadingJob } from '../../manifests/parse/manifest-reader.ts';
import { readBlob } from '../../manifests/read-blob.ts';

const MOST_MILLISECONDS = 10;

/** Reads in this thread without a break and without a time limit: for what lives in memory alone. */
export function createReaderHere(): ManifestReader {
  return { read: (job, signal) => readHere(job, signal, async () => undefined), close: async () => undefined };
}

/** One blob after the other in this thread, which often lets others have their turn. */
export async function readHere(
  job: ReadingJob,
  signal: AbortSignal,
  takeTurns: () => Promise<void> = createTurns(),
): Promise<void> {
  for (const oid of job.oids) {
    signal.throwIfAborted();
    job.tell(oid, readBlob(await job.load(oid), job.kinds));
    await takeTurns();
  }
  signal.throwIfAborted();
}

/** Called between two pieces of work: nobody waits longer for a turn than some milliseconds and one file. */
export function createTurns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < MOST_MILLISECONDS) return;
    await nextTurn();
    since = performance.now();
  };
}
