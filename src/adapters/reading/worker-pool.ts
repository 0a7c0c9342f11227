import type { TemplateKind } from '../../domain/policy.ts';
import {
  type JailedWorker,
  type JailLimits,
  noWorker,
  type ReadBatch,
  readingStopped,
  startJailedWorker,
} from './jailed-worker.ts';

/** How many workers there are, and for how long they wait for more. */
export interface PoolLimits extends JailLimits {
  readonly workers: number;
  readonly idleMilliseconds: number;
}

/** Workers that are started when there is something to read, and ended when there was nothing for a while. */
export interface WorkerPool {
  read(blobs: readonly Uint8Array[], kinds: readonly TemplateKind[]): Promise<ReadBatch>;
  /** Ends those that wait, unless any is busy. */
  rest(): Promise<void>;
  /** Ends all of them, busy ones too. */
  close(): Promise<void>;
}

interface Pool {
  readonly program: URL;
  readonly limits: PoolLimits;
  readonly all: Set<JailedWorker>;
  readonly idle: JailedWorker[];
  /** Batches that wait for a worker, first come first served. */
  readonly waiting: (() => void)[];
  /** Batches that have a worker, or are about to. */
  busy: number;
  timer: NodeJS.Timeout | null;
  isClosed: boolean;
}

/** Opens a pool; no worker is started yet. */
export function createWorkerPool(program: URL, limits: PoolLimits): WorkerPool {
  const pool: Pool = { program, limits, all: new Set(), idle: [], waiting: [], busy: 0, timer: null, isClosed: false };
  return {
    read: async (blobs, kinds) => {
      await waitForTurn(pool);
      try {
        return await readNow(pool, blobs, kinds);
      } finally {
        endTurn(pool);
      }
    },
    rest: async () => {
      if (pool.busy === 0) await endAll(pool);
    },
    close: () => {
      pool.isClosed = true;
      return endAll(pool);
    },
  };
}

async function readNow(pool: Pool, ...[blobs, kinds]: Parameters<WorkerPool['read']>): Promise<ReadBatch> {
  if (pool.isClosed) throw readingStopped();
  const worker = takeWorker(pool);
  if (!('read' in worker)) return worker;
  try {
    const read = await worker.read(blobs, kinds);
    if (read.fault === null && pool.all.has(worker)) pool.idle.push(worker);
    return read;
  } finally {
    if (!pool.idle.includes(worker)) {
      pool.all.delete(worker);
      void worker.end();
    }
  }
}

async function waitForTurn(pool: Pool): Promise<void> {
  if (pool.busy < pool.limits.workers) {
    pool.busy += 1;
    return;
  }
  await new Promise<void>((resolve) => {
    pool.waiting.push(resolve);
  });
}

/** What comes of a batch instead, where the system has no thread for it: that is thrown at once, and told by no worker. */
function takeWorker(pool: Pool): JailedWorker | ReadBatch {
  if (pool.timer !== null) clearTimeout(pool.timer);
  pool.timer = null;
  const idle = pool.idle.pop();
  if (idle !== undefined && !idle.hasEnded()) return idle;
  try {
    const worker = startJailedWorker(pool.program, pool.limits);
    pool.all.add(worker);
    return worker;
  } catch (error) {
    return noWorker(error);
  }
}

/** Whoever waits takes over the turn; after the last one all workers are idle, and end after a while. */
function endTurn(pool: Pool): void {
  const next = pool.waiting.shift();
  if (next !== undefined) {
    next();
    return;
  }
  pool.busy -= 1;
  if (pool.busy > 0 || pool.isClosed) return;
  pool.timer = setTimeout(() => void endAll(pool), pool.limits.idleMilliseconds).unref();
}

async function endAll(pool: Pool): Promise<void> {
  if (pool.timer !== null) clearTimeout(pool.timer);
  pool.timer = null;
  const workers = [...pool.all];
  pool.all.clear();
  pool.idle.length = 0;
  await Promise.all(workers.map((worker) => worker.end()));
}
