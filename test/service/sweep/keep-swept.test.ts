import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { createHealth } from '../../../src/service/health.ts';
import { keepSwept } from '../../../src/service/sweep/keep-swept.ts';
import { deployment, version } from '../manifests.ts';
import { MAIN, type Process, type ProcessOptions, refOf, type World } from '../memory-world.ts';
import { openRestarts } from '../restart-checks.ts';
import { createTeamWorld, type Layout } from '../team-world.ts';

const LAYOUT: Layout = { db: ['a'], web: ['b'] };
const NEVER = new AbortController().signal;
const DOWN = new Failure('no answer', { code: 'git-unreachable', retry: 'later', hint: 'Look at the network.' });

interface Sweeping {
  readonly world: World;
  readonly process: Process;
  /** How often each port call was made so far. */
  readonly calls: ReadonlyMap<string, number>;
  readonly ready: () => boolean;
  readonly stop: () => Promise<void>;
}

/** A process that does nothing but sweep, every 30 seconds. */
function startSweeping(
  options: ProcessOptions = {},
  world = createTeamWorld(LAYOUT, { files: { 'api.yaml': deployment('api', 'db') } }),
): Sweeping {
  const calls = new Map<string, number>();
  const process = world.start({
    ...options,
    gate: async (call, moment) => {
      if (moment === 'before') calls.set(call, (calls.get(call) ?? 0) + 1);
    },
  });
  const { served } = process;
  const health = createHealth([{ kind: 'repository', name: served.name }], served.clock, served.meter);
  const stopping = new AbortController();
  const request = { served, clock: served.clock, health, intervalMilliseconds: 30_000 };
  const loop = keepSwept(request, { stopping: stopping.signal, abort: NEVER });
  return {
    world,
    process,
    calls,
    ready: () => health.readiness().ready,
    stop: async () => {
      stopping.abort();
      await world.time.run(loop);
    },
  };
}

/** A rotation of `a` whose pull request stands open. */
async function rotate(world: World, number: number): Promise<void> {
  world.rotate('a', version(number));
  world.tell('a', version(number));
  await world.start().work();
}

test('nothing moves: only refs are asked, and every ten minutes everything', async () => {
  const { world, calls, process, stop } = startSweeping();
  await rotate(world, 1);
  await world.time.pass(600_000);
  const quiet = new Map(calls);
  await world.time.pass(590_000);
  const added = (call: string) => (calls.get(call) ?? 0) - (quiet.get(call) ?? 0);
  expect(added('refs')).toBeLessThanOrEqual(22);
  // The one full look: the base, and the one branch that stands open.
  expect([added('list'), added('describe'), added('snapshot')]).toEqual([1, 1, 3]);
  expect(process.meter.read('sweeps_total{repository="platform@main",result="failed"}')).toBeNull();
  expect(process.lines.filter(({ level }) => level !== 'debug' && level !== 'info')).toEqual([]);
  await stop();
});

test('a merge is noticed within the interval, and its restart comes when it has settled, without any event', async () => {
  const { world, stop, process } = startSweeping();
  for (const number of [1, 2]) await rotate(world, number);
  await world.time.pass(60_000);
  const [pull] = await world.open();
  await world.merge(pull?.number ?? 0, 'delete');
  await world.time.pass(350_000);
  expect(await openRestarts(world)).toEqual([]);
  await world.time.pass(41_000);
  expect(await openRestarts(world)).toHaveLength(1);
  expect(process.meter.read('restarts_due{repository="platform@main"}')).toBe(1);
  // Each once, however often it was looked at.
  const told = process.lines.filter(({ message, level }) => message === 'branch swept' && level === 'info');
  expect(told.map(({ fields }) => fields['outcome'])).toEqual([
    'already-current',
    'waiting',
    'published',
    'already-current',
  ]);
  await stop();
});

test('what people reopen without moving a ref is seen at the next full look', async () => {
  const { world, stop } = startSweeping();
  for (const number of [1, 2]) await rotate(world, number);
  await world.time.pass(60_000);
  const [pull] = await world.open();
  await world.forge.closeAs(pull?.number ?? 0, 'bot');
  await world.time.pass(630_000);
  expect((await world.open()).map(({ number }) => number)).toEqual([2]);
  await stop();
});

