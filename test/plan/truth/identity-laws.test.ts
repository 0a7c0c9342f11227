import * as fc from 'fast-check';
import { test } from 'vitest';
import { IDENTITY_LAWS } from './identity-laws.ts';

test.each(Object.entries(IDENTITY_LAWS))('%s', async (_, law) => {
  await fc.assert<unknown[]>(law, { numRuns: 200 });
});
