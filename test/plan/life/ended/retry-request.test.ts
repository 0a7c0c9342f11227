import { expect, test } from 'vitest';
import { asksForRetry, hasRetryLabel } from '../../../../src/plan/life/ended/retry-request.ts';

test.each([
  ['/gitops-reloader retry', true],
  ['  /gitops-reloader retry\t\r\nplease', true],
  ['/gitops-reloader retry\n', true],
  ['/gitops-reloader retry please', false],
  ['/gitops-reloader  retry', false],
  ['/gitops-reloader retry\u00a0', false],
  ['/GitOps-Reloader retry', false],
  ['Say:\n/gitops-reloader retry', false],
  ['> /gitops-reloader retry', false],
  ['\n/gitops-reloader retry', false],
  ['', false],
  [`${' '.repeat(100_000)}/gitops-reloader retry`, false],
])('%j asks for a retry: %s', (comment, expected) => {
  expect(asksForRetry(comment)).toBe(expected);
});

test('a label is known in whatever case', () => {
  expect(hasRetryLabel(['a', 'GitOps-Reloader:Retry'])).toBe(true);
  expect(hasRetryLabel(['gitops-reloader:retry-later', 'retry'])).toBe(false);
});