test('one branch that waits for a person does not make everything be looked at again and again', async () => {
  const { world, calls, stop } = startSweeping();
  world.rotate('b', version(1));
  world.rotate('b', version(2));
  world.tell('b', version(2));
  for (const number of [1, 2]) await rotate(world, number);
  const [first] = (await world.open()).filter(({ branch }) => branch.includes('/a-'));
  await world.merge(first?.number ?? 0, 'delete');
  await world.time.pass(400_000);
  const [restart] = await openRestarts(world);
  const ref = refOf(restart ?? { branch: '' });
  world.workspace.commitTo(ref, new Map([['api.yaml', world.workspace.fileAt(MAIN, 'api.yaml')]]), 'Mine');
  await world.time.pass(1_200_000);
  const before = calls.get('describe') ?? 0;
  await world.time.pass(590_000);
  expect((calls.get('describe') ?? 0) - before).toBe(1);
  await stop();
});

test('a host that fails is asked ever more rarely, said once, and unready; then all goes on', async () => {
  let broken = true;
  let asked = 0;
  const { world, process, ready, stop } = startSweeping({
    ports: (ports) => ({
      ...ports,
      workspace: {
        ...ports.workspace,
        refs: (prefixes, signal) => {
          asked += 1;
          return broken ? Promise.reject(DOWN) : ports.workspace.refs(prefixes, signal);
        },
      },
    }),
  });
  await world.time.pass(3_600_000);
  // 30 s, then a minute, two, four, and every five minutes.
  expect([asked, ready()]).toEqual([14, false]);
  const said = () => process.lines.filter(({ message }) => message.startsWith('sweep ')).map(({ message }) => message);
  expect(said()).toEqual(['sweep failed']);
  broken = false;
  await world.time.pass(300_000);
  expect([said(), ready()]).toEqual([['sweep failed', 'sweep goes on'], true]);
  await stop();
});

test('a base that is not there is said, with what to do', async () => {
  const { world, process, stop } = startSweeping();
  world.workspace.moveRef(MAIN, null);
  await world.time.pass(60_000);
  expect(process.lines[0]?.fields).toMatchObject({
    code: 'git-missing',
    hint: expect.stringContaining('base') as string,
  });
  await stop();
});

test('a paused repository is left alone, which is said once; nothing is forgotten', async () => {
  const { world, process, stop } = startSweeping();
  for (const number of [1, 2]) await rotate(world, number);
  const [pull] = await world.open();
  await world.merge(pull?.number ?? 0, 'delete');
  const settings = (text: string | null) =>
    world.workspace.commitTo(MAIN, new Map([['.gitops-reloader/config.yaml', text]]), 'A person says so');
  settings('paused: true\n');
  await world.time.pass(1_300_000);
  expect(await openRestarts(world)).toEqual([]);
  expect(process.lines.filter(({ message }) => message === 'paused')).toHaveLength(1);
  expect(process.meter.read('paused{repository="platform@main"}')).toBe(1);
  settings(null);
  await world.time.pass(61_000);
  expect(await openRestarts(world)).toHaveLength(1);
  expect(process.meter.read('paused{repository="platform@main"}')).toBe(0);
  await stop();
});

test('one branch that fails leaves the others alone, and is looked at again at the next interval', async () => {
  const world = createTeamWorld(LAYOUT);
  for (const name of ['a', 'b']) {
    for (const number of [1, 2]) world.rotate(name, version(number));
    world.tell(name, version(2));
  }
  await world.drain();
  for (const { number } of await world.open()) await world.forge.closeAs(number, 'bot');
  let failures = 0;
  const { process, stop } = startSweeping(
    {
      ports: (ports) => ({
        ...ports,
        forge: {
          ...ports.forge,
          open: (draft, signal) => {
            failures += 1;
            return failures === 1 ? Promise.reject(DOWN) : ports.forge.open(draft, signal);
          },
        },
      }),
    },
    world,
  );
  await world.time.pass(1000);
  expect(await world.open()).toHaveLength(1);
  await world.time.pass(30_000);
  expect(await world.open()).toHaveLength(2);
  expect(process.meter.read('sweeps_total{repository="platform@main",result="failed"}')).toBe(1);
  await stop();
});

test('what was said of a branch that is gone is said anew of another one of its name', async () => {
  const { world, process, stop } = startSweeping({
    settings: { limits: { open: 0, perHour: null, maxObjects: null } },
  });
  const said: number[] = [];
  for (const number of [1, 2]) {
    world.rotate('a', version(number));
    world.tell('a', version(number));
    await world.time.run(world.start({ settings: process.served.settings }).work());
    await world.time.pass(1_300_000);
    const own = (await world.workspace.refs(['refs/heads/gitops-reloader/'], NEVER)).map(({ name }) => name);
    for (const name of own) world.workspace.moveRef(name, null);
    await world.time.pass(1_300_000);
    said.push(process.lines.filter(({ level, message }) => level === 'info' && message === 'branch swept').length);
  }
  await stop();
  expect(said).toEqual([1, 2]);
});
