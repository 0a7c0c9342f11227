import { createSqsInbox } from '../../../src/adapters/aws/sqs-inbox.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { Inbox } from '../../../src/ports.ts';
import { NO_WINDOW } from '../../../src/service/consume/coalesce.ts';
import { consume } from '../../../src/service/consume/consume.ts';
import { CREDENTIALS, INBOX_PORTS } from '../../adapters/aws/aws-test-connection.ts';
import type { Process } from '../../service/memory-world.ts';
import type { Gate, Ports } from '../../service/ports-of-process.ts';
import { quietInMemory } from '../../service/virtual-time.ts';
import type { RandomNumbers } from '../kill-loop/random-numbers.ts';
import { ledgerLane } from './ledger.ts';
import { type Deed, never, QUEUE, type SoakWorld, VISIBILITY_SECONDS } from './soak-world.ts';

/** As in production. */
const COALESCE = { ...NO_WINDOW, windowMilliseconds: 10_000, capMilliseconds: 60_000 };
const LIMITS = { connectMilliseconds: 5000, requestMilliseconds: 10_000 };
/** One lets its SDK try again, as in production; the other meets everything that goes wrong by itself. */
const ATTEMPTS = [3, 1];
const REPOSITORY_FAULT_SHARE = 0.01;
const AWS_CALLS = new Set(['receive', 'ack', 'extend', 'release', 'waiting']);

const DOWN = new Failure('no answer', { code: 'git-unreachable', retry: 'later', hint: 'Look at the network.' });

export interface Counts {
  deliveries: number;
  redeliveries: number;
  mostDeliveries: number;
  repositoryFaults: number;
  kills: number;
  leasesLost: number;
}

/** Two consumers of one queue. Who is killed does nothing any more, and another begins in its place a little later. */
export interface Consumers {
  readonly counts: Counts;
  /** Every death, and every failure of a repository that a process met. */
  readonly mishaps: readonly Deed[];
  /** The process that makes the call with this number from now on dies there, before or after its effect. */
  killAt(call: number): void;
  /** Ends all of them as a stop does, with what they have in hand. */
  stop(): Promise<void>;
}

interface Life {
  readonly process: Process;
  readonly ended: Promise<void>;
  kill(): void;
}

export function startConsumers(world: SoakWorld): Consumers {
  const counts = { deliveries: 0, redeliveries: 0, mostDeliveries: 0, repositoryFaults: 0, kills: 0, leasesLost: 0 };
  const stopping = new AbortController();
  const random = world.random('lives');
  const luck = world.random('repository');
  const mishaps: Deed[] = [];
  let begun = 0;
  const lives = new Map<number, Life>();
  let doomed: number | null = null;
  const noteMishap = (writer: number) => mishaps.push({ writer, at: world.time.now() });
  const gateOf = (slot: number, writer: number): Gate => {
    const noteFault = () => {
      counts.repositoryFaults += 1;
      noteMishap(writer);
    };
    const repository = repositoryGate(world, luck, noteFault);
    return async (call, moment) => {
      if (doomed !== null) doomed -= 1;
      const life = lives.get(slot);
      if (doomed === null || doomed > 0 || life === undefined) return repository(call, moment);
      doomed = null;
      life.kill();
    };
  };
  const begin = (slot: number): void => {
    if (stopping.signal.aborted) return;
    const writer = begun;
    begun += 1;
    const killed = new AbortController();
    const { inbox, close } = openInbox(world, slot, counts, killed.signal);
    const how = {
      gate: gateOf(slot, writer),
      ports: (ports: Ports) => ({ ...ports, inbox, workspace: world.recorded(ports.workspace, writer) }),
      coalesce: COALESCE,
    };
    const process = world.start(how);
    const { request } = process;
    const lanes = [...request.lanes, ledgerLane(world.ledger, request.clock, world.random(`ledger ${counts.kills}`))];
    const whole = { ...request, lanes, visibilitySeconds: VISIBILITY_SECONDS };
    const ended = consume(whole, { stopping: stopping.signal, abort: never() });
    const account = () => {
      counts.leasesLost += process.meter.read(`leases_lost_total{queue="${QUEUE}"}`) ?? 0;
      close();
    };
    const kill = () => {
      counts.kills += 1;
      noteMishap(writer);
      process.die();
      killed.abort();
      world.endWaits();
      account();
      lives.delete(slot);
      void world.time.sleep(1000 + random() * 20_000, never()).then(() => begin(slot));
    };
    lives.set(slot, { process, ended: ended.then(account), kill });
  };
  for (const slot of ATTEMPTS.keys()) begin(slot);
  return {
    counts,
    mishaps,
    killAt: (call) => {
      doomed = call;
    },
    stop: async () => {
      doomed = null;
      stopping.abort();
      await Promise.all([...lives.values()].map(({ ended }) => ended));
    },
  };
}

/** Git and the forge take their time, and sometimes fail, before or after what they were asked for. */
function repositoryGate(world: SoakWorld, random: RandomNumbers, noteFault: () => void): Gate {
  return async (call, moment) => {
    if (AWS_CALLS.has(call)) return;
    if (moment === 'before' && call === 'snapshot') await world.time.sleep(random() * 5000, never());
    if (random() >= REPOSITORY_FAULT_SHARE / 2) return;
    noteFault();
    if (call === 'publish') world.workspace.loseAnswer();
    else throw DOWN;
  };
}

/** The real adapter, over HTTP; it counts what came. */
function openInbox(world: SoakWorld, slot: number, counts: Counts, killed: AbortSignal) {
  const real = createSqsInbox({
    region: 'eu-west-1',
    endpoint: world.sqs.url,
    credentials: CREDENTIALS,
    limits: { ...LIMITS, maxAttempts: ATTEMPTS[slot] ?? 1 },
    queueUrl: world.queueUrl,
    maxNumberOfMessages: 10,
    waitTimeSeconds: 20,
    visibilityTimeout: VISIBILITY_SECONDS,
    // Calls that wait for a batch are under way: the time of the soak stands still meanwhile.
    clock: { now: () => world.time.now(), sleep: quietInMemory },
    log: INBOX_PORTS.log,
  });
  const inbox = world.calls.through(real, killed);
  const counting: Inbox = {
    ...inbox,
    receive: async (signal, wait) => {
      const messages = await inbox.receive(signal, wait);
      counts.deliveries += messages.length;
      for (const { receiveCount } of messages) {
        if (receiveCount > 1) counts.redeliveries += 1;
        counts.mostDeliveries = Math.max(counts.mostDeliveries, receiveCount);
      }
      return messages;
    },
  };
  return { inbox: counting, close: () => real.close() };
}
