import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { consume } from '../../../src/service/consume/consume.ts';
import { createLane } from '../../../src/service/consume/lane.ts';
import { createHealth } from '../../../src/service/health.ts';
import type { ServedBranch } from '../../../src/service/served-branch.ts';
import { externalSecret, version } from '../manifests.ts';
import { type Process, START, told, type World } from '../memory-world.ts';
import { forever } from '../ports-of-process.ts';
import { createTeamWorld, type Layout, proposed } from '../team-world.ts';

const LAYOUT: Layout = { db: ['a'], web: ['b'] };
const NEVER = new AbortController().signal;
const DOWN = new Failure('no answer', { code: 'git-unreachable', retry: 'later', hint: 'Look at the network.' });

interface Pair {
  readonly world: World;
  /** The repository whose host misbehaves; it has the same manifests. */
  readonly other: World;
  readonly process: Process;
  /** How often the host of the other one was asked for its refs. */
  readonly asked: () => number;
  readonly repair: () => void;
  readonly stop: () => Promise<void>;
}

/** One process that serves two repositories; `refs` is what the host of the second one does while it is broken. */
function startPair(refs: () => Promise<never>): Pair {
  const world = createTeamWorld(LAYOUT);
  const other = createTeamWorld(LAYOUT);
  for (const name of ['a', 'b']) for (const number of [1, 2]) world.rotate(name, version(number));
  let [broken, asked] = [true, 0];
  const { workspace, ...rest } = other.start().served;
  const second: ServedBranch = {
    ...rest,
    name: 'apps@main',
    secretVersions: world.secrets,
    clock: world.time,
    workspace: {
      ...workspace,
      refs: (prefixes, signal) => {
        asked += 1;
        return broken ? refs() : workspace.refs(prefixes, signal);
      },
    },
  };
  const first = world.start();
  const { health } = first.request;
  const lanes = [...first.request.lanes, createLane(second, health, NEVER)];
  const stopping = new AbortController();
  const process = world.start({ request: { lanes } });
  const loop = consume(process.request, { stopping: stopping.signal, abort: NEVER });
  return {
    world,
    other,
    process,
    asked: () => asked,
    repair: () => {
      broken = false;
    },
    stop: async () => {
      stopping.abort();
      await world.time.run(loop);
    },
  };
}

test('a repository that is down for the whole run: the other is served, and its messages are served when it is up', async () => {
  const { world, other, process, asked, repair, stop } = startPair(() => Promise.reject(DOWN));
  for (let event = 0; event < 20; event += 1) {
    world.tell('a', version(2));
    await world.time.pass(60_000);
  }
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) } });
  expect(world.inbox.bodies()).toHaveLength(20);
  const first = told(process, 'repository', 'outcome').slice(0, 2);
  expect(first.toSorted()).toEqual(['apps@main try-later', 'platform@main published']);
  // Its host was asked ever more rarely: far less often than messages came and came again.
  expect(asked()).toBeLessThan(20);
  repair();
  await world.time.pass(1_200_000);
  expect(await proposed(other, LAYOUT)).toEqual({ db: { a: version(2) } });
  expect(world.inbox.bodies()).toEqual([]);
  expect([await world.forge.pulls(), await other.forge.pulls()].map((pulls) => pulls.length)).toEqual([1, 1]);
  await stop();
});

test('a repository whose host hangs holds its own messages only: later ones are received, and served by the other', async () => {
  const answer = new AbortController();
  const { world, other, repair, stop } = startPair(async () => {
    await once(answer.signal, 'abort');
    throw DOWN;
  });
  world.tell('a', version(2));
  await world.time.pass(30_000);
  world.tell('b', version(2));
  await world.time.pass(30_000);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) }, web: { b: version(2) } });
  // Nothing was deleted, and the leases are kept.
  await world.time.pass(600_000);
  expect([world.inbox.bodies().length, world.inbox.visible()]).toEqual([2, 0]);
  repair();
  answer.abort();
  await world.time.pass(300_000);
  expect(await proposed(other, LAYOUT)).toEqual({ db: { a: version(2) }, web: { b: version(2) } });
  expect(world.inbox.bodies()).toEqual([]);
  await stop();
});

test('what comes while a lane is busy goes together, in one commit', async () => {
  const world = createTeamWorld({ both: ['a', 'b', 'c'] });
  for (const name of ['a', 'b', 'c']) for (const number of [1, 2]) world.rotate(name, version(number));
  const process = world.start({
    gate: async (call) => (call === 'snapshot' ? world.time.sleep(40_000, NEVER) : undefined),
  });
  const stopping = new AbortController();
  const loop = consume(process.request, { stopping: stopping.signal, abort: NEVER });
  for (const name of ['a', 'b', 'c']) {
    world.tell(name, version(2));
    await world.time.pass(10_000);
  }
  await world.time.pass(400_000);
  const handled = 'handling_seconds{repository="platform@main"}';
  expect(process.meter.read(handled)).toBe(2);
  expect(await proposed(world, { both: [] })).toEqual({ both: { a: version(2), b: version(2), c: version(2) } });
  expect(world.inbox.bodies()).toEqual([]);
  stopping.abort();
  await world.time.run(loop);
});

