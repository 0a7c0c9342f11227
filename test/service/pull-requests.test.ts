import { expect, test } from 'vitest';
import type { Forge } from '../../src/ports.ts';
import { ROTATION, readTrailers } from '../../src/words/trailers.ts';
import { version } from './manifests.ts';
import { BOT, holds, MAIN, type Process, refOf, told, type World } from './memory-world.ts';
import { createTeamWorld, type Layout, proposed, versionsAt, violations } from './team-world.ts';

const LAYOUT: Layout = { db: ['a'] };
const WISHED = new Map([['a', version(2)]]);
const NEVER = new AbortController().signal;

/** A world whose secret has moved to version 2; its queue tells it. */
function moved(): World {
  const world = createTeamWorld(LAYOUT);
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  return world;
}

/** A world in which the pull request for version 2 is open. */
async function opened(): Promise<{ readonly world: World; readonly ref: string }> {
  const world = moved();
  await world.drain();
  const [pull] = await world.open();
  return { world, ref: refOf(pull ?? { branch: '' }) };
}

function outcomesOf(process: Process): readonly string[] {
  return told(process, 'outcome');
}

async function handle(world: World): Promise<readonly unknown[]> {
  const process = world.start();
  await process.batch();
  return outcomesOf(process);
}

/** What an operator is told at the next delivery. */
async function hintFor(world: World): Promise<string> {
  await world.time.pass(3_600_000);
  const process = world.start();
  await process.batch();
  const [said = ''] = told(process, 'hint');
  return said;
}

async function states(world: World): Promise<readonly string[]> {
  return (await world.forge.pulls()).map(({ state }) => state);
}

test('a push whose answer is lost is looked up, not repeated', async () => {
  const world = moved();
  world.workspace.loseAnswer();
  expect(await handle(world)).toEqual(['published']);
  expect(await violations(world, LAYOUT, WISHED)).toEqual([]);
  expect(await states(world)).toEqual(['open']);
});

test('a push that never arrived is made again', async () => {
  const world = moved();
  let lost = 0;
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      workspace: {
        ...ports.workspace,
        publish: async (update, signal) => {
          lost += 1;
          return lost > 2 ? ports.workspace.publish(update, signal) : { kind: 'unknown', reason: 'cut off' };
        },
      },
    }),
  });
  await process.batch();
  expect(outcomesOf(process)).toEqual(['published']);
  expect(await violations(world, LAYOUT, WISHED)).toEqual([]);
});

test('a ref that moves again and again: the message comes back later', async () => {
  const world = moved();
  const pauses: number[] = [];
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      workspace: { ...ports.workspace, publish: async () => ({ kind: 'moved' }) },
      clock: {
        ...ports.clock,
        sleep: (milliseconds, signal) => {
          pauses.push(milliseconds);
          return ports.clock.sleep(milliseconds, signal);
        },
      },
    }),
  });
  await process.batch();
  expect(outcomesOf(process)).toEqual(['try-later']);
  expect(process.lines.filter(({ message }) => message === 'begin again')).toHaveLength(8);
  // Longer and longer, and not as long as somebody else's who lost the same race.
  const rounds = [400, 800, 1600, 3200, 6400, 12_800, 25_600];
  const between = rounds.map((least) => pauses.find((one) => one >= least && one <= least * 1.5) ?? 0);
  expect(between.filter((one, at) => one > (rounds[at] ?? 0))).toHaveLength(7);
  expect(world.inbox.visible()).toBe(0);
  await world.time.pass(19_000);
  expect(world.inbox.visible()).toBe(1);
  await world.drain();
  expect(await violations(world, LAYOUT, WISHED)).toEqual([]);
});

test('a refused push waits for an operator, and is tried slowly', async () => {
  const { world, ref } = await opened();
  world.workspace.refuse(ref, 'protected branch\u001b[31m');
  world.rotate('a', version(3));
  world.tell('a', version(3));
  const process = world.start();
  await process.batch();
  const [line] = process.lines;
  expect(line?.level).toBe('error');
  expect(line?.fields['reason']).toBe(`The Git host refused the push to ${ref.slice(11)}: protected branch\\u{1b}[31m`);
  await world.time.pass(59_000);
  expect(world.inbox.visible()).toBe(0);
  await world.time.pass(17_000);
  expect(world.inbox.visible()).toBe(1);
  world.workspace.refuse(ref, null);
  await world.drain();
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(3) } });
});

