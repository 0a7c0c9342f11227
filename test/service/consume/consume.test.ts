import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { consume } from '../../../src/service/consume/consume.ts';
import { ACCOUNT, version } from '../manifests.ts';
import { type Process, type ProcessOptions, START, told, type World } from '../memory-world.ts';
import type { Ports } from '../ports-of-process.ts';
import { createTeamWorld, type Layout, proposed } from '../team-world.ts';

const LAYOUT: Layout = { db: ['a'], web: ['b'] };

function moved(...names: readonly string[]): World {
  const world = createTeamWorld(LAYOUT);
  for (const name of ['a', 'b']) for (const number of [1, 2]) world.rotate(name, version(number));
  for (const name of names) world.tell(name, version(2));
  return world;
}

function handled(process: Process): readonly string[] {
  return told(process, 'outcome');
}

function seconds(world: World): number {
  return (world.time.now() - START) / 1000;
}

function losingLeases(ports: Ports): Ports {
  return {
    ...ports,
    inbox: {
      ...ports.inbox,
      receive: async (signal, wait) =>
        (await ports.inbox.receive(signal, wait)).map((message) => ({ ...message, extend: async () => false })),
    },
  };
}

function failingAcks(ports: Ports): Ports {
  return {
    ...ports,
    inbox: {
      ...ports.inbox,
      receive: async (signal, wait) =>
        (await ports.inbox.receive(signal, wait)).map((message) => ({ ...message, ack: () => Promise.reject(DOWN) })),
    },
  };
}

const DOWN = new Failure('unreachable', { code: 'aws-unreachable', retry: 'later', hint: 'Look at the network.' });

test('what cannot be read is left for the dead-letter queue, and the other nine are handled', async () => {
  const world = moved('a');
  const noDetail = '{"source":"aws.secretsmanager","detail-type":"Secret Label Updated"}';
  const noSecret = JSON.stringify({
    version: '0',
    source: 'aws.secretsmanager',
    'detail-type': 'AWS API Call via CloudTrail',
    account: '111122223333',
    region: 'eu-west-1',
    time: '2026-03-02T09:20:00Z',
    detail: { eventSource: 'secretsmanager.amazonaws.com', eventName: 'PutSecretValue', eventVersion: '1.11' },
  });
  const malformed = ['', '{', 'hello', '[]', noDetail, noSecret];
  for (const body of malformed) world.inbox.send(body);
  world.inbox.send('{"source":"aws.s3","detail-type":"x","detail":{}}');
  world.inbox.send(JSON.stringify({ Type: 'SubscriptionConfirmation', Message: 'x', SubscribeURL: 'https://x' }));
  world.tell('b', version(2));
  const process = world.start();
  await process.batch();
  expect(world.inbox.bodies()).toEqual(malformed);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) }, web: { b: version(2) } });
  expect(handled(process).filter((one) => one === 'malformed')).toHaveLength(6);
  // No body is logged, and what is left keeps its lease's end: every delivery counts towards the dead-letter queue.
  expect(JSON.stringify(process.lines)).not.toContain('hello');
  await world.time.pass(120_000);
  expect(world.inbox.visible()).toBe(6);
});

test('one line per outcome', async () => {
  const world = moved('a');
  world.tell('a', version(2), { account: '444455556666', resources: [] });
  world.inbox.send('{"source":"aws.s3","detail-type":"x","detail":{}}');
  const process = world.start();
  await process.batch();
  expect(process.lines.map(({ level, fields }) => [level, fields['outcome'], fields['messageId']].join(' '))).toEqual([
    'debug ignored message-3',
    'debug ignored message-2',
    'info published message-1',
  ]);
});

