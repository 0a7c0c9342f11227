import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { commitFiles } from '../../../src/demo/git/bare-repository.ts';
import { git } from '../../../src/demo/git/git-cli.ts';
import { createMergingRules, type MergeRules } from '../../../src/demo/github/merging/merge-rules.ts';
import type { Failure } from '../../../src/domain/failure.ts';
import { ALICE, BOT, draftOf, type Hub, openHub, signal } from './hub.ts';

const BOB = { login: 'bob', type: 'User' } as const;

// One for all: each test has a pull request of its own, about a file of its own.
let hub: Hub;
let count = 0;
let branch: string;
let number: number;
let head: string;
beforeAll(async () => {
  hub = await openHub();
});
beforeEach(async () => {
  count += 1;
  branch = `x${count}`;
  await hub.people.setRules(createMergingRules());
  head = await commit(branch, { [`${branch}.yaml`]: 'a: 2\n' });
  ({ number } = await hub.forge().open(draftOf(branch, { title: 'Rotate prod/db', body: 'Why.' }), signal()));
});
// What is open is looked at again whenever the base moves.
afterEach(() => hub.people.closeAs(number, ALICE));
afterAll(() => hub.close());

test('auto-merge merges when what is asked for is there, with title and body', async () => {
  await hub.people.setRules({ neededApprovals: 1, needsChecks: true });
  expect(await autoMerge()).toEqual({ kind: 'done' });
  expect(await hub.people.letGitHubGoOn()).toEqual([]);
  await hub.people.approveAs(number, ALICE);
  await hub.people.setChecks(number, 'SUCCESS');
  expect(await hub.people.letGitHubGoOn()).toEqual([number]);
  expect(await git(hub.dir, ['log', '-1', '--format=%an|%cn|%B', 'main'])).toBe(
    `acme-reloader|GitHub|Rotate prod/db (#${number})\n\nWhy.\n\n`,
  );
  expect(await git(hub.dir, ['show', `main:${branch}.yaml`])).toBe('a: 2\n');
});

test('auto-merge is refused with GitHub’s reason', async () => {
  const refusals: readonly (readonly [Partial<MergeRules>, string])[] = [
    [{}, 'Pull request Pull request is in clean status'],
    [{ neededApprovals: 1, mayAutoMerge: false }, 'Auto merge is not allowed'],
    [{ neededApprovals: 1, methods: ['merge'] }, 'Merge method'],
  ];
  for (const [rules, reason] of refusals) {
    await hub.people.setRules({ ...createMergingRules(), ...rules });
    expect(await autoMerge()).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) as string });
  }
});

test('with a merge queue auto-merge goes through it, and nobody merges past it', async () => {
  await hub.people.setRules({ hasMergeQueue: true, neededApprovals: 1 });
  expect(await autoMerge()).toEqual({ kind: 'done' });
  expect(await hub.forge().mergeFacts(number, signal())).toMatchObject({ isAutoMerge: true, isQueued: false });
  await hub.people.approveAs(number, ALICE);
  const past = await hub.forge().merge(number, { method: 'squash', head }, signal());
  expect(past).toEqual({ kind: 'refused', reason: 'Changes must be made through the merge queue' });
  expect(await hub.people.letGitHubGoOn()).toEqual([number]);
});

test('what is ready enters the queue at once, and stays there when auto-merge is to end', async () => {
  await hub.people.setRules({ hasMergeQueue: true });
  for (const _ of [1, 2]) expect(await autoMerge()).toEqual({ kind: 'done' });
  expect(await hub.forge().mergeFacts(number, signal())).toMatchObject({ isAutoMerge: false, isQueued: true });
  const off = await hub.forge().autoMerge(number, null, signal());
  expect(off).toEqual({ kind: 'refused', reason: 'it waits in the merge queue' });
  await commit(branch, { [`${branch}.yaml`]: 'a: 3\n' });
  expect(await hub.people.letGitHubGoOn()).toEqual([]);
});

test('a rebase makes each commit again on top of the base, by its own author', async () => {
  await commit(branch, { [`${branch}-b.yaml`]: 'b: 1\n' });
  const base = await commit('main', { [`${branch}-c.yaml`]: 'c: 1\n' });
  const facts = await hub.forge().mergeFacts(number, signal());
  expect(await hub.forge().merge(number, { method: 'rebase', head: facts.head }, signal())).toEqual({ kind: 'done' });
  const log = await git(hub.dir, ['log', '--format=%an|%cn|%s', `${base}..main`]);
  expect(log).toBe(`Dev|GitHub|on ${branch}\n`.repeat(2));
  const files = await git(hub.dir, ['ls-tree', '--name-only', 'main']);
  expect(files.split('\n').filter((file) => file.startsWith(branch))).toEqual(
    ['-b.yaml', '-c.yaml', '.yaml'].map((ending) => `${branch}${ending}`),
  );
  expect(await git(hub.dir, ['rev-list', '--merges', `${base}..main`])).toBe('');
});

test('a conflict is told, and refused by every method', async () => {
  const base = await commit('main', { [`${branch}.yaml`]: 'a: 3\n' });
  expect(await hub.forge().mergeFacts(number, signal())).toMatchObject({ conflict: 'conflicting', rules: 'blocked' });
  for (const method of ['merge', 'squash', 'rebase'] as const) {
    expect((await hub.forge().merge(number, { method, head }, signal())).kind).toBe('refused');
  }
  expect((await git(hub.dir, ['rev-parse', 'main'])).trim()).toBe(base);
});

