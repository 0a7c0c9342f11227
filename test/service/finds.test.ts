import { expect, test } from 'vitest';
import { everything } from '../../src/plan/scope.ts';
import { makePlan } from '../../src/service/make-plan.ts';
import { textReader } from '../../src/service/propose/draft/draft-edits.ts';
import { readIndex } from '../../src/service/reading/read-index.ts';
import { called, finder, handle, put, tokenAt, worldOf } from './found-world.ts';
import { externalSecret, version } from './manifests.ts';
import { MAIN, secretId, told, type World } from './memory-world.ts';
import { branchExplanation, explanationOf, inShort, NEVER, statusOf } from './report/look-world.ts';

const PROD = '{name: {regexp: ^prod/}}';
const FOUND = /^find#[0-9a-f]{16}=sha256-[0-9a-f]{16}$/;

/** `prod/a` and `prod/b` are found, `dev/c` is not. */
function found(find = PROD, keys: readonly string[] = []): World {
  const world = worldOf({ 'all.yaml': finder('all', find, keys) });
  for (const name of ['prod/a', 'prod/b', 'dev/c']) put(world, name, 1);
  return world;
}

/** Everything is delivered and merged: the find has its entry on the base. */
async function settled(world: World): Promise<readonly string[]> {
  put(world, 'prod/a', 2);
  world.tell('prod/a', version(2));
  await world.drain();
  await world.merge((await world.open())[0]?.number ?? 0, 'delete');
  return tokenAt(world, 'base', 'all');
}

test('a member that moves bumps what finds it, once for any number of events and replicas', async () => {
  const world = found();
  put(world, 'prod/a', 2);
  for (let copy = 0; copy < 3; copy += 1) world.tell('prod/a', version(2));
  await world.time.run(Promise.all([world.start().work(), world.start().work()]));
  await world.drain();
  const [entry = '', ...others] = await tokenAt(world, 'proposed', 'all');
  expect([entry, others]).toEqual([expect.stringMatching(FOUND), []]);
  expect(await world.forge.pulls()).toHaveLength(1);
  const [pull] = await world.forge.pulls();
  expect(pull?.title).toMatch(/^Refresh what find [0-9a-f]{16} finds$/);
  expect(pull?.body).toContain('A member of find name ');
  expect(pull?.body).toContain(`Secret-Rotation: ${entry}`);
  world.tell('prod/a', version(2));
  expect(await handle(world)).toEqual(['prod/a already-current']);
});

test('what no find finds has nobody', async () => {
  const world = found();
  put(world, 'dev/c', 2);
  world.tell('dev/c', version(2));
  expect(await handle(world)).toEqual(['dev/c nobody-uses-it']);
});

test('secrets that come, go and come back are changes; the same set again is the same version', async () => {
  const world = found();
  const before = await settled(world);
  put(world, 'prod/b', 1, { deleted: true });
  called(world, 'DeleteSecret', 'prod/b');
  expect(await handle(world)).toEqual(['prod/b published']);
  const gone = await tokenAt(world, 'proposed', 'all');
  expect(gone).not.toEqual(before);
  put(world, 'prod/b', 1);
  called(world, 'RestoreSecret', 'prod/b');
  await world.drain();
  expect(await world.open()).toEqual([]);
  expect(await tokenAt(world, 'base', 'all')).toEqual(before);
  put(world, 'prod/new', 1);
  called(world, 'CreateSecret', 'prod/new');
  expect(await handle(world)).toEqual(['prod/new published']);
  expect(await tokenAt(world, 'proposed', 'all')).not.toEqual(before);
});

test('a secret that is made anew is another member of the same name', async () => {
  const world = found();
  const before = await settled(world);
  const secret = { ...secretId('prod/b'), suffix: 'Zz9Zz9' };
  world.secrets.set({ secret, versions: new Map([['AWSCURRENT', version(7)]]), deleted: false });
  world.tell('prod/b', version(7), {
    resources: ['arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/b-Zz9Zz9'],
  });
  expect(await handle(world)).toEqual(['prod/b published']);
  expect(await tokenAt(world, 'proposed', 'all')).not.toEqual(before);
});

