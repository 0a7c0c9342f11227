import { expect, test } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import type { SecretVersions } from '../../src/ports.ts';
import { ACCOUNT, externalSecret, version } from './manifests.ts';
import { type Process, refOf, secretId, told, type World } from './memory-world.ts';
import { createTeamWorld, type Layout, proposed, versionsAt } from './team-world.ts';

const LAYOUT: Layout = { db: ['a'], web: ['b'] };

/** The outcome of each message of the next batch, and why. */
async function handle(world: World, process: Process = world.start()): Promise<readonly string[]> {
  const earlier = told(process).length;
  await process.batch();
  return told(process, 'secret', 'outcome').slice(earlier);
}

function teamAt(...numbers: readonly number[]): World {
  const world = createTeamWorld(LAYOUT);
  for (const name of ['a', 'b']) for (const number of numbers) world.rotate(name, version(number));
  return world;
}

/** A process whose AWS does this instead; `null` lets the question through. */
function withAws(world: World, describe: (id: string) => ReturnType<SecretVersions['describe']> | null): Process {
  return world.start({
    ports: (ports) => ({
      ...ports,
      secretVersions: {
        ...world.secrets,
        describe: (ref, signal) => describe(ref.id) ?? world.secrets.describe(ref, signal),
      },
    }),
  });
}

test('a secret that is used but may not be described needs an operator; one that nobody uses does not', async () => {
  const world = teamAt(1, 2);
  world.rotate('z', version(2));
  for (const name of ['a', 'z']) {
    world.secrets.deny(secretId(name));
    world.tell(name, version(2));
  }
  world.tell('b', version(2));
  expect((await handle(world)).toSorted()).toEqual(['a needs-operator', 'b published', 'z nobody-uses-it']);
  expect(world.inbox.bodies()).toHaveLength(1);
});

test('what AWS knows nothing of is waited for while the event is young, then goes by what AWS says', async () => {
  const world = teamAt();
  world.tell('a', version(1));
  const process = world.start();
  expect(await handle(world, process)).toEqual(['a try-later']);
  expect(world.time.now() - Date.parse('2026-03-02T09:20:00Z')).toBe(3000);
  await world.time.pass(300_000);
  expect(await handle(world, process)).toEqual(['a used-but-not-bumped']);
  expect(world.inbox.bodies()).toEqual([]);
});

test('a created secret that AWS shows a little later is bumped', async () => {
  const world = teamAt();
  world.tell('a', version(1));
  const process = world.start();
  const working = process.work();
  const created = world.time.sleep(2000, new AbortController().signal).then(() => world.rotate('a', version(1)));
  await world.time.run(Promise.all([working, created]));
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(1) } });
});

test('a rollback that AWS does not show yet is not taken for an old event', async () => {
  const world = teamAt(1, 2);
  world.tell('a', version(2));
  await world.drain();
  await world.merge(1, 'delete');
  world.tell('a', version(1));
  const process = world.start();
  const rolledBack = world.time.sleep(14_000, new AbortController().signal).then(() => world.rotate('a', version(1)));
  await world.time.run(Promise.all([process.work(), rolledBack]));
  expect(await proposed(world, LAYOUT)).toEqual({});
  await world.drain(process);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(1) } });
});

test('an event that another one of its batch supersedes is not waited for', async () => {
  const world = teamAt(1, 2, 3);
  for (const number of [2, 3]) world.tell('a', version(number));
  const before = world.time.now();
  expect(await handle(world)).toEqual(['a published', 'a published']);
  expect(world.time.now()).toBe(before);
});

test('an event that names the version before the current one ends by the truth', async () => {
  const world = teamAt(1, 2, 3);
  world.tell('a', version(2));
  const process = world.start();
  expect(await handle(world, process)).toEqual(['a try-later']);
  await world.time.pass(15_000);
  expect(await handle(world, process)).toEqual(['a published']);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(3) } });
});

test('a rollback right after the rotation, both in one batch, is not taken for the older event', async () => {
  const world = teamAt(1, 2);
  world.tell('a', version(2));
  await world.time.pass(2000);
  world.tell('a', version(1));
  const process = world.start();
  // AWS still shows what was before the rollback.
  expect((await handle(world, process)).toSorted()).toEqual(['a published', 'a try-later']);
  world.rotate('a', version(1));
  await world.drain(process);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(1) } });
});

