import { expect, test } from 'vitest';
import { type MergePolicy, NOBODY_MERGES } from '../../../src/domain/life/merge-policy.ts';
import type { Windows } from '../../../src/domain/life/opening-policy.ts';
import { MAIN } from '../memory-world.ts';
import { type Life, openedLife, PERSON } from './life-world.ts';

const HOUR = 3_600_000;
const AUTO: MergePolicy = { ...NOBODY_MERGES, mode: 'auto' };
const MINE = { 'README.md': 'mine\n' };
// The world begins on a Monday at 9:20.
const MONDAY_MORNING: Windows = {
  allow: [{ cron: '0 9 * * 1', durationMilliseconds: HOUR }],
  exclude: [],
  timeZone: 'UTC',
};

/** A pull request that waits for an approval, and that the forge is to merge then. */
async function left(to: 'forge by us' | 'forge by a person', windows?: Windows): Promise<Life> {
  const settings = { merge: AUTO, ...(windows === undefined ? {} : { windows }) };
  const life = await openedLife({ rules: { neededApprovals: 1 }, settings });
  if (to === 'forge by a person') await life.world.forge.setAutoMerge(1, true);
  await life.sweep();
  expect(await state(life)).toBe('open, auto');
  return life;
}

async function state({ world }: Life): Promise<string> {
  const [pull] = await world.forge.pulls();
  return `${pull?.state}${pull?.isAutoMerge === true ? ', auto' : ''}`;
}

/** A process that has just started, of this configuration. */
async function sweepAs({ world }: Life, merge: MergePolicy): Promise<void> {
  await world.time.pass(60_000);
  await world.start({ settings: { merge } }).sweep();
}

test("our auto-merge goes with a person's commit, and comes back with nothing but ours", async () => {
  const life = await left('forge by us');
  life.push(MINE);
  await life.sweep();
  expect(await state(life)).toBe('open');
  await life.sweep();
  expect(await state(life)).toBe('open');
});

test('our auto-merge goes where a person has put something else in the place of our commit', async () => {
  const life = await left('forge by us');
  life.world.workspace.moveRef(life.ref, life.world.workspace.tip(MAIN));
  life.world.workspace.commitTo(life.ref, new Map(Object.entries(MINE)), 'Something else', PERSON);
  await life.sweep();
  expect(await state(life)).toBe('open');
});

test('our auto-merge goes when the window closes, and comes back with the next', async () => {
  const life = await left('forge by us', MONDAY_MORNING);
  await life.world.time.pass(HOUR);
  await life.sweep();
  expect(await state(life)).toBe('open');
  await life.world.time.pass(7 * 24 * HOUR - HOUR);
  await life.sweep();
  expect(await state(life)).toBe('open, auto');
});

test('a process looks again when the window closes, and not only ten minutes later', async () => {
  const windows: Windows = { ...MONDAY_MORNING, allow: [{ cron: '20 9 * * 1', durationMilliseconds: 6 * 60_000 }] };
  const life = await openedLife({ rules: { neededApprovals: 1 }, settings: { merge: AUTO, windows } });
  const process = life.world.start({ settings: { merge: AUTO, windows } });
  // Checks have a minute to begin.
  await life.world.time.pass(60_000);
  await process.sweep();
  expect(await state(life)).toBe('open, auto');
  await life.world.time.pass(5 * 60_000);
  await process.sweep('quick');
  expect(await state(life)).toBe('open');
});

test.each<MergePolicy['mode']>(['none', 'bot'])('our auto-merge goes where the mode has become %s', async (mode) => {
  const life = await left('forge by us');
  await sweepAs(life, { ...AUTO, mode });
  expect(await state(life)).toBe('open');
});

test("a person's auto-merge is left alone, whatever happens", async () => {
  const life = await left('forge by a person', MONDAY_MORNING);
  await life.world.time.pass(HOUR);
  await life.sweep();
  expect(await state(life)).toBe('open, auto');
  for (const mode of ['none', 'bot', 'auto'] as const) {
    await sweepAs(life, { ...AUTO, mode });
    expect(await state(life)).toBe('open, auto');
  }
  life.push(MINE);
  await life.sweep();
  expect(await state(life)).toBe('open, auto');
});

test('where people merge, nobody asks whose it is as long as there is none', async () => {
  const life = await openedLife();
  await life.sweep();
  expect(life.calls.get('merge facts')).toBeUndefined();
});
