import { expect, test } from 'vitest';
import { type Fate, type FatePull, type OwnBranchFacts, ownBranchFate } from '../../src/plan/own-branch-fate.ts';

const HEAD = 'a'.repeat(40);
const FACTS: OwnBranchFacts = { branch: 'x/refresh', tip: 'ours', head: HEAD, home: 'x/refresh', pulls: [], bases: 1 };

function pull(state: FatePull['state'], more: Partial<FatePull> = {}): FatePull {
  return { state, head: HEAD, isWithdrawn: false, isRetryAsked: false, ...more };
}

const OLDER = { head: 'b'.repeat(40) };

test.each<[string, Partial<OwnBranchFacts>, Fate]>([
  ['never shown yet', {}, { kind: 'propose' }],
  ['open', { pulls: [pull('open')] }, { kind: 'propose' }],
  ["a person's tip", { tip: 'foreign', pulls: [pull('open')] }, { kind: 'leave', why: 'foreign' }],
  ["a person's tip that carries nothing", { tip: 'foreign', home: null }, { kind: 'leave', why: 'foreign' }],
  ['this very tip was merged', { pulls: [pull('merged')] }, { kind: 'delete' }],
  ['an earlier tip was merged', { pulls: [pull('merged', OLDER)] }, { kind: 'propose' }],
  ['this very tip was closed by a person', { pulls: [pull('closed-by-person')] }, { kind: 'leave', why: 'rejected' }],
  ['an earlier tip was closed by a person', { pulls: [pull('closed-by-person', OLDER)] }, { kind: 'propose' }],
  ['closed by a bot', { pulls: [pull('closed-by-bot')] }, { kind: 'propose' }],
  ['withdrawn', { pulls: [pull('closed-by-bot', { isWithdrawn: true })] }, { kind: 'delete' }],
  [
    'withdrawn, with a commit that a person pushed meanwhile',
    { tip: 'shared', pulls: [pull('closed-by-person', { isWithdrawn: true })] },
    { kind: 'leave', why: 'foreign' },
  ],
  ["merged with a person's commit in it", { tip: 'shared', pulls: [pull('merged')] }, { kind: 'delete' }],
  ['reopened since', { pulls: [pull('open'), pull('closed-by-person')] }, { kind: 'propose' }],
  ['nothing is asked for any more', { home: null, pulls: [pull('open')] }, { kind: 'withdraw' }],
  ['nothing is asked for, nothing is open', { home: null }, { kind: 'delete' }],
  ['it belongs elsewhere', { home: 'y/refresh', pulls: [pull('open')] }, { kind: 'move' }],
  ['it may be for another base', { home: null, bases: 2 }, { kind: 'leave', why: 'maybe-of-another-base' }],
  ['shown for this base', { home: null, bases: 2, pulls: [pull('closed-by-bot')] }, { kind: 'delete' }],
])('%s', (_, facts, expected) => {
  expect(ownBranchFate({ ...FACTS, ...facts })).toEqual(expected);
});
