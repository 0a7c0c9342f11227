import { expect } from 'vitest';
import { version } from '../manifests.ts';
import { MAIN, type Process, type World } from '../memory-world.ts';
import { openRestarts, ownBranchesOf, restartsAt } from '../restart-checks.ts';
import { versionsAt } from '../team-world.ts';
import { beginWay, mergeBy, reportApplied, SETTLE, settingsOf, takeBack, type Way, WORKLOADS } from './way.ts';

const FILES = ['db.yaml', ...WORKLOADS.map((name) => `${name}.yaml`)];

/** One repository, and what people do there. */
interface Desk {
  readonly world: World;
  /** A message of this version is handled by a process of its own; what became of it. */
  handle(number: number): Promise<readonly unknown[]>;
  /** Everything that is open is merged; what the base was before. */
  merge(): Promise<ReadonlyMap<string, string | null>>;
  /** The same process looks, and looks again when a refresh has settled. */
  settle(): Promise<void>;
  /** Ten looks of the same process and two of one that has just begun, within an hour. */
  tenLooks(): Promise<void>;
  /** What the base says: the version that is fetched, that is announced, and that pods restarted for; by number. */
  base(): readonly (number | null)[];
}

/** What is announced and made is told by the version that it stands for. */
function open(way: Way): Desk {
  const world = beginWay(way);
  const start = () => world.start({ settings: settingsOf(way) });
  let process: Process = start();
  const numbers = new Map<string | null, number | null>([[null, null]]);
  const numberOf = () => Number(versionsAt(world, MAIN, 'db')['a']?.slice(-12) ?? 0) || null;
  const desk: Desk = {
    world,
    handle: async (number) => {
      world.rotate('a', version(number));
      world.tell('a', version(number));
      const one = start();
      await world.drain(one);
      return one.lines.filter(({ message }) => message === 'message handled').map(({ fields }) => fields['outcome']);
    },
    merge: async () => {
      const before = new Map(FILES.map((path) => [path, world.workspace.fileAt(MAIN, path)]));
      for (const { number } of await world.open()) await mergeBy(world, number, way.method, way.branch);
      const { due } = restartsAt(world, 'api');
      if (!numbers.has(due)) numbers.set(due, numberOf());
      return before;
    },
    settle: async () => {
      await process.sweep('quick');
      await world.time.pass(SETTLE + 1000);
      await process.sweep('quick');
    },
    tenLooks: async () => {
      for (let look = 1; look <= 12; look += 1) {
        if (look === 11) process = start();
        await process.sweep(look % 3 === 0 ? 'full' : 'quick');
        await world.time.pass(300_000);
      }
    },
    base: () => {
      const { due, made } = restartsAt(world, 'api');
      return [numberOf(), numbers.get(due) ?? null, numbers.get(made) ?? null];
    },
  };
  return desk;
}

/** A first rotation has gone its whole way, and the base fetches, announces and restarted for version 2. */
async function afterOne(way: Way): Promise<Desk> {
  const desk = open(way);
  await desk.handle(2);
  await desk.merge();
  await desk.settle();
  await desk.merge();
  await desk.settle();
  expect(desk.base()).toEqual([2, 2, 2]);
  return desk;
}

const states = async ({ world }: Desk) => (await world.forge.pulls()).map(({ state }) => state);

/** Stage one is taken back before it has settled. */
async function oneBeforeSettled(way: Way): Promise<void> {
  const desk = await afterOne(way);
  await desk.handle(3);
  const before = await desk.merge();
  await takeBack(desk.world, before);
  await desk.tenLooks();
  expect([desk.base(), await states(desk)]).toEqual([
    [2, 2, 2],
    ['merged', 'merged', 'merged'],
  ]);
  expect(await ownBranchesOf(desk.world)).toEqual([]);
  // The same event once more changes nothing; the next version is proposed, and restarts.
  expect(await desk.handle(3)).toEqual(['rejected-by-people']);
  await desk.handle(4);
  await desk.merge();
  await desk.settle();
  await desk.merge();
  expect(desk.base()).toEqual([4, 4, 4]);
}

/** Stage one is taken back while stage two is open. */
async function oneWhileTwoIsOpen(way: Way): Promise<void> {
  const desk = open(way);
  await desk.handle(2);
  const before = await desk.merge();
  await desk.settle();
  expect(await openRestarts(desk.world)).toHaveLength(1);
  await takeBack(desk.world, before);
  await desk.tenLooks();
  expect([desk.base(), await states(desk)]).toEqual([
    [null, null, null],
    ['merged', 'closed-by-bot'],
  ]);
  expect(await ownBranchesOf(desk.world)).toEqual([]);
}

