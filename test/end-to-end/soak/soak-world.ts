import { setMaxListeners } from 'node:events';
import { type SqsServer, startSqs } from '../../../src/demo/aws/sqs-server.ts';
import type { RefUpdate, Workspace } from '../../../src/ports.ts';
import { START, type World } from '../../service/memory-world.ts';
import { createTeamWorld, type Layout } from '../../service/team-world.ts';
import { createVirtualTime, quietInMemory } from '../../service/virtual-time.ts';
import { type RandomNumbers, randomNumbers } from '../kill-loop/random-numbers.ts';
import { type CallsUnderWay, callsUnderWay } from './calls-under-way.ts';
import type { Ledger } from './ledger.ts';
import { type RandomFaults, randomFaults } from './random-faults.ts';

export const QUEUE = 'events';
export const DEAD_LETTERS = 'dead-letters';
export const VISIBILITY_SECONDS = 120;

/** As `templates/` make the queue. */
const MOST_DELIVERIES = 300;
const FAULT_SHARE = 0.05;
/** Of a server that still answers in time: a client waits ten seconds. */
const SLOWEST_MILLISECONDS = 9000;

/** A queue over HTTP, and behind it a repository in memory and a ledger, all in one time that is not this computer's. */
export interface SoakWorld extends World {
  readonly sqs: SqsServer;
  readonly queueUrl: string;
  readonly faults: RandomFaults;
  readonly calls: CallsUnderWay;
  readonly ledger: Ledger;
  /** One stream of numbers for each purpose. */
  random(purpose: string): RandomNumbers;
  /** Every commit that each of our branches was at, in order. */
  readonly history: ReadonlyMap<string, readonly RefMove[]>;
  /** Slow answers come at once: who waited for one of them is dead. */
  endWaits(): void;
  /** The workspace of one writer, whose moves go into `history`. */
  recorded(workspace: Workspace, writer: number): Workspace;
}

/** What happened to a process, or what it did; `at` is in epoch milliseconds, and processes are numbered as they begin. */
export interface Deed {
  readonly writer: number;
  readonly at: number;
}

/** Where a branch was moved to. */
export interface RefMove extends Deed {
  readonly oid: string;
}

export interface SoakLimits {
  readonly seed: number;
  readonly layout: Layout;
  /** Throws when the soak has to come to an end. */
  readonly check: (world: SoakWorld) => void;
}

/**
 * Time stands still while anything goes on by itself, and leaps when every call of a consumer waits at the server: leases
 * and back-offs end exactly when they should, however slow the machine is.
 */
export async function openSoakWorld({ seed, layout, check }: SoakLimits): Promise<SoakWorld> {
  const random = (purpose: string) =>
    randomNumbers(Buffer.from(purpose).reduce((sum, one) => Math.imul(sum, 31) + one, seed) | 0);
  const calls = callsUnderWay();
  let held = 0;
  let hurry = newHurry();
  const quiet = async () => {
    for (let calm = 0, looks = 0; calm < 3; looks += 1) {
      check(world);
      await quietInMemory();
      // What an SDK waits for before it tries again is this computer's time.
      if (looks > 100) await oneMillisecond();
      // A request that was under way when its sender died may wait there too, for nobody, and for a few seconds.
      calm = calls.count() <= sqs.polls(QUEUE) + held ? calm + 1 : 0;
    }
  };
  const time = createVirtualTime(START, quiet);
  const slowness = random('slowness');
  const faults = randomFaults(FAULT_SHARE, random('faults'), async (operation) => {
    // Many calls may wait for one batch: as long as they do, time cannot go on.
    if (operation.endsWith('Batch')) return oneMillisecond();
    held += 1;
    await time.sleep(slowness() * SLOWEST_MILLISECONDS, hurry.signal);
    held -= 1;
  });
  // SQS tells whole milliseconds; what is no whole number is no time that an adapter would believe.
  const sqs = await startSqs({ faults, now: () => Math.floor(time.now()) });
  sqs.createQueue(DEAD_LETTERS, { visibilityTimeout: VISIBILITY_SECONDS });
  const settings = {
    visibilityTimeout: VISIBILITY_SECONDS,
    maxReceiveCount: MOST_DELIVERIES,
    deadLetter: DEAD_LETTERS,
  };
  const queueUrl = sqs.createQueue(QUEUE, settings);
  const memory = createTeamWorld(layout, { time });
  const history = new Map<string, readonly RefMove[]>();
  const record = (writer: number, { ref }: RefUpdate) => {
    const oid = memory.workspace.tip(ref) ?? 'deleted';
    const earlier = history.get(ref) ?? [];
    if (earlier.at(-1)?.oid !== oid) history.set(ref, [...earlier, { oid, writer, at: time.now() }]);
  };
  const recorded = (workspace: Workspace, writer: number) => ({
    ...workspace,
    publish: async (update: RefUpdate, signal: AbortSignal) => {
      const result = await workspace.publish(update, signal);
      record(writer, update);
      return result;
    },
    publishAll: async (updates: readonly RefUpdate[], signal: AbortSignal) => {
      const results = await workspace.publishAll(updates, signal);
      for (const update of updates) record(writer, update);
      return results;
    },
  });
  const endWaits = () => {
    hurry.abort();
    hurry = newHurry();
  };
  const ledger: Ledger = new Set();
  const world = { ...memory, sqs, queueUrl, faults, calls, ledger, random, history, recorded, endWaits };
  return world;
}

/** Many wait for one of these at the same time. */
function newHurry(): AbortController {
  const hurry = new AbortController();
  setMaxListeners(0, hurry.signal);
  return hurry;
}

/** Of this computer's time. */
function oneMillisecond(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
}

/** For whoever is not to be stopped. */
export function never(): AbortSignal {
  return new AbortController().signal;
}
