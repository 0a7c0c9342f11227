import { expect, test } from 'vitest';
import { deployment, version } from './manifests.ts';
import { MAIN, type ProcessOptions, refOf, told, type World } from './memory-world.ts';
import { forever } from './ports-of-process.ts';
import { createTeamWorld, onceAt, proposed, TEAM, versionsAt, violations } from './team-world.ts';

/** Two secrets of one group and one of another have moved; the queue tells it, one event twice. */
function rotated(): World {
  const world = createTeamWorld(TEAM, { files: { 'app.yaml': deployment('app', 'both') } });
  for (const name of ['a', 'b', 'c']) {
    world.rotate(name, version(1));
    world.rotate(name, version(2));
    world.tell(name, version(2));
  }
  world.tell('a', version(2));
  return world;
}

const EVERYTHING = {
  alone: { a: version(2) },
  both: { a: version(2), b: version(2) },
  other: { c: version(2) },
};
const WISHED = new Map(['a', 'b', 'c'].map((name) => [name, version(2)]));

async function expectOneBump(world: World, place: string): Promise<void> {
  expect(await violations(world, TEAM, WISHED), place).toEqual([]);
  expect(await proposed(world, TEAM), place).toEqual(EVERYTHING);
  expect(await world.forge.pulls(), place).toHaveLength(2);
  const refs = await world.workspace.refs(['refs/heads/gitops-reloader/'], new AbortController().signal);
  expect(refs, place).toHaveLength(2);
  for (const ref of refs) {
    const { parents } = await world.workspace.commit(ref, new AbortController().signal);
    expect(parents, place).toEqual([world.workspace.tip(MAIN)]);
  }
}

test('a batch without accidents is one bump per group', async () => {
  const world = rotated();
  await world.drain();
  await expectOneBump(world, 'no crash');
});

test('a process may die between any two calls: the next one ends it, once', async () => {
  const whole = onceAt(0, forever);
  await rotated().drain();
  const measured = rotated();
  await measured.start({ gate: whole.gate }).batch();
  expect(whole.count()).toBeGreaterThan(20);
  for (let number = 1; number <= whole.count(); number += 1) {
    const world = rotated();
    let place = '';
    const dying: ProcessOptions = {
      gate: onceAt(number, async (call) => {
        place = call;
        first.die();
        await forever();
      }).gate,
    };
    const first = world.start(dying);
    expect(await first.batch(), place).toBe(false);
    await world.drain();
    await expectOneBump(world, place);
  }
});

test('two may die in a row', async () => {
  for (let number = 2; number <= 30; number += 3) {
    const world = rotated();
    for (const more of [number, number * 2]) {
      const dying = world.start({
        gate: onceAt(more, async () => {
          dying.die();
          await forever();
        }).gate,
      });
      await dying.batch();
      await world.time.pass(121_000);
    }
    await world.drain();
    await expectOneBump(world, `${number}`);
  }
});

test('replaying everything changes nothing', async () => {
  const world = rotated();
  await world.drain();
  const before = await world.forge.pulls();
  const tips = before.map((pull) => world.workspace.tip(refOf(pull)));
  for (const name of ['c', 'a', 'b', 'a']) world.tell(name, version(2));
  const process = world.start();
  await world.drain(process);
  expect(await world.forge.pulls()).toEqual(before);
  expect(before.map((pull) => world.workspace.tip(refOf(pull)))).toEqual(tips);
  expect(told(process, 'outcome')).toEqual(Array(4).fill('already-current'));
  expect(versionsAt(world, MAIN, 'alone')).toEqual({});
});
