import { expect, test } from 'vitest';
import { deployment, externalSecret, version } from './manifests.ts';
import { createWorld, MAIN, refOf, told, type World } from './memory-world.ts';

const FILE = 'gitops-reloader.patch.yaml';
const SETTLED = 360_000;
const NAME = 'prod/db';

/** A base with an ExternalSecret and a Deployment; each overlay has a store of the same name in a Region of its own. */
function overlaid(regions: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const overlays = Object.entries(regions).flatMap(([name, region]) => [
    [`${name}/kustomization.yaml`, `# ${name}\nresources:\n  - ../base\n  - store.yaml\nnamePrefix: ${name}-\n`],
    [`${name}/store.yaml`, store(region)],
  ]);
  return Object.fromEntries([
    ['base/kustomization.yaml', 'resources:\n  - es.yaml\n  - app.yaml\n'],
    ['base/es.yaml', externalSecret('db', [NAME]).replace('  data:', '  target:\n    name: db\n  data:')],
    ['base/app.yaml', deployment('app', 'db')],
    ...overlays,
  ]);
}

function store(region: string): string {
  return `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata:
  name: aws
spec:
  provider:
    aws:
      service: SecretsManager
      region: ${region}
      role: arn:aws:iam::111122223333:role/eso
`;
}

const ACCOUNTS = [{ id: '111122223333', regions: ['eu-west-1', 'us-east-1'] }];
const TWO = { prod: 'eu-west-1', stage: 'us-east-1' };
const SAME = { prod: 'eu-west-1', stage: 'eu-west-1' };

function createOverlays(regions: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}): World {
  const world = createWorld({ accounts: ACCOUNTS, files: { ...overlaid(regions), ...more } });
  world.rotate(NAME, version(1));
  return world;
}

async function rotate(world: World, number: number): Promise<void> {
  world.rotate(NAME, version(number));
  world.tell(NAME, version(number));
  await world.drain();
}

/** Paths that the open pull request changes. */
async function changed(world: World): Promise<readonly string[]> {
  const [pull, ...others] = await world.open();
  expect(others).toEqual([]);
  const refs = [MAIN, refOf(pull ?? { branch: '' })];
  const trees = await Promise.all(
    refs.map(async (name) => {
      const snapshot = await world.workspace.snapshot({ name, oid: world.workspace.tip(name) ?? '' }, NEVER);
      return new Map(snapshot.entries.map(({ path, oid }) => [path, oid]));
    }),
  );
  const [base, tip] = trees;
  return [...(tip ?? [])].flatMap(([path, oid]) => (base?.get(path) === oid ? [] : [path])).toSorted();
}

const NEVER = new AbortController().signal;

async function mergeOpen(world: World): Promise<void> {
  for (const { number } of await world.open()) await world.merge(number, 'delete');
}

test('overlays that mean the same secret: the base is edited, once', async () => {
  const world = createOverlays(SAME);
  await rotate(world, 2);
  expect(await changed(world)).toEqual(['base/app.yaml', 'base/es.yaml']);
});