test.each([
  ['RotationFailed', 'rotation failed in AWS'],
  ['RotationAbandoned', 'rotation failed in AWS'],
  ['ReplicationFailed', 'AWS reports a failure'],
  ['RotationStarted', null],
])('%s: people hear %s, and the message is done with', async (eventName, notice) => {
  const world = createTeamWorld(LAYOUT);
  const arn = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:a-Ab3dEf`;
  world.tell('a', version(2), {
    'detail-type': 'AWS Service Event via CloudTrail',
    detail: {
      eventSource: 'secretsmanager.amazonaws.com',
      eventName,
      eventTime: '2026-03-02T09:20:00Z',
      awsRegion: 'eu-west-1',
      recipientAccountId: ACCOUNT,
      additionalEventData: { SecretId: arn },
    },
  });
  const process = world.start();
  await process.batch();
  expect(told(process, 'outcome')).toEqual(['ignored']);
  const warnings = process.lines.filter(({ level }) => level === 'warn');
  expect(warnings.map(({ message, fields }) => [message, fields['secret']])).toEqual(
    notice === null ? [] : [[notice, 'a']],
  );
  expect(world.inbox.bodies()).toEqual([]);
});

test('the leases of a batch that takes long are kept', async () => {
  const world = moved('a', 'b');
  const process = world.start({
    gate: async (call) => (call === 'snapshot' ? world.time.sleep(1e6, never()) : undefined),
  });
  const working = process.work();
  await world.time.pass(1_500_000);
  expect(world.inbox.visible()).toBe(0);
  await world.time.run(working);
  expect(world.inbox.bodies()).toEqual([]);
  expect(await world.forge.pulls()).toHaveLength(2);
});

test('a message whose lease was lost is not deleted; on replay it is current', async () => {
  const world = moved('a');
  const slow: ProcessOptions['gate'] = async (call) =>
    call === 'snapshot' ? world.time.sleep(100_000, never()) : undefined;
  const process = world.start({ ports: losingLeases, gate: slow });
  await process.batch();
  expect(handled(process)).toEqual(['published']);
  expect(world.inbox.bodies()).toHaveLength(1);
  const second = world.start();
  await world.drain(second);
  expect(handled(second)).toEqual(['already-current']);
  expect(await world.forge.pulls()).toHaveLength(1);
});

test('a delete that fails: the message comes back, and is current', async () => {
  const world = moved('a');
  const process = world.start({ ports: failingAcks });
  await process.batch();
  expect(process.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'info message handled',
    'warn message could not be settled',
  ]);
  const second = world.start();
  await world.drain(second);
  expect(handled(second)).toEqual(['already-current']);
});

test('an abort in the middle gives the messages back', async () => {
  for (const call of ['refs', 'describe', 'snapshot', 'list', 'publish', 'open', 'read']) {
    const world = moved('a', 'b');
    const abort = new AbortController();
    const signals = { stopping: abort.signal, abort: abort.signal };
    const process = world.start({ signals, gate: async (name) => (name === call ? abort.abort() : undefined) });
    await process.batch();
    expect(handled(process), call).toContain('try-later');
    expect(world.inbox.bodies().length, call).toBeGreaterThan(0);
    await world.time.pass(1000);
    expect(world.inbox.visible(), call).toBe(world.inbox.bodies().length);
    await world.drain();
    expect(await proposed(world, LAYOUT), call).toEqual({ db: { a: version(2) }, web: { b: version(2) } });
    expect(await world.forge.pulls(), call).toHaveLength(2);
  }
});

test('the loop handles what comes until it is stopped, and ends what it has begun', async () => {
  const world = moved();
  const stopping = new AbortController();
  const process = world.start({
    coalesce: { windowMilliseconds: 10_000, capMilliseconds: 60_000, isUrgent: () => false },
  });
  const loop = consume(process.request, { stopping: stopping.signal, abort: never() });
  await world.time.pass(50_000);
  world.tell('a', version(2));
  await world.time.pass(2000);
  world.tell('a', version(2));
  await world.time.pass(60_000);
  expect(handled(process)).toEqual(['published', 'published']);
  expect(await world.forge.pulls()).toHaveLength(1);
  world.tell('b', version(2));
  await world.time.pass(3000);
  stopping.abort();
  await world.time.run(loop);
  expect(handled(process)).toHaveLength(3);
  expect(world.inbox.bodies()).toEqual([]);
  world.tell('b', version(2));
  await world.time.pass(60_000);
  expect(world.inbox.bodies()).toHaveLength(1);
});

test('errors of the queue back off up to a minute, and the loop stops while it waits', async () => {
  const world = moved('a');
  const stopping = new AbortController();
  let broken = true;
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      inbox: {
        ...ports.inbox,
        receive: (signal, wait) => (broken ? Promise.reject(DOWN) : ports.inbox.receive(signal, wait)),
      },
    }),
  });
  const loop = consume(process.request, { stopping: stopping.signal, abort: never() });
  await world.time.pass(200_000);
  expect(new Set(process.lines.flatMap(({ level, fields }) => [level, fields['code']]))).toEqual(
    new Set(['error', 'aws-unreachable']),
  );
  const waits = process.lines.map(({ fields }) => Number(fields['waitMilliseconds']));
  const doubled = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000];
  expect(waits).toHaveLength(doubled.length);
  for (const [at, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(doubled[at] ?? 0);
    expect(wait).toBeLessThanOrEqual((doubled[at] ?? 0) * 1.25);
  }
  broken = false;
  await world.time.pass(80_000);
  expect(handled(process)).toEqual(['published']);
  broken = true;
  await world.time.pass(21_000);
  // A success forgets what went wrong before.
  const success = process.lines.findIndex(({ message }) => message === 'message handled');
  expect(process.lines[success + 1]?.fields['waitMilliseconds']).toBeLessThanOrEqual(1250);
  await world.time.pass(30_000);
  const before = seconds(world);
  stopping.abort();
  await world.time.run(loop);
  expect(seconds(world)).toBe(before);
});

test('an abort alone ends the loop too', async () => {
  const world = moved();
  const abort = new AbortController();
  const loop = consume(world.start().request, { stopping: never(), abort: abort.signal });
  await world.time.pass(5000);
  abort.abort();
  await world.time.run(loop);
  expect(seconds(world)).toBe(5);
});

test('what is tried again and again becomes a warning', async () => {
  const world = createTeamWorld(LAYOUT);
  world.rotate('a', version(1));
  world.tell('a', version(1));
  const process = world.start({
    ports: (ports) => ({ ...ports, forge: { ...ports.forge, list: () => Promise.reject(DOWN) } }),
  });
  for (let delivery = 1; delivery <= 5; delivery += 1) {
    await process.batch();
    await world.time.pass(900_000);
  }
  expect(process.lines.map(({ level }) => level)).toEqual(['info', 'info', 'info', 'warn', 'warn']);
});

describe('FIFO queues', () => {
  test('messages of one group are folded, and acknowledged in their order', async () => {
    const world = moved();
    world.tell('b', version(2), {}, 'g');
    for (const name of ['a', 'b', 'a']) world.tell(name, version(2), {}, 'g');
    const acked: string[] = [];
    const process = world.start({ ports: (ports) => tracing(ports, acked) });
    await process.batch();
    expect(acked).toEqual(['message-1', 'message-2', 'message-3', 'message-4'].map((id) => `ack ${id}`));
    expect(await world.forge.pulls()).toHaveLength(2);
  });

  test('what is given back takes those behind it with it, in order; other groups and single messages go on', async () => {
    const world = moved();
    world.tell('a', version(2), {}, 'g');
    world.inbox.send('{"source":"aws.s3","detail-type":"x","detail":{}}', 'g');
    world.tell('b', version(2), {}, 'h');
    world.tell('b', version(2));
    world.tell('b', version(2), {}, 'g');
    let down = true;
    const traced: string[] = [];
    const process = world.start({
      ports: (ports) => {
        const { forge, ...rest } = tracing(ports, traced);
        const open: typeof forge.open = (draft, signal) =>
          down && draft.branch.includes('/acme/a') ? Promise.reject(DOWN) : forge.open(draft, signal);
        return { ...rest, forge: { ...forge, open } };
      },
    });
    await process.batch();
    expect(traced.filter((line) => line.startsWith('ack'))).toEqual(['ack message-3', 'ack message-4']);
    expect(traced.filter((line) => line.startsWith('release'))).toEqual([
      expect.stringMatching(/^release message-1 1[5-9]$/),
      'release message-2 0',
      'release message-5 0',
    ]);
    // They wait for the first one, however little they have to wait for themselves.
    await world.time.pass(10_000);
    traced.length = 0;
    expect(await world.inbox.receive(never(), 0)).toEqual([]);
    down = false;
    await world.drain(process);
    expect(traced).toEqual(['ack message-1', 'ack message-2', 'ack message-5']);
    expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) }, web: { b: version(2) } });
  });

  test('a delete that fails, and one that comes too late, are told, and those behind come again too', async () => {
    const world = moved();
    for (const name of ['a', 'b']) world.tell(name, version(2), {}, 'g');
    const process = world.start({ ports: failingAcks });
    await process.batch();
    expect(world.inbox.bodies()).toHaveLength(2);
    expect(process.lines.map(({ message }) => message).toSorted()).toEqual([
      'given back with one before it in its group',
      'message could not be settled',
      'message handled',
      'message handled',
    ]);
    await world.time.pass(120_000);
    const late = world.start({
      gate: async (call, moment) => {
        if (call === 'ack' && moment === 'before') await world.time.sleep(130_000, never());
      },
    });
    await late.batch();
    expect(late.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['code'])).toEqual([
      'queue-lease-lost',
    ]);
    expect(world.inbox.bodies()).toHaveLength(2);
    await world.drain();
    expect(world.inbox.bodies()).toEqual([]);
  });

  test('what means nothing has come to its end: those behind it are done, and it is left', async () => {
    const world = moved();
    world.inbox.send('hello', 'g');
    world.tell('a', version(2), {}, 'g');
    await world.start().batch();
    expect(world.inbox.bodies()).toEqual(['hello']);
  });

  test('an abort gives a group back in its order, for the next process to take at once', async () => {
    const world = moved();
    for (const name of ['a', 'b', 'a']) world.tell(name, version(2), {}, 'g');
    const abort = new AbortController();
    const traced: string[] = [];
    const process = world.start({
      signals: { stopping: abort.signal, abort: abort.signal },
      ports: (ports) => tracing(ports, traced),
      gate: async (call) => (call === 'describe' ? abort.abort() : undefined),
    });
    await process.batch();
    expect(traced).toEqual([1, 2, 3].map((number) => `release message-${number} 0`));
    await world.start().batch();
    expect(world.inbox.bodies()).toEqual([]);
  });
});

describe('a stop', () => {
  const WINDOW = { windowMilliseconds: 10_000, capMilliseconds: 60_000, isUrgent: () => false };

  test('what the last poll still finds is handled and deleted; what was gathered does not wait for it', async () => {
    const world = moved('a');
    const stopping = new AbortController();
    const process = world.start({ coalesce: WINDOW });
    const loop = consume(process.request, { stopping: stopping.signal, abort: never() });
    await world.time.pass(3000);
    expect(handled(process)).toEqual([]);
    stopping.abort();
    await world.time.pass(1);
    expect(handled(process)).toEqual(['published']);
    world.tell('b', version(2));
    await world.time.run(loop);
    expect(handled(process)).toEqual(['published', 'published']);
    expect([world.inbox.bodies(), seconds(world)]).toEqual([[], 4]);
  });

  test('the grace ends while a poll is under way: it is cut off, and the loop ends', async () => {
    const world = moved();
    const [stopping, abort] = [new AbortController(), new AbortController()];
    const process = world.start({ coalesce: WINDOW });
    const loop = consume(process.request, { stopping: stopping.signal, abort: abort.signal });
    await world.time.pass(5000);
    stopping.abort();
    await world.time.pass(5000);
    abort.abort();
    await world.time.run(loop);
    expect(seconds(world)).toBe(10);
  });

  test('the grace ends with work under way: what is done is deleted, the rest can be had at once', async () => {
    const world = moved('a', 'b');
    const [stopping, abort] = [new AbortController(), new AbortController()];
    let opened = 0;
    const process = world.start({
      signals: { stopping: stopping.signal, abort: abort.signal },
      gate: async (call, moment) => {
        if (call !== 'open' || moment === 'after') return;
        opened += 1;
        if (opened === 2) await world.time.sleep(1e6, abort.signal);
      },
    });
    const loop = consume(process.request, process.signals);
    await world.time.pass(5000);
    stopping.abort();
    await world.time.pass(25_000);
    abort.abort();
    await world.time.run(loop);
    expect(seconds(world)).toBe(30);
    const left = world.inbox.bodies().length;
    expect([left, world.inbox.visible()]).toEqual([1, 1]);
    await world.drain();
    expect(await world.forge.pulls()).toHaveLength(2);
  });
});

test('several queues, one repository: what comes within one window is one commit, whichever queue it comes from', async () => {
  const world = createTeamWorld({ both: ['a', 'b'] });
  for (const name of ['a', 'b']) for (const number of [1, 2]) world.rotate(name, version(number));
  const other = createTeamWorld({ both: ['a', 'b'] });
  const window = { windowMilliseconds: 10_000, capMilliseconds: 60_000, isUrgent: () => false };
  const process = world.start({ coalesce: window });
  const stopping = new AbortController();
  const signals = { stopping: stopping.signal, abort: never() };
  const second = { ...process.request, inbox: otherInbox(other, world) };
  const loops = [consume(process.request, signals), consume(second, signals)];
  world.tell('a', version(2));
  await world.time.pass(4000);
  other.tell('b', version(2));
  await world.time.pass(40_000);
  expect(handled(process)).toEqual(['published', 'published']);
  expect(process.meter.read('handling_seconds{repository="platform@main"}')).toBe(1);
  expect([world.inbox.bodies(), other.inbox.bodies()]).toEqual([[], []]);
  stopping.abort();
  await world.time.run(Promise.all(loops));
});

/** The queue of another world, in the time of this one. */
function otherInbox(other: World, { time }: World): Ports['inbox'] {
  return {
    ...other.inbox,
    name: 'other',
    receive: async (signal) => {
      const end = time.now() + 20_000;
      while (!signal.aborted && other.inbox.visible() === 0 && time.now() < end) await time.sleep(1000, signal);
      return other.inbox.receive(signal, 0);
    },
  };
}

/** Notes what is done with messages, in order. */
function tracing(ports: Ports, traced: string[]): Ports {
  const receive: Ports['inbox']['receive'] = async (signal, wait) =>
    (await ports.inbox.receive(signal, wait)).map((message) => ({
      ...message,
      ack: async () => {
        await message.ack();
        traced.push(`ack ${message.id}`);
      },
      release: async (after) => {
        await message.release(after);
        traced.push(`release ${message.id} ${after}`);
      },
    }));
  return { ...ports, inbox: { ...ports.inbox, receive } };
}

function never(): AbortSignal {
  return new AbortController().signal;
}
