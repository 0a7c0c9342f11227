import { applyPatch, structuredPatch } from 'diff';
import type { SidesOfFile } from '../../memory-world.ts';

/** The text with what both sides made of it, as Git merges: null where they changed the same lines. */
export function mergeLines({ origin = '', ours = '', theirs = '' }: SidesOfFile): string | null {
  const patch = structuredPatch('a', 'a', origin, ours, undefined, undefined, { context: 1 });
  const merged = applyPatch(theirs, patch, { fuzzFactor: 0 });
  return merged === false ? null : merged;
}