async function two(way: Way): Promise<void> {
  const desk = await afterOne(way);
  await desk.handle(3);
  await desk.merge();
  await desk.settle();
  const before = await desk.merge();
  await takeBack(desk.world, before);
  await desk.tenLooks();
  expect([desk.base(), await desk.world.open()]).toEqual([[3, 3, 2], []]);
  // A branch that was kept is left as it was merged: what it restarts for counts as due.
  const left = (await ownBranchesOf(desk.world)).length;
  expect(left).toBe(way.branch === 'keep' ? 1 : 0);
  await desk.handle(4);
  await desk.merge();
  await desk.settle();
  await desk.merge();
  await desk.tenLooks();
  expect([desk.base(), (await states(desk)).length]).toEqual([[4, 4, 4], 6]);
  expect(await ownBranchesOf(desk.world)).toEqual([]);
}

async function both(way: Way): Promise<void> {
  for (const order of ['one first', 'two first', 'at once']) {
    const desk = await afterOne(way);
    await desk.handle(3);
    const beforeOne = await desk.merge();
    const announced = (name: string) => restartsAt(desk.world, name).due ?? '';
    const due = announced('api');
    await desk.settle();
    const beforeTwo = await desk.merge();
    if (order === 'two first') await takeBack(desk.world, beforeTwo);
    if (order === 'one first') {
      // Pods restarted for a version that the base asks for no more: going back to the one before is a restart, too.
      const earlier = /restart-due: "([^"]*)"/.exec(beforeOne.get('api.yaml') ?? '')?.[1] ?? '';
      const files = FILES.map((path) => [path, back(desk.world, path, { due, earlier, beforeOne })] as const);
      await takeBack(desk.world, new Map(files));
      await desk.settle();
      expect([desk.base(), (await openRestarts(desk.world)).length], order).toEqual([[2, 2, 3], 1]);
    }
    await desk.tenLooks();
    await takeBack(desk.world, beforeOne);
    await desk.tenLooks();
    expect([desk.base(), await desk.world.open()], order).toEqual([[2, 2, 2], []]);
    expect(await ownBranchesOf(desk.world), order).toEqual([]);
    expect(await desk.handle(3), order).toEqual(['rejected-by-people']);
  }
}

/** A file with stage one taken back, and stage two left. */
function back(
  { workspace }: World,
  path: string,
  { due, earlier, beforeOne }: { due: string; earlier: string; beforeOne: ReadonlyMap<string, string | null> },
): string | null {
  if (path === 'db.yaml') return beforeOne.get(path) ?? null;
  return workspace.fileAt(MAIN, path)?.replace(`restart-due: "${due}"`, `restart-due: "${earlier}"`) ?? null;
}

/** Its first merge is long ago, and no clock stands in a tree: time alone takes it for refreshed, and a person decides. */
async function oneAgain(way: Way): Promise<void> {
  const desk = open(way);
  const { world } = desk;
  await desk.handle(2);
  const before = await desk.merge();
  const after = new Map(FILES.map((path) => [path, world.workspace.fileAt(MAIN, path)]));
  await takeBack(world, before);
  await desk.tenLooks();
  expect(await openRestarts(world)).toEqual([]);
  await takeBack(world, after);
  await world.start({ settings: settingsOf(way) }).sweep();
  expect(await openRestarts(world)).toHaveLength(1);
  await desk.merge();
  await desk.tenLooks();
  expect([desk.base(), (await states(desk)).length]).toEqual([[2, 2, 2], 2]);
}

/** What the bot merged it does not merge again, whatever statuses go on to say. */
async function twoByTheBot(way: Way): Promise<void> {
  const desk = open({ ...way, order: 'status', merge: 'bot' });
  const { world } = desk;
  const report = async () => {
    await reportApplied(world);
    await desk.tenLooks();
  };
  await desk.handle(2);
  await desk.tenLooks();
  const before = new Map(FILES.map((path) => [path, world.workspace.fileAt(MAIN, path)]));
  await report();
  expect(await states(desk)).toEqual(['merged', 'merged']);
  await takeBack(world, before);
  await report();
  await report();
  expect([await states(desk), restartsAt(world, 'api').made]).toEqual([['merged', 'merged'], null]);
}

/** What people take back, and when; each looks that it stays so. */
export const REVERTS: readonly (readonly [string, (way: Way) => Promise<void>])[] = [
  ['stage one, before it has settled: there is no stage two', oneBeforeSettled],
  ['stage one, while stage two is open: that is withdrawn', oneWhileTwoIsOpen],
  ['stage one, and put back as it was: there is one stage two', oneAgain],
  ['stage two: it stays so until the next version', two],
  ['both, in either order', both],
  ['stage two, which the bot had merged', twoByTheBot],
];
