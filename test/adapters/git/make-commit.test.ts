import { afterAll, expect, test } from 'vitest';
import { draftOn, expectFailure } from '../../contracts/workspace.ts';
import { commitTree, MAIN, NEVER, openGitWorld, tipOf, writeBlob, writeTree } from './git-world.ts';

const world = await openGitWorld();
afterAll(() => world.close());

/** A host that names a commit which it does not have. */
const remote = { create: async () => 'e'.repeat(40), author: async () => null };

test('a commit that the host says it made and does not have is no race, and moves nothing', async () => {
  const { dir, url } = await world.repository(new Map([['README.md', 'x\n']]));
  const workspace = await world.workspace(url, { making: { kind: 'host', remote } });
  const base = (await tipOf(dir, MAIN)) ?? '';
  const to = draftOn(base, { 'README.md': 'y\n' });
  const published = workspace.publish({ ref: 'refs/heads/bot', expected: null, to }, NEVER);
  const failure = await expectFailure(published, { code: 'git-rejected', retry: 'later' });
  expect(failure.message).toContain('does not find the commit');
  expect(await tipOf(dir, 'refs/heads/bot')).toBe(null);
});

test('a file of a mode that no code host keeps is refused, before the host is asked', async () => {
  const { dir, url } = await world.repository(new Map([['x', 'x']]));
  const tree = await writeTree(dir, [['100664', 'old.yaml', await writeBlob(dir, 'a: 1\n')]]);
  const base = await commitTree(dir, MAIN, tree);
  const workspace = await world.workspace(url, { making: { kind: 'host', remote } });
  const to = draftOn(base, { 'old.yaml': 'a: 2\n' });
  const published = workspace.publish({ ref: 'refs/heads/bot', expected: null, to }, NEVER);
  const failure = await expectFailure(published, { code: 'git-rejected', retry: 'never' });
  expect(failure.message).toContain('old.yaml has the mode 100664');
});
