import { expect, test } from 'vitest';
import type { Grouping } from '../../../src/domain/grouping/grouping.ts';
import { readPathPattern } from '../../../src/domain/grouping/path-pattern.ts';
import { FORCE_SYNC } from '../../../src/domain/policy.ts';
import { everything } from '../../../src/plan/scope.ts';
import { explainSecret } from '../../../src/service/report/explain.ts';
import { readStatus } from '../../../src/service/report/status.ts';
import { deployment, externalSecret, STORE, version } from '../manifests.ts';
import { createWorld, MAIN, type Process, refOf, told, type World } from '../memory-world.ts';

const CLUSTERS: Grouping = {
  paths: ['clusters/{cluster}/**'].flatMap((text) => readPathPattern(text) ?? []),
  named: [],
};
const PROD = 'clusters/prod/db.yaml';
const DEV = 'clusters/dev/db.yaml';

function start(world: World, grouping: Grouping = CLUSTERS): Process {
  return world.start({ settings: { scope: { ...everything('staged'), grouping } } });
}

/** Version 2 of `a` was told to a repository with these files. */
async function rotated(files: Readonly<Record<string, string>>, grouping: Grouping = CLUSTERS): Promise<World> {
  const world = createWorld({ files: { 'store.yaml': STORE, ...files } });
  await rotate(world, 2, grouping);
  return world;
}

async function rotate(world: World, number: number, grouping: Grouping = CLUSTERS): Promise<Process> {
  world.rotate('a', version(number - 1));
  world.rotate('a', version(number));
  world.tell('a', version(number));
  const process = start(world, grouping);
  await world.drain(process);
  return process;
}

const TWO = { [PROD]: externalSecret('db', ['a']), [DEV]: externalSecret('db', ['a']) };

/** `<title>: <path>=<version of its token>` of every open pull request, for what differs from the base. */
async function open(world: World): Promise<readonly string[]> {
  const pulls = await world.open();
  const shown = pulls.map(async (pull) => `${pull.title}: ${(await changed(world, refOf(pull))).join(' ')}`);
  return (await Promise.all(shown)).toSorted();
}

async function changed(world: World, name: string): Promise<readonly string[]> {
  const ref = { name, oid: world.workspace.tip(name) ?? '' };
  const { entries } = await world.workspace.snapshot(ref, new AbortController().signal);
  return (
    entries
      .map(({ path }) => path)
      // What else differs was changed on the base since.
      .filter((path) => at(world, name, path) !== '-' && at(world, name, path) !== at(world, MAIN, path))
      .map((path) => `${path}=${at(world, name, path)}`)
  );
}

function textAt(world: World, ref: string, path: string): string {
  return world.workspace.fileAt(ref, path) ?? '';
}

/** The number of the version that a file's token names; `-` where it has none. */
function at(world: World, ref: string, path: string): string {
  const value = new RegExp(`${FORCE_SYNC}: "a=[0-9a-f-]{24}0*(\\d+)@`).exec(textAt(world, ref, path))?.[1];
  return value ?? '-';
}

async function merge(world: World, title: string): Promise<void> {
  const [pull] = (await world.open()).filter((one) => one.title.includes(title));
  expect(await world.merge(pull?.number ?? 0, 'delete')).toBe(true);
}

test('two clusters: two pull requests, and merging one leaves the other right', async () => {
  const world = await rotated(TWO);
  expect(await open(world)).toEqual([`Refresh a in cluster=dev: ${DEV}=2`, `Refresh a in cluster=prod: ${PROD}=2`]);
  await merge(world, 'cluster=dev');
  const process = start(world);
  await process.sweep();
  expect(await open(world)).toEqual([`Refresh a in cluster=prod: ${PROD}=2`]);
  await rotate(world, 3);
  expect(await open(world)).toEqual([`Refresh a in cluster=dev: ${DEV}=3`, `Refresh a in cluster=prod: ${PROD}=3`]);
  for (const title of ['cluster=prod', 'cluster=dev']) await merge(world, title);
  await start(world).sweep();
  expect([at(world, MAIN, PROD), at(world, MAIN, DEV), (await open(world)).length]).toEqual(['3', '3', 0]);
});

test('a message has one outcome, and is deleted when every part is done', async () => {
  const world = createWorld({ files: { 'store.yaml': STORE, ...TWO } });
  const process = await rotate(world, 2);
  expect(told(process, 'outcome')).toEqual(['published']);
  expect(told(process, 'reason')[0]).toMatch(/ It concerns 2 branches; this is one of them\.$/);
  expect(world.inbox.bodies()).toEqual([]);
  world.tell('a', version(2));
  await world.drain(process);
  expect(told(process, 'outcome')).toEqual(['published', 'already-current']);
});

test('what people close in one cluster is rejected there alone', async () => {
  const world = await rotated(TWO);
  const [dev] = (await world.open()).filter(({ title }) => title.includes('dev'));
  await world.forge.closeAs(dev?.number ?? 0, 'person');
  world.tell('a', version(2));
  await world.drain(start(world));
  await start(world).sweep();
  expect(await open(world)).toEqual([`Refresh a in cluster=prod: ${PROD}=2`]);
});

test('the restarts of a cluster are its own pull request, after its own merge', async () => {
  const world = await rotated({
    ...TWO,
    'clusters/prod/api.yaml': deployment('api', 'db'),
  });
  const process = start(world);
  await merge(world, 'cluster=prod');
  await process.sweep();
  await world.time.pass(7 * 60_000);
  await process.sweep();
  expect((await world.open()).map(({ title }) => title).toSorted()).toEqual([
    'Refresh a in cluster=dev',
    'Restart 1 workload after a secret refresh in cluster=prod',
  ]);
});

