import { expect, test } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import type { AllowedAccount, StoreBinding } from '../../src/domain/policy.ts';
import { ACCOUNT, externalSecret, REGION, version } from './manifests.ts';
import { createWorld, MAIN, refOf, told, type World, type WorldOptions } from './memory-world.ts';

const OTHER = '444455556666';
const ACCOUNTS: readonly AllowedAccount[] = [ACCOUNT, OTHER].map((id) => ({ id, regions: [REGION] }));
const bound = (name: string, account: string): StoreBinding => ({
  kind: 'ClusterSecretStore',
  name,
  namespace: null,
  account,
  region: REGION,
});
const BINDINGS = { stores: [bound('aws', ACCOUNT), bound('other', OTHER)] };

/** The same manifest through the store `other`. */
const through = (text: string) => text.replace('    name: aws\n', '    name: other\n');

const MINE = externalSecret('mine', ['db']);
const THEIRS = through(externalSecret('theirs', ['db']));
/** Fetches both namesakes. */
const BOTH = `${externalSecret('both', ['db', 'db'])}      sourceRef:
        storeRef:
          kind: ClusterSecretStore
          name: other
`;

function accountsWorld(files: Readonly<Record<string, string>>, more: Partial<WorldOptions> = {}): World {
  return createWorld({ accounts: ACCOUNTS, bindings: BINDINGS, ...more, files });
}

/** AWSCURRENT of `db` in an account moves, and its event arrives. */
function move(world: World, account: string, to: number): void {
  world.rotate('db', version(to), account);
  const arn = `arn:aws:secretsmanager:${REGION}:${account}:secret:db-Ab3dEf`;
  world.tell('db', version(to), { id: `${account}-${to}`, account, resources: [arn] });
}

/** Every open pull request: its title, the tokens that its branch has and `main` has not, and its rotations. */
async function shown(world: World) {
  const pulls = await world.open();
  return pulls.map((pull) => {
    const tokens = ['mine', 'theirs', 'both'].flatMap((name) => {
      const [tip, base] = [refOf(pull), MAIN].map((ref) => tokenOf(world.workspace.fileAt(ref, `${name}.yaml`)));
      return tip === undefined || tip === base ? [] : [`${name}: ${tip}`];
    });
    const rotations = [...pull.body.matchAll(/^Secret-Rotation: (.*)$/gm)].map(([, one = '']) => short(one));
    return { title: pull.title, tokens, rotations };
  });
}

function tokenOf(text: string | null | undefined): string | undefined {
  const value = /force-sync: "(.*)"/.exec(text ?? '')?.[1];
  return value === undefined ? undefined : short(value.replaceAll(/@[\dTZ:-]+/g, ''));
}

function short(text: string): string {
  return text.replaceAll(/0a1b2c3d-0000-4000-8000-0*(\d+)/g, 'v$1');
}

const HERE = `${ACCOUNT}:${REGION}:db`;
const THERE = `${OTHER}:${REGION}:db`;

test('one name in two accounts is two secrets: two branches, each with its own version', async () => {
  const world = accountsWorld({ 'mine.yaml': MINE, 'theirs.yaml': THEIRS });
  move(world, ACCOUNT, 1);
  move(world, OTHER, 2);
  await world.drain();
  const pulls = await shown(world);
  expect(pulls.toSorted((left, right) => (left.title < right.title ? -1 : 1))).toEqual([
    { title: `Refresh ${HERE}`, tokens: ['mine: db=v1'], rotations: [`${HERE}=v1`] },
    { title: `Refresh ${THERE}`, tokens: ['theirs: db=v2'], rotations: [`${THERE}=v2`] },
  ]);
});

