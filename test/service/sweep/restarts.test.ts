import { expect, test } from 'vitest';
import { deployment, externalSecret, version } from '../manifests.ts';
import { BOT, holds, MAIN, type Process, refOf, type World } from '../memory-world.ts';
import { forever } from '../ports-of-process.ts';
import { openRestarts, ownBranchesOf, restartsAt } from '../restart-checks.ts';
import { createTeamWorld, type Layout, onceAt, proposed } from '../team-world.ts';

const LAYOUT: Layout = { db: ['a'], web: ['b'] };
const FILES = { 'api.yaml': deployment('api', 'db'), 'all.yaml': deployment('all', 'db', 'web') };
const SETTLED = 360_000;

/** Both secrets are at version 1 in AWS; nothing is in Git yet. */
function createApps(options: Parameters<typeof createTeamWorld>[1] = {}): World {
  const world = createTeamWorld(LAYOUT, { ...options, files: { ...FILES, ...options.files } });
  for (const name of ['a', 'b']) world.rotate(name, version(1));
  return world;
}

/** A rotation whose refresh people have merged. */
async function refresh(world: World, name: string, number: number): Promise<void> {
  world.rotate(name, version(number));
  world.tell(name, version(number));
  await world.drain();
  for (const pull of await world.open()) {
    if (pull.branch.endsWith('/refresh')) await world.merge(pull.number, 'delete');
  }
}

/** The first pass after the refresh has settled. */
async function settleAndSweep(world: World, process: Process = world.start()): Promise<Process> {
  await process.sweep();
  await world.time.pass(SETTLED);
  await process.sweepToRest();
  return process;
}

async function mergeOpen(world: World, branch: 'keep' | 'delete' = 'delete'): Promise<void> {
  for (const { number } of await world.open()) await world.merge(number, branch);
}

const isDue = (world: World, name: string) => {
  const { due, made } = restartsAt(world, name);
  return due !== made;
};

test('refresh, merge, settle, restart, merge: then nothing is due', async () => {
  const world = createApps();
  await refresh(world, 'a', 2);
  const process = world.start();
  expect(await process.sweep()).toMatchObject({ restartsDue: 2, nextDueAt: world.time.now() + SETTLED });
  await world.time.pass(SETTLED - 1);
  expect((await process.sweep())?.swept.map(({ outcome }) => outcome.kind)).toEqual(['waiting']);
  expect(await world.open()).toEqual([]);
  await world.time.pass(1);
  expect((await process.sweep())?.swept.map(({ outcome }) => outcome.kind)).toEqual(['published']);
  const [pull, ...more] = await world.open();
  expect([pull?.title, more]).toEqual(['Restart 2 workloads after a secret refresh', []]);
  expect(pull?.body).toContain('merged with #1');
  expect(world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'db.yaml')).toBe(
    world.workspace.fileAt(MAIN, 'db.yaml'),
  );
  await mergeOpen(world);
  expect([isDue(world, 'api'), isDue(world, 'all')]).toEqual([false, false]);
  expect(await process.sweep()).toMatchObject({ swept: [], restartsDue: 0, nextDueAt: null });
  expect([await ownBranchesOf(world), (await world.forge.pulls()).length]).toEqual([[], 2]);
});

test('a workload fed by two secrets restarts once for both, in one place, whichever moved', async () => {
  const world = createApps();
  await refresh(world, 'a', 2);
  await refresh(world, 'b', 2);
  await settleAndSweep(world);
  expect((await openRestarts(world)).map(({ title }) => title)).toEqual(['Restart 2 workloads after a secret refresh']);
  const [pull] = await openRestarts(world);
  expect(restartsAt(world, 'all', refOf(pull ?? { branch: '' }))).toMatchObject({ made: restartsAt(world, 'all').due });
  // The second rotation comes while the first restart is open: the same branch, one more restart on it.
  await refresh(world, 'b', 3);
  await settleAndSweep(world);
  expect(await openRestarts(world)).toHaveLength(1);
  await mergeOpen(world);
  expect([isDue(world, 'api'), isDue(world, 'all')]).toEqual([false, false]);
});

