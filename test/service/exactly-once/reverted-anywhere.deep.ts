import { describe, expect, test } from 'vitest';
import { MAIN, type ProcessOptions, type World } from '../memory-world.ts';
import { forever } from '../ports-of-process.ts';
import { openRestarts, ownBranchesOf } from '../restart-checks.ts';
import { onceAt } from '../team-world.ts';
import { saidIn } from './base-history.ts';
import { beginWay, mergeBy, reportApplied, SETTLE, settingsOf, takeBack, type Way, WORKLOADS } from './way.ts';
import { BASIC, byMethod, nameOf } from './ways.ts';

const FILES = ['db.yaml', ...WORKLOADS.map((name) => `${name}.yaml`)];
const MOMENTS = 60;

/** Stage one is merged, and its restart is due by whatever says so; what the base was before. */
async function refreshed(way: Way) {
  const world = beginWay(way);
  const start = (options: ProcessOptions = {}) => world.start({ ...options, settings: settingsOf(way) });
  await world.drain(start());
  const before = new Map(FILES.map((path) => [path, world.workspace.fileAt(MAIN, path)]));
  await mergeBy(world, 1, way.method, way.branch);
  await start().sweep();
  await world.time.pass(1000);
  if (way.order === 'status') await reportApplied(world);
  await world.time.pass(SETTLE);
  return { world, start, before };
}

/** Two looks of one process, a minute after each other: it proposes, and where it may it merges. */
async function twoLooks(world: World, start: Awaited<ReturnType<typeof refreshed>>['start'], options: ProcessOptions) {
  const process = start(options);
  for (const look of ['full', 'quick'] as const) {
    await process.sweep(look);
    await world.time.pass(61_000);
  }
}

const WAYS = [...byMethod({ branch: 'keep' }), { ...BASIC, order: 'status', merge: 'bot' } as const];

describe.each(WAYS.map((way) => [nameOf(way), way] as const))('%s', (_, way) => {
  test.each(['goes on', 'dies'])(
    'stage one is taken back between any two calls of a process, which %s',
    async (what) => {
      let calls = 0;
      let proposals = 0;
      for (let place = ' '; place !== '' && calls < MOMENTS; calls += 1) {
        place = '';
        const { world, start, before } = await refreshed(way);
        const moment = onceAt(calls + 1, async (call) => {
          place = call;
          proposals += (await openRestarts(world)).length;
          await takeBack(world, before);
          if (what === 'dies') await forever();
        });
        await twoLooks(world, start, { gate: moment.gate });
        for (let look = 0; look < 3; look += 1) await twoLooks(world, start, {});
        if (place === '') break;
        expect([await world.open(), await ownBranchesOf(world)], place).toEqual([[], []]);
        // What the bot had merged was taken back as well, or was merged at that very moment: nobody announces it any more.
        expect(saidIn(world.workspace.fileAt(MAIN, 'api.yaml') ?? '').due, place).toBeNull();
      }
      expect(calls).toBeGreaterThan(8);
      expect(proposals).toBeGreaterThan(0);
    },
  );
});
