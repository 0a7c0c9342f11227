import { expect, test } from 'vitest';
import { NO_LIMITS } from '../../../src/domain/life/opening-policy.ts';
import { everything } from '../../../src/plan/scope.ts';
import { externalSecret, STORE, version } from '../manifests.ts';
import { createWorld, MAIN, type Process, refOf, type World } from '../memory-world.ts';
import { createTeamWorld, TEAM } from '../team-world.ts';
import { BASELINE_BRANCH, baselineAt, openBaseline, reconcile, toldOf } from './reconcile-world.ts';

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

test('a baseline waits for no window and no limit', async () => {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) world.rotate(name, version(1));
  const windows = { timeZone: 'UTC', allow: [{ cron: '0 0 1 1 *', durationMilliseconds: 60_000 }], exclude: [] };
  const process = world.start({ settings: { windows, limits: { ...NO_LIMITS, open: 0 } } });
  expect((await reconcile(world, 'interval', process)).baseline.kind).toBe('proposed');
  expect(await openBaseline(world)).toBeDefined();
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

/** `p` names version 1 of `s` by a pin and has no token, `q` follows `s`. */
function pinning(pin: 'none' | 'version'): { readonly world: World; readonly start: () => Process } {
  const pinned = externalSecret('p', ['s']).replace(/(key: s\n)/, `$1        version: "uuid/${version(1)}"\n`);
  const world = createWorld({ files: { 'store.yaml': STORE, 'p.yaml': pinned, 'q.yaml': externalSecret('q', ['s']) } });
  world.rotate('s', version(2));
  return { world, start: () => world.start({ settings: { scope: { ...everything('staged'), pin } } }) };
}

test('a pin says which version an object has: it is behind without a baseline, and nothing else is bumped for it', async () => {
  const { world, start } = pinning('version');
  const report = await reconcile(world, 'interval', start());
  expect([report.withoutBaseline, toldOf(report)]).toEqual([1, ['p s proposed']]);
  expect(baselineAt(world, `refs/heads/${BASELINE_BRANCH}`)).toEqual([`q s=${version(2)}`]);
  const pull = (await world.open()).find(({ title }) => title === 'Refresh s');
  for (let pass = 0; pass < 2; pass += 1) await start().sweep('full');
  const at = refOf(pull ?? { branch: '' });
  expect(world.workspace.fileAt(at, 'p.yaml')).toContain(`version: "uuid/${version(2)}"`);
  expect(world.workspace.fileAt(at, 'q.yaml')).toBe(externalSecret('q', ['s']));
});

test('what people pinned while nothing is pinned by us is left alone', async () => {
  const { world, start } = pinning('none');
  const report = await reconcile(world, 'interval', start());
  expect([report.withoutBaseline, toldOf(report)]).toEqual([1, []]);
});

test('a merge that is reverted is back at its pin, and stays so through ten passes; the next version is proposed', async () => {
  const { world, start } = pinning('version');
  const before = world.workspace.fileAt(MAIN, 'p.yaml') ?? '';
  await reconcile(world, 'interval', start());
  const pull = (await world.open()).find(({ title }) => title === 'Refresh s');
  await world.merge(pull?.number ?? 0, 'delete');
  world.workspace.commitTo(MAIN, new Map([['p.yaml', before]]), 'Revert');
  for (let pass = 0; pass < 10; pass += 1) {
    await world.time.pass(3_600_000);
    expect(toldOf(await reconcile(world, 'interval', start()))).toEqual(['p s held']);
  }
  world.rotate('s', version(3));
  expect(toldOf(await reconcile(world, 'interval', start()))).toEqual(['p s proposed']);
});
