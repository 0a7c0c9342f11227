import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { EvidencePolicy } from '../../../src/domain/life/evidence-policy.ts';
import { type MergePolicy, NOBODY_MERGES } from '../../../src/domain/life/merge-policy.ts';
import type { Workspace } from '../../../src/ports.ts';
import { readStatus } from '../../../src/service/report/status.ts';
import { deployment, version } from '../manifests.ts';
import { MAIN, type Process, type ProcessOptions, type World } from '../memory-world.ts';
import { openRestarts, restartsAt } from '../restart-checks.ts';
import { createTeamWorld } from '../team-world.ts';

const MINUTE = 60_000;
const APPS = 'kustomization/apps/0c9c2e41';
const EVIDENCE: EvidencePolicy = {
  delayMilliseconds: MINUTE,
  statuses: [{ paths: ['db.yaml'], contexts: ['kustomization/apps/*'] }],
};

/** A world in which `db` feeds `api` and waits for a status, and `web` feeds `shop` and settles by time. */
function createApps(options: Parameters<typeof createTeamWorld>[1] = {}): World {
  const files = { 'api.yaml': deployment('api', 'db'), 'shop.yaml': deployment('shop', 'web') };
  const world = createTeamWorld({ db: ['a'], web: ['b'] }, { ...options, files });
  for (const name of ['a', 'b']) world.rotate(name, version(1));
  return world;
}

function start(world: World, merge: Partial<MergePolicy> = {}, more: ProcessOptions = {}): Process {
  return world.start({ ...more, settings: { evidence: EVIDENCE, merge: { ...NOBODY_MERGES, ...merge } } });
}

/** A rotation whose refresh people have merged; the commit that brought it onto the base. */
async function refresh(world: World, name: string, number: number): Promise<string> {
  world.rotate(name, version(number));
  world.tell(name, version(number));
  await world.drain();
  for (const pull of await world.open()) {
    if (pull.branch.endsWith('/refresh')) await world.merge(pull.number, 'delete');
  }
  return head(world);
}

const head = (world: World) => world.workspace.tip(MAIN) ?? '';
const push = (world: World, path = 'README.md') =>
  world.workspace.commitTo(MAIN, new Map([[path, `${head(world)}\n`]]), 'By somebody');
const put = (world: World, files: Readonly<Record<string, string | null>>) =>
  world.workspace.commitTo(MAIN, new Map(Object.entries(files)), 'By somebody');

async function afterAMinute(world: World, process: Process, look: 'quick' | 'full' = 'quick') {
  await world.time.pass(MINUTE);
  return process.sweep(look);
}

const reasons = (pass: Awaited<ReturnType<Process['sweep']>>) =>
  (pass?.swept ?? []).map(({ outcome }) => `${outcome.kind}: ${outcome.reason}`);

test('without its status a restart waits, however long; with it, for the delay', async () => {
  const world = createApps();
  const process = start(world);
  const merge = await refresh(world, 'a', 2);
  const first = await process.sweep();
  expect(first).toMatchObject({ restartsDue: 1, nextDueAt: world.time.now() + MINUTE });
  expect(reasons(first)).toEqual([
    'waiting: api.yaml: awaiting-status: It waits for the status or check kustomization/apps/* to succeed on a commit of the base that holds its refresh.',
  ]);
  await world.time.pass(60 * MINUTE);
  expect(await process.sweep()).toMatchObject({ nextDueAt: world.time.now() + MINUTE });
  expect(await openRestarts(world)).toEqual([]);
  await world.forge.report(merge, APPS, 'success');
  const delayed = await afterAMinute(world, process);
  expect(await openRestarts(world)).toHaveLength(1);
  expect(delayed?.nextDueAt).toBeNull();
});

test('the delay begins with the status', async () => {
  const world = createApps();
  const process = start(world);
  const merge = await refresh(world, 'a', 2);
  await process.sweep();
  await world.time.pass(MINUTE - 1);
  await world.forge.report(merge, APPS, 'success');
  const due = world.time.now() + MINUTE;
  await world.time.pass(1);
  const pass = await process.sweep('quick');
  expect([pass?.nextDueAt, (await openRestarts(world)).length]).toEqual([due, 0]);
  expect(reasons(pass).join('')).toContain('settling: Its refresh counts as applied from');
  await world.time.pass(MINUTE - 1);
  await process.sweep('quick');
  expect(await openRestarts(world)).toHaveLength(1);
});

