import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { deployment, externalSecret, STORE, version } from './manifests.ts';
import { createWorld, MAIN, refOf, secretId, told, type World } from './memory-world.ts';
import { createTeamWorld, proposed, TEAM, versionsAt, violations } from './team-world.ts';

const NAME = 'prod/payments/db';
const NEVER = new AbortController().signal;

interface Described {
  readonly ARN: string;
  readonly VersionIdsToStages: Readonly<Record<string, readonly string[]>>;
}

interface Sequence {
  readonly events: readonly unknown[];
  readonly describeSecretAfterAll: Described & { readonly responses?: readonly Described[] };
  readonly lastCommittedVersionId: string;
}

function read(file: string): Sequence {
  return JSON.parse(readFileSync(`fixtures/events/seq_${file}.json`, 'utf8')) as Sequence;
}

/** A repository that fetches the secret, at the version that the sequence calls committed. */
function worldAt(committed: string): World {
  const manifest = externalSecret('db', [NAME]).replace(
    '  namespace: app\n',
    `  namespace: app\n  annotations:\n    force-sync: "${NAME}=${committed}@2026-03-01T00:00:00Z"\n`,
  );
  return createWorld({ files: { 'store.yaml': STORE, 'db.yaml': manifest, 'app.yaml': deployment('app', 'db') } });
}

function tellAws(world: World, { VersionIdsToStages }: Described): void {
  const stages = Object.entries(VersionIdsToStages);
  const versions = new Map(stages.flatMap(([id, labels]) => labels.map((label) => [label, id] as const)));
  world.secrets.set({ secret: secretId(NAME), versions, deleted: false });
}

/** How often the branch or the base got a new version, and where it ended. */
async function outcomeOf(world: World): Promise<{ readonly pulls: number; readonly version: string | undefined }> {
  const [pull] = await world.open();
  const pulls = (await world.forge.pulls()).length;
  return { pulls, version: versionsAt(world, pull === undefined ? MAIN : refOf(pull), 'db')[NAME] };
}

test.each([
  ['lambda_rotation_in_order', 1, '0a1b2c3d-2222-4222-8222-000000000002'],
  ['lambda_rotation_reversed', 1, '0a1b2c3d-2222-4222-8222-000000000002'],
  ['lambda_rotation_duplicates', 1, '0a1b2c3d-2222-4222-8222-000000000002'],
  ['two_quick_updates', 1, '0a1b2c3d-3333-4333-8333-000000000003'],
  ['delete_and_recreate', 1, '0a1b2c3d-3333-4333-8333-000000000003'],
  ['idempotent_put_no_change', 0, '0a1b2c3d-1111-4111-8111-000000000001'],
  ['metadata_noise_only', 0, '0a1b2c3d-1111-4111-8111-000000000001'],
  ['rollback_after_rotation', 0, '0a1b2c3d-1111-4111-8111-000000000001'],
])('seq_%s: %i bump(s), in one batch and one by one', async (file, bumps, expected) => {
  const { events, describeSecretAfterAll, lastCommittedVersionId } = read(file);
  for (const atOnce of [events.length, 1]) {
    const world = worldAt(lastCommittedVersionId);
    tellAws(world, describeSecretAfterAll);
    for (const [at, event] of events.entries()) {
      world.inbox.send(JSON.stringify(event));
      if ((at + 1) % atOnce === 0) await world.drain();
    }
    expect(world.inbox.bodies()).toEqual([]);
    expect(await outcomeOf(world)).toEqual({ pulls: bumps, version: expected });
    if (bumps > 0) expect(await commitsOnBranch(world)).toBe(1);
  }
});

async function commitsOnBranch(world: World): Promise<number> {
  const [pull] = await world.open();
  let commits = 0;
  let oid = pull?.head ?? null;
  while (oid !== null && oid !== world.workspace.tip(MAIN)) {
    commits += 1;
    oid = (await world.workspace.commit({ name: MAIN, oid }, NEVER)).parents[0] ?? null;
  }
  return commits;
}

test('seq_eventual_consistency: what AWS does not show yet is waited for', async () => {
  const { events, describeSecretAfterAll, lastCommittedVersionId } = read('eventual_consistency');
  const [before, after] = describeSecretAfterAll.responses ?? [];
  if (before === undefined || after === undefined) throw new Error('no answers');
  const world = worldAt(lastCommittedVersionId);
  tellAws(world, before);
  const process = world.start();
  for (const event of events) world.inbox.send(JSON.stringify(event));
  const working = process.work();
  const aws = world.time.sleep(5000, NEVER).then(() => tellAws(world, after));
  await world.time.run(Promise.all([working, aws]));
  await world.drain(process);
  expect(await outcomeOf(world)).toEqual({ pulls: 1, version: '0a1b2c3d-2222-4222-8222-000000000002' });
  expect(told(process, 'outcome')).toEqual(['try-later', 'published']);
});