test('each refresh has its own time to settle', async () => {
  const world = createApps({ files: { 'web-app.yaml': deployment('web-app', 'web') } });
  const process = world.start();
  await refresh(world, 'a', 2);
  await process.sweep();
  await world.time.pass(SETTLED / 2);
  await refresh(world, 'b', 2);
  await process.sweep();
  await world.time.pass(SETTLED / 2);
  const pass = await process.sweep();
  // `api` is ready; `all` waits for both, `web-app` for the other.
  const [pull] = await world.open();
  const ref = refOf(pull ?? { branch: '' });
  expect(['api', 'all'].map((name) => restartsAt(world, name, ref).made !== null)).toEqual([true, false]);
  expect(pass?.nextDueAt).toBe(world.time.now() + SETTLED / 2);
});

test('a refresh that people put on the base by hand settles from when it was seen there, whatever was merged before', async () => {
  const world = createTeamWorld({ db: ['a', 'b'] }, { files: { 'api.yaml': deployment('api', 'db') } });
  for (const name of ['a', 'b']) world.rotate(name, version(1));
  await refresh(world, 'a', 2);
  await settleAndSweep(world);
  await mergeOpen(world);
  world.rotate('b', version(2));
  world.tell('b', version(2));
  await world.drain();
  const [{ branch } = { branch: '' }] = await world.open();
  const paths = ['db.yaml', 'api.yaml'];
  const files = new Map(paths.map((path) => [path, world.workspace.fileAt(refOf({ branch }), path)]));
  world.workspace.commitTo(MAIN, files, 'By hand');
  const process = world.start();
  expect(await process.sweep()).toMatchObject({ restartsDue: 1, nextDueAt: world.time.now() + SETTLED });
  expect(await openRestarts(world)).toEqual([]);
  await settleAndSweep(world, process);
  const [pull] = await openRestarts(world);
  expect(pull?.body).not.toContain('merged with');
});

test('what a person closes is not proposed again, until the secret moves on', async () => {
  const world = createApps();
  await refresh(world, 'a', 2);
  const process = await settleAndSweep(world);
  for (const { number } of await world.open()) await world.forge.closeAs(number, 'person');
  const pass = await settleAndSweep(world, process);
  expect(await world.open()).toEqual([]);
  expect((await pass.sweep())?.swept[0]?.outcome).toMatchObject({
    kind: 'rejected-by-people',
    reason: expect.stringContaining('A person closed') as string,
  });
  await refresh(world, 'a', 3);
  await settleAndSweep(world, process);
  expect(await openRestarts(world)).toHaveLength(1);
});

test('a restart that people took back is not made again; a rollback to an earlier version is', async () => {
  const world = createApps();
  const process = world.start();
  await refresh(world, 'a', 2);
  await settleAndSweep(world, process);
  const before = new Map(['api.yaml', 'all.yaml'].map((path) => [path, world.workspace.fileAt(MAIN, path)]));
  await mergeOpen(world);
  world.workspace.commitTo(MAIN, before, 'Revert "Restart 2 workloads"');
  await settleAndSweep(world, process);
  expect(await world.open()).toEqual([]);
  expect((await process.sweep())?.swept[0]?.outcome.reason).toContain('reverted');
  await refresh(world, 'a', 3);
  await settleAndSweep(world, process);
  await mergeOpen(world);
  await refresh(world, 'a', 2);
  await settleAndSweep(world, process);
  await mergeOpen(world);
  expect([isDue(world, 'api'), isDue(world, 'all')]).toEqual([false, false]);
});

test('a restart whose refresh was taken back is withdrawn', async () => {
  const world = createApps();
  const before = new Map(['db.yaml', 'api.yaml', 'all.yaml'].map((path) => [path, world.workspace.fileAt(MAIN, path)]));
  await refresh(world, 'a', 2);
  const process = await settleAndSweep(world);
  world.workspace.commitTo(MAIN, before, 'Revert the refresh');
  await process.sweep();
  expect((await world.forge.pulls()).map(({ state }) => state)).toEqual(['merged', 'closed-by-bot']);
  expect(await ownBranchesOf(world)).toEqual([]);
});

test('a base that moves in the same file: the restart is applied again on it', async () => {
  const world = createApps();
  await refresh(world, 'a', 2);
  const process = await settleAndSweep(world);
  const text = world.workspace.fileAt(MAIN, 'api.yaml') ?? '';
  const head = world.workspace.commitTo(MAIN, new Map([['api.yaml', text.replace('1.0.0', '1.1.0')]]), 'Release');
  await process.sweep();
  const [pull] = await world.open();
  const ref = refOf(pull ?? { branch: '' });
  const { parents } = await world.workspace.commit({ name: ref, oid: pull?.head ?? '' }, new AbortController().signal);
  expect(parents).toEqual([head]);
  expect(world.workspace.fileAt(ref, 'api.yaml')).toContain('1.1.0');
  expect(await world.forge.pulls()).toHaveLength(2);
});