test('a status on an older commit, on another branch, or of another name is none; on a later commit it is', async () => {
  const world = createApps();
  const process = start(world);
  const before = head(world);
  await world.forge.report(before, APPS, 'success');
  const merge = await refresh(world, 'a', 2);
  await world.forge.report(merge, 'kustomization/others/0c9c2e41', 'success');
  await world.forge.report(merge, 'kustomization/apps/0c9c2e41/more', 'success');
  const side = world.workspace.commitTo('refs/heads/side', new Map([['x', 'y']]), 'Elsewhere');
  await world.forge.report(side, APPS, 'success');
  await process.sweep();
  await afterAMinute(world, process);
  await afterAMinute(world, process, 'full');
  expect(await openRestarts(world)).toEqual([]);
  await world.forge.report(push(world), APPS, 'success');
  push(world);
  await afterAMinute(world, process);
  await afterAMinute(world, process);
  expect(await openRestarts(world)).toHaveLength(1);
});

test('what was applied before a revert is no evidence once it is merged again', async () => {
  const world = createApps();
  const before = world.workspace.fileAt(MAIN, 'db.yaml');
  const announced = world.workspace.fileAt(MAIN, 'api.yaml');
  const merge = await refresh(world, 'a', 2);
  const after = world.workspace.fileAt(MAIN, 'db.yaml');
  const due = world.workspace.fileAt(MAIN, 'api.yaml');
  await world.forge.report(merge, APPS, 'success');
  const reverted = put(world, { 'db.yaml': before, 'api.yaml': announced });
  await world.forge.report(reverted, APPS, 'success');
  const again = put(world, { 'db.yaml': after, 'api.yaml': due });
  const process = start(world);
  await process.sweep();
  await afterAMinute(world, process);
  await afterAMinute(world, process, 'full');
  expect(await openRestarts(world)).toEqual([]);
  await world.forge.report(again, APPS, 'success');
  await afterAMinute(world, process);
  expect(await openRestarts(world)).toHaveLength(1);
});

test('where the Git host shows nothing but heads, only what is reported on the head counts', async () => {
  const world = createApps();
  const untold = new Failure('not our ref', { code: 'git-rejected', retry: 'later', hint: '' });
  const process = start(
    world,
    {},
    {
      ports: (ports) => {
        const { workspace } = ports;
        const snapshot: Workspace['snapshot'] = async (ref, signal) => {
          if (ref.name === MAIN && ref.oid !== head(world)) throw untold;
          return workspace.snapshot(ref, signal);
        };
        return { ...ports, workspace: { ...workspace, snapshot } };
      },
    },
  );
  const merge = await refresh(world, 'a', 2);
  const next = push(world);
  await world.forge.report(merge, APPS, 'success');
  await process.sweep();
  await afterAMinute(world, process);
  expect(await openRestarts(world)).toEqual([]);
  await world.forge.report(next, APPS, 'success');
  await afterAMinute(world, process);
  await afterAMinute(world, process);
  expect(await openRestarts(world)).toHaveLength(1);
});

test('a base that was made anew has what was reported on it since', async () => {
  const world = createApps();
  const first = head(world);
  const merge = await refresh(world, 'a', 2);
  const files = {
    'db.yaml': world.workspace.fileAt(MAIN, 'db.yaml'),
    'api.yaml': world.workspace.fileAt(MAIN, 'api.yaml'),
  };
  await world.forge.report(merge, APPS, 'success');
  world.workspace.moveRef(MAIN, first);
  await world.forge.report(push(world), APPS, 'success');
  const forced = put(world, files);
  const process = start(world);
  await process.sweep();
  await afterAMinute(world, process);
  expect(await openRestarts(world)).toEqual([]);
  await world.forge.report(forced, APPS, 'success');
  await afterAMinute(world, process);
  await afterAMinute(world, process);
  expect(await openRestarts(world)).toHaveLength(1);
});

test('a failure is told, and nothing restarts before it is mended', async () => {
  const world = createApps();
  const process = start(world);
  const merge = await refresh(world, 'a', 2);
  await world.forge.report(merge, APPS, 'failed');
  expect(reasons(await process.sweep()).join('')).toContain(`${APPS} failed on ${merge.slice(0, 12)}`);
  const next = push(world);
  await afterAMinute(world, process);
  await world.forge.report(next, APPS, 'success');
  await afterAMinute(world, process);
  expect(await openRestarts(world)).toHaveLength(1);
});

test('what no status is mapped for settles by time, beside what waits', async () => {
  const world = createApps();
  const process = start(world);
  await refresh(world, 'a', 2);
  await refresh(world, 'b', 2);
  await process.sweep();
  await world.time.pass(6 * MINUTE);
  await process.sweep('quick');
  const [pull, ...more] = await openRestarts(world);
  expect([more.length, pull?.body.includes('shop')]).toEqual([0, true]);
});