test('a base that has moved on is told where it matters', async () => {
  await commit('main', { [`${branch}-c.yaml`]: 'c: 1\n' });
  expect(await hub.forge().mergeFacts(number, signal())).toMatchObject({ rules: 'satisfied' });
  await hub.people.setRules({ needsUpToDate: true });
  expect(await hub.forge().mergeFacts(number, signal())).toMatchObject({ rules: 'behind' });
});

test('whoever may not write does not approve', async () => {
  await hub.people.setRules({ neededApprovals: 1 });
  await hub.people.approveAs(number, ALICE, 'read');
  expect(await hub.forge().mergeFacts(number, signal())).toMatchObject({ approvals: [], review: 'required' });
});

test('a lost answer was a merge all the same', async () => {
  const merge = () => hub.forge().merge(number, { method: 'squash', head }, signal());
  hub.faults.plan(/^PUT .*merge$/, { kind: 'drop-after-effect' });
  await expect(merge()).rejects.toMatchObject({ code: 'forge-unreachable', retry: 'later' });
  expect(await merge()).toEqual({ kind: 'done' });
  expect((await pull())?.mergedAt).not.toBeNull();
});

test('a push between look and merge is seen', async () => {
  hub.faults.plan(/^PUT .*merge$/, {
    kind: 'before',
    act: async () => void (await commit(branch, { [`${branch}-b.yaml`]: 'b: 1\n' })),
  });
  expect(await hub.forge().merge(number, { method: 'squash', head }, signal())).toEqual({ kind: 'moved' });
});

test('what GitHub answers to a merge is told, or is a failure', async () => {
  const answers: readonly (readonly [number, string, string])[] = [
    [403, 'Resource not accessible by integration', 'refused: Resource not accessible by integration'],
    [422, 'Validation Failed', 'refused: Validation Failed'],
    [405, 'Base branch was modified. Review and try the merge again.', 'moved'],
    [409, 'Head branch was modified.', 'moved'],
    [401, 'x', 'forge-denied'],
    [404, 'x', 'forge-missing'],
    [429, 'x', 'forge-rate-limited'],
    [500, 'x', 'forge-unreachable'],
  ];
  for (const [status, message, expected] of answers) {
    hub.faults.plan(/^PUT .*merge$/, { kind: 'answer', status, body: { message } });
    const told = await hub
      .forge()
      .merge(number, { method: 'squash', head }, signal())
      .then(
        (result) => (result.kind === 'refused' ? `refused: ${result.reason}` : result.kind),
        (error: unknown) => (error as Failure).code,
      );
    expect([status, told]).toEqual([status, expected]);
  }
});

test('an approval that somebody else has taken back meanwhile is no obstacle', async () => {
  await hub.people.approveAs(number, ALICE);
  await hub.people.approveAs(number, BOB);
  const other = () => hub.forge().dismissApprovals(number, { except: null, why: 'x' }, signal());
  hub.faults.plan(/dismissals$/, { kind: 'before', act: async () => void (await other()) });
  expect(await other()).toEqual({ kind: 'done' });
  expect((await hub.people.reviews(number)).map(({ state }) => state)).toEqual(['DISMISSED', 'DISMISSED']);
});

test('who may not dismiss is told GitHub’s reason, and a limit is a failure', async () => {
  await hub.people.setRules({ mayDismiss: ['root'] });
  await hub.people.approveAs(number, ALICE);
  const dismiss = () => hub.forge().dismissApprovals(number, { except: null, why: 'x' }, signal());
  expect(await dismiss()).toEqual({ kind: 'refused', reason: 'Must have admin rights to Repository.' });
  hub.faults.plan(/dismissals$/, { kind: 'answer', status: 429, body: { message: 'x' } });
  await expect(dismiss()).rejects.toMatchObject({ code: 'forge-rate-limited' });
});

test('a person’s auto-merge stays as it is', async () => {
  await hub.people.setRules({ neededApprovals: 1 });
  await hub.people.setAutoMergeAs(number, ALICE, true);
  expect(await autoMerge()).toEqual({ kind: 'done' });
  await hub.people.approveAs(number, BOB);
  await hub.people.letGitHubGoOn();
  expect((await pull())?.mergedBy).toEqual(ALICE);
});

test('nobody approves what is their own', async () => {
  await expect(hub.people.approveAs(number, BOT)).rejects.toThrow('nobody reviews their own pull request');
});

function autoMerge() {
  return hub.forge().autoMerge(number, { method: 'squash', head }, signal());
}

async function pull() {
  return (await hub.people.pulls()).find((one) => one.number === number);
}

async function commit(to: string, files: Readonly<Record<string, string>>): Promise<string> {
  const known = await git(hub.dir, ['for-each-ref', `refs/heads/${to}`]);
  if (known === '') await git(hub.dir, ['update-ref', `refs/heads/${to}`, 'refs/heads/main']);
  return commitFiles(hub.dir, {
    branch: to,
    files: new Map(Object.entries(files)),
    message: `on ${to}\n`,
    person: { name: 'Dev', email: 'dev@acme.example' },
    time: 1_700_000_001,
  });
}
