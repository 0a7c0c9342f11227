import { expect, test } from 'vitest';
import type { Fate } from '../../../src/plan/own-branch-fate.ts';
import { type BranchFacts, branchStanding } from '../../../src/plan/report/branch-standing.ts';
import { type ShownPull, shownFor } from '../../../src/plan/report/look.ts';

const pull = (state: ShownPull['state'], number = 7): ShownPull => ({
  number,
  url: `https://x/${number}`,
  state,
  names: [],
});
const leave = (why: (Fate & { kind: 'leave' })['why']): Fate => ({ kind: 'leave', why });

test.each<[string, Fate, Partial<BranchFacts>, RegExp]>([
  ['open', { kind: 'propose' }, { pulls: [pull('open')] }, /#7 waits for people/],
  ['open', { kind: 'propose' }, { pulls: [pull('open')], leftClosed: pull('closed-by-bot', 3) }, /#7/],
  ['to-be-opened', { kind: 'propose' }, {}, /the sweep opens one/],
  ['left-closed', { kind: 'propose' }, { leftClosed: pull('closed-by-bot', 3) }, /#3 .* left closed/],
  ['changed-by-others', leave('foreign'), {}, /commit by Ada/],
  [
    'rejected',
    leave('rejected'),
    { pulls: [pull('closed-by-bot', 8), pull('closed-by-person')] },
    /closed pull request #7/,
  ],
  ['maybe-of-another-base', leave('maybe-of-another-base'), {}, /another base branch/],
  ['regrouped', { kind: 'move' }, {}, /another branch now/],
  ['nothing-left', { kind: 'withdraw' }, {}, /removes it/],
  ['nothing-left', { kind: 'delete' }, {}, /removes it/],
])('%s: %j', (kind, fate, facts, reason) => {
  const standing = branchStanding({ fate, author: 'Ada', pulls: [], leftClosed: null, ...facts });
  expect(standing).toMatchObject({ kind, reason: expect.stringMatching(reason) as string });
});

test('the pull request of a branch: the open one, else the newest', () => {
  expect(shownFor([pull('merged', 9), pull('open')])?.number).toBe(7);
  expect(shownFor([pull('merged', 9), pull('closed-by-bot')])?.number).toBe(9);
  expect(shownFor([])).toBeNull();
});
