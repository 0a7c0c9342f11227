import { expect, test } from 'vitest';
import { version } from './manifests.ts';
import { MAIN, type ProcessOptions, refOf, secretId, told, type World } from './memory-world.ts';
import { forever } from './ports-of-process.ts';
import { createTeamWorld, type Layout, onceAt, proposed, versionsAt, violations } from './team-world.ts';

const LAYOUT: Layout = { db: ['a'] };
const MARK = 'Withdrawn: AWS and the base branch agree again; nothing is left to change.';

/** Version 2 is merged and version 3 is proposed by #2. */
async function ahead(layout: Layout = LAYOUT, truth: 'describe' | 'event' = 'describe'): Promise<World> {
  const world = createTeamWorld(layout, { truth });
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  await world.drain();
  await world.merge(1, 'delete');
  await world.time.pass(60_000);
  await move(world, 3);
  await world.drain();
  return world;
}

/** AWSCURRENT moves, and an event says so. */
async function move(world: World, number: number): Promise<void> {
  world.rotate('a', version(number));
  world.tell('a', version(number));
  await world.time.pass(60_000);
}

async function states(world: World): Promise<readonly string[]> {
  return (await world.forge.pulls()).map(({ state }) => state);
}

async function branches(world: World): Promise<number> {
  return (await world.workspace.refs(['refs/heads/gitops-reloader/'], new AbortController().signal)).length;
}

async function expectWithdrawn(world: World, place: string): Promise<void> {
  expect(await violations(world, LAYOUT, new Map([['a', version(2)]])), place).toEqual([]);
  expect(await states(world), place).toEqual(['merged', 'closed-by-bot']);
  expect(await branches(world), place).toBe(0);
  expect((await world.forge.pulls())[1]?.body.split('\n')[0], place).toBe(MARK);
}

test('a proposal that AWS has rolled back is withdrawn, and a later rotation is proposed anew', async () => {
  const world = await ahead();
  await move(world, 2);
  const process = world.start();
  await process.batch();
  expect(told(process, 'outcome', 'pr', 'reason')).toEqual([
    'already-current https://forge.invalid/pull/2 The base branch already has this version. ' +
      'Pull request #2, which proposed another, was withdrawn.',
  ]);
  await expectWithdrawn(world, 'at once');
  expect((await world.forge.pulls())[1]?.comments).toHaveLength(1);
  await move(world, 3);
  await world.drain();
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(3) } });
  expect((await world.open())[0]).toMatchObject({ number: 3, comments: [] });
});

test('AWS goes back to a version that people turned down: what was proposed instead is withdrawn', async () => {
  const world = await ahead();
  await world.forge.closeAs(2, 'person');
  await move(world, 4);
  await world.drain();
  expect((await world.open()).map(({ number }) => number)).toEqual([3]);
  await move(world, 3);
  const process = world.start();
  await process.batch();
  expect(told(process, 'outcome')).toEqual(['rejected-by-people']);
  expect(await states(world)).toEqual(['merged', 'closed-by-person', 'closed-by-bot']);
  expect((await world.forge.pulls())[2]?.body).toMatch(/^Withdrawn: people turned down, or took back, a version/);
  expect(await branches(world)).toBe(0);
  await move(world, 4);
  await world.drain();
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(4) } });
});

test('a process may die at any step of a withdrawal: the next one ends it', async () => {
  for (let number = 1, place: string | null = ''; place !== null; number += 1) {
    const world = await ahead();
    await move(world, 2);
    place = null;
    const dying: ProcessOptions = {
      gate: onceAt(number, async (call) => {
        place = call;
        first.die();
        await forever();
      }).gate,
    };
    const first = world.start(dying);
    await first.batch();
    await world.drain();
    await expectWithdrawn(world, place ?? 'no crash');
  }
});

test('AWS moves forth again at any moment, and another replica relies on the branch: nothing is lost', async () => {
  for (let number = 1, place: string | null = ''; place !== null; number += 1) {
    const world = await ahead();
    await move(world, 2);
    place = null;
    const { gate } = onceAt(number, async (call) => {
      place = call;
      world.rotate('a', version(3));
      world.tell('a', version(3));
      await world.start().work();
    });
    await world.start({ gate }).batch();
    await world.drain();
    if (place === null) break;
    expect(await violations(world, LAYOUT, new Map([['a', version(3)]])), place).toEqual([]);
    expect((await world.open())[0]?.body, place).not.toContain('Withdrawn');
  }
});

