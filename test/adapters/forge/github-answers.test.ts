import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { at, readId, readLabels, readPull, readPulls, readText } from '../../../src/adapters/forge/github-answers.ts';

const pull = {
  number: 1,
  html_url: 'https://github.com/acme/gitops/pull/1',
  state: 'closed',
  merged_at: '2026-01-02T03:04:05Z',
  closed_at: '2026-01-02T03:04:05Z',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-02T03:04:06Z',
  labels: [{ name: 'b' }, { name: 'a' }, { name: 'b' }],
  auto_merge: null,
  title: 't',
  body: null,
  head: { ref: 'x', sha: 'a'.repeat(40), repo: null },
  base: { ref: 'main' },
};

test('a pull request of a fork that is gone, without a body', () => {
  expect(readPull(pull)).toEqual({
    number: 1,
    url: 'https://github.com/acme/gitops/pull/1',
    open: false,
    merged: true,
    mergedAt: Date.parse(pull.merged_at),
    headRepository: null,
    branch: 'x',
    head: 'a'.repeat(40),
    base: 'main',
    title: 't',
    body: '',
    labels: ['a', 'b'],
    isAutoMerge: false,
    conflict: 'unknown',
    createdAt: Date.parse(pull.created_at),
    updatedAt: Date.parse(pull.updated_at),
    closedAt: Date.parse(pull.closed_at),
  });
});

test('only own properties are read', () => {
  expect(at({}, 'constructor')).toBeUndefined();
  expect(readText([], 'constructor', 'name')).toBeNull();
  expect(readPull(Object.create(pull))).toBeNull();
});

test('numbers are whole and positive', () => {
  const ids = [1, 0, -1, 1.5, 2 ** 60, 10n, '1', null].map((id) => readId({ id }, 'id'));
  expect(ids).toEqual([1, null, null, null, null, null, null, null]);
});

test('a list is read as far as a page can reach', () => {
  expect(readPulls(Array.from({ length: 300 }, () => pull))).toHaveLength(100);
});

test('whatever comes is a pull request in full, or none', () => {
  const part = fc.oneof(fc.constantFrom(...Object.values(pull)), fc.jsonValue());
  const like = fc.record(Object.fromEntries(Object.keys(pull).map((key) => [key, part])), { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), like), (answer) => {
      const read = readPull(answer);
      if (read === null) return;
      expect(Number.isSafeInteger(read.number) && read.number > 0).toBe(true);
      expect(read.head).toMatch(/^[0-9a-f]{40}$/);
      expect(new URL(read.url).protocol).toMatch(/^https?:$/);
    }),
    { numRuns: 200 },
  );
});

test.each([
  [{ mergeable: true, mergeable_state: 'blocked' }, 'none'],
  [{ mergeable: false, mergeable_state: 'dirty' }, 'conflicting'],
  [{ mergeable: null, mergeable_state: 'dirty' }, 'conflicting'],
  [{ mergeable: null, mergeable_state: 'unknown' }, 'unknown'],
  [{ mergeable: 'yes' }, 'unknown'],
  [{}, 'unknown'],
  [{ mergeable: true, state: 'closed' }, 'unknown'],
])('%j is conflict %s', (more, expected) => {
  expect(readPull({ ...pull, state: 'open', ...more })?.conflict).toBe(expected);
});

test('auto-merge is on where somebody turned it on', () => {
  expect(
    [{ enabled_by: {} }, null, true, undefined].map((one) => readPull({ ...pull, auto_merge: one })?.isAutoMerge),
  ).toEqual([true, false, false, false]);
});

test('labels are texts of a bounded length and number', () => {
  expect(readLabels([{ name: 'b' }, { name: 'a', color: 7 }])).toEqual(['a', 'b']);
  for (const wrong of [null, 'a', {}, ['a'], [null], [{ name: 1 }], [{ name: 'x'.repeat(300) }]]) {
    expect(readLabels(wrong)).toBeNull();
  }
  expect(readLabels(Array.from({ length: 300 }, (_, index) => ({ name: String(index) })))).toHaveLength(100);
});
