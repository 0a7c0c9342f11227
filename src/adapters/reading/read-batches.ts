import { isDeepStrictEqual } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { BlobFacts } from '../../manifests/objects.ts';
import { NOTHING, readBlob } from '../../manifests/read-blob.ts';
import { type Batch, type BatchAnswer, packFacts, unpackBatch } from './batch.ts';

// The program of a worker: it reads batches until it is ended. Which blob it has begun stands in memory that is shared, as it
// can no longer say so when that is the one that it does not come back from.
const port = parentPort;
const begun = new Int32Array(workerData as SharedArrayBuffer);

/** What was read in this time is handed over, so that little is lost when the next blob ends this worker. */
const MOST_MILLISECONDS = 50;

port?.on('message', (batch: Batch) => answerBatch(batch, (answer) => port.postMessage(answer)));

function answerBatch(batch: Batch, answer: (message: BatchAnswer) => void): void {
  const blobs = unpackBatch(batch);
  let facts: (BlobFacts | null)[] = [];
  let since = performance.now();
  for (const [at, blob] of blobs.entries()) {
    Atomics.store(begun, 0, at);
    try {
      const read = readBlob(blob, batch.kinds);
      facts.push(isDeepStrictEqual(read, NOTHING) ? null : read);
    } catch (error) {
      answer({ kind: 'failed', name: error instanceof Error ? error.name : typeof error });
      return;
    }
    if (performance.now() - since < MOST_MILLISECONDS && at < blobs.length - 1) continue;
    answer(packFacts(facts));
    facts = [];
    since = performance.now();
  }
  Atomics.store(begun, 0, blobs.length);
}