test('the bot merges a restart that statuses speak for, and no other', async () => {
  const world = createApps();
  const process = start(world, { mode: 'bot' });
  for (const name of ['a', 'b']) {
    world.rotate(name, version(2));
    world.tell(name, version(2));
  }
  await world.drain();
  for (const { number } of await world.open()) await world.merge(number, 'delete');
  await world.forge.report(head(world), APPS, 'success');
  await process.sweep();
  await world.time.pass(10 * MINUTE);
  await process.sweep();
  await world.time.pass(2 * MINUTE);
  await process.sweep();
  await process.sweep();
  const { due, made } = restartsAt(world, 'api');
  expect([made !== null, made]).toEqual([true, due]);
  expect((await openRestarts(world)).map(({ title }) => title)).toEqual(['Restart 1 workload after a secret refresh']);
  expect(restartsAt(world, 'shop').made).toBeNull();
});

test.each(['bot', 'auto'] as const)(
  '%s: what fails after it was proposed is not merged before it succeeds again',
  async (mode) => {
    const world = createApps();
    const process = start(world, { mode });
    const merge = await refresh(world, 'a', 2);
    await world.forge.report(merge, APPS, 'success');
    await world.time.pass(MINUTE);
    await process.sweep();
    const [pull] = await openRestarts(world);
    await world.forge.setChecks(pull?.number ?? 0, 'pending');
    await process.sweep();
    await afterAMinute(world, process);
    const failing = push(world);
    await world.forge.report(failing, APPS, 'failed');
    await world.forge.setChecks(pull?.number ?? 0, 'passing');
    for (let count = 0; count < 5; count += 1) await afterAMinute(world, process);
    expect((await openRestarts(world)).map(({ isAutoMerge }) => isAutoMerge)).toEqual([false]);
    await world.forge.report(failing, APPS, 'success');
    for (let count = 0; count < 14; count += 1) await afterAMinute(world, process, 'full');
    expect(restartsAt(world, 'api').made).toBe(restartsAt(world, 'api').due);
  },
);

test('auto-merge that was switched on is switched off when the status fails, and on again', async () => {
  const world = createApps({ rules: { neededApprovals: 1 } });
  const process = start(world, { mode: 'auto' });
  const merge = await refresh(world, 'a', 2);
  await world.forge.report(merge, APPS, 'success');
  await world.time.pass(MINUTE);
  const isAuto = async () => (await openRestarts(world)).map(({ isAutoMerge }) => isAutoMerge);
  await process.sweep();
  await afterAMinute(world, process, 'full');
  expect(await isAuto()).toEqual([true]);
  await world.forge.report(merge, APPS, 'failed');
  await world.time.pass(10 * MINUTE);
  await process.sweep('quick');
  expect(await isAuto()).toEqual([false]);
  await world.forge.report(merge, APPS, 'success');
  for (let count = 0; count < 3; count += 1) await afterAMinute(world, process);
  expect(await isAuto()).toEqual([true]);
});

test('status and explain name what is awaited, and what failed', async () => {
  const world = createApps();
  const { served } = start(world);
  const merge = await refresh(world, 'a', 2);
  const look = async () => {
    const [found] = await readStatus([served], { pause: null, signal: new AbortController().signal });
    await world.time.pass(MINUTE);
    return found?.restarts.map(({ standing }) => `${standing.kind}: ${standing.reason}`);
  };
  expect((await look())?.join('')).toMatch(/^awaiting-status: It waits for the status or check kustomization/);
  await world.forge.report(merge, APPS, 'failed');
  expect((await look())?.join('')).toContain(`${APPS} failed on ${merge.slice(0, 12)}`);
  await world.forge.report(merge, APPS, 'success');
  expect((await look())?.join('')).toMatch(/^settling: /);
  expect((await look())?.join('')).toMatch(/^due: /);
});

test('the forge is asked once a minute at most, however many wait, and Git and the pull requests only once', async () => {
  const world = createApps();
  const calls = new Map<string, number>();
  const gate = async (call: string, moment: 'before' | 'after') => {
    if (moment === 'before') calls.set(call, (calls.get(call) ?? 0) + 1);
  };
  await refresh(world, 'a', 2);
  const process = start(world, {}, { gate });
  await process.sweep();
  calls.clear();
  for (let count = 0; count < 60; count += 1) {
    await process.sweep('quick');
    await world.time.pass(MINUTE / 2);
    await process.sweep('quick');
    await world.time.pass(MINUTE / 2);
  }
  expect(calls.get('delivered')).toBeLessThanOrEqual(60);
  expect(calls.get('list')).toBeUndefined();
});

test('the body says what spoke for it', async () => {
  const world = createApps();
  const process = start(world);
  const merge = await refresh(world, 'a', 2);
  await world.forge.report(merge, APPS, 'success');
  await world.time.pass(MINUTE);
  await process.sweep();
  const [pull] = await openRestarts(world);
  expect(pull?.body).toContain(`<code>${APPS}</code> succeeded on <code>${merge.slice(0, 12)}</code> at 2026-03-02T`);
  expect(pull?.body).not.toContain('6 minutes');
});
