import { test } from 'vitest';
import { checkLosses, SEQUENCES } from './lost-events.ts';

test.each(SEQUENCES)('seq_%s: all of it lost, or all but the first', async (file) => {
  await checkLosses(file, (events) => [[], events.slice(0, 1)]);
});
