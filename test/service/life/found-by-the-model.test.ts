import { expect, test } from 'vitest';
import { externalSecret } from '../manifests.ts';
import { BOT, holds, MAIN } from '../memory-world.ts';
import { type Life, openedLife } from './life-world.ts';

/** What random lives have found, each as short as it can be told. */
const NEVER = new AbortController().signal;

function tip({ world, ref }: Life): Promise<{ readonly parents: readonly string[]; readonly author: object }> {
  return world.workspace.commit({ name: ref, oid: world.workspace.tip(ref) ?? '' }, NEVER);
}

test('a branch whose commits were squash-merged is made anew, a person among their authors or not', async () => {
  const life = await openedLife();
  life.push({ 'README.md': 'mine\n' });
  await life.world.merge(1, 'keep');
  expect(await life.rotate(3)).toEqual(['published']);
  expect(await tip(life)).toMatchObject({ parents: [life.world.workspace.tip(MAIN)], author: BOT });
  expect(await life.world.merge(2, 'keep')).toBe(true);
  expect(life.merged()).toBe(3);
});

test('what waits in a merge queue is not put on a newer base either', async () => {
  const life = await openedLife({ rules: { hasMergeQueue: true }, settings: { rebaseWhen: 'behind' } });
  const before = life.world.workspace.tip(life.ref);
  await life.world.forge.queue(1);
  life.change({ 'README.md': '# New\n' });
  await life.sweep();
  expect(await life.repeat(2)).toEqual(['already-current']);
  expect(life.world.workspace.tip(life.ref)).toBe(before);
});

test('what waits in a merge queue is not withdrawn: AWS having gone back is looked at again', async () => {
  const life = await openedLife({ rules: { hasMergeQueue: true } });
  await life.world.merge(1, 'delete');
  await life.rotate(3);
  await life.world.forge.queue(2);
  expect(await life.rotate(2)).toEqual(['try-later']);
  await life.sweep();
  expect(await life.pulls()).toEqual(['#1 merged 2', '#2 open 3']);
  await life.world.merge(2, 'delete');
  await life.world.time.pass(120_000);
  await life.world.drain();
  expect(await life.pulls()).toEqual(['#1 merged 2', '#2 merged 3', '#3 open 2']);
});

test('what was taken back stays so while a pull request brings the same version to another object', async () => {
  const life = await openedLife();
  const before = life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
  await life.world.merge(1, 'delete');
  life.change({ 'db.yaml': before, 'new.yaml': externalSecret('new', ['a']) });
  for (let time = 0; time < 2; time += 1) await life.repeat(2);
  expect(await life.pulls()).toEqual(['#1 merged 2', '#2 open 2']);
  expect(life.proposed()).toBe(null);
});

test('what a person works on gets no object that came to the base later: its message stays until that is merged', async () => {
  const life = await openedLife();
  const theirs = life.push({ 'README.md': 'mine\n' });
  life.change({ 'new.yaml': externalSecret('new', ['a']) });
  expect(await life.rotate(3)).toEqual(['blocked-by-person']);
  expect(life.proposed()).toBe(3);
  expect(await holds(life.world, life.ref, theirs)).toBe(true);
  expect(life.world.inbox.bodies()).toHaveLength(1);
  await life.world.merge(1, 'delete');
  await life.world.time.pass(4_000_000);
  await life.world.drain();
  expect(await life.pulls()).toEqual(['#1 merged 3', '#2 open 3']);
  expect(life.world.workspace.fileAt(life.ref, 'new.yaml')).toContain('force-sync');
});

test("a closed pull request with a person's commits is not opened anew with what was turned down", async () => {
  const life = await openedLife({ files: { 'both.yaml': externalSecret('both', ['a', 'b']) } });
  life.world.rotate('b', '0a1b2c3d-0000-4000-8000-000000000009');
  life.push({ 'README.md': 'mine\n' });
  await life.world.forge.closeAs(1, 'person');
  life.world.tell('b', '0a1b2c3d-0000-4000-8000-000000000009');
  await life.world.drain(undefined, 1);
  expect(await life.pulls()).toEqual(['#1 closed-by-person 2']);
});

test('where all that a pull request brings is held by a revert on the base, it is withdrawn', async () => {
  const life = await openedLife({ files: { 'both.yaml': externalSecret('both', ['a', 'b']) } });
  const before = ['db.yaml', 'both.yaml'].map((path) => [path, life.world.workspace.fileAt(MAIN, path)] as const);
  await life.world.merge(1, 'delete');
  life.world.rotate('b', '0a1b2c3d-0000-4000-8000-000000000009');
  life.world.tell('b', '0a1b2c3d-0000-4000-8000-000000000009');
  await life.world.drain();
  expect(await life.pulls()).toEqual(['#1 merged 2', '#2 open 9']);
  life.change(Object.fromEntries(before));
  await life.sweep();
  expect(await life.pulls()).toEqual(['#1 merged 2', '#2 closed-by-bot 9']);
});

test('a version that a person keeps off the branch is not lost once the branch is gone', async () => {
  const life = await openedLife();
  life.push({ 'db.yaml': life.world.workspace.fileAt(MAIN, 'db.yaml') });
  expect(await life.rotate(3)).toEqual(['blocked-by-person']);
  expect(life.world.inbox.bodies()).toHaveLength(1);
  life.world.workspace.moveRef(life.ref, null);
  await life.world.time.pass(4_000_000);
  await life.world.drain();
  expect(life.proposed()).toBe(3);
});

test('a pull request that a revert on the base makes conflict is put on the base, though its files would become the same', async () => {
  const life = await openedLife();
  const before = life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
  await life.world.merge(1, 'delete');
  await life.rotate(3);
  const base = life.change({ 'db.yaml': before });
  await life.sweep();
  expect((await tip(life)).parents).toEqual([base]);
  expect(await life.world.merge(2, 'delete')).toBe(true);
  expect(life.merged()).toBe(3);
});
