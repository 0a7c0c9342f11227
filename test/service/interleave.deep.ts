import { expect, test } from 'vitest';
import { parseToken } from '../../src/domain/token.ts';
import { version } from './manifests.ts';
import { BOT, holds, MAIN, type Process, refOf, type World } from './memory-world.ts';
import { ownBranchesOf } from './restart-checks.ts';
import { createTeamWorld, type Layout, onceAt, proposed, versionsAt, violations } from './team-world.ts';

const LAYOUT: Layout = { alone: ['a'], both: ['a', 'b'] };
const NEVER = new AbortController().signal;

/** What somebody else does while a process works. */
type Act = (world: World, worker: Process) => Promise<void>;

interface Ending {
  readonly world: World;
  readonly place: string;
  readonly worker: Process;
}

/** Lets `act` happen between any two port calls of a process that handles the first move of `a`, and drains the queue. */
async function forEveryMoment(
  prepare: (world: World) => Promise<void>,
  act: Act,
  expectEnding: (ending: Ending) => Promise<void>,
): Promise<void> {
  let calls = 0;
  for (let place: string | null = ''; place !== null; calls += 1) {
    const world = createTeamWorld(LAYOUT);
    for (const name of ['a', 'b']) world.rotate(name, version(1));
    await prepare(world);
    place = null;
    const moment = onceAt(calls + 1, async (call) => {
      place = call;
      await act(world, worker);
    });
    const worker = world.start({ gate: moment.gate });
    await worker.batch();
    await world.drain(undefined, 30);
    if (place !== null) await expectEnding({ world, place, worker });
  }
  expect(calls).toBeGreaterThan(12);
}

async function moved(world: World): Promise<void> {
  world.rotate('a', version(2));
  world.tell('a', version(2));
}

/** A pull request is open already, and `a` moves on. */
async function movedAgain(world: World): Promise<void> {
  await moved(world);
  await world.drain();
  world.rotate('a', version(3));
  world.tell('a', version(3));
}

async function otherHalf(world: World): Promise<void> {
  world.rotate('b', version(2));
  world.tell('b', version(2));
  await world.start().work();
}

async function newer(world: World): Promise<void> {
  world.rotate('a', version(3));
  world.tell('a', version(3));
  await world.start().work();
}

async function closeAll(world: World): Promise<void> {
  for (const { number } of await world.open()) await world.forge.closeAs(number, 'person');
}

async function moveBaseElsewhere(world: World): Promise<void> {
  world.workspace.commitTo(MAIN, new Map([['README.md', '# New\n']]), 'Elsewhere');
}

async function moveBaseInSameFile(world: World): Promise<void> {
  const text = world.workspace.fileAt(MAIN, 'alone.yaml') ?? '';
  world.workspace.commitTo(MAIN, new Map([['alone.yaml', text.replace('1h', '5m')]]), 'Here');
}

async function removeBranches(world: World): Promise<void> {
  for (const pull of await world.open()) world.workspace.moveRef(refOf(pull), null);
}

const V2 = new Map([['a', version(2)]]);

test('a replica with the other half of the events: the branch holds all', async () => {
  await forEveryMoment(moved, otherHalf, async ({ world, place }) => {
    expect(await violations(world, LAYOUT, new Map([...V2, ['b', version(2)]])), place).toEqual([]);
    expect(await proposed(world, LAYOUT), place).toEqual({
      alone: { a: version(2) },
      both: { a: version(2), b: version(2) },
    });
    expect(await world.forge.pulls(), place).toHaveLength(1);
  });
});

test('a replica with a newer version: the old answer never wins, on the branch or on the base', async () => {
  await forEveryMoment(moved, newer, async ({ world, place }) => {
    expect(await violations(world, LAYOUT, new Map([['a', version(3)]])), place).toEqual([]);
    expect(await world.forge.pulls(), place).toHaveLength(1);
    const [pull] = await world.open();
    expect(pull?.body, place).toContain(`Secret-Rotation: a=${version(3)}`);
    expect(pull?.body, place).not.toContain(`Secret-Rotation: a=${version(2)}`);
  });
});

test('a replica with a newer version, and people who merge it at once', async () => {
  for (const branch of ['keep', 'delete'] as const) {
    const newerMerged: Act = async (world) => {
      await newer(world);
      for (const { number } of await world.open()) await world.merge(number, branch);
    };
    await forEveryMoment(moved, newerMerged, async ({ world, place }) => {
      expect(await violations(world, LAYOUT, new Map([['a', version(3)]])), place).toEqual([]);
      expect(versionsAt(world, MAIN, 'alone'), place).toEqual({ a: version(3) });
      // What was pushed too late is left over, and nobody's event will ever speak of it.
      for (let pass = 0; pass < 3; pass += 1) await world.start().sweep();
      expect(await ownBranchesOf(world), place).toEqual([]);
    });
  }
});

