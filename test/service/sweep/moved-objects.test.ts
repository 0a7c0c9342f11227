import { expect, test } from 'vitest';
import { IGNORE } from '../../../src/domain/policy.ts';
import { deployment, externalSecret, version } from '../manifests.ts';
import { MAIN, refOf, type World } from '../memory-world.ts';
import { createTeamWorld, versionsAt } from '../team-world.ts';

const SPACE = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: app\n---\n';

/** Version 2 of `a` is proposed. */
async function createProposed(files: Readonly<Record<string, string>> = {}): Promise<World> {
  const world = createTeamWorld({ db: ['a'] }, { files });
  world.rotate('a', version(1));
  world.rotate('a', version(2));
  world.tell('a', version(2));
  await world.drain();
  return world;
}

test.each<[string, (text: string) => Readonly<Record<string, string | null>>, string]>([
  ['is moved to another file', (text) => ({ 'db.yaml': null, 'moved.yaml': text }), 'moved'],
  ['gets a neighbour before it', (text) => ({ 'db.yaml': `${SPACE}${text}` }), 'db'],
  ['is renamed', () => ({ 'db.yaml': externalSecret('other', ['a']) }), 'db'],
])('an ExternalSecret that %s while its refresh is open: it is proposed there', async (_, change, where) => {
  const world = await createProposed();
  const text = world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
  world.workspace.commitTo(MAIN, new Map(Object.entries(change(text))), 'Tidy up');
  await world.start().sweep();
  const [pull] = await world.open();
  expect(versionsAt(world, refOf(pull ?? { branch: '' }), where)).toEqual({ a: version(2) });
  expect(await world.forge.pulls()).toHaveLength(1);
});

test('what is gone, and current wherever else it is followed, is withdrawn', async () => {
  const world = await createProposed();
  const [pull] = await world.open();
  const text = world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'db.yaml') ?? '';
  const base = { 'db.yaml': null, 'moved.yaml': text };
  world.workspace.commitTo(MAIN, new Map(Object.entries(base)), 'Move it, with its new version');
  await world.start().sweep();
  expect((await world.forge.pulls()).map(({ state }) => state)).toEqual(['closed-by-bot']);
});

test.each<[string, (text: string) => string | null]>([
  ['no longer consumes', () => deployment('api', 'other')],
  ['is to be left alone', (text) => text.replace('metadata:', `metadata:\n  annotations:\n    ${IGNORE}: "true"`)],
  ['is gone', () => null],
])('a workload that %s while its restart is announced: the announcement is taken back', async (_, change) => {
  const before = deployment('api', 'db');
  const world = await createProposed({ 'api.yaml': before });
  const after = change(before);
  world.workspace.commitTo(MAIN, new Map([['api.yaml', after]]), 'Change it');
  await world.start().sweep();
  const [pull] = await world.open();
  expect(world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'api.yaml')).toBe(after);
  expect(versionsAt(world, refOf(pull ?? { branch: '' }), 'db')).toEqual({ a: version(2) });
});
