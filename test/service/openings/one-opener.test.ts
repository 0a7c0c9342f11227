import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { ALWAYS, type Windows } from '../../../src/domain/life/opening-policy.ts';
import type { PullRequest } from '../../../src/ports.ts';
import { ROTATION, readTrailers } from '../../../src/words/trailers.ts';
import { version } from '../manifests.ts';
import { type Process, told, type World } from '../memory-world.ts';
import { forever, type Ports } from '../ports-of-process.ts';
import { createTeamWorld, type Layout, violations } from '../team-world.ts';
import { quietInMemory } from '../virtual-time.ts';

const NEVER = new AbortController().signal;
const LAYOUT: Layout = { db: ['a'] };

/** A world whose secret has moved to version 2; its queue tells it. */
function moved(): World {
  const world = createTeamWorld(LAYOUT);
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  return world;
}

async function states(world: World): Promise<readonly string[]> {
  return (await world.forge.pulls()).map(({ state }) => state);
}

/** Another writer, at work while the first one is about to open the pull request of version 2. */
interface Second {
  readonly begin: (world: World, how: { readonly first: Process; readonly start: () => Process }) => Promise<unknown>;
  /** The versions that are proposed in the end, each in a pull request of its own. */
  readonly versions: readonly number[];
}

const SECOND_WRITERS: Readonly<Record<string, Second>> = {
  'the sweep of the same process': { begin: (_world, { first }) => first.sweepWork(), versions: [2] },
  'the sweep of another process': { begin: (_world, { start }) => start().sweepWork(), versions: [2] },
  'another process with the same message': {
    begin: (world, { start }) => {
      world.tell('a', version(2));
      return start().work();
    },
    versions: [2],
  },
  'another process with a newer version': {
    begin: (world, { start }) => {
      world.rotate('a', version(3));
      world.tell('a', version(3));
      return start().work();
    },
    versions: [2, 3],
  },
};

/** Ports of all processes: while the first of them opens a pull request the others go on, and it is merged before any other is opened. */
function mergedAtOnce(world: World, whileOpening: () => unknown): (ports: Ports) => Ports {
  const events = new EventEmitter();
  const merged = once(events, 'merged');
  let openings = 0;
  const openInTurn = async (open: () => Promise<PullRequest>): Promise<PullRequest> => {
    openings += 1;
    if (openings > 1) {
      await merged;
      return open();
    }
    whileOpening();
    await quietInMemory();
    const pull = await open();
    await world.merge(pull.number, 'keep');
    events.emit('merged');
    return pull;
  };
  return (ports) => ({
    ...ports,
    forge: { ...ports.forge, open: (draft, signal) => openInTurn(() => ports.forge.open(draft, signal)) },
  });
}

/** One pull request for each of these versions, and the last one on the base. */
async function expectOneEach(world: World, versions: readonly number[]): Promise<void> {
  const pulls = await world.forge.pulls();
  const shown = pulls.flatMap(({ body }) => readTrailers(body, ROTATION));
  expect(shown).toEqual(versions.map((number) => `a=${version(number)}`));
  expect(await violations(world, LAYOUT, new Map([['a', version(versions.at(-1) ?? 0)]]))).toEqual([]);
}

test.each(Object.entries(SECOND_WRITERS))(
  'whoever has pushed a branch opens its pull request, however soon people merge it: %s',
  async (_name, { begin, versions }) => {
    const world = moved();
    let second: Promise<unknown> = Promise.resolve();
    const ports = mergedAtOnce(world, () => {
      second = begin(world, { first, start: () => world.start({ ports }) });
    });
    const first: Process = world.start({ ports });
    await first.batch();
    await world.time.run(second);
    const last = world.start({ ports });
    await world.drain(last);
    await last.sweepToRest();
    await expectOneEach(world, versions);
  },
);

/** A process that has pushed stands still before it looks at its refs once more, until `wakes` resolves. */
function stopped(world: World, wakes: () => Promise<void>): Process {
  let state: 'begun' | 'pushed' | 'gone on' = 'begun';
  return world.start({
    gate: async (call, moment) => {
      if (call === 'publish' && moment === 'after') state = 'pushed';
      if (call !== 'refs' || moment !== 'before' || state !== 'pushed') return;
      state = 'gone on';
      await wakes();
    },
  });
}

/** A process handles what is in the queue, and dies when it has pushed. */
async function pushAndDie(world: World): Promise<void> {
  const dying: Process = stopped(world, () => {
    dying.die();
    return forever();
  });
  await dying.batch();
}