test('a person may merge, close or push at any moment of a withdrawal: no rotation is lost, no commit of theirs', async () => {
  for (const act of ['merge', 'close', 'push'] as const) {
    for (let number = 1, place: string | null = ''; place !== null; number += 1) {
      const world = await ahead();
      await move(world, 2);
      place = null;
      let theirs: string | null = null;
      const { gate } = onceAt(number, async (call) => {
        place = `${act} ${call}`;
        const [pull] = await world.open();
        if (pull === undefined) return;
        if (act === 'merge') await world.merge(pull.number, 'keep');
        if (act === 'close') await world.forge.closeAs(pull.number, 'person');
        if (act === 'push') theirs = world.workspace.commitTo(refOf(pull), new Map([['README.md', 'mine\n']]), 'Mine');
      });
      await world.start({ gate }).batch();
      await world.drain();
      if (theirs !== null) expect(await branches(world), place ?? '').toBe(1);
      else expect(await violations(world, LAYOUT, new Map([['a', version(2)]])), place ?? '').toEqual([]);
    }
  }
});

test('where the host lets nobody delete branches, it is closed all the same', async () => {
  const world = await ahead();
  const [pull] = await world.open();
  world.workspace.refuse(refOf(pull ?? { branch: '' }), 'no deletions');
  await move(world, 2);
  await world.drain();
  expect(await states(world)).toEqual(['merged', 'closed-by-bot']);
  world.workspace.refuse(refOf(pull ?? { branch: '' }), null);
  await move(world, 3);
  await world.drain();
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(3) } });
});

test('a lost answer to the deletion is looked up', async () => {
  const world = await ahead();
  world.workspace.loseAnswer();
  await move(world, 2);
  await world.drain();
  await expectWithdrawn(world, 'lost');
});

test.each([
  ['AWS denies it', (world: World) => world.secrets.deny(secretId('a'))],
  [
    'it is scheduled for deletion',
    (world: World) =>
      world.secrets.set({ secret: secretId('a'), versions: new Map([['AWSCURRENT', version(2)]]), deleted: true }),
  ],
  [
    'its file is gone from the base',
    (world: World) => void world.workspace.commitTo(MAIN, new Map([['db.yaml', null]]), 'Remove'),
  ],
  [
    'its object is not to be touched any more',
    (world: World) => {
      const text = (world.workspace.fileAt(MAIN, 'db.yaml') ?? '').replace(/refreshInterval: .*/, 'refreshInterval: 0');
      world.workspace.commitTo(MAIN, new Map([['db.yaml', text]]), 'Only once');
    },
  ],
])('%s: nothing is proved, and its pull request stays', async (_, happen) => {
  const world = await ahead();
  await move(world, 2);
  happen(world);
  await world.start().batch();
  expect(await states(world)).toEqual(['merged', 'open']);
  expect((await world.open())[0]?.body).not.toContain(MARK);
});

test('one object that cannot be judged any more keeps the whole pull request open, current as the others are', async () => {
  const layout: Layout = { db: ['a'], web: ['a'] };
  const world = await ahead(layout);
  const text = (world.workspace.fileAt(MAIN, 'db.yaml') ?? '').replace(/refreshInterval: .*/, 'refreshInterval: 0');
  world.workspace.commitTo(MAIN, new Map([['db.yaml', text]]), 'Only once');
  await move(world, 2);
  await world.start().batch();
  expect(await states(world)).toEqual(['merged', 'open']);
});

test('event mode: an event alone proves nothing', async () => {
  const world = await ahead(LAYOUT, 'event');
  await move(world, 2);
  await world.drain();
  expect(await states(world)).toEqual(['merged', 'open']);
});

test("a tip that is a person's is never withdrawn", async () => {
  const world = await ahead();
  const [pull] = await world.open();
  world.workspace.commitTo(refOf(pull ?? { branch: '' }), new Map([['README.md', 'mine\n']]), 'Mine');
  await move(world, 2);
  await world.drain();
  expect(await states(world)).toEqual(['merged', 'open']);
  expect((await world.open())[0]?.body).not.toContain(MARK);
});

test('objects that the branch does not touch keep nobody from withdrawing', async () => {
  const layout: Layout = { db: ['a'], web: ['a'] };
  const world = await ahead(layout);
  expect(versionsAt(world, MAIN, 'web')).toEqual({ a: version(2) });
  await move(world, 2);
  await world.drain();
  expect(await states(world)).toEqual(['merged', 'closed-by-bot']);
});
