import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TemplateKind } from '../../domain/policy.ts';
import type { BlobFacts } from '../../manifests/objects.ts';
import type { ManifestReader, ReadingJob } from '../../manifests/parse/manifest-reader.ts';
import { NOTHING, readBlob } from '../../manifests/read-blob.ts';

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
    job.tell(oid, factsOf(await job.load(oid), job.kinds));
    await takeTurns();
  }
  signal.throwIfAborted();
}

/**
 * What a blob says, without what it was read from: a word that was cut out of a text keeps all of that text in memory for as long
 * as the word is kept, so it would be every manifest in the end. What comes from a worker was copied, too.
 */
export function factsOf(bytes: Uint8Array, kinds: readonly TemplateKind[]): BlobFacts {
  const facts = readBlob(bytes, kinds);
  return facts === NOTHING ? NOTHING : structuredClone(facts);
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
