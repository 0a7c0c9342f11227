import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MergePolicy } from '../../../src/domain/life/merge-policy.ts';
import type { MergeFacts } from '../../../src/plan/life/merge-facts.ts';
import { decideMerge, type MergeQuestion, untilNextLook } from '../../../src/plan/life/merging.ts';

const HEAD = 'a'.repeat(40);
const HOUR = 3_600_000;
const FACTS: MergeFacts = {
  isOpen: true,
  head: HEAD,
  isDraft: false,
  isQueued: false,
  isAutoMerge: false,
  isAutoMergeOurs: false,
  approvals: [],
  review: 'not-required',
  checks: 'passing',
  rules: 'satisfied',
  conflict: 'none',
  methods: ['merge', 'squash', 'rebase'],
  mayAutoMerge: true,
  hasMergeQueue: false,
};

type Asked = Partial<Omit<MergeQuestion, 'facts' | 'settings'>> & {
  readonly facts?: Partial<MergeFacts>;
  readonly settings?: Partial<MergePolicy>;
};

function ask({ facts, settings, ...rest }: Asked): MergeQuestion {
  return {
    stage: 1,
    evidence: 'settled',
    head: HEAD,
    tip: 'ours',
    since: 0,
    now: HOUR,
    closedUntil: null,
    needsConfirmation: false,
    ...rest,
    facts: { ...FACTS, ...facts },
    settings: { mode: 'bot', method: null, minimumAgeMilliseconds: 0, ...settings },
  };
}

function inShort(asked: Asked): string {
  const decision = decideMerge(ask(asked));
  if (decision.kind === 'wait') return decision.why;
  return decision.kind === 'take-back' ? `take-back ${decision.why}` : `${decision.kind} ${decision.method}`;
}

test.each<[string, Asked, string]>([
  ['the bot, everything met', {}, 'merge squash'],
  ['a method of their choice', { settings: { method: 'rebase' } }, 'merge rebase'],
  [
    'a method that is not allowed',
    { settings: { method: 'merge' }, facts: { methods: ['squash'] } },
    'method-not-allowed',
  ],
  ['only one method allowed', { facts: { methods: ['rebase'] } }, 'merge rebase'],
  ['no method allowed', { facts: { methods: [] } }, 'method-not-allowed'],
  ['people merge', { settings: { mode: 'none' } }, 'not-merged-by-us'],
  ['closed meanwhile', { facts: { isOpen: false } }, 'not-merged-by-us'],
  ['another commit at its head', { facts: { head: 'b'.repeat(40) } }, 'head-moved'],
  ['a draft', { facts: { isDraft: true } }, 'draft'],
  ['in the queue already', { facts: { isQueued: true } }, 'in-merge-queue'],
  ['stage two by time alone', { stage: 2 }, 'settled-only'],
  ['stage two by statuses', { stage: 2, evidence: 'status' }, 'merge squash'],
  ["a person's commits in it", { tip: 'shared' }, 'persons-commits'],
  ['too large to go unconfirmed', { needsConfirmation: true }, 'needs-confirmation'],
  ['too young', { settings: { minimumAgeMilliseconds: 2 * HOUR } }, 'too-young'],
  ['outside the windows', { closedUntil: 2 * HOUR }, 'window-closed'],
  ['conflicting', { facts: { conflict: 'conflicting', rules: 'blocked' } }, 'conflicting'],
  ['changes requested', { facts: { review: 'changes-requested' } }, 'changes-requested'],
  ['a review missing', { facts: { review: 'required' } }, 'review-required'],
  ['checks failing', { facts: { checks: 'failing' } }, 'checks-failing'],
  ['checks running', { facts: { checks: 'pending' } }, 'checks-pending'],
  ['checks that may not have begun', { facts: { checks: 'none' }, now: 59_999 }, 'checks-pending'],
  ['no checks at all', { facts: { checks: 'none' }, now: 60_000 }, 'merge squash'],
  ['another rule', { facts: { rules: 'blocked' } }, 'blocked-by-rules'],
  ['behind, where that is not allowed', { facts: { rules: 'behind' } }, 'blocked-by-rules'],
  ['rules that nobody can tell', { facts: { rules: 'unknown' } }, 'blocked-by-rules'],
  ['the bot, before a queue', { facts: { hasMergeQueue: true } }, 'leave-to-forge squash'],
  ['auto, while rules wait', { settings: { mode: 'auto' }, facts: { rules: 'blocked' } }, 'leave-to-forge squash'],
  ['auto, nothing to wait for', { settings: { mode: 'auto' } }, 'merge squash'],
  ['auto is on', { settings: { mode: 'auto' }, facts: { isAutoMerge: true, rules: 'blocked' } }, 'blocked-by-rules'],
  [
    'auto, not allowed there',
    { settings: { mode: 'auto' }, facts: { mayAutoMerge: false, rules: 'blocked' } },
    'auto-merge-not-allowed',
  ],
  ['auto, before a queue', { settings: { mode: 'auto' }, facts: { hasMergeQueue: true } }, 'leave-to-forge squash'],
  [
    'auto, conflicting',
    { settings: { mode: 'auto' }, facts: { conflict: 'conflicting', rules: 'blocked' } },
    'conflicting',
  ],
])('%s', (_, asked, expected) => {
  expect(inShort(asked)).toBe(expected);
});