test('what another replica proposed and people merged meanwhile is not proposed again', async () => {
  for (const branch of ['keep', 'delete'] as const) {
    const again: string[] = [];
    const same: Act = async (world) => {
      world.tell('a', version(2));
      await world.start().work();
      for (const { number } of await world.open()) await world.merge(number, branch);
    };
    await forEveryMoment(moved, same, async ({ world, place }) => {
      expect(await violations(world, LAYOUT, V2), place).toEqual([]);
      expect(versionsAt(world, MAIN, 'alone'), place).toEqual({ a: version(2) });
      if ((await world.open()).length > 0) again.push(place.replace(/^\d+: /, ''));
    });
    // No forge opens a pull request only if a branch has not moved: between the last look and the opening is a gap.
    expect(again).toEqual(branch === 'keep' ? ['open'] : []);
  }
});

test('a person merges while a newer version is proposed: it gets a pull request of its own', async () => {
  for (const branch of ['keep', 'delete'] as const) {
    const merge: Act = async (world) => {
      for (const { number } of await world.open()) await world.merge(number, branch);
    };
    await forEveryMoment(movedAgain, merge, async ({ world, place }) => {
      expect(await violations(world, LAYOUT, new Map([['a', version(3)]])), place).toEqual([]);
      expect(
        ['2', '3'].map((one) => version(Number(one))),
        place,
      ).toContain(versionsAt(world, MAIN, 'alone')['a']);
    });
  }
});

test('a person closes while a newer version is proposed: only what was shown is turned down', async () => {
  await forEveryMoment(movedAgain, closeAll, async ({ world, place }) => {
    expect(await violations(world, LAYOUT, new Map([['a', version(3)]])), place).toEqual([]);
    const closed = (await world.forge.pulls()).find(({ state }) => state === 'closed-by-person');
    expect(closed?.number, place).toBe(1);
  });
});

test('a person pushes on top: the commit stays, and what is newer is added to it', async () => {
  let pushed: string | null = null;
  const push: Act = async (world) => {
    pushed = null;
    for (const pull of await world.open()) {
      pushed = world.workspace.commitTo(refOf(pull), new Map([['README.md', '# Mine\n']]), 'Mine');
    }
  };
  await forEveryMoment(movedAgain, push, async ({ world, place }) => {
    const [pull] = await world.forge.pulls();
    const ref = refOf(pull ?? { branch: '' });
    if (pushed !== null) expect(await holds(world, ref, pushed), place).toBe(true);
    expect(await world.forge.pulls(), place).toHaveLength(1);
    expect(versionsAt(world, ref, 'alone')['a'], place).toBe(version(3));
    expect(world.inbox.bodies(), place).toHaveLength(0);
  });
});

test('the base moves: the tip is left alone, or made again with what people changed', async () => {
  await forEveryMoment(moved, moveBaseElsewhere, async ({ world, place }) => {
    expect(await violations(world, LAYOUT, V2), place).toEqual([]);
    expect(await world.forge.pulls(), place).toHaveLength(1);
  });
  await forEveryMoment(moved, moveBaseInSameFile, async ({ world, place }) => {
    expect(await violations(world, LAYOUT, V2), place).toEqual([]);
    // Whoever handles the next event brings the branch onto the new base.
    world.tell('a', version(2));
    await world.drain();
    const [pull] = await world.open();
    const text = world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'alone.yaml') ?? '';
    expect(text, place).toContain('refreshInterval: 5m');
    expect(text, place).toContain(`force-sync: "a=${version(2)}@`);
    expect(await world.forge.pulls(), place).toHaveLength(1);
  });
});

test('the branch is deleted: it is made again', async () => {
  await forEveryMoment(movedAgain, removeBranches, async ({ world, place }) => {
    const lost = (await world.open()).length === 0;
    // A branch that is deleted after the last look at it is what a person, or the next event, has to answer.
    if (lost) world.tell('a', version(3));
    await world.drain();
    expect(await violations(world, LAYOUT, new Map([['a', version(3)]])), place).toEqual([]);
  });
});

test('times are kept where versions are equal, whoever wrote them first', async () => {
  const world = createTeamWorld(LAYOUT);
  for (const name of ['a', 'b']) world.rotate(name, version(1));
  await moved(world);
  await world.drain();
  await world.time.pass(3_600_000);
  world.rotate('b', version(2));
  world.tell('b', version(2));
  await world.drain();
  const [pull] = await world.open();
  const text = world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'both.yaml') ?? '';
  const token = parseToken(/force-sync: "([^"]*)"/.exec(text)?.[1] ?? null);
  expect(token?.map(({ name, time }) => `${name} ${time}`)).toEqual([
    'a 2026-03-02T09:20:00Z',
    'b 2026-03-02T10:20:00Z',
  ]);
  const ref = { name: refOf(pull ?? { branch: '' }), oid: pull?.head ?? '' };
  expect((await world.workspace.commit(ref, NEVER)).author).toEqual(BOT);
});
