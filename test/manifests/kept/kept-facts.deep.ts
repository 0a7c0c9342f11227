import { test } from 'vitest';
import { checkKept, goldenFacts } from './kept-checks.ts';

test('what every manifest of the golden repositories says comes back exactly', () => {
  checkKept(goldenFacts());
});
