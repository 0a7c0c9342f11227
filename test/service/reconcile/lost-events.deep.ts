import { test } from 'vitest';
import { checkLosses, SEQUENCES } from './lost-events.ts';

/** Every subset of few events; of many, those that a fixed seed chooses, with none and all of them. */
function subsetsOf(events: readonly unknown[]): readonly (readonly unknown[])[] {
  const pick = (mask: number) => events.filter((_, at) => (mask & (1 << at)) !== 0);
  const all = 2 ** events.length;
  if (events.length <= 6) return Array.from({ length: all }, (_, mask) => pick(mask));
  let state = 20_260_302;
  const random = Array.from({ length: 40 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return pick(state % all);
  });
  return [[], events, ...random];
}

test.each(SEQUENCES)('seq_%s: whatever is lost of it', async (file) => {
  await checkLosses(file, subsetsOf);
});
