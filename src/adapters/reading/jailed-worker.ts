import { Worker } from 'node:worker_threads';
import { Failure, internalFailure } from '../../domain/failure.ts';
import type { TemplateKind } from '../../domain/policy.ts';
import type { BlobFacts } from '../../manifests/objects.ts';
import { type BatchAnswer, packBatch, unpackFacts } from './batch.ts';

/** What one blob may take. */
export interface JailLimits {
  readonly fileMilliseconds: number;
  /** Of the worker's heap. */
  readonly heapMegabytes: number;
}

/** Why a batch was not read to its end. */
export type Fault =
  /** The blob at this position held the worker up, and ended it. */
  | { readonly kind: 'blob'; readonly at: number; readonly why: 'time' | 'memory' | 'death' }
  /** It ended before it had begun any. */
  | { readonly kind: 'no-worker'; readonly reason: string };

/** What the first blobs of a batch say, as far as they were read. */
export interface ReadBatch {
  readonly facts: readonly BlobFacts[];
  /** Null where all of them were read; else its worker is gone. */
  readonly fault: Fault | null;
}

/** A thread that reads one batch at a time, and can be ended whatever it does. */
export interface JailedWorker {
  readonly hasEnded: () => boolean;
  read(blobs: readonly Uint8Array[], kinds: readonly TemplateKind[]): Promise<ReadBatch>;
  end(): Promise<void>;
}

interface Pending {
  readonly blobs: number;
  readonly facts: BlobFacts[];
  readonly watch: NodeJS.Timeout;
  readonly settle: (fault: Fault | null) => void;
  readonly reject: (failure: Failure) => void;
}

interface Jail {
  readonly worker: Worker;
  /** The position of the blob that the worker has begun last; -1 before the first. */
  readonly begun: Int32Array;
  readonly limits: JailLimits;
  pending: Pending | null;
}

/** Starts the built program of a worker. That it could not be read is told by the first batch; throws where there is no thread for it. */
export function startJailedWorker(program: URL, limits: JailLimits): JailedWorker {
  const begun = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(program, {
    workerData: begun.buffer,
    // Nothing of this process is of use to it, and a file that takes it over would find nothing.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMegabytes, maxYoungGenerationSizeMb: 16 },
  });
  worker.unref();
  const jail: Jail = { worker, begun, limits, pending: null };
  let [reason, hasEnded] = ['it ended', false];
  worker.on('message', (answer: BatchAnswer) => hear(jail, answer));
  worker.on('error', (error: unknown) => {
    reason = codeOf(error);
  });
  worker.on('exit', () => {
    hasEnded = true;
    endPending(jail, faultOf(jail, reason));
  });
  return {
    hasEnded: () => hasEnded,
    read: (blobs, kinds) => post(jail, blobs, kinds),
    end: async () => {
      jail.pending?.reject(readingStopped());
      endPending(jail, null);
      await worker.terminate();
    },
  };
}

function post(jail: Jail, blobs: readonly Uint8Array[], kinds: readonly TemplateKind[]): Promise<ReadBatch> {
  const batch = packBatch(blobs, kinds);
  Atomics.store(jail.begun, 0, -1);
  return new Promise<ReadBatch>((resolve, reject) => {
    const facts: BlobFacts[] = [];
    const settle = (fault: Fault | null) => resolve({ facts, fault });
    jail.pending = { blobs: blobs.length, facts, watch: watchOver(jail), settle, reject };
    jail.worker.ref();
    jail.worker.postMessage(batch, [batch.bytes]);
  });
}

function hear(jail: Jail, answer: BatchAnswer): void {
  const { pending } = jail;
  if (pending === null) return;
  const facts = answer.kind === 'failed' ? null : unpackFacts(answer);
  if (facts === null) {
    const name = answer.kind === 'failed' ? answer.name : 'what it says cannot be told';
    pending.reject(internalFailure(`a manifest can always be read (${name})`));
    endPending(jail, null);
    return;
  }
  pending.facts.push(...facts);
  if (pending.facts.length === pending.blobs) endPending(jail, null);
}

function endPending(jail: Jail, fault: Fault | null): void {
  const { pending } = jail;
  if (pending === null) return;
  jail.pending = null;
  clearInterval(pending.watch);
  jail.worker.unref();
  pending.settle(fault);
}

/**
 * Ends the worker when it is at one blob for too long. What counts is the time in which this process computed: on a machine that
 * is busy with other things an honest file is not blamed. (Node 20 cannot tell what a single thread has computed.)
 */
function watchOver(jail: Jail): NodeJS.Timeout {
  const { fileMilliseconds } = jail.limits;
  let at = -1;
  let before = clocks();
  let [computed, passed] = [0, 0];
  return setInterval(() => {
    const begun = Atomics.load(jail.begun, 0);
    const now = clocks();
    const wall = now.wall - before.wall;
    [computed, passed] = begun === at ? [computed + Math.min(wall, now.cpu - before.cpu), passed + wall] : [0, 0];
    at = begun;
    before = now;
    const limit = begun < 0 ? START_MILLISECONDS : fileMilliseconds;
    const isOver = computed > limit || passed > limit * MOST_PATIENCE;
    if (!isOver || begun === jail.pending?.blobs) return;
    const fault: Fault =
      begun < 0 ? { kind: 'no-worker', reason: 'it did not start in time' } : { kind: 'blob', at: begun, why: 'time' };
    endPending(jail, fault);
    void jail.worker.terminate();
  }, fileMilliseconds / LOOKS);
}

function clocks() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1000 };
}

/** How often a worker is looked at before the time of one blob is over. */
const LOOKS = 20;
/** How many times its time may pass where next to nothing is computed. */
const MOST_PATIENCE = 10;
// It takes less than 100 on a machine that is not busy.
const START_MILLISECONDS = 20_000;

function faultOf({ begun, pending }: Jail, reason: string): Fault {
  const at = Atomics.load(begun, 0);
  if (at < 0 || at === pending?.blobs) return { kind: 'no-worker', reason };
  return { kind: 'blob', at, why: reason === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'death' };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it ended';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** What comes of a batch for which no worker could be started. */
export function noWorker(error: unknown): ReadBatch {
  return { facts: [], fault: { kind: 'no-worker', reason: codeOf(error) } };
}

/** Somebody closed the reader. */
export function readingStopped(): Failure {
  return new Failure('could not read manifests: stopped', {
    code: 'file-unreadable',
    retry: 'later',
    hint: 'The work was stopped; it begins again by itself.',
  });
}