test('no more than a thousand messages are in hand, and polling goes on when some have come to their end', async () => {
  const world = createTeamWorld(LAYOUT);
  for (const number of [1, 2]) world.rotate('a', version(number));
  for (let event = 0; event < 1500; event += 1) world.tell('a', version(2));
  const open = new AbortController();
  const process = world.start({
    gate: async (call) => {
      if (call === 'refs' && !open.signal.aborted) await once(open.signal, 'abort');
    },
  });
  const stopping = new AbortController();
  const loop = consume(process.request, { stopping: stopping.signal, abort: NEVER });
  await world.time.pass(60_000);
  expect(world.inbox.visible()).toBe(500);
  open.abort();
  await world.time.pass(60_000);
  expect(world.inbox.bodies()).toEqual([]);
  stopping.abort();
  await world.time.run(loop);
  expect(await world.forge.pulls()).toHaveLength(1);
});

test('what a person has to mend opens no circuit: every message is told so at once', async () => {
  const denied = new Failure('bad token', { code: 'git-denied', retry: 'never', hint: 'Give a new token.' });
  const { world, process, asked, stop } = startPair(() => Promise.reject(denied));
  for (const name of ['a', 'b']) {
    world.tell(name, version(2));
    await world.time.pass(1000);
  }
  expect(asked()).toBe(2);
  const broken = told(process, 'repository', 'outcome').filter((line) => line.startsWith('apps'));
  expect(broken).toEqual(['apps@main needs-operator', 'apps@main needs-operator']);
  await stop();
});

test('the health of a repository follows its lane', async () => {
  const world = createTeamWorld(LAYOUT);
  for (const number of [1, 2]) world.rotate('a', version(number));
  const { served } = world.start();
  const dependency = { kind: 'repository', name: served.name } as const;
  const health = createHealth([dependency], world.time, served.meter);
  const lane = createLane(served, health, NEVER);
  const process = world.start({ request: { lanes: [lane] } });
  world.workspace.failNext(DOWN);
  world.tell('a', version(2));
  await process.batch();
  expect(health.readiness()).toEqual({
    ready: false,
    state: 'running',
    troubles: [{ ...dependency, since: START, reason: 'no answer [git-unreachable]', hint: 'Look at the network.' }],
  });
  await world.drain(process);
  expect(health.readiness()).toEqual({ ready: true, state: 'running', troubles: [] });
});

test('a message is deleted as soon as its own group is done, not when the whole batch is', async () => {
  const world = createTeamWorld(LAYOUT);
  for (const name of ['a', 'b']) for (const number of [1, 2]) world.rotate(name, version(number));
  for (const name of ['a', 'b']) world.tell(name, version(2));
  let opened = 0;
  const process = world.start({
    gate: async (call, moment) => {
      if (call === 'open' && moment === 'before') opened += 1;
      if (opened === 2) await forever();
    },
  });
  void process.work();
  await world.time.pass(5000);
  expect(opened).toBe(2);
  expect(told(process, 'secret', 'outcome')).toEqual(['a published']);
  expect(world.inbox.bodies()).toHaveLength(1);
});

describe('urgent changes', () => {
  const WINDOW = { windowMilliseconds: 10_000, capMilliseconds: 60_000, isUrgent: () => false };
  const ANNOTATED = externalSecret('hot', ['h']).replace(
    '  name: hot\n',
    '  name: hot\n  annotations:\n    gitops-reloader.dev/urgent: "true"\n',
  );

  /** The seconds after which each secret had its outcome, told one second apart. */
  async function tellAll(names: readonly string[], isUrgent: (names: readonly string[]) => boolean, isKnown: boolean) {
    const world = createTeamWorld({ db: ['a'], web: ['b'] }, { files: { 'hot.yaml': ANNOTATED } });
    for (const name of ['a', 'b', 'h']) for (const number of [1, 2]) world.rotate(name, version(number));
    const process = world.start({ coalesce: { ...WINDOW, isUrgent } });
    if (isKnown) await process.sweep();
    const stopping = new AbortController();
    const loop = consume(process.request, { stopping: stopping.signal, abort: NEVER });
    const begun = world.time.now();
    const ends: string[] = [];
    for (const name of names) {
      world.tell(name, version(2));
      await world.time.pass(1000);
      while (ends.length < told(process, 'secret').length) ends.push(told(process, 'secret')[ends.length] ?? '');
    }
    const early = ends.length;
    await world.time.pass(60_000);
    expect(world.inbox.bodies()).toEqual([]);
    expect(world.time.now() - begun).toBeGreaterThan(60_000);
    stopping.abort();
    await world.time.run(loop);
    return early;
  }

  test('one whose name fits goes at once, and takes with it what waits', async () => {
    expect(await tellAll(['a', 'b', 'h'], () => false, false)).toBe(0);
    expect(await tellAll(['a', 'b', 'a'], (names) => names.includes('b'), false)).toBe(2);
    expect(await tellAll(['a', 'b'], (names) => names.includes('a'), false)).toBe(1);
  });

  test('one that an annotated ExternalSecret fetches, once an index was read; before that nobody knows', async () => {
    expect(await tellAll(['a', 'h'], () => false, true)).toBe(2);
    expect(await tellAll(['a', 'h'], () => false, false)).toBe(0);
    expect(await tellAll(['h'], () => false, true)).toBe(1);
    expect(await tellAll(['a', 'b'], () => false, true)).toBe(0);
  });
});
