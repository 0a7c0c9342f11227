import { afterAll, beforeAll, expect, test } from 'vitest';
import { lambdaRotationEvents, rawBody } from '../../src/demo/aws/rotation-events.ts';
import { git, gitBytes } from '../../src/demo/git/git-cli.ts';
import { type ProgramProcess, waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { leaks } from './canaries.ts';
import { commitHostileFiles, EDITABLE, HOSTILE_SECRET, LEFT_ALONE } from './hostile-files.ts';
import { repositoryOf } from './manifests.ts';
import { changeBody, type Stage, startStage } from './stage.ts';
import { logOf, proposedOnce, traceOf, untilDeleted, untilHandled } from './traces.ts';

const DEAD = 'dead-letters';

let stage: Stage;
let program: ProgramProcess;

beforeAll(async () => {
  stage = await startStage(repositoryOf(['prod/first', 'prod/second', 'prod/third']));
  const { sqs } = stage.world;
  sqs.createQueue(DEAD, { visibilityTimeout: 30 });
  sqs.createQueue(WORLD.queue, { visibilityTimeout: 30, maxReceiveCount: 6, deadLetter: DEAD });
  program = await stage.run();
});
afterAll(() => stage.close());

test('a rotation becomes one commit and one pull request', async () => {
  const rotation = stage.rotate('prod/first');
  await untilDeleted(stage, rotation);
  expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
  expect(await untilHandled(program, rotation)).toMatchObject({ level: 'info', outcome: 'published', receiveCount: 1 });
});

test('unless told otherwise it reads by protocol 2: branches by their beginning, and one fetch of what is new', () => {
  const asked = stage.world.git.traffic.filter(({ operation }) => operation === 'POST git-upload-pack');
  const lists = asked.filter(({ begins }) => begins.includes('command=ls-refs'));
  const fetches = asked.filter(({ begins }) => begins.includes('command=fetch'));
  expect([lists.length + fetches.length, fetches.length]).toEqual([asked.length, 1]);
  for (const { begins } of lists) expect(begins).toContain(`ref-prefix refs/heads/${WORLD.base}`);
  expect(fetches[0]?.begins).toMatch(/thin-pack[^]*deepen 1\n[^]*filter blob:limit=/);
  expect([...new Set(stage.world.git.traffic.map(({ protocol }) => protocol))]).toEqual(['version=2']);
});

test('a secret that nobody uses', async () => {
  const rotation = stage.rotate('prod/nobody');
  expect(await untilHandled(program, rotation)).toMatchObject({ level: 'info', outcome: 'nobody-uses-it' });
  await untilDeleted(stage, rotation);
  expect(await traceOf(stage, rotation)).toMatchObject({ commits: 0, pulls: [] });
});

test('bad messages go to the dead-letter queue, and do not hold up the good one among them', async () => {
  const { sqs } = stage.world;
  const good = JSON.parse(changeBody('prod/second', 'v')) as Record<string, unknown>;
  const bad = [
    ' ',
    'not JSON',
    '{"cut": "o',
    'null',
    '42',
    '[]',
    '"text"',
    `"${'x'.repeat(1024 * 1024 - 2)}"`,
    '['.repeat(10_000) + ']'.repeat(10_000),
    `${'{"detail":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    JSON.stringify({ ...good, detail: 'a text' }),
    JSON.stringify({ ...good, account: 111122223333, detail: [] }),
    JSON.stringify({ ...good, detail: { name: 7, labelUpdated: {}, versionId: [] } }),
    JSON.stringify({ ...good, account: '999988887777' }),
    `{"__proto__": ${JSON.stringify(good)}}`,
    `{"constructor": {"prototype": {"kind": "change"}}}`,
  ];
  for (const body of bad.slice(0, 9)) sqs.send(WORLD.queue, body);
  const rotation = stage.rotate('prod/second');
  for (const body of bad.slice(9)) sqs.send(WORLD.queue, body);
  await untilDeleted(stage, rotation);
  expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
  await waitUntil('all bad messages are dead letters', () => {
    if (sqs.visible(WORLD.queue) === 0) sqs.advance(31_000);
    return sqs.bodies(DEAD).length === bad.length;
  });
  expect(sqs.bodies(DEAD).toSorted()).toEqual(bad.toSorted());
  const warned = logOf(program).filter(({ level, outcome }) => level === 'warn' && outcome === 'malformed');
  expect(new Set(warned.map(({ messageId }) => messageId)).size).toBe(bad.length);
});

test('a hostile repository: the right lines change, everything else is left alone with its reason', async () => {
  const { dir } = stage.world.repository;
  await commitHostileFiles(dir, WORLD.base);
  const rotation = stage.rotate(HOSTILE_SECRET);
  const { branch } = await untilHandled(program, rotation);
  await untilDeleted(stage, rotation);
  const changes = (await git(dir, ['diff', '--raw', '-z', `${WORLD.base}..${String(branch)}`])).split('\0');
  const changed = changes.filter((_, at) => at % 2 === 1);
  expect(changed.toSorted()).toEqual([...EDITABLE.keys()].toSorted());
  expect(changes.filter((one) => one.startsWith(':') && !/^:100644 100644 \w+ \w+ M$/.test(one))).toEqual([]);
  for (const [path, before] of EDITABLE) {
    const after = (await gitBytes(dir, ['show', `${String(branch)}:${path}`])).toString('utf8');
    const inserted = /  annotations:\r?\n    force-sync: "prod\/hostile=[\w-]+@[\w:-]+"\r?\n/;
    expect(after).toMatch(inserted);
    expect(after.replace(inserted, '')).toBe(before);
  }
  const pulls = await stage.world.github.people(WORLD.repository).pulls();
  const rows = (pulls.find((pull) => pull.branch === branch)?.body ?? '').split('\n').map(unescapeEntities);
  for (const [path, { says }] of LEFT_ALONE) {
    expect(rows).toContainEqual(expect.stringMatching(new RegExp(`<code>${escapePattern(path)}</code>.*${says}`)));
  }
  expect(rows.filter((row) => /hostile\/(?:link|outside|folder|submodule)/.test(row))).toEqual([]);
});

test('two replicas, a whole rotation out of order and doubled: still one commit and one pull request', async () => {
  const { sqs } = stage.world;
  const replica = await stage.run();
  await sqs.untilPolled(WORLD.queue, 2);
  const place = { account: WORLD.account, region: WORLD.region, name: 'prod/third', suffix: 'Ab3dEf' };
  sqs.duplicateNext(WORLD.queue, 7);
  const rotation = stage.rotate('prod/third');
  const events = lambdaRotationEvents(place, '0a1b2c3d-1111-4111-8111-000000000001', rotation.version);
  for (const event of events.toReversed()) sqs.send(WORLD.queue, rawBody(event));
  await waitUntil('every event is deleted', () => {
    // What lost a race is given back with a pause. In small steps, so that no lease runs out under whoever works.
    if (sqs.visible(WORLD.queue) === 0) sqs.advance(500);
    return sqs.bodies(WORLD.queue).length === 0;
  });
  expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
  replica.signal('SIGTERM');
  expect((await replica.exit).code).toBe(0);
});

test('a replay of everything that was handled changes nothing', async () => {
  const { sqs, repository, github } = stage.world;
  const state = async () => [
    await git(repository.dir, ['for-each-ref']),
    await github.people(WORLD.repository).pulls(),
  ];
  const before = await state();
  for (const secret of ['prod/first', 'prod/second', 'prod/third', HOSTILE_SECRET]) {
    sqs.send(WORLD.queue, changeBody(secret, stage.world.secrets.labels(secret).get('AWSCURRENT') ?? ''));
  }
  await waitUntil('all is deleted', () => sqs.bodies(WORLD.queue).length === 0);
  const again = logOf(program).filter(({ outcome }) => outcome === 'already-current');
  expect(again.length).toBeGreaterThanOrEqual(4);
  expect(await state()).toEqual(before);
});

test('none of this shows a credential or a message, or asks for a value', async () => {
  program.signal('SIGKILL');
  expect(await leaks(stage)).toEqual([]);
  expect(stage.world.github.violations).toEqual([]);
});

/** As a browser would show it. */
function unescapeEntities(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\\\\', '\\?');
}
