import { expect, test } from 'vitest';
import type { MemoryRules } from '../../../src/adapters/memory/forge/memory-forge-options.ts';
import { type MergePolicy, NOBODY_MERGES } from '../../../src/domain/life/merge-policy.ts';
import type { Windows } from '../../../src/domain/life/opening-policy.ts';
import { version } from '../manifests.ts';
import { createTeamWorld } from '../team-world.ts';
import { type Life, openedLife } from './life-world.ts';

const HOUR = 3_600_000;

function opened(merge: Partial<MergePolicy>, rules: Partial<MemoryRules> = {}, windows?: Windows): Promise<Life> {
  const settings = { merge: { ...NOBODY_MERGES, ...merge }, ...(windows === undefined ? {} : { windows }) };
  return openedLife({ rules, settings });
}

async function state({ world }: Life, number = 1): Promise<string> {
  const pull = (await world.forge.pulls())[number - 1];
  return `${pull?.state}${pull?.isAutoMerge === true ? ', auto' : ''}`;
}

test('where people merge, nothing is ever merged', async () => {
  const life = await opened({});
  await life.sweep();
  expect(await state(life)).toBe('open');
  expect(life.calls.get('merge facts')).toBeUndefined();
});

test('the bot merges once reviews and checks allow it, and the base then has the version', async () => {
  const life = await opened({ mode: 'bot' }, { neededApprovals: 1 });
  await life.world.forge.setChecks(1, 'pending');
  await life.sweep();
  expect(await state(life)).toBe('open');
  await life.world.forge.approve(1, 'grace');
  await life.sweep();
  expect(await state(life)).toBe('open');
  await life.world.forge.setChecks(1, 'passing');
  await life.sweep();
  expect(await state(life)).toBe('merged');
  expect(life.merged()).toBe(2);
  expect(await life.repeat(2)).toEqual(['already-current']);
});

test('the bot waits for the age, then merges without being asked', async () => {
  const life = await opened({ mode: 'bot', minimumAgeMilliseconds: HOUR });
  await life.sweep();
  expect(await state(life)).toBe('open');
  await life.world.time.pass(HOUR);
  await life.sweep();
  expect(await state(life)).toBe('merged');
});

test('a newer version begins the age anew', async () => {
  const life = await opened({ mode: 'bot', minimumAgeMilliseconds: HOUR });
  await life.world.time.pass(HOUR - 120_000);
  await life.rotate(3);
  await life.sweep();
  expect(await state(life)).toBe('open');
  await life.world.time.pass(HOUR);
  await life.sweep();
  expect(life.merged()).toBe(3);
});

test('a version whose event comes late begins the age anew', async () => {
  const world = createTeamWorld({ db: ['a'] }, { truth: 'event' });
  const merge: MergePolicy = { ...NOBODY_MERGES, mode: 'bot', minimumAgeMilliseconds: HOUR };
  const process = world.start({ settings: { merge } });
  world.tell('a', version(2));
  await process.batch();
  await world.time.pass(60_000);
  world.tell('a', version(3));
  await world.time.pass(HOUR - 120_000);
  await process.batch();
  await world.time.pass(120_000);
  await process.sweep();
  expect(await world.open()).toHaveLength(1);
  await world.time.pass(HOUR);
  await process.sweep('quick');
  expect(await world.open()).toEqual([]);
});

test("the bot merges no person's commit, no draft and no conflict", async () => {
  const life = await opened({ mode: 'bot', minimumAgeMilliseconds: 1 });
  life.push({ 'README.md': 'mine\n' });
  await life.sweep();
  expect(await state(life)).toBe('open');
  const draft = await opened({ mode: 'bot', minimumAgeMilliseconds: 1 });
  await draft.world.forge.setDraft(1, true);
  await draft.sweep();
  expect(await state(draft)).toBe('open');
});

test('outside the windows the bot merges nothing', async () => {
  // The world begins on a Monday at 9:20.
  const windows = { allow: [{ cron: '0 9 * * 1', durationMilliseconds: HOUR }], exclude: [], timeZone: 'UTC' };
  const life = await opened({ mode: 'bot', minimumAgeMilliseconds: HOUR }, {}, windows);
  await life.world.time.pass(HOUR);
  await life.sweep();
  expect(await state(life)).toBe('open');
  await life.world.time.pass(7 * 24 * HOUR - HOUR);
  await life.sweep();
  expect(await state(life)).toBe('merged');
});

test('the forge is asked to merge once its rules are met', async () => {
  const life = await opened({ mode: 'auto' }, { neededApprovals: 1 });
  await life.sweep();
  expect(await state(life)).toBe('open, auto');
  // A newer version is no longer what it was switched on for.
  await life.rotate(3);
  expect(await state(life)).toBe('open');
  await life.sweep();
  expect(await state(life)).toBe('open, auto');
});

test('a forge that may not merge by itself is asked seldom, and said so', async () => {
  const life = await opened({ mode: 'auto' }, { neededApprovals: 1, mayAutoMerge: false });
  await life.sweep();
  await life.sweep();
  expect(await state(life)).toBe('open');
});

test('two secrets that the bot may merge are merged one after the other, each on the base that it was planned for', async () => {
  const life = await opened({ mode: 'bot' });
  await life.sweep();
  expect(await state(life)).toBe('merged');
  await life.rotate(3);
  await life.sweep();
  expect(await state(life, 2)).toBe('merged');
  expect(life.merged()).toBe(3);
});

test('a restart that only the settle time vouches for is left to people', async () => {
  const life = await openedLife({
    settings: { merge: { ...NOBODY_MERGES, mode: 'bot' }, settleMilliseconds: 1 },
    files: {
      'api.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: app}
spec:
  template:
    spec:
      containers:
        - name: api
          image: example/api
          envFrom:
            - secretRef: {name: db}
`,
    },
  });
  await life.sweep();
  await life.sweep();
  await life.sweep();
  expect(await life.pulls()).toEqual(['#1 merged 2', '#2 open ']);
});