test('a pattern that comes later: the old pull request is withdrawn, and its content lies in new ones', async () => {
  const world = await rotated(TWO, { paths: [], named: [] });
  expect(await open(world)).toEqual([`Refresh a: ${DEV}=2 ${PROD}=2`]);
  await start(world).sweep();
  expect(await open(world)).toEqual([`Refresh a in cluster=dev: ${DEV}=2`, `Refresh a in cluster=prod: ${PROD}=2`]);
  expect((await world.forge.pulls()).filter(({ state }) => state !== 'open')).toHaveLength(1);
  await start(world, { paths: [], named: [] }).sweep();
  expect(await open(world)).toEqual([`Refresh a: ${DEV}=2 ${PROD}=2`]);
});

test.each(['event', 'sweep'])('an object that moves to another part takes its refresh along: by %s', async (by) => {
  const world = await rotated({ ...TWO, 'clusters/prod/other.yaml': externalSecret('other', ['a']) });
  const moved = textAt(world, MAIN, 'clusters/prod/other.yaml');
  const files = { 'clusters/prod/other.yaml': null, 'clusters/qa/other.yaml': moved };
  world.workspace.commitTo(MAIN, new Map(Object.entries(files)), 'Move it');
  if (by === 'event') {
    world.tell('a', version(2));
    await world.drain(start(world));
  } else await start(world).sweep();
  expect(await open(world)).toEqual([
    `Refresh a in cluster=dev: ${DEV}=2`,
    `Refresh a in cluster=prod: ${PROD}=2`,
    'Refresh a in cluster=qa: clusters/qa/other.yaml=2',
  ]);
});

test('a folder that is renamed takes its refresh along, and the old pull request goes', async () => {
  const world = await rotated({ [PROD]: externalSecret('db', ['a']) });
  const files = { [PROD]: null, 'clusters/prod-eu/db.yaml': textAt(world, MAIN, PROD) };
  world.workspace.commitTo(MAIN, new Map(Object.entries(files)), 'Rename it');
  await start(world).sweep();
  expect(await open(world)).toEqual(['Refresh a in cluster=prod-eu: clusters/prod-eu/db.yaml=2']);
});

test('folders with hostile names: each its own pull request, with harmless words', async () => {
  const names = ['a b', '@ana', '..x', '\u202eevil', '`x`', '北京', 'x'.repeat(200)];
  const world = await rotated(
    Object.fromEntries(names.map((name) => [`clusters/${name}/db.yaml`, externalSecret('db', ['a'])])),
  );
  const pulls = await world.open();
  expect(pulls).toHaveLength(names.length);
  for (const { title, body, branch } of pulls) {
    expect(title).toMatch(/^Refresh a in cluster=[\p{L}\p{N}._%…-]+$/u);
    expect(title.length).toBeLessThanOrEqual(72);
    expect(body).not.toMatch(/\u202e|(?<![;\w])@ana/);
    expect(branch).toMatch(/^[a-z0-9/-]+$/);
  }
});

test.each<[string, Grouping, Grouping, string | null]>([
  ['a pattern comes', { paths: [], named: [] }, CLUSTERS, null],
  ['a pattern goes', CLUSTERS, { paths: [], named: [] }, `Refresh a: ${PROD}=2`],
  ['a name comes', { paths: [], named: [] }, { paths: [], named: [{ name: 'n', secrets: ['a'], paths: [] }] }, null],
])('what people rejected stays rejected for those objects when %s', async (_, before, after, expected) => {
  const world = await rotated(TWO, before);
  const closed = (await world.open()).filter(({ title }) => !title.includes('prod'));
  for (const { number } of closed) await world.forge.closeAs(number, 'person');
  for (const by of ['event', 'sweep', 'event']) {
    if (by === 'sweep') await start(world, after).sweep();
    else {
      world.tell('a', version(2));
      await world.drain(start(world, after));
    }
  }
  expect(await open(world)).toEqual(expected === null ? [] : [expected]);
  expect(world.inbox.bodies()).toEqual([]);
  await rotate(world, 3, after);
  const found = (await open(world)).join(' ');
  for (const path of [PROD, DEV]) expect(found).toContain(`${path}=3`);
});

test('a group that a pattern only took objects from: what was rejected for them stays so', async () => {
  const world = await rotated({ ...TWO, 'shared.yaml': externalSecret('shared', ['a']) }, { paths: [], named: [] });
  for (const { number } of await world.open()) await world.forge.closeAs(number, 'person');
  world.tell('a', version(2));
  await world.drain(start(world));
  await start(world).sweep();
  expect(await open(world)).toEqual([]);
});

test('explain and status tell the parts apart', async () => {
  const world = await rotated(TWO);
  const { served } = start(world);
  const how = { pause: null, signal: new AbortController().signal };
  const [status] = await readStatus([served], how);
  expect(status?.ownBranches.map(({ group }) => group).toSorted()).toEqual(['a in cluster=dev', 'a in cluster=prod']);
  const asked = { id: 'a', service: null, account: null, region: null, label: null };
  const [explained] = await explainSecret([served], asked, how);
  const { proposal, otherProposals = [], objects = [] } = explained?.explanation ?? {};
  expect([proposal?.part, ...otherProposals.map(({ part }) => part)]).toEqual(['cluster=dev', 'cluster=prod']);
  expect(objects.map(({ path, standing }) => `${path} ${standing.kind}`).toSorted()).toEqual([
    `${DEV} proposed`,
    `${PROD} proposed`,
  ]);
});