test('an object that fetches both is bumped for each, with the other as it is', async () => {
  const world = accountsWorld({ 'mine.yaml': MINE, 'theirs.yaml': THEIRS, 'both.yaml': BOTH });
  world.rotate('db', version(1), ACCOUNT);
  move(world, OTHER, 2);
  await world.drain();
  expect(await shown(world)).toEqual([
    {
      title: `Refresh ${THERE}`,
      tokens: ['theirs: db=v2', `both: ${THERE}=v2 db=v1`],
      rotations: [`${THERE}=v2`],
    },
  ]);
  const [pull] = await world.open();
  await world.merge(pull?.number ?? 0, 'delete');
  move(world, ACCOUNT, 3);
  await world.drain();
  expect(await shown(world)).toEqual([
    { title: `Refresh ${HERE}`, tokens: ['mine: db=v3', `both: ${THERE}=v2 db=v3`], rotations: [`${HERE}=v3`] },
  ]);
});

test('replicas have one version id: turning it down in one place does not hold the other, even in one group', async () => {
  const world = accountsWorld({ 'mine.yaml': MINE, 'theirs.yaml': THEIRS, 'both.yaml': BOTH });
  world.rotate('db', version(4), OTHER);
  move(world, ACCOUNT, 5);
  await world.drain();
  const [pull] = await world.open();
  await world.forge.closeAs(pull?.number ?? 0, 'person');
  move(world, OTHER, 5);
  const process = world.start();
  await world.drain(process);
  expect(told(process, 'outcome')).toEqual(['published']);
  expect(await shown(world)).toEqual([
    { title: `Refresh ${THERE}`, tokens: ['theirs: db=v5'], rotations: [`${THERE}=v5`] },
  ]);
});

test('allowing a second account neither bumps again nor withdraws what is proposed', async () => {
  const files = { 'mine.yaml': MINE };
  const world = accountsWorld(files, { accounts: ACCOUNTS.slice(0, 1), bindings: {} });
  move(world, ACCOUNT, 1);
  await world.drain();
  expect(await shown(world)).toMatchObject([{ title: 'Refresh db', tokens: ['mine: db=v1'], rotations: ['db=v1'] }]);
  const process = world.start();
  const { settings } = process.served;
  const wider = { ...settings, accounts: ACCOUNTS, bindings: { ...settings.bindings, ...BINDINGS } };
  Object.assign(process.served, { settings: wider });
  await process.sweep();
  move(world, ACCOUNT, 1);
  await world.drain(process);
  const pulls = await world.forge.pulls();
  expect(pulls.map(({ number, state }) => [number, state])).toEqual([[1, 'open']]);
  expect(await shown(world)).toMatchObject([{ tokens: ['mine: db=v1'] }]);
});

test('what cannot be told is left alone, and says which entry would tell', async () => {
  const world = accountsWorld({ 'mine.yaml': MINE }, { bindings: {} });
  move(world, ACCOUNT, 1);
  const process = world.start();
  await world.drain(process);
  expect(told(process, 'outcome', 'reason')).toEqual([
    'not-proven No reference names it, but some could: mine.yaml: ambiguous-account: spec.data[0].remoteRef: ClusterSecretStore aws is not in this repository. Nothing says which AWS account it is in.',
  ]);
});

test('a role that cannot be assumed in one account leaves the other alone', async () => {
  const world = accountsWorld({ 'mine.yaml': MINE, 'theirs.yaml': THEIRS });
  move(world, ACCOUNT, 1);
  move(world, OTHER, 2);
  const denied = new Failure('could not describe', {
    code: 'aws-denied',
    retry: 'never',
    hint: 'Allow sts:AssumeRole.',
  });
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      secretVersions: {
        ...world.secrets,
        describe: (ref, signal) =>
          ref.account === OTHER ? Promise.reject(denied) : world.secrets.describe(ref, signal),
      },
    }),
  });
  await process.batch();
  expect(told(process, 'outcome', 'hint').toSorted()).toEqual([
    'needs-operator Allow sts:AssumeRole.',
    'published null',
  ]);
  expect((await shown(world)).map(({ tokens }) => tokens)).toEqual([['mine: db=v1']]);
});