test.each([
  ['a person on top', { name: 'Ada', email: 'ada@example.com' }, 'Adjust', 'README.md'],
  ['our name without trailers', BOT, 'Adjust', 'README.md'],
  ['our name, other address', { ...BOT, email: 'x@example.com' }, `Secret-Rotation: a=${version(2)}`, 'README.md'],
])('%s: the tip is never overwritten, and a newer version is added to it', async (_, author, message, path) => {
  const { world, ref } = await opened();
  const mine = world.workspace.commitTo(ref, new Map([[path, 'mine\n']]), `Subject\n\n${message}\n`, author);
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['already-current']);
  for (const number of [3, 4]) {
    world.rotate('a', version(number));
    world.tell('a', version(number));
    expect(await handle(world)).toEqual(['published']);
  }
  expect(await holds(world, ref, mine)).toBe(true);
  expect(world.workspace.fileAt(ref, path)).toBe('mine\n');
  const [pull] = await world.open();
  expect(readTrailers(pull?.body ?? '', ROTATION)).toEqual([`a=${version(4)}`]);
  expect(await world.merge(1, 'delete')).toBe(true);
  expect(await violations(world, LAYOUT, new Map([['a', version(4)]]))).toEqual([]);
  expect(world.workspace.fileAt(MAIN, path)).toBe('mine\n');
});

test('a branch that somebody made anew without any commit of ours waits for a person', async () => {
  const { world, ref } = await opened();
  world.workspace.moveRef(ref, world.workspace.tip(MAIN));
  const mine = world.workspace.commitTo(ref, new Map([['README.md', 'mine\n']]), 'Mine');
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['needs-operator']);
  expect(world.workspace.tip(ref)).toBe(mine);
  expect(world.inbox.bodies()).toHaveLength(1);
  // A person merges: the next delivery proposes the rest once the branch is gone.
  expect(await hintFor(world)).toMatch(/^Merge its pull request and delete the branch, or delete the branch: /);
  expect(await world.merge(1, 'keep')).toBe(true);
  expect(await hintFor(world)).toBe(`Delete the branch ${ref.slice(11)}: then the change is proposed again.`);
  world.workspace.moveRef(ref, null);
  await world.drain();
  expect(await violations(world, LAYOUT, WISHED)).toEqual([]);
});

test("a person's commit in the same file, around our line, still carries our line", async () => {
  const { world, ref } = await opened();
  const text = (world.workspace.fileAt(ref, 'db.yaml') ?? '').replace('1h', '5m');
  world.workspace.commitTo(ref, new Map([['db.yaml', text]]), 'Refresh more often');
  await world.time.pass(3_600_000);
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['already-current']);
});

test("a person's branch without a pull request gets one, and keeps its words afterwards", async () => {
  const { world, ref } = await opened();
  world.workspace.commitTo(ref, new Map([['README.md', 'mine\n']]), 'Mine');
  await world.forge.closeAs(1, 'bot');
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['published']);
  const [, pull] = await world.forge.pulls();
  if (pull === undefined) throw new Error('no second pull request');
  await world.forge.update(
    await world.forge.read(pull.number, NEVER),
    { ...pull.draft, title: 'Ours', body: 'Our words' },
    NEVER,
  );
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['already-current']);
  expect((await world.open()).map(({ title, body }) => [title, body])).toEqual([['Ours', 'Our words']]);
});

test('a merge commit on top is not ours', async () => {
  const { world, ref } = await opened();
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      workspace: {
        ...ports.workspace,
        commit: async (at, signal) => {
          const commit = await ports.workspace.commit(at, signal);
          return { ...commit, parents: [...commit.parents, world.workspace.tip(MAIN) ?? ''] };
        },
      },
    }),
  });
  world.rotate('a', version(3));
  world.tell('a', version(3));
  const before = world.workspace.tip(ref);
  await process.batch();
  expect(outcomesOf(process)).toEqual(['needs-operator']);
  expect(world.workspace.tip(ref)).toBe(before);
});

test('what a person closed is not proposed again; the next version is', async () => {
  for (const branch of ['kept', 'deleted', 'with a commit of theirs'] as const) {
    const { world, ref } = await opened();
    if (branch === 'with a commit of theirs') {
      world.workspace.commitTo(ref, new Map([['README.md', 'mine\n']]), 'Mine');
    }
    await world.forge.closeAs(1, 'person');
    if (branch !== 'kept') world.workspace.moveRef(ref, null);
    world.tell('a', version(2));
    expect(await handle(world), branch).toEqual(['rejected-by-people']);
    expect(await states(world)).toEqual(['closed-by-person']);
    world.rotate('a', version(3));
    world.tell('a', version(3));
    expect(await handle(world), branch).toEqual(['published']);
    expect(await states(world)).toEqual(['closed-by-person', 'open']);
    expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(3) } });
  }
});

test('what people turned down leaves the branch with the next push', async () => {
  const layout: Layout = { x: ['a'], y: ['b'], both: ['a', 'b'] };
  const world = createTeamWorld(layout);
  for (const name of ['a', 'b']) for (const number of [1, 2]) world.rotate(name, version(number));
  world.tell('a', version(2));
  await world.drain();
  await world.forge.closeAs(1, 'person');
  world.tell('b', version(2));
  await world.drain();
  // The object that fetches both is held, as a refresh would fetch the rejected version too.
  expect(await proposed(world, layout)).toEqual({ y: { b: version(2) } });
});

test('what a bot closed is opened again', async () => {
  const { world } = await opened();
  await world.forge.closeAs(1, 'bot');
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['published']);
  expect(await states(world)).toEqual(['closed-by-bot', 'open']);
});

