import { expect, test } from 'vitest';
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
    request: { coalesce: { windowMilliseconds: 10_000, capMilliseconds: 60_000, most: 300 } },
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
  const waits = process.lines.map(({ level, fields }) => [level, fields['code'], fields['waitMilliseconds']]);
  expect(waits).toEqual(
    [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000].map((ms) => ['error', 'aws-unreachable', ms]),
  );
  broken = false;
  await world.time.pass(60_000);
  expect(handled(process)).toEqual(['published']);
  broken = true;
  await world.time.pass(21_000);
  // A success forgets what went wrong before.
  const success = process.lines.findIndex(({ message }) => message === 'message handled');
  expect(process.lines[success + 1]?.fields['waitMilliseconds']).toBe(1000);
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

function never(): AbortSignal {
  return new AbortController().signal;
}
