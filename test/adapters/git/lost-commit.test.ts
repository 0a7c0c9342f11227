import { afterAll, expect, test } from 'vitest';
import { draftOn, expectFailure } from '../../contracts/workspace.ts';
import { MAIN, NEVER, openGitWorld, tipOf } from './git-world.ts';

const world = await openGitWorld();
afterAll(() => world.close());

test('a commit that the host says it made and does not have is no race, and moves nothing', async () => {
  const { dir, url } = await world.repository(new Map([['README.md', 'x\n']]));
  const remote = { create: async () => 'e'.repeat(40), author: async () => null };
  const workspace = await world.workspace(url, { making: { kind: 'host', remote } });
  const base = (await tipOf(dir, MAIN)) ?? '';
  const to = draftOn(base, { 'README.md': 'y\n' });
  const published = workspace.publish({ ref: 'refs/heads/bot', expected: null, to }, NEVER);
  const failure = await expectFailure(published, { code: 'git-rejected', retry: 'later' });
  expect(failure.message).toContain('does not find the commit');
  expect(await tipOf(dir, 'refs/heads/bot')).toBe(null);
});
