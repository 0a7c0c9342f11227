import * as fc from 'fast-check';
import { test } from 'vitest';
import { LAWS } from './plan-laws.ts';

test.each(Object.entries(LAWS))('%s', (_, law) => {
  fc.assert<unknown[]>(law, { numRuns: 25 });
});
