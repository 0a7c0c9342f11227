import { Failure } from '../../../domain/failure.ts';
import type { BranchLook } from '../../../plan/report/look.ts';
import type { Pause } from '../../pause.ts';
import { beginRound, type Round, readRefs } from '../../round.ts';
import { missingBase, type ServedBranch } from '../../served-branch.ts';
import { readOnly } from './read-only.ts';
import { orFailure, troubleOf } from './shown-pull.ts';

/** How a report looks at base branches. */
export interface LookHow {
  /** Why the whole instance writes nothing; null where it does. */
  readonly pause: Pause | null;
  readonly signal: AbortSignal;
}

/**
 * Reads a base branch for a report, and hands it to `examine`. Null for `read`: the branch cannot be read, and `look` says why;
 * that keeps no other from being looked at. Nothing is written anywhere.
 */
export async function lookAtBranch<T>(
  served: ServedBranch,
  { pause, signal }: LookHow,
  examine: (look: BranchLook, round: Round | null) => Promise<T>,
): Promise<T> {
  const unread = { name: served.name, head: null, paused: pause, troubles: [], notLooked: [] };
  const lost = (failure: Failure) => {
    const troubles = [troubleOf(`repository ${served.name}`, failure)];
    return examine({ ...unread, troubles }, null);
  };
  const round = await orFailure(() => readRound(readOnly(served), signal));
  if (round instanceof Failure) return lost(round);
  const look = { ...unread, head: round.base.oid, paused: pause ?? round.pause };
  const result = await orFailure(() => examine(look, round));
  return result instanceof Failure ? lost(result) : result;
}

async function readRound(served: ServedBranch, signal: AbortSignal): Promise<Round> {
  const refs = await readRefs(served, signal);
  if (refs === null) throw missingBase(served);
  return beginRound(served, refs, signal);
}