test('seq_rollback_after_rotation: where the rotation was merged before, the rollback is a bump of its own', async () => {
  const { events, describeSecretAfterAll, lastCommittedVersionId } = read('rollback_after_rotation');
  const rotated = read('lambda_rotation_in_order');
  const world = worldAt(lastCommittedVersionId);
  tellAws(world, rotated.describeSecretAfterAll);
  for (const event of events.slice(0, rotated.events.length)) world.inbox.send(JSON.stringify(event));
  await world.drain();
  expect(await world.merge(1, 'delete')).toBe(true);
  tellAws(world, describeSecretAfterAll);
  for (const event of events.slice(rotated.events.length)) world.inbox.send(JSON.stringify(event));
  await world.drain();
  expect(await outcomeOf(world)).toEqual({ pulls: 2, version: lastCommittedVersionId });
});

test('seq_same_name_other_account_and_region: only the secret of the allowed account and region moves', async () => {
  const { events, lastCommittedVersionId } = read('same_name_other_account_and_region');
  const world = worldAt(lastCommittedVersionId);
  world.rotate(NAME, '0a1b2c3d-2222-4222-8222-000000000002');
  for (const event of events) world.inbox.send(JSON.stringify(event));
  const process = world.start();
  await world.drain(process);
  const outcomes = told(process, 'outcome');
  expect(outcomes.toSorted()).toEqual(['ignored', 'ignored', 'published']);
  expect(await outcomeOf(world)).toEqual({ pulls: 1, version: '0a1b2c3d-2222-4222-8222-000000000002' });
});

test('the same moves in any order and number are the same commit', async () => {
  const tips = new Set<string>();
  const order = fc.shuffledSubarray(['a', 'a', 'b', 'b', 'c', 'c', 'a'], { minLength: 7 });
  await fc.assert(
    fc.asyncProperty(order, async (names) => {
      const world = createTeamWorld(TEAM);
      for (const name of ['a', 'b', 'c']) {
        world.rotate(name, version(1));
        world.rotate(name, version(2));
      }
      for (const name of names) world.tell(name, version(2));
      await world.drain();
      tips.add((await world.open()).map(({ head, body }) => head + body).join());
    }),
    { numRuns: 15 },
  );
  expect(tips.size).toBe(1);
});

test('nothing but the annotations changes', async () => {
  const world = createTeamWorld(TEAM, { files: { 'app.yaml': deployment('app', 'both') } });
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  await world.drain();
  const [pull] = await world.open();
  const ref = refOf(pull ?? { branch: '' });
  const added = (path: string) => {
    const before = (world.workspace.fileAt(MAIN, path) ?? '').split('\n');
    return (world.workspace.fileAt(ref, path) ?? '').split('\n').filter((line) => !before.includes(line));
  };
  expect(added('alone.yaml')).toEqual(['  annotations:', `    force-sync: "a=${version(2)}@2026-03-02T09:20:00Z"`]);
  expect(added('app.yaml')).toEqual([
    '  annotations:',
    expect.stringMatching(/^ {4}gitops-reloader\.dev\/restart-due: "both=[0-9a-f]{12}"$/),
  ]);
  for (const path of ['other.yaml', 'store.yaml', 'README.md']) expect(added(path)).toEqual([]);
});

test('a newer version supersedes in the same pull request; after the merge it gets a new one', async () => {
  const world = createTeamWorld(TEAM);
  for (const number of [1, 2]) world.rotate('c', version(number));
  world.tell('c', version(2));
  await world.drain();
  world.rotate('c', version(3));
  world.tell('c', version(3));
  await world.drain();
  expect((await world.forge.pulls()).map(({ number, state }) => [number, state])).toEqual([[1, 'open']]);
  expect((await world.open())[0]?.title).toBe('Refresh c');
  expect(await proposed(world, TEAM)).toEqual({ other: { c: version(3) } });
  await world.merge(1, 'keep');
  world.rotate('c', version(4));
  world.tell('c', version(4));
  await world.drain();
  expect((await world.forge.pulls()).map(({ number, state }) => [number, state])).toEqual([
    [1, 'merged'],
    [2, 'open'],
  ]);
  expect(await violations(world, TEAM, new Map([['c', version(4)]]))).toEqual([]);
});

test('a rollback while its rotation is still proposed takes it out of the branch where anything else is left', async () => {
  const world = createTeamWorld({ a: ['a'], b: ['b'], both: ['a', 'b'] });
  for (const name of ['a', 'b']) {
    for (const number of [1, 2]) world.rotate(name, version(number));
  }
  const text = world.workspace.fileAt(MAIN, 'a.yaml') ?? '';
  const known = text.replace(
    '  namespace: app\n',
    `  namespace: app\n  annotations:\n    force-sync: "a=${version(1)}@2026-03-01T00:00:00Z"\n`,
  );
  world.workspace.commitTo(MAIN, new Map([['a.yaml', known]]), 'Known');
  for (const name of ['a', 'b']) world.tell(name, version(2));
  await world.drain();
  world.rotate('a', version(1));
  world.tell('a', version(1));
  await world.drain();
  const [pull] = await world.open();
  expect(versionsAt(world, refOf(pull ?? { branch: '' }), 'a')).toEqual({ a: version(1) });
  expect(world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'a.yaml')).toBe(known);
  expect(versionsAt(world, refOf(pull ?? { branch: '' }), 'both')).toEqual({ a: version(1), b: version(2) });
});
