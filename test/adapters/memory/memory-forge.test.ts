import { expect, test } from 'vitest';
import { createMemoryForge } from '../../../src/adapters/memory/forge/memory-forge.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { forgeContract } from '../../contracts/forge.ts';
import { deliveredContract } from '../../contracts/forge-delivered.ts';
import { mergingContract } from '../../contracts/forge-merging.ts';

forgeContract('memory', () => {
  const branches = branchesOf('main');
  let now = 0;
  const conflicting = new Set<string>();
  const conflicts = ({ branch }: { readonly branch: string }) => Promise.resolve(conflicting.has(branch));
  const forge = createMemoryForge({ now: () => now, head: branches.head, conflicts });
  return Promise.resolve({
    forge,
    push: branches.push,
    branchOff: branches.branchOff,
    deleteBranch: branches.remove,
    closeAs: (number, who) => forge.closeAs(number, who),
    reopen: async (number) => {
      expect(await forge.reopen(number)).toBe(true);
    },
    merge: (number) => forge.markMerged(number),
    conflict: (branch) => Promise.resolve(void conflicting.add(branch)),
    label: (number, label) => forge.label(number, label),
    askRetry: (number, who) => forge.askRetry(number, who),
    lock: (number) => forge.lock(number),
    pass: (milliseconds) => {
      now += milliseconds;
    },
    comments: async (number) => (await forge.pulls()).find((pull) => pull.number === number)?.comments ?? [],
    close: () => Promise.resolve(),
  });
});

mergingContract('memory', async (rules) => {
  const branches = branchesOf('main');
  const forge = createMemoryForge({ now: () => 0, head: branches.head, rules });
  const head = await branches.push('x', 'Bump');
  const people = { labels: [], assignees: [], reviewers: [], teamReviewers: [] };
  const draft = { branch: 'x', base: 'main', title: 't', body: 'b', draft: false, ...people };
  const { number } = await forge.open(draft, new AbortController().signal);
  return {
    forge,
    number,
    head,
    push: () => branches.push('x', 'Bump again'),
    approve: (by) => forge.approve(number, by),
    requestChanges: () => forge.requestChanges(number),
    setChecks: (state) => forge.setChecks(number, state),
    setDraft: () => forge.setDraft(number, true),
    autoMergeAsPerson: () => forge.setAutoMerge(number, true),
    queue: async () => {
      expect(await forge.queue(number)).toBe(true);
    },
    closeAsPerson: () => forge.closeAs(number, 'person'),
    isMerged: async () => (await forge.pulls())[0]?.state === 'merged',
    close: () => Promise.resolve(),
  };
});

deliveredContract('memory', () => {
  const parents = new Map<string, readonly string[]>();
  let now = 0;
  const forge = createMemoryForge({
    now: () => now,
    head: () => Promise.resolve(null),
    parents: (oid) => Promise.resolve(parents.get(oid) ?? null),
  });
  return Promise.resolve({
    forge,
    commit: (...own) => {
      const oid = (parents.size + 1).toString(16).padStart(40, '0');
      parents.set(oid, own);
      return Promise.resolve(oid);
    },
    report: (commit, written, state) => forge.report(commit, written, state),
    pass: (milliseconds) => {
      now += milliseconds;
    },
    close: () => Promise.resolve(),
  });
});

test('a fault before a call leaves nothing behind, one after it only loses the answer', async () => {
  const branches = branchesOf('main');
  await branches.push('x', 'Bump');
  const lost = new Failure('lost', { code: 'forge-unreachable', retry: 'later', hint: '' });
  let moment: 'before' | 'after' = 'before';
  const forge = createMemoryForge({
    now: () => 0,
    head: branches.head,
    fault: (_, now) => (now === moment ? lost : null),
  });
  const people = { labels: ['a'], assignees: [], reviewers: [], teamReviewers: [] };
  const draft = { branch: 'x', base: 'main', title: 't', body: 'b', draft: true, ...people };
  await expect(forge.open(draft, new AbortController().signal)).rejects.toBe(lost);
  expect(await forge.pulls()).toEqual([]);
  moment = 'after';
  await expect(forge.open(draft, new AbortController().signal)).rejects.toBe(lost);
  expect(await forge.pulls()).toMatchObject([{ number: 1, branch: 'x', draft }]);
});

test('one that was merged, or whose branch is gone, is not opened again', async () => {
  const branches = branchesOf('main');
  const forge = createMemoryForge({ now: () => 0, head: branches.head });
  const people = { labels: [], assignees: [], reviewers: [], teamReviewers: [] };
  await branches.push('x', 'Bump');
  const draft = { branch: 'x', base: 'main', title: 't', body: 'b', draft: false, ...people };
  const first = await forge.open(draft, new AbortController().signal);
  await forge.markMerged(first.number);
  expect(await forge.reopen(first.number)).toBe(false);
  const second = await forge.open(draft, new AbortController().signal);
  await branches.remove('x');
  expect(await forge.reopen(second.number)).toBe(false);
});

test('two who merge at once move the base once', async () => {
  const branches = branchesOf('main');
  await branches.push('x', 'Bump');
  const merged: string[] = [];
  const mergeInto = async (pull: { readonly branch: string }, method: string) => {
    merged.push(`${pull.branch} by ${method}`);
  };
  const forge = createMemoryForge({ now: () => 0, head: branches.head, mergeInto });
  const people = { labels: [], assignees: [], reviewers: [], teamReviewers: [] };
  const draft = { branch: 'x', base: 'main', title: 't', body: 'b', draft: false, ...people };
  const { number, head } = await forge.open(draft, new AbortController().signal);
  const merge = () => forge.merge(number, { head, method: 'rebase' }, new AbortController().signal);
  expect(await Promise.all([merge(), merge()])).toEqual([{ kind: 'done' }, { kind: 'done' }]);
  expect(merged).toEqual(['x by rebase']);
});

/** Branches without Git: ids count up. */
function branchesOf(...names: readonly string[]) {
  const heads = new Map(names.map((name) => [name, { oid: '0'.repeat(40), message: 'Initial commit' }]));
  let count = 0;
  return {
    head: (branch: string) => Promise.resolve(heads.get(branch) ?? null),
    push: (branch: string, message: string) => {
      count += 1;
      const oid = count.toString(16).padStart(40, '0');
      heads.set(branch, { oid, message });
      return Promise.resolve(oid);
    },
    branchOff: (branch: string) => {
      heads.set(branch, { oid: '0'.repeat(40), message: 'Initial commit' });
      return Promise.resolve();
    },
    remove: (branch: string) => {
      heads.delete(branch);
      return Promise.resolve();
    },
  };
}
