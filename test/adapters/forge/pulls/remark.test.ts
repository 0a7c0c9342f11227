import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { GitHubForge } from '../../../../src/adapters/forge/github-forge.ts';
import { ALICE, BOT, draftOf, type Hub, openHub, READS, signal } from '../hub.ts';

let hub: Hub;
let forge: GitHubForge;
let number: number;
let branch = 'x';

beforeAll(async () => {
  hub = await openHub();
  forge = hub.forge();
});
beforeEach(async () => {
  branch += 'x';
  await hub.push(branch, 'Bump');
  ({ number } = await forge.open(draftOf(branch), signal()));
});
afterAll(() => hub.close());

function leave(key: string, text = 'Why.') {
  return forge.remark(number, { key, text }, signal());
}

async function bodies(): Promise<readonly string[]> {
  const pull = (await hub.people.pulls()).find((one) => one.number === number);
  return (pull?.comments ?? []).map(({ body }) => body);
}

test('its first line names it, and is not shown', async () => {
  await leave('head-moved');
  expect(await bodies()).toEqual(['<!-- gitops-reloader:head-moved -->\nWhy.']);
});

test('whoever imitates it silences nothing', async () => {
  await hub.people.commentAs(number, '<!-- gitops-reloader:head-moved -->\r\nLooks fine', ALICE);
  await leave('head-moved');
  expect(await bodies()).toHaveLength(2);
  await leave('head-moved');
  expect(await bodies()).toHaveLength(2);
});

test('its line end and the case of our login make no difference', async () => {
  const login = BOT.login.toUpperCase();
  await hub.people.commentAs(number, '<!-- gitops-reloader:head-moved -->\r\nBefore', { ...BOT, login });
  await leave('head-moved');
  expect(await bodies()).toHaveLength(1);
});

test('who is not told its login counts what bots have left', async () => {
  const body = { message: 'Resource not accessible by integration', documentation_url: 'https://x' };
  hub.faults.plan(/\/user$/, { kind: 'answer', status: 403, body });
  const workflow = hub.forge();
  const at = (who: typeof ALICE) => hub.people.commentAs(number, '<!-- gitops-reloader:head-moved -->\nx', who);
  const remark = () => workflow.remark(number, { key: 'head-moved', text: 'Why.' }, signal());
  await at(ALICE);
  await remark();
  expect(await bodies()).toHaveLength(2);
  await at({ login: 'github-actions[bot]', type: 'Bot' });
  await remark();
  expect(await bodies()).toHaveLength(3);
});

test('what only quotes it is another', async () => {
  await hub.people.commentAs(number, 'See\n<!-- gitops-reloader:head-moved -->', ALICE);
  await leave('head-moved');
  expect(await bodies()).toHaveLength(2);
});

test('it is found at both ends of a long conversation', async () => {
  await leave('first');
  await hub.people.chatAs(number, 420, ALICE);
  await leave('last');
  hub.newCalls();
  expect([await leave('first'), await leave('last')]).toEqual([{ kind: 'done' }, { kind: 'done' }]);
  expect(hub.newCalls()).toBe(6);
  expect(await bodies()).toHaveLength(422);
});

test('those who may push can comment on a locked conversation', async () => {
  await hub.people.lock(number);
  expect(await leave('x')).toEqual({ kind: 'refused', reason: 'Unable to create comment because issue is locked.' });
  await hub.people.permit(BOT.login, 'write');
  expect(await leave('x')).toEqual({ kind: 'done' });
  await hub.people.permit(BOT.login, 'none');
});

test('where nobody may say why, it is closed all the same', async () => {
  await hub.people.lock(number);
  await forge.close(number, 'Why.', signal());
  expect((await forge.read(number, signal())).state).toBe('closed-by-bot');
});

test('another refusal is a failure', async () => {
  const body = { message: 'Resource not accessible by integration' };
  hub.faults.plan(/^POST .*\/comments$/, { kind: 'answer', status: 403, body });
  await expect(leave('x')).rejects.toMatchObject({ code: 'forge-denied' });
  hub.faults.plan(/^GET .*\/comments$/, { kind: 'drop' }, READS);
  await expect(leave('x')).rejects.toMatchObject({ code: 'forge-unreachable' });
  await expect(leave('x', 'y'.repeat(65_536))).rejects.toMatchObject({ code: 'forge-rejected', retry: 'never' });
  expect(await bodies()).toEqual([]);
});

test('a key that is no word is our own mistake', async () => {
  for (const key of ['', 'Head', 'a b', 'a--b', '-', 'a-->', 'x\ny']) {
    await expect(leave(key)).rejects.toMatchObject({ code: 'internal' });
  }
});