test('overlays of two Regions: each has its own patch, restarts and all, and only the one that moved is bumped', async () => {
  const world = createOverlays(TWO);
  await rotate(world, 2);
  expect(await changed(world)).toEqual([`prod/${FILE}`, 'prod/kustomization.yaml']);
  await mergeOpen(world);
  expect(world.workspace.fileAt(MAIN, 'prod/kustomization.yaml')).toBe(
    `${overlaid(TWO)['prod/kustomization.yaml']}patches:\n  - path: ${FILE}\n`,
  );
  const process = world.start();
  await process.sweep();
  await world.time.pass(SETTLED);
  await process.sweep();
  expect(await changed(world)).toEqual([`prod/${FILE}`]);
  await mergeOpen(world);
  const patch = world.workspace.fileAt(MAIN, `prod/${FILE}`) ?? '';
  expect(patch).toContain(`force-sync: "${NAME}=${version(2)}@`);
  const [, due] = /restart-due: "([^"]+)"/.exec(patch) ?? [];
  expect(patch).toContain(`gitops-reloader.dev/secret-versions: "${due}"`);
  await process.sweep();
  expect(await world.open()).toEqual([]);

  // From now on the file is only bumped.
  await rotate(world, 3);
  expect(await changed(world)).toEqual([`prod/${FILE}`]);
  await rotate(world, 4);
  const [pull] = await world.open();
  const text = world.workspace.fileAt(refOf(pull ?? { branch: '' }), `prod/${FILE}`);
  expect(text?.match(/force-sync/g)).toHaveLength(1);
  expect(text).toContain(version(4));
  expect(pull?.body).toContain(`prod/${FILE}`);
  await mergeOpen(world);
  // A replay asks for nothing.
  world.tell(NAME, version(4));
  await world.drain();
  expect(await world.open()).toEqual([]);
});

/** A second ExternalSecret in the base, with a secret and a pull request of its own. */
const SECOND = {
  'base/kustomization.yaml': 'resources:\n  - es.yaml\n  - app.yaml\n  - other.yaml\n',
  'base/other.yaml': externalSecret('other', ['prod/other']),
};

test('two pull requests make the same file: the one that is left is made anew on top of the other', async () => {
  const world = createOverlays(TWO, SECOND);
  for (const name of [NAME, 'prod/other']) {
    world.rotate(name, version(2));
    world.tell(name, version(2));
  }
  await world.drain();
  const [first, second, ...more] = await world.open();
  expect([first !== undefined, second !== undefined, more]).toEqual([true, true, []]);
  const process = world.start();
  await process.sweep();
  await world.merge(first?.number ?? 0, 'delete');
  await process.sweep('quick');
  await mergeOpen(world);
  const patch = world.workspace.fileAt(MAIN, `prod/${FILE}`) ?? '';
  expect(patch.match(/force-sync: "[^@]+/g)?.toSorted()).toEqual(
    [`force-sync: "${NAME}=${version(2)}`, `force-sync: "prod/other=${version(2)}`].toSorted(),
  );
  expect(world.workspace.fileAt(MAIN, 'prod/kustomization.yaml')?.match(/gitops-reloader/g)).toHaveLength(1);
  expect(await world.open()).toEqual([]);
});

test('two replicas with one event each: one commit with both', async () => {
  const world = createOverlays(TWO);
  world.rotate(NAME, version(2));
  for (let copy = 0; copy < 2; copy += 1) world.tell(NAME, version(2));
  const [one, other] = [world.start(), world.start()];
  await Promise.all([one.batch(), other.batch()]);
  await world.drain();
  expect(await changed(world)).toEqual([`prod/${FILE}`, 'prod/kustomization.yaml']);
});

test('a version that people turned down is not proposed again, and one that AWS takes back is withdrawn', async () => {
  const world = createOverlays(TWO);
  await rotate(world, 2);
  await mergeOpen(world);
  await rotate(world, 3);
  await rotate(world, 2);
  expect(await world.open()).toEqual([]);
  await rotate(world, 4);
  const [pull] = await world.open();
  await world.forge.closeAs(pull?.number ?? 0, 'person');
  world.tell(NAME, version(4));
  await world.drain();
  expect(await world.open()).toEqual([]);
});

test('a folder where the patch file would be: nothing is written, and the reason says so', async () => {
  const world = createOverlays(TWO);
  world.workspace.commitTo(MAIN, new Map([[`prod/${FILE}/x`, 'somebody else']]), 'Take the name');
  const process = world.start();
  world.rotate(NAME, version(2));
  world.tell(NAME, version(2));
  await world.drain(process);
  expect(await world.open()).toEqual([]);
  expect(told(process, 'outcome', 'reason').join()).toContain(`prod/${FILE} is no plain file`);
});
