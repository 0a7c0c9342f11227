import { test } from 'vitest';
import { checkWindowLaws } from './window-laws.ts';

test('it is open exactly where its spans say so, by brute force', { timeout: 300_000 }, () => {
  checkWindowLaws(600);
});