test("a person's commit on a restart branch is never overwritten: what is due later is added to it", async () => {
  const world = createApps();
  await refresh(world, 'a', 2);
  const process = await settleAndSweep(world);
  const [pull] = await world.open();
  const ref = refOf(pull ?? { branch: '' });
  const theirs = world.workspace.commitTo(ref, new Map([['README.md', '# Mine\n']]), 'Mine');
  await refresh(world, 'b', 2);
  await settleAndSweep(world, process);
  expect(world.workspace.tip(ref)).not.toBe(theirs);
  expect(await holds(world, ref, theirs)).toBe(true);
  expect(world.workspace.fileAt(ref, 'README.md')).toBe('# Mine\n');
  expect(await openRestarts(world)).toHaveLength(1);
});

test('event mode: stage two needs no answer of AWS', async () => {
  const world = createApps({ truth: 'event' });
  await refresh(world, 'a', 2);
  await settleAndSweep(world);
  await mergeOpen(world);
  expect([isDue(world, 'api'), isDue(world, 'all')]).toEqual([false, false]);
});

test('together: one commit for both, nothing is due afterwards', async () => {
  const world = createApps({ order: 'together' });
  world.rotate('a', version(2));
  world.tell('a', version(2));
  await world.drain();
  const [pull] = await world.open();
  expect(pull?.body).toContain('Deployment');
  await mergeOpen(world);
  expect(restartsAt(world, 'api')).toMatchObject({ due: null, made: expect.any(String) as string });
  expect(await (await settleAndSweep(world)).sweep()).toMatchObject({ swept: [], restartsDue: 0 });
  expect(await world.forge.pulls()).toHaveLength(1);
});

test('refreshOnly: no workload is touched', async () => {
  const world = createApps({ order: 'refreshOnly' });
  await refresh(world, 'a', 2);
  await settleAndSweep(world);
  expect(restartsAt(world, 'api')).toEqual({ due: null, made: null });
  expect(await world.forge.pulls()).toHaveLength(1);
});

test('a sweep may die between any two calls of stage two: the next one ends it, once', async () => {
  let calls = 0;
  for (let place = ' '; place !== ''; calls += 1) {
    place = '';
    const world = createApps();
    await refresh(world, 'a', 2);
    await world.start().sweep();
    await world.time.pass(SETTLED);
    const dying: Process = world.start({
      gate: onceAt(calls + 1, async (call) => {
        place = call;
        dying.die();
        await forever();
      }).gate,
    });
    await dying.sweep();
    await settleAndSweep(world);
    expect(await openRestarts(world), place).toHaveLength(1);
    expect(await ownBranchesOf(world), place).toHaveLength(1);
    await mergeOpen(world, 'keep');
    await settleAndSweep(world);
    expect([isDue(world, 'api'), isDue(world, 'all')], place).toEqual([false, false]);
    expect(await ownBranchesOf(world), place).toEqual([]);
    expect(await world.forge.pulls(), place).toHaveLength(2);
  }
  expect(calls).toBeGreaterThan(8);
});

test.each<[string, (world: World) => Promise<unknown>, number]>([
  ['another replica sweeps', (world) => world.start().sweepWork(), 2],
  ['people merge the restart', async (world) => mergeOpen(world, 'keep'), 2],
  [
    'the base moves in the same file',
    async (world) => {
      const text = world.workspace.fileAt(MAIN, 'api.yaml') ?? '';
      world.workspace.commitTo(MAIN, new Map([['api.yaml', text.replace('1.0.0', '1.1.0')]]), 'Release');
    },
    2,
  ],
  [
    'the next rotation is refreshed by another replica',
    async (world) => {
      world.rotate('a', version(3));
      world.tell('a', version(3));
      await world.start().work();
    },
    3,
  ],
])('between any two calls of a sweep, %s', async (_, act, pulls) => {
  let calls = 0;
  for (let place = ' '; place !== ''; calls += 1) {
    place = '';
    const world = createApps();
    await refresh(world, 'a', 2);
    await world.start().sweep();
    await world.time.pass(SETTLED);
    const moment = onceAt(calls + 1, async (call) => {
      place = call;
      await act(world);
    });
    await world.start({ gate: moment.gate }).sweep();
    for (let day = 0; day < 4; day += 1) {
      await settleAndSweep(world);
      await mergeOpen(world);
    }
    if (place === '') break;
    expect([isDue(world, 'api'), isDue(world, 'all')], place).toEqual([false, false]);
    // One refresh and one restart for each rotation; the restart of a version that is passed by may be left out.
    const made = (await world.forge.pulls()).filter(({ state }) => state === 'merged').length;
    expect([pulls, pulls + 1].includes(made), `${place}: ${made}`).toBe(true);
    expect(await ownBranchesOf(world), place).toEqual([]);
  }
  expect(calls).toBeGreaterThan(8);
});

