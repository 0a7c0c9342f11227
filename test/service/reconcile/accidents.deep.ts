import { expect, test } from 'vitest';
import { reconcileBranch } from '../../../src/service/reconcile/reconcile-branch.ts';
import { version } from '../manifests.ts';
import { MAIN, refOf, type World } from '../memory-world.ts';
import { forever } from '../ports-of-process.ts';
import { createTeamWorld, onceAt, TEAM, versionsAt, violations } from '../team-world.ts';
import { baselineAt, openBaseline, reconcile } from './reconcile-world.ts';

const NEVER = new AbortController().signal;

async function adopted(): Promise<World> {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) world.rotate(name, version(1));
  await reconcile(world);
  await world.merge(1, 'delete');
  return world;
}

async function behind(): Promise<World> {
  const world = await adopted();
  for (const name of ['a', 'c']) world.rotate(name, version(2));
  return world;
}

/** Nobody has adopted it yet. */
async function fresh(): Promise<World> {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) world.rotate(name, version(1));
  return world;
}

/** Something is proposed, and something else is behind by now. */
async function half(): Promise<World> {
  const world = await behind();
  await reconcile(world);
  for (const name of ['a', 'b']) world.rotate(name, version(3));
  return world;
}

const WISHED = new Map([
  ['a', version(2)],
  ['c', version(2)],
]);
const CURRENT = new Map([...WISHED, ['b', version(1)]]);

/** How many calls a pass makes in such a world. */
async function callsOf(make: () => Promise<World>): Promise<number> {
  const world = await make();
  const counting = onceAt(0, forever);
  await reconcile(world, 'interval', world.start({ gate: counting.gate }));
  expect(counting.count()).toBeGreaterThan(5);
  return counting.count();
}

/** One pass during which something happens right before the call with each number. */
async function during(
  make: () => Promise<World>,
  happens: (world: World) => Promise<void>,
  then: (world: World, place: string) => Promise<void>,
) {
  const calls = await callsOf(make);
  for (let number = 1; number <= calls; number += 1) {
    const world = await make();
    let place = '';
    const gate = onceAt(number, async (call) => {
      place = call;
      await happens(world);
    }).gate;
    await reconcile(world, 'interval', world.start({ gate }));
    await then(world, place);
  }
}

/** A pass whose process dies before the call with this number; where that was. */
async function dieAt(world: World, number: number): Promise<string> {
  let place = '';
  const first = world.start({
    gate: onceAt(number, async (call) => {
      place = call;
      first.die();
      await forever();
    }).gate,
  });
  await world.time.settles(reconcileBranch(first.served, { by: 'interval', seen: null }, NEVER));
  return place;
}

test('a pass may die between any two calls: the next one ends it, once', async () => {
  const calls = await callsOf(behind);
  for (let number = 1; number <= calls; number += 1) {
    const world = await behind();
    const place = await dieAt(world, number);
    await reconcile(world);
    await world.start().sweepToRest('full');
    expect(await violations(world, TEAM, WISHED, CURRENT), place).toEqual([]);
    expect((await world.forge.pulls()).length, place).toBe(3);
  }
});

test('adoption may die between any two calls: the next pass ends it, once', async () => {
  const calls = await callsOf(fresh);
  for (let number = 1; number <= calls; number += 1) {
    const world = await fresh();
    const place = await dieAt(world, number);
    for (const name of ['a', 'b', 'c']) world.rotate(name, version(2));
    await reconcile(world);
    const pull = await openBaseline(world);
    expect((await world.forge.pulls()).length, place).toBe(1);
    expect(baselineAt(world, refOf(pull ?? { branch: '' })).length, place).toBe(3);
  }
});

test('an event of a newer version that comes at any moment is not undone', async () => {
  await during(
    behind,
    async (world) => {
      world.rotate('c', version(3));
      world.tell('c', version(3));
      await world.start().work();
    },
    async (world, place) => {
      await world.drain();
      await reconcile(world);
      const wished = new Map([...WISHED, ['c', version(3)]]);
      expect(await violations(world, TEAM, wished, new Map([...CURRENT, ...wished])), place).toEqual([]);
    },
  );
});

test('whatever people do with what is shown, at any moment: nothing is proposed twice, and nothing is lost', async () => {
  const current = new Map([
    ['a', version(3)],
    ['b', version(3)],
    ['c', version(2)],
  ]);
  await during(
    half,
    async (world) => {
      const [first] = await world.open();
      if (first !== undefined) await world.merge(first.number, 'delete');
    },
    async (world, place) => {
      // What was merged has just been seen: the next pass judges it.
      await world.time.pass(3_600_000);
      await reconcile(world);
      expect(await violations(world, TEAM, current), place).toEqual([]);
    },
  );
  await during(
    half,
    async (world) => {
      const [first] = await world.open();
      if (first !== undefined) await world.forge.closeAs(first.number, 'person');
    },
    async (world, place) => {
      for (let again = 0; again < 3; again += 1) await reconcile(world);
      expect(await violations(world, TEAM, current), place).toEqual([]);
    },
  );
});

test('a base on which somebody reverts at any moment ends where people left it', async () => {
  await during(
    async () => {
      const world = await behind();
      await reconcile(world);
      return world;
    },
    async (world) => {
      const before = world.workspace.fileAt(MAIN, 'other.yaml') ?? '';
      const own = (await world.open()).find(({ title }) => title === 'Refresh c');
      if (own === undefined) return;
      await world.merge(own.number, 'delete');
      world.workspace.commitTo(MAIN, new Map([['other.yaml', before]]), 'Revert');
    },
    async (world, place) => {
      for (let again = 0; again < 3; again += 1) await reconcile(world);
      expect(versionsAt(world, MAIN, 'other'), place).toEqual({});
      expect(
        (await world.open()).filter(({ title }) => title === 'Refresh c'),
        place,
      ).toEqual([]);
    },
  );
});