test('of three rotations in one batch the older ones are not waited for', async () => {
  const world = teamAt(1, 2, 3, 4);
  for (const number of [2, 3, 4]) world.tell('a', version(number));
  const before = world.time.now();
  expect(await handle(world)).toEqual(['a published', 'a published', 'a published']);
  expect(world.time.now()).toBe(before);
});

test('an old event with a version that is gone ends by the truth', async () => {
  const world = teamAt(1, 2, 3, 4);
  world.tell('a', version(2));
  await world.time.pass(300_000);
  expect(await handle(world)).toEqual(['a published']);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(4) } });
});

test('waiting for one secret asks the others once, and loses none of them', async () => {
  const world = teamAt(1, 2);
  world.tell('a', version(9));
  world.tell('b', version(2));
  const asked: string[] = [];
  const process = withAws(world, (id) => {
    asked.push(id.replace(/.*:secret:/, ''));
    return null;
  });
  expect(await handle(world, process)).toEqual(['a try-later', 'b published']);
  expect(asked.filter((id) => id.startsWith('a'))).toHaveLength(3);
  // Once to recognise the event; the plan takes that answer.
  expect(asked.filter((id) => id.startsWith('b'))).toEqual(['b-Ab3dEf']);
});

test('an older answer that comes later does not undo what was recognised', async () => {
  const world = teamAt(1, 2);
  world.tell('a', version(2));
  let questions = 0;
  const stale = await world.secrets.describe({ ...secretId('a'), id: 'a' }, new AbortController().signal);
  const process = withAws(world, () => {
    questions += 1;
    const versions = new Map([['AWSCURRENT', version(1)]]);
    return questions > 1 && stale.kind === 'found' ? Promise.resolve({ ...stale, versions }) : null;
  });
  expect(await handle(world, process)).toEqual(['a published']);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) } });
});

test('a throttled question fails its own change only, and waits as long as AWS asks', async () => {
  const world = teamAt(1, 2);
  for (const name of ['a', 'b']) world.tell(name, version(2));
  const hint = 'It is tried again.';
  const process = withAws(world, (id) =>
    id.includes(':a-')
      ? Promise.reject(
          new Failure('throttled', { code: 'aws-throttled', retry: 'later', hint, retryAfterSeconds: 400 }),
        )
      : null,
  );
  expect(await handle(world, process)).toEqual(['a try-later', 'b published']);
  await world.time.pass(399_000);
  expect(world.inbox.visible()).toBe(0);
  await world.time.pass(102_000);
  expect(world.inbox.visible()).toBe(1);
});

test('a secret whose deletion is scheduled is not bumped', async () => {
  const world = teamAt(1, 2);
  world.secrets.set({
    secret: secretId('a'),
    versions: new Map([['AWSCURRENT', version(2)]]),
    deleted: true,
  });
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['a used-but-not-bumped']);
  expect(await world.forge.pulls()).toEqual([]);
});

test.each([
  ['deleted', 'secret-deleted', 'used-but-not-bumped', 'Restore it in AWS.'],
  ['denied', 'secret-denied', 'needs-operator', 'Grant secretsmanager:DescribeSecret'],
])(
  '%s, while its object is bumped for another secret: every outcome has its own reason',
  async (how, code, kind, hint) => {
    const world = createTeamWorld({ both: ['a', 'b'], web: ['z'] });
    for (const name of ['a', 'b']) for (const number of [1, 2]) world.rotate(name, version(number));
    const secret = secretId('a');
    if (how === 'denied') world.secrets.deny(secret);
    else world.secrets.set({ secret, versions: new Map([['AWSCURRENT', version(2)]]), deleted: true });
    for (const name of ['a', 'b', 'z']) world.tell(name, version(2));
    await world.time.pass(300_000);
    const process = world.start();
    await process.batch();
    const fields = process.lines.flatMap((line) => (line.message === 'message handled' ? [line.fields] : []));
    expect(fields[0]).toMatchObject({ secret: 'a', outcome: kind, hint: expect.stringContaining(hint) });
    expect(fields[0]?.['reason']).toMatch(new RegExp(`^both.yaml: ${code}: [^ ].* `));
    expect(fields[0]?.['reason']).not.toContain('web.yaml');
    expect(fields[1]).toMatchObject({ secret: 'b', outcome: 'published' });
    expect(fields[2]?.['reason']).toMatch(/^web.yaml: secret-absent: AWS knows no secret z there\.$/);
  },
);

