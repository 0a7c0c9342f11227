import { expect, test } from 'vitest';
import { NO_LIMITS } from '../../../src/domain/life/opening-policy.ts';
import { version } from '../manifests.ts';
import { MAIN, type World } from '../memory-world.ts';
import { createTeamWorld, TEAM } from '../team-world.ts';
import { openBaseline, reconcile, toldOf } from './reconcile-world.ts';

/** A team whose secrets are all at version 1, and that is asked for its baseline. */
async function asked(): Promise<World> {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) world.rotate(name, version(1));
  await reconcile(world);
  return world;
}

async function adopted(): Promise<World> {
  const world = await asked();
  expect(await world.merge(1, 'delete')).toBe(true);
  return world;
}

test('what a branch of another base carries is carried nowhere else', async () => {
  const world = await adopted();
  const [main] = await world.workspace.refs([MAIN], new AbortController().signal);
  world.workspace.moveRef('refs/heads/live', main?.oid ?? null);
  world.rotate('c', version(2));
  const bases = ['main', 'live'];
  for (const state of ['proposed', 'carried']) {
    for (const base of bases) {
      const process = world.start({ settings: { bases: 2, base } });
      expect([base, toldOf(await reconcile(world, 'interval', process))]).toEqual([base, [`other c ${state}`]]);
    }
  }
  expect((await world.open()).map(({ base }) => base).toSorted()).toEqual(bases.toSorted());
});

test('a base that is paused is only looked at, which is no failure', async () => {
  const world = await adopted();
  world.workspace.commitTo(MAIN, new Map([['.gitops-reloader/config.yaml', 'paused: true\n']]), 'Pause');
  world.rotate('c', version(2));
  expect(toldOf(await reconcile(world))).toEqual(['other c found']);
});

test('a baseline that waits for its merge keeps no rotation waiting', async () => {
  const world = await asked();
  const limited = { settings: { limits: { ...NO_LIMITS, open: 1 } } };
  for (const name of ['c', 'a']) {
    world.rotate(name, version(2));
    world.tell(name, version(2));
  }
  await world.drain(world.start(limited));
  expect((await world.open()).map(({ title }) => title)).toHaveLength(2);
  expect((await openBaseline(world))?.number).toBe(1);
});