test('an ExternalSecret that joins two groups: the open branch of the old group moves into the new one', async () => {
  const world = createApps();
  world.rotate('b', version(2));
  world.tell('b', version(2));
  await world.drain();
  world.workspace.commitTo(MAIN, new Map([['both.yaml', externalSecret('both', ['a', 'b'])]]), 'Join them');
  await world.start().sweep();
  expect(await proposed(world, { web: ['b'], both: ['a', 'b'] })).toEqual({
    web: { b: version(2) },
    both: { a: version(1), b: version(2) },
  });
  expect((await world.forge.pulls()).map(({ state }) => state)).toEqual(['closed-by-bot', 'open']);
  expect(await ownBranchesOf(world)).toHaveLength(1);
});

test('an own branch whose objects are gone is withdrawn; one of another instance, or of a person, is left alone', async () => {
  const world = createApps();
  world.rotate('a', version(2));
  world.tell('a', version(2));
  await world.drain();
  const text = world.workspace.fileAt(MAIN, 'README.md') ?? '';
  for (const name of ['gitops-reloader/other/x-12345678/refresh', 'gitops-reloader/acme/mine/refresh', 'feature/x']) {
    world.workspace.moveRef(`refs/heads/${name}`, world.workspace.tip(MAIN));
    const person = name.includes('other') ? BOT : { name: 'Ada', email: 'ada@example.com' };
    world.workspace.commitTo(`refs/heads/${name}`, new Map([['README.md', `${text}!`]]), 'Work in progress', person);
  }
  world.workspace.commitTo(MAIN, new Map([['db.yaml', null]]), 'Remove it');
  await world.start().sweep();
  const refs = await world.workspace.refs(['refs/heads/'], new AbortController().signal);
  expect(refs.map(({ name }) => name).toSorted()).toEqual([
    'refs/heads/feature/x',
    'refs/heads/gitops-reloader/acme/mine/refresh',
    'refs/heads/gitops-reloader/other/x-12345678/refresh',
    'refs/heads/main',
  ]);
  expect((await world.forge.pulls()).map(({ state }) => state)).toEqual(['closed-by-bot']);
});

test('a push whose pull request was never opened: the sweep opens it without an event', async () => {
  const world = createApps();
  world.rotate('a', version(2));
  world.tell('a', version(2));
  const dying: Process = world.start({
    gate: async (call, moment) => {
      if (call !== 'open' || moment !== 'before') return;
      dying.die();
      await forever();
    },
  });
  await dying.batch();
  expect([(await world.forge.pulls()).length, (await ownBranchesOf(world)).length]).toEqual([0, 1]);
  const other = world.start();
  // Whoever pushed it may be about to open it.
  const firstAt = world.time.now();
  expect(await other.sweep()).toMatchObject({ isMoved: false, swept: [], nextDueAt: firstAt + 10_000 });
  await world.time.pass(9_999);
  expect(await other.sweep()).toMatchObject({ swept: [], nextDueAt: firstAt + 10_000 });
  await world.time.pass(1);
  // It is pushed once more; whoever would open it all the same has done so by then.
  expect(await other.sweep()).toMatchObject({ swept: [], nextDueAt: firstAt + 15_000 });
  expect(await world.forge.pulls()).toEqual([]);
  await world.time.pass(5000);
  expect(await other.sweep()).toMatchObject({ isMoved: false });
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) } });
  await world.drain();
  expect(await world.forge.pulls()).toHaveLength(1);
});
