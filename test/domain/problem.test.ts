import { expect, test } from 'vitest';
import { formatProblem, type Problem } from '../../src/domain/problem.ts';

const PROBLEM: Problem = {
  message: 'unknown key "ordr"',
  file: 'config.yaml',
  line: 3,
  column: 5,
  hint: 'did you mean "order"?',
};

test.each<[Partial<Problem>, string]>([
  [{}, 'config.yaml:3:5: unknown key "ordr" (did you mean "order"?)'],
  [{ hint: null }, 'config.yaml:3:5: unknown key "ordr"'],
  [{ column: null, hint: null }, 'config.yaml:3: unknown key "ordr"'],
  [{ line: null, column: null, hint: null }, 'config.yaml: unknown key "ordr"'],
])('%j', (change, expected) => {
  expect(formatProblem({ ...PROBLEM, ...change })).toBe(expected);
});
