import { availableParallelism } from 'node:os';
import type { Oid } from '../../domain/repo-path.ts';
import type { ManifestReader, ReadingJob } from '../../manifests/parse/manifest-reader.ts';
import { NOTHING, unreadBlob } from '../../manifests/read-blob.ts';
import type { Log } from '../../ports.ts';
import type { Fault } from './jailed-worker.ts';
import { createTurns, factsOf, readHere } from './read-here.ts';
import { createWorkerPool, type PoolLimits, type WorkerPool } from './worker-pool.ts';

/**
 * Folder `reading`: reads manifests in worker threads, where they are many, or where one is large enough to hold this thread
 * up. A worker is also a jail: a file that it does not come back from is unreadable, and all others are read nevertheless.
 */
export interface ReaderOptions {
  readonly log: Log;
  /** Replaces single values. */
  readonly limits?: Partial<ReaderLimits>;
  /** The built program of a worker; left out: the one of this build. */
  readonly program?: URL;
}

interface ReaderLimits extends PoolLimits {
  /** More blobs than these are read in workers, which take some 60 ms to start. */
  readonly many: number;
  /** Larger blobs always are, in bytes. A smaller one takes a few milliseconds, and two seconds at the very worst. */
  readonly smallBytes: number;
}

const READER_LIMITS: ReaderLimits = {
  workers: Math.min(2, availableParallelism()),
  // The slowest file of one MiB that is known takes 2.5 s of a processor; not every process has a whole one.
  fileMilliseconds: 10_000,
  heapMegabytes: 512,
  idleMilliseconds: 5000,
  many: 500,
  smallBytes: 64 * 1024,
};

const MOST_BLOBS = 200;
const MOST_BYTES = 1024 * 1024;

interface Reader {
  readonly limits: ReaderLimits;
  readonly log: Log;
  readonly pool: WorkerPool;
}

type BlobFault = Extract<Fault, { readonly kind: 'blob' }>;

interface Loaded {
  readonly oid: Oid;
  readonly bytes: Uint8Array;
}

/** Opens a reader; a worker is first started when one is needed, and ended when it was not for some seconds. */
export function createManifestReader({
  log,
  limits: replaced,
  program = builtProgram(),
}: ReaderOptions): ManifestReader {
  const limits = { ...READER_LIMITS, ...replaced };
  const reader: Reader = { limits, log, pool: createWorkerPool(program, limits) };
  return {
    read: (job, signal) => untilAborted(readJob(reader, job, signal), signal),
    close: () => reader.pool.close(),
  };
}

/** Workers run what was built, even where this file is run from its source. */
function builtProgram(): URL {
  return new URL('../../../dist/adapters/reading/read-batches.js', import.meta.url);
}

function readJob(reader: Reader, job: ReadingJob, signal: AbortSignal): Promise<void> {
  return job.oids.length > reader.limits.many ? readMany(reader, job, signal) : readFew(reader, job, signal);
}

/** Here, but for those that a worker should be trusted with. */
async function readFew(reader: Reader, job: ReadingJob, signal: AbortSignal): Promise<void> {
  const takeTurns = createTurns();
  for (const oid of job.oids) {
    signal.throwIfAborted();
    const bytes = await job.load(oid);
    if (bytes.length > reader.limits.smallBytes) await readBatch(reader, [{ oid, bytes }], job, signal);
    else job.tell(oid, factsOf(bytes, job.kinds));
    await takeTurns();
  }
}

/** As many batches at once as there are workers. The first that fails ends all of them. */
async function readMany(reader: Reader, job: ReadingJob, signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const batches = batchesOf(job, reader.limits);
  const lane = async () => {
    for await (const batch of batches) await readBatch(reader, batch, job, stop);
  };
  try {
    await Promise.all(Array.from({ length: reader.limits.workers }, lane));
  } finally {
    failed.abort();
  }
  // What they hold of memory is free for what is made of this much: so many blobs seldom come a second time.
  await reader.pool.rest();
}

/** What is too large for its time to be foreseen is a batch by itself: it keeps no other waiting. */
async function* batchesOf(job: ReadingJob, { smallBytes }: ReaderLimits): AsyncGenerator<readonly Loaded[]> {
  let batch: Loaded[] = [];
  let size = 0;
  for (const oid of job.oids) {
    const loaded = { oid, bytes: await job.load(oid) };
    if (loaded.bytes.length > smallBytes) {
      yield [loaded];
      continue;
    }
    batch.push(loaded);
    size += loaded.bytes.length;
    if (batch.length < MOST_BLOBS && size < MOST_BYTES) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Reads a batch to its end, whatever becomes of workers on the way. */
async function readBatch(
  reader: Reader,
  batch: readonly Loaded[],
  job: ReadingJob,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const blobs = batch.map(({ bytes }) => bytes);
  const { facts, fault } = await reader.pool.read(blobs, job.kinds);
  signal.throwIfAborted();
  for (const [at, { oid }] of batch.slice(0, facts.length).entries()) job.tell(oid, facts[at] ?? NOTHING);
  if (fault === null) return;
  const rest = batch.slice(facts.length);
  if (fault.kind === 'no-worker') {
    reader.log.warn({ reason: fault.reason, files: rest.length }, 'no worker: manifests are read without a time limit');
    await readHere(jobOf(rest, job), signal);
    return;
  }
  const culprit = batch[fault.at];
  const others = rest.filter((one) => one !== culprit);
  // Of memory its neighbours may have had a share: before it is blamed it is read alone.
  if (culprit !== undefined && (others.length === 0 || fault.why === 'time')) blame(reader, culprit, fault, job);
  else if (culprit !== undefined) await readBatch(reader, [culprit], job, signal);
  if (others.length > 0) await readBatch(reader, others, job, signal);
}

function jobOf(loaded: readonly Loaded[], job: ReadingJob): ReadingJob {
  const bytes = new Map(loaded.map((one) => [one.oid, one.bytes]));
  const load = async (oid: Oid) => bytes.get(oid) ?? new Uint8Array();
  return { ...job, oids: loaded.map(({ oid }) => oid), load };
}

function blame({ log }: Reader, { oid, bytes }: Loaded, { why }: BlobFault, job: ReadingJob): void {
  log.warn({ blob: oid, bytes: bytes.length, reason: why }, 'a manifest could not be read to its end');
  job.tell(oid, unreadBlob(bytes, MESSAGES[why]));
}

const MESSAGES: Readonly<Record<BlobFault['why'], string>> = {
  time: 'reading the file takes too long',
  memory: 'reading the file takes too much memory',
  death: 'reading the file ended its worker',
};

/** Rejects at once when `signal` is aborted; the work itself comes to its end by itself. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const aborted = new Promise<void>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: done.signal });
  });
  try {
    await Promise.race([work, aborted]);
    signal.throwIfAborted();
  } finally {
    done.abort();
  }
}
