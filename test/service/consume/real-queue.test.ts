import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSqsInbox, type SqsInbox } from '../../../src/adapters/aws/sqs-inbox.ts';
import { type SqsServer, startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { createFaults } from '../../../src/demo/faults.ts';
import { consume } from '../../../src/service/consume/consume.ts';
import { connection, INBOX_PORTS } from '../../adapters/aws/aws-test-connection.ts';
import { version } from '../manifests.ts';
import { type Process, told, type World } from '../memory-world.ts';
import { createTeamWorld, type Layout, proposed } from '../team-world.ts';

const LAYOUT: Layout = { db: ['a'], web: ['b'] };
const NEVER = new AbortController().signal;
const faults = createFaults();
const closing: SqsInbox[] = [];
let ireland: SqsServer;
let oregon: SqsServer;

beforeAll(async () => {
  [ireland, oregon] = [await startSqs({ faults }), await startSqs()];
});
afterAll(async () => {
  for (const inbox of closing) inbox.close();
  await Promise.all([ireland.close(), oregon.close()]);
});

test.each(['events', 'events.fifo'])('%s: what cannot be read never blocks the other nine', async (queue) => {
  const world = rotated();
  const url = ireland.createQueue(queue, { visibilityTimeout: 30 });
  const bad = [
    '{',
    'hello',
    '[[[[',
    '\u202e\u2028 {"a":',
    '{"detail-type":"Secret Label Updated","source":"aws.secretsmanager"}',
  ];
  for (const [at, body] of bad.entries()) ireland.send(queue, body, `g${at}`);
  for (const body of bodiesOf(world, ['a', 'b', 'a', 'b', 'a'])) ireland.send(queue, body, 'g0');
  // SQS failed with some entries: they are tried again.
  ireland.failEntries(queue, 2, { Code: 'InternalError', SenderFault: false });
  const process = serve(world, open(ireland, url, 'eu-west-1'));
  await process.work();
  expect(ireland.bodies(queue).toSorted()).toEqual(bad.toSorted());
  expect(ireland.inFlight(queue)).toBe(5);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) }, web: { b: version(2) } });
  expect(told(process, 'outcome').filter((one) => one === 'malformed')).toHaveLength(5);
});

test('several queues in several regions at once: one that fails holds up no other', async () => {
  const world = rotated();
  const queues = [
    open(ireland, ireland.createQueue('first', { visibilityTimeout: 30 }), 'eu-west-1'),
    open(ireland, ireland.createQueue('second', { visibilityTimeout: 30 }), 'eu-west-1'),
    open(oregon, oregon.createQueue('third', { visibilityTimeout: 30 }), 'us-west-2'),
    open(oregon, `${oregon.url}/111122223333/missing`, 'us-west-2'),
  ];
  const process = serve(world, queues[0]);
  const stopping = new AbortController();
  const loops = queues.map((inbox) =>
    consume(
      { ...process.request, ...(inbox === undefined ? {} : { inbox }) },
      { stopping: stopping.signal, abort: NEVER },
    ),
  );
  await Promise.all([ireland.untilPolled('first'), ireland.untilPolled('second'), oregon.untilPolled('third')]);
  const [a = '', b = ''] = bodiesOf(world, ['a', 'b']);
  ireland.send('first', a);
  ireland.send('second', a);
  oregon.send('third', b);
  await Promise.all([ireland.untilPolled('first'), oregon.untilPolled('third')]);
  stopping.abort();
  // The polls under way come to their end.
  for (const name of ['first', 'second']) ireland.send(name, '{"source":"aws.s3","detail-type":"x","detail":{}}');
  oregon.send('third', '{"source":"aws.s3","detail-type":"x","detail":{}}');
  await Promise.all(loops);
  expect([ireland.bodies('first'), ireland.bodies('second'), oregon.bodies('third')]).toEqual([[], [], []]);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) }, web: { b: version(2) } });
  expect(await world.forge.pulls()).toHaveLength(2);
  const troubles = process.lines.filter(({ message }) => message === 'receive failed');
  expect(new Set(troubles.flatMap(({ fields }) => [fields['queue'], fields['code']]))).toEqual(
    new Set(['missing', 'queue-missing']),
  );
});

function rotated(): World {
  const world = createTeamWorld(LAYOUT);
  for (const name of ['a', 'b']) for (const number of [1, 2]) world.rotate(name, version(number));
  return world;
}

/** The bodies of events, all different. */
function bodiesOf(world: World, names: readonly string[]): readonly string[] {
  for (const [at, name] of names.entries()) world.tell(name, version(2), { id: `event-${at}` });
  return world.inbox.bodies();
}

function serve(world: World, inbox: SqsInbox | undefined): Process {
  return world.start({ ports: (ports) => ({ ...ports, inbox: inbox ?? ports.inbox }) });
}

function open(sqs: SqsServer, queueUrl: string, region: string): SqsInbox {
  const queue = { queueUrl, region, maxNumberOfMessages: 10, waitTimeSeconds: 20, visibilityTimeout: 60 };
  const inbox = createSqsInbox({ ...connection(sqs.url), ...INBOX_PORTS, ...queue });
  closing.push(inbox);
  return inbox;
}
