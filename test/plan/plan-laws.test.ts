import * as fc from 'fast-check';
import { test } from 'vitest';
import { LAWS } from './plan-laws.ts';

/** `plan-laws.deep.ts` has many more of each. */
test.each(Object.entries(LAWS))('%s', (_, law) => {
  fc.assert<unknown[]>(law, { numRuns: 12 });
});