test('a message for what a dead process has pushed waits no longer than it has to', async () => {
  const world = moved();
  await pushAndDie(world);
  world.tell('a', version(2));
  const begun = world.time.now();
  const next = world.start();
  await next.batch();
  expect(told(next, 'outcome')).toEqual(['published']);
  expect(await states(world)).toEqual(['open']);
  expect(world.time.now() - begun).toBeGreaterThanOrEqual(15_000);
  expect(world.time.now() - begun).toBeLessThan(16_000);
});

test('what its pusher has left is taken over by one writer alone, however soon people merge it', async () => {
  const world = moved();
  await pushAndDie(world);
  const ports = mergedAtOnce(world, () => undefined);
  const [one, other] = [world.start({ ports }), world.start({ ports })];
  for (const process of [one, other]) await process.sweep();
  expect(await states(world)).toEqual([]);
  await world.time.pass(10_000);
  world.tell('a', version(2));
  // The lane and the sweep of one process, and another process.
  await world.time.run(Promise.all([one.work(), one.sweepWork(), other.sweepWork()]));
  await world.time.pass(5000);
  await world.time.run(Promise.all([one.sweepWork(), other.sweepWork()]));
  await world.drain();
  await other.sweepToRest();
  await expectOneEach(world, [2]);
});

test('what waited for a window is opened once when it begins, by whichever replica, however soon people merge it', async () => {
  const world = moved();
  const windows: Windows = { ...ALWAYS, allow: [{ cron: '0 10 * * *', durationMilliseconds: 3_600_000 }] };
  let second: Promise<unknown> = Promise.resolve();
  const ports = mergedAtOnce(world, () => {
    second = other.sweepWork();
  });
  const settings = { windows };
  const [first, other]: readonly [Process, Process] = [
    world.start({ settings, ports }),
    world.start({ settings, ports }),
  ];
  await first.batch();
  await other.sweep();
  expect(told(first, 'outcome')).toEqual(['waiting']);
  await world.time.pass(45 * 60_000);
  // A message for the lane that has pushed it, and the sweep of another process.
  world.tell('a', version(2));
  await first.batch();
  await world.time.run(second);
  await other.sweepToRest();
  await expectOneEach(world, [2]);
});

test('a pusher that was taken for dead finds what it has pushed taken over, and opens nothing', async () => {
  const world = moved();
  const other = world.start();
  const slow: Process = stopped(world, async () => {
    await other.sweepWork();
    for (const milliseconds of [10_000, 5000]) {
      await world.time.pass(milliseconds);
      await other.sweepWork();
    }
    await world.merge(1, 'keep');
  });
  await slow.batch();
  expect(told(slow, 'outcome')).toEqual(['already-current']);
  await other.sweepToRest();
  await expectOneEach(world, [2]);
});

test('one that is opened within the time of a request, after another for the same branch was merged, is withdrawn', async () => {
  const world = moved();
  const late = world.start({
    ports: (ports) => ({
      ...ports,
      forge: {
        ...ports.forge,
        open: async (draft, signal) => {
          const { number } = await ports.forge.open(draft, signal);
          await world.merge(number, 'keep');
          return ports.forge.open(draft, signal);
        },
      },
    }),
  });
  await late.batch();
  expect(await states(world)).toEqual(['merged', 'open']);
  await world.start().sweep();
  const [, second] = await world.forge.pulls();
  expect(second).toMatchObject({
    state: 'closed-by-bot',
    body: expect.stringMatching(/^Withdrawn: the base branch already has everything/),
  });
  expect(await world.open()).toEqual([]);
  expect(world.inbox.bodies()).toEqual([]);
});

function nobodyOpens(ports: Ports): Ports {
  const failure = new Failure('may not open it', { code: 'forge-rejected', retry: 'never', hint: 'Allow it.' });
  return { ...ports, forge: { ...ports.forge, open: () => Promise.reject(failure) } };
}

test('writers do not take a branch from one another for ever where none of them can open its pull request', async () => {
  const world = moved();
  const heads = new Set<string | null>();
  const processes = [1, 2, 3].map(() => world.start({ ports: nobodyOpens }));
  await processes[0]?.batch();
  // Six hours in which each looks every other minute.
  for (let minutes = 0; minutes < 360; minutes += 2) {
    await world.time.pass(120_000);
    for (const process of processes) await process.sweep();
    const [ref] = await world.workspace.refs(['refs/heads/gitops-reloader/'], NEVER);
    heads.add(ref?.oid ?? null);
  }
  // Each waits twice as long as the time before, from 10 s on; without that there were 135.
  expect(heads.size).toBeLessThan(processes.length * Math.log2((360 * 60) / 10));
  expect(await states(world)).toEqual([]);
  // As soon as it may be opened, it is.
  const last = world.start();
  await last.sweepToRest();
  expect(await states(world)).toEqual(['open']);
});