function arnsAt(account: string, region: string): readonly string[] {
  return [`arn:aws:secretsmanager:${region}:${account}:secret:a-Ab3dEf`];
}

test('an account or region outside the list is never asked for', async () => {
  const world = teamAt(1, 2);
  const asked: string[] = [];
  const process = withAws(world, (id) => {
    asked.push(id);
    return null;
  });
  world.tell('a', version(2), { account: '444455556666', resources: arnsAt('444455556666', 'eu-west-1') });
  world.tell('a', version(2), { region: 'us-east-1', resources: arnsAt(ACCOUNT, 'us-east-1') });
  expect(await handle(world, process)).toEqual(['a ignored', 'a ignored']);
  expect(asked).toEqual([]);
  expect(world.inbox.bodies()).toEqual([]);
});

function eventWorld(): World {
  return createTeamWorld({ db: ['a'], both: ['a', 'b'] }, { truth: 'event' });
}

function at(time: string): { readonly time: string } {
  return { time };
}

test('event mode: versions come from events alone, and an older event never overwrites a newer one', async () => {
  const world = eventWorld();
  world.tell('a', version(3), at('2026-03-02T09:10:00Z'));
  world.tell('a', version(2), at('2026-03-02T09:00:00Z'));
  await world.drain();
  const both = { db: { a: version(3) }, both: { a: version(3) } };
  expect(await proposed(world, LAYOUT)).toEqual({ db: both.db });
  expect(await proposed(world, { both: [] })).toEqual({ both: both.both });
  world.tell('a', version(2), at('2026-03-02T09:05:00Z'));
  world.tell('b', version(2), at('2026-03-02T09:05:00Z'));
  await world.drain();
  const [pull] = await world.open();
  expect(versionsAt(world, refOf(pull ?? { branch: '' }), 'both')).toEqual({ a: version(3), b: version(2) });
  await world.merge(1, 'delete');
  world.tell('a', version(2), at('2026-03-02T09:05:00Z'));
  await world.drain();
  expect(await world.open()).toEqual([]);
  world.tell('a', version(2), at('2026-03-02T09:15:00Z'));
  await world.drain();
  expect(await proposed(world, { db: ['a'] })).toEqual({ db: { a: version(2) } });
});

test('event mode: an event that names no version is ignored, and says so', async () => {
  const world = eventWorld();
  const arn = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:a-Ab3dEf`;
  world.tell('a', version(2), {
    'detail-type': 'AWS Service Event via CloudTrail',
    resources: [],
    detail: {
      eventSource: 'secretsmanager.amazonaws.com',
      eventName: 'RotationSucceeded',
      eventTime: '2026-03-02T09:20:00Z',
      awsRegion: 'eu-west-1',
      recipientAccountId: ACCOUNT,
      additionalEventData: { SecretId: arn },
    },
  });
  const process = world.start();
  expect(await handle(world, process)).toEqual(['a ignored']);
  expect(process.lines[0]?.fields['reason']).toBe('Event mode: the event names no version, and AWS may not be asked.');
  expect(world.inbox.bodies()).toEqual([]);
});

test('a version with odd characters is proposed by its digest, and is current on replay', async () => {
  const world = teamAt(1);
  world.rotate('a', 'my "own" id\n#x');
  world.tell('a', 'my "own" id\n#x');
  expect(await handle(world)).toEqual(['a published']);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: expect.stringMatching(/^sha256-[0-9a-f]{16}$/) } });
  world.tell('a', 'my "own" id\n#x');
  expect(await handle(world)).toEqual(['a already-current']);
});

test('a secret that one manifest names by name and another by ARN has one version in both', async () => {
  const arn = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:a-Ab3dEf`;
  const world = createTeamWorld({ db: ['a'] }, { files: { 'arn.yaml': externalSecret('arn', [arn]) } });
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  await world.drain();
  expect(await proposed(world, { db: [], arn: [] })).toEqual({ db: { a: version(2) }, arn: { a: version(2) } });
  expect(await world.forge.pulls()).toHaveLength(1);
});
