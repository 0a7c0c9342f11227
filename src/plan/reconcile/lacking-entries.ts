import type { Token } from '../../domain/token.ts';
import type { DecidedEntry } from '../desired-token.ts';

/** What an object follows and nobody has recorded, as it is now. */
export function lackingEntries(entries: readonly DecidedEntry[]): Token {
  return entries.flatMap(({ existing, baseline, desired }) =>
    existing === null && baseline === null && desired !== null ? [desired] : [],
  );
}
