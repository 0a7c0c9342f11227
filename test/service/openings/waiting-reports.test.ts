import { expect, test } from 'vitest';
import { ALWAYS, NO_LIMITS } from '../../../src/domain/life/opening-policy.ts';
import { explainSecret } from '../../../src/service/report/explain.ts';
import { readStatus } from '../../../src/service/report/status.ts';
import type { BranchSettings } from '../../../src/service/served-branch.ts';
import { explainText } from '../../../src/words/explain-text.ts';
import { statusText } from '../../../src/words/status-text.ts';
import { deployment, version } from '../manifests.ts';
import type { World } from '../memory-world.ts';
import { createTeamWorld } from '../team-world.ts';

const HOW = { pause: null, signal: new AbortController().signal };
const FROM_TEN = { ...ALWAYS, allow: [{ cron: '0 10 * * *', durationMilliseconds: 3_600_000 }] };
const ASKED = { id: 'a', service: null, account: null, region: null, label: null };

/** A world in which a process of these settings has handled a rotation of `a`, which two ExternalSecrets fetch. */
async function rotated(settings: Partial<BranchSettings>, order: 'staged' | 'refreshOnly' = 'refreshOnly') {
  const files = { 'api.yaml': deployment('api', 'one') };
  const world = createTeamWorld({ one: ['a'], two: ['a'] }, { files, order });
  world.rotate('a', version(1));
  world.rotate('a', version(2));
  world.tell('a', version(2));
  await world.start({ settings }).batch();
  return world;
}

async function standings(world: World, settings: Partial<BranchSettings>) {
  const [status] = await readStatus([world.start({ settings }).served], HOW);
  return status?.ownBranches.map(({ standing: { kind, waits } }) => ({ kind, ...waits }));
}

async function explained(world: World, settings: Partial<BranchSettings>) {
  return explainSecret([world.start({ settings }).served], ASKED, HOW);
}

test('a closed window: status and explain show until when', async () => {
  const settings = { windows: FROM_TEN };
  const world = await rotated(settings);
  const until = '2026-03-02T10:00:00Z';
  expect(await standings(world, settings)).toEqual([{ kind: 'waiting', why: 'window-closed', until }]);
  const text = statusText(await readStatus([world.start({ settings }).served], HOW));
  expect(text).toContain(
    `window-closed: No window for opening pull requests is open: the next begins at ${until}. It is opened at ${until} at the earliest.`,
  );
  const [explanation] = await explained(world, settings);
  expect(explanation?.explanation?.next).toMatchObject({
    kind: 'open-refresh',
    sentence: expect.stringMatching(/^A branch brings the new version, and waits. window-closed: /),
  });
  expect(explainText(await explained(world, settings))).toContain('  waiting\n');
});

test('a full hour: the moment at which there is room', async () => {
  const world = await rotated({});
  world.rotate('a', version(3));
  const settings = { limits: { ...NO_LIMITS, perHour: 1 } };
  await world.forge.closeAs(1, 'bot');
  const [row] = (await standings(world, settings)) ?? [];
  expect(row).toEqual({ kind: 'waiting', why: 'too-many-this-hour', until: '2026-03-02T10:20:00Z' });
});

test('to be confirmed: what is counted is what the branch changes', async () => {
  const settings = { limits: { ...NO_LIMITS, maxObjects: 2 } };
  const world = await rotated(settings, 'staged');
  // Two ExternalSecrets, and the workload whose restart is announced.
  expect((await world.open())[0]?.comments[0]).toContain('It changes 3 objects');
  const rows = await readStatus([world.start({ settings }).served], HOW);
  expect(rows[0]?.ownBranches[0]?.standing).toMatchObject({
    kind: 'waiting',
    reason: expect.stringContaining('It changes 3 objects'),
    waits: { why: 'needs-confirmation', until: null },
  });
  const [{ explanation } = { explanation: null }] = await explained(world, settings);
  expect(explanation?.next.sentence).toMatch(/^Confirm and merge pull request #1 \(https:\S+\). needs-confirmation: /);
  await world.forge.label(1, 'gitops-reloader:confirm');
  expect(await standings(world, settings)).toEqual([{ kind: 'open' }]);
});

test('what is urgent is shown as what it is: to be opened', async () => {
  const world = await rotated({ windows: FROM_TEN });
  const settings = { windows: FROM_TEN, isUrgentName: (names: readonly string[]) => names.includes('a') };
  expect(await standings(world, settings)).toEqual([{ kind: 'to-be-opened' }]);
});
