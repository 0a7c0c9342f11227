import { expect, test } from 'vitest';
import type { PullFacts } from '../../../../src/adapters/forge/github-answers.ts';
import { createRemembered, type End } from '../../../../src/adapters/forge/pulls/remembered.ts';
import { RETRY_LABEL } from '../../../../src/plan/life/ended/retry-request.ts';
import { heapBytes } from '../../heap-bytes.ts';

const END: End = { state: 'merged', headMessage: 'm', isRetryAsked: false };
const FACTS: PullFacts = {
  number: 1,
  url: 'https://github.com/acme/gitops/pull/1',
  open: false,
  merged: true,
  mergedAt: 0,
  headRepository: 'acme/gitops',
  branch: 'x',
  head: 'a'.repeat(40),
  base: 'main',
  title: 't',
  body: '',
  labels: [],
  isAutoMerge: false,
  conflict: 'unknown',
  createdAt: 0,
  updatedAt: 0,
  closedAt: 0,
};
const LATER = 60_000;

test.each([
  ['as it was', {}, END],
  ['with other words', { title: 'u' }, END],
  ['changed', { updatedAt: 1000 }, undefined],
  ['another', { number: 2 }, undefined],
  ['with another head', { head: 'b'.repeat(40) }, undefined],
  ['with the retry label', { labels: [RETRY_LABEL] }, undefined],
])('an end is known of the pull request %s', (_, change, expected) => {
  const remembered = createRemembered();
  remembered.keepEnd(FACTS, END, LATER);
  expect(remembered.end({ ...FACTS, ...change })).toEqual(expected);
});

test('what changed a moment ago is not kept', () => {
  const remembered = createRemembered();
  for (const seenAt of [0, 9999, -LATER, Number.NaN]) remembered.keepEnd(FACTS, END, seenAt);
  expect(remembered.end(FACTS)).toBeUndefined();
});

test('the oldest are forgotten first', () => {
  const remembered = createRemembered();
  for (let number = 1; number <= 5010; number += 1) {
    remembered.keepEnd({ ...FACTS, number }, END, LATER);
    remembered.keepMessage(String(number), 'm');
  }
  const known = (number: number) => remembered.end({ ...FACTS, number }) !== undefined;
  expect([known(10), known(11), known(5010)]).toEqual([false, true, true]);
  expect(['4510', '4511', '5010'].map((commit) => remembered.message(commit))).toEqual([undefined, 'm', 'm']);
});

test('a pull request that changes all the time is kept once', () => {
  const remembered = createRemembered();
  remembered.keepEnd({ ...FACTS, number: 2 }, END, LATER);
  for (let updatedAt = 0; updatedAt < 5010; updatedAt += 1) remembered.keepEnd({ ...FACTS, updatedAt }, END, LATER);
  expect([5008, 5009].map((updatedAt) => remembered.end({ ...FACTS, updatedAt }))).toEqual([undefined, END]);
  expect(remembered.end({ ...FACTS, number: 2 })).toEqual(END);
});

test('of very long messages only as many are kept as have room', () => {
  const remembered = createRemembered();
  const end: End = { ...END, headMessage: 'm'.repeat(1024 * 1024) };
  for (let number = 1; number <= 20; number += 1) remembered.keepEnd({ ...FACTS, number }, end, LATER);
  // The same again takes no more room.
  for (let time = 0; time < 20; time += 1) remembered.keepEnd({ ...FACTS, number: 20 }, end, LATER);
  const known = Array.from({ length: 20 }, (_, at) => remembered.end({ ...FACTS, number: at + 1 }) !== undefined);
  expect(known).toEqual([...Array<boolean>(4).fill(false), ...Array<boolean>(16).fill(true)]);
});

test('an end takes little more room than what it is known by', () => {
  // What else runs in this process may be given back, or not, in the middle of one of them.
  const rooms = [1, 2, 3].map((round) => {
    const remembered = createRemembered();
    const heads = Array.from({ length: 5000 }, (_, number) => `${round}${number}`.padStart(40, '0'));
    const before = heapBytes();
    for (const [number, head] of heads.entries()) {
      remembered.keepEnd({ ...FACTS, number, head, updatedAt: 1_800_000_000_000 + number }, END, 1_900_000_000_000);
    }
    const room = (heapBytes() - before) / 5000;
    expect(remembered.end({ ...FACTS, head: heads[0] ?? '', number: 0, updatedAt: 1_800_000_000_000 })).toEqual(END);
    return room;
  });
  const [, middle] = rooms.toSorted((one, other) => one - other);
  expect(middle).toBeLessThan(260);
});
