import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { type MergePolicy, NOBODY_MERGES } from '../../../src/domain/life/merge-policy.ts';
import type { BranchStanding } from '../../../src/plan/report/branch-standing.ts';
import { explainSecret } from '../../../src/service/report/explain.ts';
import { readStatus } from '../../../src/service/report/status.ts';
import type { ServedBranch } from '../../../src/service/served-branch.ts';
import { statusText } from '../../../src/words/status-text.ts';
import { type Life, type LifeOptions, openedLife } from '../life/life-world.ts';
import { HOW } from './look-world.ts';

const BOT: MergePolicy = { ...NOBODY_MERGES, mode: 'bot' };

/** A pull request that waits for an approval, and another process of the same configuration, which only looks. */
async function opened(merge: MergePolicy, more: LifeOptions['settings'] = {}): Promise<[Life, ServedBranch]> {
  const settings = { merge, ...more };
  const life = await openedLife({ rules: { neededApprovals: 1 }, settings });
  await life.world.time.pass(60_000);
  return [life, life.world.start({ settings }).served];
}

async function standing(served: ServedBranch): Promise<BranchStanding | undefined> {
  const [status] = await readStatus([served], HOW);
  return status?.ownBranches[0]?.standing;
}

test('status says why the bot does not merge yet, and then that it will', async () => {
  const [life, served] = await opened(BOT);
  const expected = {
    kind: 'open',
    reason: expect.stringContaining('#1 is not merged yet: review-required') as string,
    hint: 'Review it.',
    merge: { kind: 'wait', why: 'review-required', until: null },
  };
  expect(await standing(served)).toEqual(expected);
  const asked = { id: 'a', service: null, account: null, region: null, label: null };
  const [explained] = await explainSecret([served], asked, HOW);
  expect(explained?.explanation?.proposal?.standing).toEqual(expected);
  expect(statusText(await readStatus([served], HOW))).toContain(
    "because: Pull request #1 is not merged yet: review-required: it has not the approvals that the base's rules ask for.\n      next:    Review it.",
  );
  await life.world.forge.approve(1, 'grace');
  expect(await standing(served)).toMatchObject({ merge: { kind: 'merge', why: null } });
  // Whoever looks merges nothing.
  expect(await life.pulls()).toEqual(['#1 open 2']);
});

test('a time that is waited for is said', async () => {
  const [, served] = await opened({ ...BOT, minimumAgeMilliseconds: 3_600_000 });
  expect(await standing(served)).toMatchObject({
    merge: { kind: 'wait', why: 'too-young', until: expect.stringMatching(/^2026-03-02T10:/) as string },
  });
});

test("a person's commit is why, and so is auto-merge that is still to go", async () => {
  const [life, served] = await opened({ ...BOT, mode: 'auto' });
  await life.sweep();
  expect(await standing(served)).toMatchObject({ merge: { kind: 'wait', why: 'blocked-by-rules' } });
  life.push({ 'README.md': 'mine\n' });
  expect(await standing(served)).toMatchObject({ merge: { kind: 'take-back', why: 'persons-commits' } });
  await life.sweep();
  expect(await standing(served)).toMatchObject({ merge: { kind: 'wait', why: 'persons-commits' } });
});

test('where people merge nothing is asked or said', async () => {
  const [, served] = await opened(NOBODY_MERGES);
  const standingOfPeople = { kind: 'open', reason: 'Pull request #1 waits for people.', hint: null };
  expect(await standing(withoutFacts(served))).toEqual(standingOfPeople);
});

test('a forge that does not say it leaves the rest of the report as it is', async () => {
  const [, served] = await opened(BOT);
  expect(await standing(withoutFacts(served))).toEqual({
    kind: 'open',
    reason: 'Pull request #1 waits for people. Why it is not merged is not known: GitHub is away.',
    hint: 'Wait.',
  });
});

function withoutFacts(served: ServedBranch): ServedBranch {
  const failure = new Failure('GitHub is away', { code: 'forge-unreachable', retry: 'later', hint: 'Wait.' });
  return { ...served, forge: { ...served.forge, mergeFacts: () => Promise.reject(failure) } };
}