test('a list that is behind an event is waited for, then overlaid; never is an old list proposed', async () => {
  const world = found();
  const before = await settled(world);
  world.secrets.fallBehind();
  put(world, 'prod/new', 1);
  world.tell('prod/new', version(1));
  const process = world.start();
  expect(await handle(world, process)).toEqual(['prod/new try-later']);
  expect(await world.open()).toEqual([]);
  await world.time.pass(59_000);
  expect(world.inbox.visible()).toBe(0);
  await world.time.pass(17_000);
  expect(await handle(world, process)).toEqual(['prod/new try-later']);
  await world.drain(process);
  expect(world.time.now() - Date.parse('2026-03-02T09:20:00Z')).toBeGreaterThan(300_000);
  const overlaid = await tokenAt(world, 'proposed', 'all');
  expect(overlaid).not.toEqual(before);
  world.secrets.catchUp();
  put(world, 'prod/new', 1);
  called(world, 'CreateSecret', 'prod/new');
  await world.drain();
  expect(await tokenAt(world, 'proposed', 'all')).toEqual(overlaid);
});

test('a list that is behind holds nothing else of its object', async () => {
  const world = found(PROD, ['dev/c']);
  world.secrets.fallBehind();
  put(world, 'prod/new', 1);
  put(world, 'dev/c', 2);
  world.tell('prod/new', version(1));
  world.tell('dev/c', version(2));
  expect((await handle(world)).toSorted()).toEqual(['dev/c published', 'prod/new try-later']);
  expect(await tokenAt(world, 'proposed', 'all')).toEqual([`dev/c=${version(2)}`]);
});

test('a sweep with an older list does not take back what an event proposed just now', async () => {
  const world = found();
  await settled(world);
  const old = [...(await tokenAt(world, 'base', 'all'))];
  world.secrets.fallBehind();
  world.secrets.catchUp();
  put(world, 'prod/new', 1);
  world.tell('prod/new', version(1));
  await world.drain();
  const proposed = await tokenAt(world, 'proposed', 'all');
  expect(proposed).not.toEqual(old);
  // Another replica is answered from before the secret was made.
  world.secrets.remove(secretId('prod/new'));
  await world.start().sweep();
  expect(await tokenAt(world, 'proposed', 'all')).toEqual(proposed);
  await world.time.pass(300_000);
  await world.start().sweep();
  expect(await world.open()).toEqual([]);
});

test('what people reject is not proposed again, the next version is', async () => {
  const world = found();
  await settled(world);
  put(world, 'prod/b', 2);
  world.tell('prod/b', version(2));
  await world.drain();
  const [pull] = await world.open();
  await world.forge.closeAs(pull?.number ?? 0, 'person');
  world.tell('prod/b', version(2));
  expect(await handle(world)).toEqual(['prod/b rejected-by-people']);
  put(world, 'prod/b', 3);
  world.tell('prod/b', version(3));
  expect(await handle(world)).toEqual(['prod/b published']);
});

test('a list that may not be read needs an operator, and bumps nothing', async () => {
  const world = found();
  world.secrets.denyList();
  put(world, 'prod/a', 2);
  world.tell('prod/a', version(2));
  const process = world.start();
  expect(await handle(world, process)).toEqual(['prod/a needs-operator']);
  expect(told(process, 'reason')[0]).toContain('list-denied: AWS denies ListSecrets');
  expect(told(process, 'hint')[0]).toContain('Grant secretsmanager:ListSecrets');
  expect(await world.forge.pulls()).toEqual([]);
});

test('more members than anybody should ask for are left alone', async () => {
  const world = found();
  for (let number = 0; number < 301; number += 1) put(world, `prod/n${number}`, 1);
  world.tell('prod/a', version(1));
  const process = world.start();
  expect(await handle(world, process)).toEqual(['prod/a used-but-not-bumped']);
  expect(told(process, 'reason')[0]).toContain('too-many-members: It finds more than 300 secrets.');
});

test('event mode cannot tell what is found, and says so', async () => {
  const world = worldOf({ 'all.yaml': finder('all', PROD) }, { truth: 'event' });
  world.tell('prod/a', version(2));
  called(world, 'DeleteSecret', 'prod/a');
  const process = world.start();
  expect(await handle(world, process)).toEqual(['prod/a ignored', 'prod/a not-proven']);
  expect(told(process, 'reason').join()).toContain('find-reference');
});

const TAGGED = '{tags: {team: pay}}';

test('tags decide: a secret enters and leaves, and a key and a value may be of different tags', async () => {
  const world = worldOf({ 'all.yaml': finder('all', TAGGED) });
  put(world, 'a', 1, { tags: { team: 'payments' } });
  put(world, 'b', 1, { tags: { teams: 'x', other: 'pay' } });
  put(world, 'c', 1);
  for (const name of ['b', 'c']) world.tell(name, version(1));
  expect((await handle(world)).toSorted()).toEqual(['b published', 'c nobody-uses-it']);
  const both = await tokenAt(world, 'proposed', 'all');
  await world.merge(1, 'delete');
  put(world, 'b', 1, { tags: { other: 'pay' } });
  called(world, 'UntagResource', 'b', { tagKeys: ['teams'] });
  expect(await handle(world)).toEqual(['b published']);
  const less = await tokenAt(world, 'proposed', 'all');
  put(world, 'c', 1, { tags: { team: 'pay' } });
  called(world, 'TagResource', 'c');
  await world.drain();
  expect(new Set([...both, ...less, ...(await tokenAt(world, 'proposed', 'all'))]).size).toBe(3);
});

