import { readTrailers } from '../trailers.ts';
import { belowBlock } from './hidden-block.ts';

/**
 * The values of one trailer of a body that anybody may have written: in its last paragraph, and where somebody has written
 * below them, in the one below the block for machines, where we put them.
 */
export function readBodyTrailers(body: string, key: string): readonly string[] {
  const atEnd = readTrailers(body, key);
  return atEnd.length > 0 ? atEnd : readTrailers(belowBlock(body), key);
}
