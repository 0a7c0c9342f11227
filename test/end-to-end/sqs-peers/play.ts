import { createSqsInbox } from '../../../src/adapters/aws/sqs-inbox.ts';
import { createSystemClock } from '../../../src/adapters/local/system-clock.ts';
import { createMemoryMeter } from '../../../src/adapters/memory/memory-meter.ts';
import { waitUntil } from '../../../src/demo/program-process.ts';
import type { Log } from '../../../src/ports.ts';
import { consume } from '../../../src/service/consume/consume.ts';
import { createHealth } from '../../../src/service/health.ts';
import { outcome } from '../../../src/service/outcome.ts';
import type { ReceivedChange } from '../../../src/service/truth/identify-changes.ts';
import { connection, INBOX_PORTS } from '../../adapters/aws/aws-test-connection.ts';
import type { Peer, PeerQueue, QueueCounts } from './peers.ts';
import { type MessageTrace, type Recorder, startRecorder } from './recorder.ts';
import type { Scenario, Script } from './scenarios.ts';

/** How a scenario went: what the queue saw, and where its messages are. */
export interface Played {
  readonly name: string;
  readonly traces: readonly MessageTrace[];
  readonly end: QueueCounts;
}

const MOST_DELIVERIES = 3;
const ENDLESS: Script = { outcomes: [], goSeconds: 3600 };
const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Plays a scenario on a queue of its own, with the real consumer and the real adapter, until it ends as expected or never. */
export async function play(peer: Peer, scenario: Scenario, longestMilliseconds: number): Promise<Played> {
  const { visibilitySeconds } = scenario;
  const name = scenario.name.replaceAll(' ', '-');
  const queue = await peer.createQueue({ name, visibilitySeconds, maxReceiveCount: MOST_DELIVERIES });
  const recorder = await startRecorder(peer.endpoint, visibilitySeconds);
  const start = (script: Script) => startConsumer({ recorder, queue, script, visibilitySeconds });
  const traces = () => recorder.traces().toSorted((a, b) => (a.body < b.body ? 1 : -1));
  const until = (what: string, ready: () => Promise<boolean>) => waitUntil(what, ready, longestMilliseconds);
  try {
    for (const body of scenario.bodies) await queue.send(body);
    let consumer = start(scenario.stops === 'in the middle' ? ENDLESS : scenario.script);
    if (scenario.stops === 'in the middle') {
      await until('the first delivery', async () => recorder.traces().length > 0 && recorder.polls() > 0);
      await consumer.stopInTheMiddle();
      consumer = start(scenario.script);
    }
    const hasEnded = async () => {
      if (JSON.stringify(traces()) !== JSON.stringify(scenario.traces)) return false;
      return JSON.stringify(await queue.counts()) === JSON.stringify(scenario.end);
    };
    // What does not end as expected is shown by the comparison.
    await until('the end', hasEnded).catch(() => undefined);
    const end = await queue.counts();
    await consumer.stop();
    return { name: scenario.name, traces: traces(), end };
  } finally {
    await recorder.close();
  }
}

interface Job {
  readonly recorder: Recorder;
  readonly queue: PeerQueue;
  readonly script: Script;
  readonly visibilitySeconds: number;
}

function startConsumer({ recorder, queue, script, visibilitySeconds }: Job) {
  const [stopping, abort] = [new AbortController(), new AbortController()];
  const inbox = createSqsInbox({
    ...connection(recorder.url),
    queueUrl: queue.url,
    maxNumberOfMessages: 10,
    waitTimeSeconds: 1,
    visibilityTimeout: visibilitySeconds,
    ...INBOX_PORTS,
  });
  const clock = createSystemClock();
  const meter = createMemoryMeter();
  const request = {
    inbox,
    lanes: [scriptedLane(script, abort.signal)],
    clock,
    log: SILENT,
    meter,
    health: createHealth([{ kind: 'queue', name: inbox.name }], clock, meter),
    visibilitySeconds,
  };
  const ended = consume(request, { stopping: stopping.signal, abort: abort.signal });
  const stop = async () => {
    stopping.abort();
    abort.abort();
    await ended;
    inbox.close();
  };
  return {
    stop,
    /** As a stop whose grace period ends while a go is under way: the last poll has come to its end by then. */
    stopInTheMiddle: async () => {
      stopping.abort();
      await waitUntil('the last poll', async () => recorder.polls() === 0, 5000);
      await stop();
    },
  };
}

/** Goes as long as the script says, and gives up when told to, as a real lane does. */
function scriptedLane({ outcomes, goSeconds }: Script, abort: AbortSignal) {
  const clock = createSystemClock();
  let handled = 0;
  const go = async (at: number) => {
    await clock.sleep(goSeconds * 1000, abort);
    if (abort.aborted) return outcome('try-later', 'stopped', { retryAfterSeconds: 1 });
    return outcome(outcomes[Math.min(at, outcomes.length - 1)] ?? 'try-later', 'as the script says');
  };
  return {
    name: 'script',
    handle: (changes: readonly ReceivedChange[]) =>
      changes.map(() => {
        handled += 1;
        return go(handled - 1);
      }),
    hurry: () => undefined,
  };
}