test('an object that fetches tags follows them, and not the value', async () => {
  const fetch = externalSecret('tags', ['db']).replace('key: db', 'key: db\n        metadataPolicy: Fetch');
  const world = worldOf({ 'tags.yaml': fetch });
  put(world, 'db', 1, { tags: { secret: 'canary' } });
  called(world, 'TagResource', 'db');
  expect(await handle(world)).toEqual(['db published']);
  const [entry = ''] = await tokenAt(world, 'proposed', 'tags');
  expect(entry).toMatch(/^db#tags=sha256-[0-9a-f]{16}$/);
  const [pull] = await world.open();
  expect(`${pull?.body} ${pull?.title}`).not.toContain('canary');
  expect(pull?.title).toBe('Refresh tags of db');
  put(world, 'db', 2, { tags: { secret: 'canary' } });
  world.tell('db', version(2));
  expect(await handle(world)).toEqual(['db used-but-not-bumped']);
  called(world, 'TagResource', 'db');
  expect(await handle(world)).toEqual(['db already-current']);
});

/** A process that counts what it asks of AWS. */
function counting(world: World) {
  const asked: string[] = [];
  const gate = async (call: string) => {
    if (call === 'describe' || call === 'list secrets') asked.push(call);
  };
  return { process: world.start({ gate }), asked };
}

test.each([
  ['TagResource', 'Its tags changed: no reference in this repository fetches them'],
  ['UntagResource', 'Its tags changed'],
  ['DeleteSecret', 'It was deleted: no find in this repository could find it.'],
  ['RestoreSecret', 'It was restored: no find in this repository could find it.'],
])('%s of what nobody finds or fetches costs no question to AWS', async (name, reason) => {
  const world = worldOf({ 'db.yaml': externalSecret('db', ['dev/c']), 'all.yaml': finder('all', PROD) });
  put(world, 'dev/c', 1);
  called(world, name, 'dev/c');
  const { process, asked } = counting(world);
  expect(await handle(world, process)).toEqual(['dev/c ignored']);
  expect(told(process, 'reason')[0]).toContain(reason);
  expect(asked).toEqual([]);
  expect(world.inbox.bodies()).toEqual([]);
});

test.each(['DeleteSecret', 'RestoreSecret'])(
  '%s of a secret whose tags do not fit concerns no find by tags',
  async (name) => {
    const world = worldOf({ 'all.yaml': finder('all', '{tags: {team: a}}') });
    put(world, 'prod/a', 1, { tags: { team: 'a' } });
    put(world, 'dev/c', 1, { tags: { team: 'c' }, deleted: name === 'DeleteSecret' });
    called(world, name, 'dev/c');
    expect(await handle(world)).toEqual(['dev/c ignored']);
    expect(await world.open()).toEqual([]);
  },
);

test('a secret that is not there is in no find, whatever an event says of its value', async () => {
  const world = found();
  world.tell('prod/nix', version(1));
  await world.time.pass(300_000);
  expect(await handle(world)).toEqual(['prod/nix nobody-uses-it']);
  expect(await world.open()).toEqual([]);
});

/** A secret whose label `blue` three objects follow, or do not. */
function labelled(): World {
  const blue = externalSecret('blue', ['db']).replace('key: db', 'key: db\n        version: blue');
  const world = worldOf({ 'blue.yaml': blue, 'now.yaml': externalSecret('now', ['db']) });
  put(world, 'db', 1, { labels: { blue: version(2) } });
  return world;
}

test.each([
  [
    'the native event',
    (world: World, label: string) =>
      void world.tell('db', version(2), { detail: { name: 'db', labelUpdated: label, versionId: version(2) } }),
  ],
  [
    'UpdateSecretVersionStage',
    (world: World, label: string) =>
      called(world, 'UpdateSecretVersionStage', 'db', { versionStage: label, moveToVersionId: version(2) }),
  ],
  [
    'PutSecretValue',
    (world: World, label: string) =>
      called(world, 'PutSecretValue', 'db', { versionStages: [label], clientRequestToken: version(2) }),
  ],
])('%s of a custom label bumps what follows it, and nothing else', async (_, tell) => {
  const world = labelled();
  tell(world, 'blue');
  expect(await handle(world)).toEqual(['db published']);
  expect(await tokenAt(world, 'proposed', 'blue')).toEqual([`db#blue=${version(2)}`]);
  expect(await tokenAt(world, 'proposed', 'now')).toEqual([]);
  tell(world, 'green');
  tell(world, 'AWSPENDING');
  const { process, asked } = counting(world);
  expect(await handle(world, process)).toEqual(['db ignored', 'db ignored']);
  expect(asked).toEqual([]);
});

test('a value written under two labels is told to the followers of both', async () => {
  const world = labelled();
  put(world, 'db', 2, { labels: { blue: version(2) } });
  const versionStages = ['AWSCURRENT', 'blue', 'AWSPENDING'];
  called(world, 'PutSecretValue', 'db', { versionStages, clientRequestToken: version(2) });
  await world.drain();
  expect(await tokenAt(world, 'proposed', 'blue')).toEqual([`db#blue=${version(2)}`]);
  expect(await tokenAt(world, 'proposed', 'now')).toEqual([`db=${version(2)}`]);
});

test('explain tells of a member what finds it, in every step', async () => {
  const world = found();
  const look = async () => inShort(await explanationOf(world, 'prod/a'));
  expect(await look()).toEqual(['all baseline', 'branch none, pulls ', 'next baseline']);
  put(world, 'prod/a', 2);
  world.tell('prod/a', version(2));
  await world.drain();
  expect(await look()).toEqual(['all proposed', 'branch open, pulls #1 open', 'next merge-refresh']);
  const [own] = (await statusOf(world)).ownBranches;
  expect(own).toMatchObject({ group: expect.stringMatching(/^find /), standing: { kind: 'open' } });
  await world.merge(1, 'delete');
  expect(await look()).toEqual(['all current', 'branch none, pulls #1 merged', 'next nothing']);
  put(world, 'prod/a', 3);
  expect(await look()).toEqual(['all behind', 'branch none, pulls #1 merged', 'next wait-for-event']);
  const [object] = (await explanationOf(world, 'prod/a')).objects;
  expect(object?.chain[0]).toBe('find name ~ ^prod/');
  expect((await explanationOf(world, 'dev/c')).objects).toEqual([]);
  world.secrets.denyList();
  const { explanation } = await branchExplanation(world, 'prod/a');
  expect(explanation?.objects).toMatchObject([{ standing: { code: 'list-denied' } }]);
});

test('a dry run tells what is found where AWS is asked, and that it cannot tell where it is not', async () => {
  const world = found();
  const { served } = world.start();
  const head = { name: MAIN, oid: world.workspace.tip(MAIN) ?? '' };
  const { snapshot, index } = await readIndex(served, head, NEVER);
  const { accounts } = served.settings;
  const source = { base: head.oid, index, readText: textReader(snapshot), accounts, notes: [] };
  const secret = { id: 'prod/a', service: null, account: null, region: null, label: null };
  const question = { kind: 'secret', secret, version: null } as const;
  const how = { scope: everything('staged'), stage: 1, signal: NEVER } as const;
  const { plan } = await makePlan(source, question, how, served);
  expect(plan.edits.map(({ name, secrets }) => `${name} ${secrets.join()}`)).toEqual([
    expect.stringMatching(/^all find#[0-9a-f]{16}$/),
  ]);
  const offline = await makePlan(source, question, how, { ...served, secretVersions: null });
  expect(offline.plan).toMatchObject({ edits: [], skips: [{ name: 'all', code: 'find-reference' }] });
});

test('a person who says that a secret moved means its value, not its tags', async () => {
  const fetch = externalSecret('tags', ['db']).replace('key: db', 'key: db\n        metadataPolicy: Fetch');
  const world = worldOf({ 'tags.yaml': fetch });
  put(world, 'db', 1);
  const { served } = world.start();
  const { snapshot, index } = await readIndex(served, { name: MAIN, oid: world.workspace.tip(MAIN) ?? '' }, NEVER);
  const source = { base: null, index, readText: textReader(snapshot), accounts: served.settings.accounts, notes: [] };
  const secret = { id: 'db', service: null, account: null, region: null, label: null };
  const how = { scope: everything('staged'), stage: 1, signal: NEVER } as const;
  for (const secretVersions of [served.secretVersions, null]) {
    const ports = { ...served, secretVersions };
    const { plan } = await makePlan(source, { kind: 'secret', secret, version: null }, how, ports);
    expect(plan).toMatchObject({ edits: [], skips: [{ code: 'follows-tags' }] });
  }
});
