import { syncAnnotation } from '../../domain/policy.ts';
import { parseToken, tokenVersion } from '../../domain/token.ts';
import type { Edit } from '../plan.ts';
import type { KnownSecret, Truth } from '../truth/wish.ts';

/** A secret whose next rotation takes away what running pods still use. */
export interface NextDrop {
  readonly secret: string;
  /** When AWS is to rotate it, epoch milliseconds. */
  readonly at: number;
}

/**
 * The secrets among what a plan refreshes whose next scheduled rotation drops the version that the base has: AWS keeps the
 * version before the current one under AWSPREVIOUS, until it rotates again. Sorted, none twice.
 */
export function nextDrops(edits: readonly Edit[], truth: Truth): readonly NextDrop[] {
  const drops = new Map<string, NextDrop>();
  for (const known of truth.values()) {
    const at = dropAt(known, edits);
    if (at !== null && known.kind === 'described') drops.set(known.name, { secret: known.name, at });
  }
  return [...drops.values()].toSorted((left, right) => (left.secret < right.secret ? -1 : 1));
}

function dropAt(known: KnownSecret, edits: readonly Edit[]): number | null {
  if (known.kind !== 'described' || known.nextRotationAt === undefined) return null;
  const previous = known.versions.get('AWSPREVIOUS');
  if (previous === undefined) return null;
  const version = tokenVersion(previous);
  const isUsed = edits
    .filter(({ kind, annotation }) => annotation === syncAnnotation(kind))
    .some(({ before, secrets }) => {
      const entry = parseToken(before)?.find(({ name }) => name === known.name);
      // Without an entry it is at its baseline: what was current before.
      return entry === undefined ? secrets.includes(known.name) : entry.version === version;
    });
  return isUsed ? known.nextRotationAt : null;
}