const OURS = { isAutoMerge: true, isAutoMergeOurs: true, rules: 'blocked' } as const;
test.each<[string, Asked, string]>([
  ['stays on while the rules wait', {}, 'blocked-by-rules'],
  ["goes with a person's commit", { tip: 'shared' }, 'take-back persons-commits'],
  ['goes when the window closes', { closedUntil: 2 * HOUR }, 'take-back window-closed'],
  ['goes where people merge', { settings: { mode: 'none' } }, 'take-back not-merged-by-us'],
  ['goes where the bot merges', { settings: { mode: 'bot' } }, 'take-back merged-by-the-bot'],
  [
    "is the bot's way before a queue",
    { settings: { mode: 'bot' }, facts: { hasMergeQueue: true, rules: 'satisfied' } },
    'leave-to-forge squash',
  ],
  ['goes from a draft', { facts: { isDraft: true } }, 'take-back draft'],
  ['goes from what nobody has read back', { facts: { head: 'b'.repeat(40) } }, 'take-back head-moved'],
  ['goes where a person is to confirm', { needsConfirmation: true }, 'take-back needs-confirmation'],
  ['goes where the age was raised', { settings: { minimumAgeMilliseconds: 2 * HOUR } }, 'take-back too-young'],
  ['is nothing any more once it is closed', { facts: { isOpen: false } }, 'not-merged-by-us'],
  ['is let be in the queue', { facts: { isQueued: true }, tip: 'shared' }, 'in-merge-queue'],
])('our auto-merge %s', (_, { facts = {}, settings = {}, ...rest }, expected) => {
  const auto = { ...rest, settings: { mode: 'auto' as const, ...settings } };
  expect(inShort({ ...auto, facts: { ...OURS, ...facts } })).toBe(expected);
  // A person's is left alone, whatever we would do.
  const theirs = inShort({ ...auto, facts: { ...OURS, isAutoMergeOurs: false, ...facts } });
  expect(theirs).not.toContain('take-back');
});

test('what waits for a time says for which', () => {
  expect(decideMerge(ask({ settings: { minimumAgeMilliseconds: 2 * HOUR } }))).toMatchObject({ until: 2 * HOUR });
  expect(decideMerge(ask({ closedUntil: 3 * HOUR }))).toMatchObject({ until: 3 * HOUR });
});

const anyFacts = fc.record({
  isOpen: fc.boolean(),
  head: fc.constantFrom(HEAD, 'b'.repeat(40)),
  isDraft: fc.boolean(),
  isQueued: fc.boolean(),
  isAutoMerge: fc.boolean(),
  isAutoMergeOurs: fc.boolean(),
  approvals: fc.constant([]),
  review: fc.constantFrom(...(['approved', 'changes-requested', 'required', 'not-required'] as const)),
  checks: fc.constantFrom(...(['passing', 'pending', 'failing', 'none'] as const)),
  rules: fc.constantFrom(...(['satisfied', 'behind', 'blocked', 'unknown'] as const)),
  conflict: fc.constantFrom(...(['none', 'conflicting', 'unknown'] as const)),
  methods: fc.subarray(['merge', 'squash', 'rebase'] as const),
  mayAutoMerge: fc.boolean(),
  hasMergeQueue: fc.boolean(),
});

test('nothing is ever merged that a rule, a person or its stage forbids', () => {
  fc.assert(
    fc.property(
      anyFacts,
      fc.record({
        mode: fc.constantFrom(...(['none', 'auto', 'bot'] as const)),
        stage: fc.constantFrom(...([1, 2] as const)),
        evidence: fc.constantFrom(...(['status', 'settled'] as const)),
        tip: fc.constantFrom(...(['ours', 'shared'] as const)),
        needsConfirmation: fc.boolean(),
        age: fc.integer({ min: 0, max: 2 * HOUR }),
      }),
      (facts, { mode, age, ...rest }) => {
        const question = ask({ ...rest, facts, settings: { mode, minimumAgeMilliseconds: age } });
        const decision = decideMerge(question);
        if (decision.kind === 'wait' || decision.kind === 'take-back') return;
        expect(facts).toMatchObject({ isOpen: true, head: HEAD, isDraft: false, isQueued: false });
        expect(facts.conflict).not.toBe('conflicting');
        expect(facts.methods).toContain(decision.method);
        expect(rest).toMatchObject({ tip: 'ours', needsConfirmation: false });
        expect(rest.stage === 2 && rest.evidence === 'settled').toBe(false);
        expect(age).toBeLessThanOrEqual(HOUR);
        if (decision.kind === 'merge') expect(facts).toMatchObject({ rules: 'satisfied', hasMergeQueue: false });
        if (decision.kind === 'merge') expect(['approved', 'not-required']).toContain(facts.review);
      },
    ),
  );
});

test.each([
  ['checks-pending', 1, 60],
  ['review-required', 20, 60],
  ['blocked-by-rules', 300, 900],
  ['draft', 1, 600],
  ['draft', 300, 900],
] as const)('what waits because of %s, one of %i, is looked at again after %i seconds', (why, candidates, seconds) => {
  expect(untilNextLook(why, candidates)).toBe(seconds * 1000);
});

test.each([1, 50, 83, 300, 5000])(
  '%i that wait for a review take no more than a quarter of what the forge answers',
  (candidates) => {
    const perHour = (candidates * HOUR) / untilNextLook('review-required', candidates);
    expect(perHour).toBeLessThanOrEqual(1250);
  },
);
