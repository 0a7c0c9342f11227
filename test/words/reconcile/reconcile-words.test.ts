import { expect, test } from 'vitest';
import type { ReconcileReport } from '../../../src/plan/reconcile/reconcile-report.ts';
import { readBodyTrailers } from '../../../src/words/pull/body-trailers.ts';
import { baselineWords } from '../../../src/words/reconcile/baseline-words.ts';
import { reconcileText } from '../../../src/words/reconcile/reconcile-text.ts';
import { BASELINE, readTrailers } from '../../../src/words/trailers.ts';

const HOSTILE = 'a\u001b[31m\u202e|`\n\n<img src=x>@ada\r#1';

function reportOf(text: string, size = 1): ReconcileReport {
  const many = <T>(item: T): readonly T[] => Array.from({ length: size }, () => item);
  return {
    name: text,
    head: '0'.repeat(40),
    paused: { reason: text, hint: text },
    secrets: 7,
    objects: 8,
    behind: many({
      path: text,
      kind: text,
      namespace: text,
      name: text,
      secret: text,
      version: text,
      state: 'held',
      reason: text,
      branch: text,
      pullRequest: text,
    }),
    withoutBaseline: 9,
    baseline: { kind: 'rejected', reason: text, hint: text, pullRequest: text },
    absent: many(text),
    denied: many(text),
    deleted: many(text),
    unused: many({ secret: text, version: text }),
    calls: { lists: 1, pages: 2, describes: 3 },
    troubles: many({ subject: text, message: text, code: 'aws-denied', hint: text }),
  };
}

test('the text of a report: what a person looks for, in order', () => {
  const report = { ...reportOf('x'), name: 'platform@main', paused: null, troubles: [], denied: [], deleted: [] };
  expect(reconcileText([report]).split('\n')).toEqual([
    'platform@main  at 000000000000',
    '  7 secret(s) named, 8 object(s) that may be bumped',
    '  1 behind',
    '    x  x x/x  held',
    '      secret:  x=x',
    '      because: x',
    '      branch:  x',
    '      pull:    x',
    '  9 object(s) without a baseline: rejected',
    '    because: x',
    '    next:    x',
    '    pull:    x',
    '  1 absent in AWS',
    '    x',
    '  1 in AWS and used nowhere here',
    '    x',
    '  asked of AWS: 1 list(s) of at least 2 page(s), 3 single question(s)',
    '',
  ]);
});

test('a branch that could not be read says why and nothing else', () => {
  expect(reconcileText([{ ...reportOf('x'), head: null }])).not.toContain('behind');
});

test('hostile names are harmless in a terminal, and long lists are cut', () => {
  const text = reconcileText([reportOf(HOSTILE, 300)]);
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
  expect(text.split('\n').length).toBeLessThan(500);
});

function wordsOf(name: string, objects = 1) {
  const added = Array.from({ length: objects }, () => ({
    path: `${name}.yaml`,
    kind: 'ExternalSecret',
    namespace: name,
    name,
    token: [1, 2],
  }));
  return baselineWords({ path: '.gitops-reloader/baseline.yaml', text: name, added, isFirst: true });
}

test('commit and pull request name the same baseline, by a digest, and no version', () => {
  const { message, text } = wordsOf('db');
  expect(text.title).toBe('Record the baseline of secret versions');
  expect(readTrailers(message, BASELINE)).toEqual(readBodyTrailers(text.body, BASELINE));
  expect(readTrailers(message, BASELINE)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(message.split('\n').every((line) => line.length <= 100)).toBe(true);
  expect(text.body).toContain('<code>ExternalSecret db/db</code> | <code>db.yaml</code> | 2 secrets');
});

test('a body stays short and whole whatever objects are called, and however many there are', () => {
  const { text } = wordsOf(HOSTILE, 5000);
  expect(text.body.length).toBeLessThan(65_536);
  expect(text.body).not.toContain('<img');
  expect(readBodyTrailers(text.body, BASELINE)).toHaveLength(1);
});