test('merged is not closed: a replay finds the base current', async () => {
  for (const branch of ['keep', 'delete'] as const) {
    const { world } = await opened();
    await world.merge(1, branch);
    world.tell('a', version(2));
    expect(await handle(world)).toEqual(['already-current']);
    expect(await states(world)).toEqual(['merged']);
  }
});

test('the words of a person survive a replay, but not a newer version', async () => {
  const { world, ref } = await opened();
  const [pull] = await world.open();
  if (pull === undefined) throw new Error('no pull request');
  const trailer = `Secret-Rotation: a=${version(2)}`;
  await world.forge.update(
    await world.forge.read(pull.number, NEVER),
    { ...pull.draft, title: 'Ask Ada first', body: `Wait for Ada.\n\n${trailer}` },
    NEVER,
  );
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['already-current']);
  // Not even a new base that needs a new commit is a reason to change the words.
  const text = (world.workspace.fileAt(MAIN, 'db.yaml') ?? '').replace('1h', '5m');
  world.workspace.commitTo(MAIN, new Map([['db.yaml', text]]), 'Refresh more often');
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['published']);
  expect(world.workspace.fileAt(ref, 'db.yaml')).toContain('5m');
  expect((await world.open())[0]).toMatchObject({ title: 'Ask Ada first', body: `Wait for Ada.\n\n${trailer}` });
  world.rotate('a', version(3));
  world.tell('a', version(3));
  expect(await handle(world)).toEqual(['published']);
  expect((await world.open())[0]?.title).toBe('Refresh a');
  expect((await world.open())[0]?.body).toContain(`Secret-Rotation: a=${version(3)}`);
});

/** The forge still shows an earlier head until this time. */
function lagging(forge: Forge, world: World, until: number): Forge {
  return {
    ...forge,
    read: async (number, signal) => {
      const pull = await forge.read(number, signal);
      return world.time.now() < until ? { ...pull, head: '0'.repeat(40) } : pull;
    },
  };
}

test('a forge that lags behind its Git host is waited for, then left for later', async () => {
  for (const [seconds, expected] of [
    [3, 'published'],
    [60, 'try-later'],
  ] as const) {
    const world = moved();
    const until = world.time.now() + seconds * 1000;
    const process = world.start({ ports: (ports) => ({ ...ports, forge: lagging(ports.forge, world, until) }) });
    await process.batch();
    expect(told(process, 'outcome', 'branch')).toEqual([
      `${expected} ${refOf((await world.forge.pulls())[0] ?? { branch: '' }).slice(11)}`,
    ]);
    await world.time.pass(60_000);
    await world.drain();
    expect(await violations(world, LAYOUT, WISHED)).toEqual([]);
    expect(await states(world)).toEqual(['open']);
  }
});

test('the base moves: a tip that still fits is left alone, one that does not is made again', async () => {
  const { world, ref } = await opened();
  const before = world.workspace.tip(ref);
  world.workspace.commitTo(MAIN, new Map([['README.md', '# New\n']]), 'Elsewhere');
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['already-current']);
  expect(world.workspace.tip(ref)).toBe(before);
  const text = `${world.workspace.fileAt(MAIN, 'db.yaml') ?? ''}# A person was here\n`;
  world.workspace.commitTo(MAIN, new Map([['db.yaml', text]]), 'Here');
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['published']);
  expect(world.workspace.fileAt(ref, 'db.yaml')).toContain('# A person was here\n');
  expect(versionsAt(world, ref, 'db')).toEqual({ a: version(2) });
  const tip = { name: ref, oid: world.workspace.tip(ref) ?? '' };
  expect((await world.workspace.commit(tip, NEVER)).parents).toEqual([world.workspace.tip(MAIN)]);
});

test("another group's merge does not pull its objects into this branch", async () => {
  const layout: Layout = { db: ['a'], web: ['b'] };
  const world = createTeamWorld(layout);
  for (const name of ['a', 'b']) {
    for (const number of [1, 2]) world.rotate(name, version(number));
    world.tell(name, version(2));
  }
  await world.drain();
  const web = (await world.open()).find(({ title }) => title === 'Refresh b');
  await world.merge(web?.number ?? 0, 'delete');
  // `b` moves on, but only `a` is told: its branch, older than the base, still has web.yaml as it was.
  world.rotate('b', version(3));
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['already-current']);
  expect(await proposed(world, layout)).toEqual({ db: { a: version(2) } });
});

test('an object that was removed from the base leaves the branch with the next push', async () => {
  const layout: Layout = { db: ['a'], web: ['a'] };
  const world = createTeamWorld(layout);
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  await world.drain();
  world.workspace.commitTo(MAIN, new Map([['web.yaml', null]]), 'Remove web');
  world.tell('a', version(2));
  expect(await handle(world)).toEqual(['published']);
  const [pull] = await world.open();
  expect(world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'web.yaml')).toBe(null);
  expect(await proposed(world, layout)).toEqual({ db: { a: version(2) } });
});
