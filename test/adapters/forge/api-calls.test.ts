import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GitHubForge } from '../../../src/adapters/forge/github-forge.ts';
import { ALICE, draftOf, type Hub, openHub, signal } from './hub.ts';

let hub: Hub;
let forge: GitHubForge;
let asked: string[];

beforeEach(async () => {
  hub = await openHub();
  forge = hub.forge();
  asked = [];
  await hub.push('own/x', 'Bump');
});
afterEach(async () => {
  await hub.close();
});

/** Counts, at GitHub, what it takes. */
async function count<T>(what: string, act: () => Promise<T>): Promise<{ readonly calls: number; readonly result: T }> {
  hub.newCalls();
  const result = await act();
  const calls = hub.newCalls();
  asked.push(`${what} ${calls}`);
  return { calls, result };
}

test('requests for opening, updating and doing nothing', async () => {
  const draft = draftOf('own/x');
  const opened = await count('open', async () => {
    await forge.list('own/x', 'main', signal());
    await forge.recent('own', signal());
    const { number } = await forge.open(draft, signal());
    return forge.read(number, signal());
  });
  const updated = await count('update', async () => {
    const [pull] = await forge.list('own/x', 'main', signal());
    if (pull === undefined) throw new Error('no pull request');
    const { number } = await forge.update(pull, { ...draft, body: 'Newer.' }, signal());
    return forge.read(number, signal());
  });
  const same = await count('no-op', async () => {
    const [pull] = await forge.list('own/x', 'main', signal());
    if (pull === undefined) throw new Error('no pull request');
    return forge.update(pull, { ...draft, body: 'Newer.' }, signal());
  });
  process.stdout.write(`GitHub requests, labels and people aside: ${asked.join(', ')}\n`);
  expect([opened.result.body, updated.result.body, same.result.body]).toEqual(['Why.\n', 'Newer.', 'Newer.']);
  expect(opened.calls).toBeLessThanOrEqual(4);
  expect(updated.calls).toBeLessThanOrEqual(3);
  expect(same.calls).toBe(1);
});

test('what ended is looked into once, until something happens to it', async () => {
  const list = () => forge.list('own/x', 'main', signal());
  const rejected = await forge.open(draftOf('own/x'), signal());
  await hub.people.closeAs(rejected.number, ALICE);
  const merged = await forge.open(draftOf('own/x'), signal());
  await hub.people.mergeAs(merged.number, ALICE, 'squash');
  hub.pass(60_000);
  const first = await count('first', list);
  const second = await count('second', list);
  expect(second.result).toEqual(first.result);
  expect([first.calls > 1, second.calls]).toEqual([true, 1]);
  await hub.people.commentAs(rejected.number, 'Hm.', ALICE);
  // The commit's message is known; events and comments are not, and of the moment nothing is kept.
  expect((await count('third', list)).calls).toBe(3);
  expect((await count('fourth', list)).calls).toBe(3);
  hub.pass(60_000);
  await list();
  expect((await count('fifth', list)).calls).toBe(1);
});

test('those that nobody has the last word on cost nothing once they are known', async () => {
  const { number } = await forge.open(draftOf('own/x'), signal());
  await hub.people.closeAs(number, ALICE);
  hub.pass(60_000);
  expect((await count('first', () => forge.unsettled('own', signal()))).calls).toBeGreaterThan(1);
  expect((await count('second', () => forge.unsettled('own', signal()))).calls).toBe(1);
});

test('an end that GitHub may not have told in full is not remembered', async () => {
  const { number } = await forge.open(draftOf('own/x'), signal());
  await hub.people.closeAs(number, ALICE);
  expect((await forge.list('own/x', 'main', signal()))[0]?.labels).toEqual([]);
  // Within the same second, so that the time of the last change stays what it was.
  await hub.people.reopenAs(number, ALICE);
  await hub.people.deleteBranchAs('own/x', ALICE);
  expect((await forge.list('own/x', 'main', signal()))[0]?.state).toBe('closed-by-bot');
});
