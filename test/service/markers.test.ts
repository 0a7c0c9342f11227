import { expect, test } from 'vitest';
import type { Order } from '../../src/domain/policy.ts';
import { version } from './manifests.ts';
import { createWorld, MAIN, refOf, type World } from './memory-world.ts';

const SETTLED = 360_000;
const NAME = 'prod/db';
const FILE = 'values.yaml';

/** The end of a line that is marked. */
function marker(stage: 'refresh' | 'restart', secret = NAME): string {
  return `# {"$gitops-reloader": {"secret": "${secret}", "stage": "${stage}"}}`;
}

const VALUES = `image: api # of the app
externalSecret:
  forceSync: "" ${marker('refresh')}
podAnnotations:
  versions: "" ${marker('restart')}
other:
  forceSync: "" ${marker('refresh', 'prod/other')}
`;

function createValues(order?: Order): World {
  const world = createWorld({ files: { [FILE]: VALUES }, ...(order === undefined ? {} : { order }) });
  for (const name of [NAME, 'prod/other']) world.rotate(name, version(1));
  return world;
}

async function rotate(world: World, number: number, name = NAME): Promise<void> {
  world.rotate(name, version(number));
  world.tell(name, version(number));
  await world.drain();
}

/** What the two markers of the secret have on a branch. */
function marked(world: World, ref = MAIN) {
  const text = world.workspace.fileAt(ref, FILE) ?? '';
  const [, sync = ''] = /forceSync: "([^"]*)" # \{"\$gitops-reloader": \{"secret": "prod\/db"/.exec(text) ?? [];
  const [, versions = ''] = /versions: "([^"]*)" #/.exec(text) ?? [];
  return { version: sync.split('@')[0] ?? '', versions, text };
}

async function mergeOpen(world: World): Promise<void> {
  for (const { number } of await world.open()) await world.merge(number, 'delete');
}

test('a refresh marker, then its restart marker, through both stages; a replay asks for nothing', async () => {
  const world = createValues();
  await rotate(world, 2);
  const [pull, ...others] = await world.open();
  expect(others).toEqual([]);
  const tip = marked(world, refOf(pull ?? { branch: '' }));
  expect([tip.version, tip.versions]).toEqual([`${NAME}=${version(2)}`, '']);
  expect(pull?.body).toContain('RefreshMarker externalSecret.forceSync');
  expect(pull?.body).toContain('values.yaml&#58;<!-- -->5');
  expect(pull?.body).toContain('1 restart marker will be due');
  expect(pull?.body).toContain(`Secret-Rotation: `);

  const process = world.start();
  await process.sweep();
  expect(marked(world).versions).toBe('');
  await mergeOpen(world);
  await process.sweep();
  expect(await world.open()).toEqual([]);
  await world.time.pass(SETTLED);
  await process.sweep();
  const [restart] = await world.open();
  expect(restart?.body).toContain('RestartMarker podAnnotations.versions');
  expect(restart?.title).toBe('Restart 1 workload after a secret refresh');
  await process.sweep();
  expect((await world.open()).map(({ number }) => number)).toEqual([restart?.number]);
  await mergeOpen(world);
  const done = marked(world);
  expect(done.versions).toMatch(/^marker=[0-9a-f]{12}$/);
  // Nothing but the two values differs.
  expect(done.text.replace(done.versions, '').replace(/prod\/db=[^"]*/, '')).toBe(VALUES);
  await process.sweep();
  world.tell(NAME, version(2));
  await world.drain();
  expect(await world.open()).toEqual([]);

  await rotate(world, 3);
  await mergeOpen(world);
  expect(marked(world).versions).toBe(done.versions);
  await process.sweep();
  await world.time.pass(SETTLED);
  await process.sweep();
  await mergeOpen(world);
  expect(marked(world).versions).not.toBe(done.versions);
});

test('two secrets in one file have a pull request each; the one that is left is made anew on top of the other', async () => {
  const world = createValues();
  await rotate(world, 2);
  await rotate(world, 2, 'prod/other');
  const open = await world.open();
  expect(open).toHaveLength(2);
  await world.merge(open[0]?.number ?? 0, 'delete');
  const process = world.start();
  await process.sweep();
  await mergeOpen(world);
  const { text } = marked(world);
  expect(text).toContain(`"${NAME}=${version(2)}@`);
  expect(text).toContain(`"prod/other=${version(2)}@`);
});

test('what is proposed already is kept beside what comes, whichever replica hears of it', async () => {
  const world = createValues();
  const replicas = [world.start(), world.start()];
  world.rotate(NAME, version(2));
  world.tell(NAME, version(2));
  world.tell(NAME, version(2));
  const working = Promise.all(replicas.map((replica) => replica.work()));
  await world.time.pass(120_000);
  await working;
  const open = await world.open();
  expect(open).toHaveLength(1);
  expect(marked(world, refOf(open[0] ?? { branch: '' })).version).toBe(`${NAME}=${version(2)}`);
  await rotate(world, 3);
  const [pull] = await world.open();
  expect(pull?.number).toBe(open[0]?.number);
  expect(marked(world, refOf(pull ?? { branch: '' })).version).toBe(`${NAME}=${version(3)}`);
});

test('a closed pull request is a refusal of that version alone', async () => {
  const world = createValues();
  await rotate(world, 2);
  const [pull] = await world.open();
  await world.forge.closeAs(pull?.number ?? 0, 'person');
  world.tell(NAME, version(2));
  await world.drain();
  expect(await world.open()).toEqual([]);
  await rotate(world, 3);
  expect(await world.open()).toHaveLength(1);
});

test('together: both markers in one commit, and nothing is due after it', async () => {
  const world = createValues('together');
  await rotate(world, 2);
  await mergeOpen(world);
  expect(marked(world).versions).toMatch(/^marker=[0-9a-f]{12}$/);
  const process = world.start();
  await process.sweep();
  await world.time.pass(SETTLED);
  await process.sweep();
  expect(await world.open()).toEqual([]);
});

test('refreshOnly: a restart marker is left as it is', async () => {
  const world = createValues('refreshOnly');
  await rotate(world, 2);
  await mergeOpen(world);
  const process = world.start();
  await process.sweep();
  await world.time.pass(SETTLED);
  await process.sweep();
  expect([await world.open(), marked(world).versions]).toEqual([[], '']);
});

test('together: a marked value keeps nothing that looks like a source of restarts, and is not due again', async () => {
  const files = { [FILE]: VALUES.replace('versions: ""', 'versions: "mapping.0123456789ab=0123456789ab"') };
  const world = createWorld({ files, order: 'together' });
  for (const name of [NAME, 'prod/other']) world.rotate(name, version(1));
  await rotate(world, 2);
  await mergeOpen(world);
  expect(marked(world).versions).toMatch(/^marker=[0-9a-f]{12}$/);
  const process = world.start();
  await world.time.pass(SETTLED);
  await process.sweep();
  expect(await world.open()).toEqual([]);
});
