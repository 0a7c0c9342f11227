import { expect, test } from 'vitest';
import { Failure } from '../../../../src/domain/failure.ts';
import { MERGE_WAITS } from '../../../../src/plan/life/merging.ts';
import { withMerge, withUnknownMerge } from '../../../../src/plan/report/merging/merge-standing.ts';

const OPEN = { kind: 'open', reason: 'Pull request #7 waits for people.', hint: null } as const;
const NOON = Date.parse('2026-01-02T12:00:00Z');

test('every reason is said in words, with its code', () => {
  const reasons = MERGE_WAITS.map((why) => withMerge(OPEN, 7, { kind: 'wait', why, until: null }).reason);
  expect(new Set(reasons).size).toBe(MERGE_WAITS.length);
  MERGE_WAITS.forEach((why, at) => {
    expect(reasons[at]).toMatch(
      new RegExp(String.raw`^Pull request #7 is not merged yet: ${why}: [a-z][^.]+(?:\.\w[^.]*)?\.$`),
    );
  });
});

test('what waits for a person says what that person can do; what waits for a time says until when', () => {
  expect(withMerge(OPEN, 7, { kind: 'wait', why: 'review-required', until: null })).toEqual({
    kind: 'open',
    reason:
      "Pull request #7 is not merged yet: review-required: it has not the approvals that the base's rules ask for.",
    hint: 'Review it.',
    merge: { kind: 'wait', why: 'review-required', until: null },
  });
  expect(withMerge(OPEN, 7, { kind: 'wait', why: 'window-closed', until: NOON })).toMatchObject({
    reason: expect.stringMatching(/window-closed: .* It is looked at again at 2026-01-02T12:00:00Z\.$/) as string,
    hint: null,
    merge: { until: '2026-01-02T12:00:00Z' },
  });
});

test('what nothing stands against is merged next; auto-merge that goes is said', () => {
  expect(withMerge(OPEN, 7, { kind: 'merge', method: 'squash' })).toMatchObject({
    reason: 'Pull request #7 is merged by the sweep.',
    merge: { kind: 'merge', why: null, until: null },
  });
  expect(withMerge(OPEN, 7, { kind: 'leave-to-forge', method: 'squash' }).reason).toContain('by the forge once');
  expect(withMerge(OPEN, 7, { kind: 'take-back', why: 'persons-commits', until: null }).reason).toContain(
    'no longer left to the forge: persons-commits',
  );
});

test('a forge that does not say it is said', () => {
  const failure = new Failure('could not read it:\u001B[31m no answer', {
    code: 'forge-unreachable',
    retry: 'later',
    hint: 'Check it.',
  });
  const standing = withUnknownMerge(OPEN, failure);
  expect(standing).toMatchObject({ kind: 'open', hint: 'Check it.' });
  expect(standing.reason).toMatch(
    /waits for people\. Why it is not merged is not known: could not read it:.* no answer\.$/,
  );
  expect(standing.reason).not.toContain('\u001B');
});
