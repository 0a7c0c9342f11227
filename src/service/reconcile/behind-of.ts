import type { BehindObject } from '../../plan/reconcile/looked.ts';
import type { Behind } from '../../plan/reconcile/reconcile-report.ts';
import { OUTCOMES, type Outcome } from '../outcome.ts';

/** What became of one object that was behind; `outcome`: of the first of its wishes that came to one. */
export function behindOf(
  { carriedBy, wishes, ...object }: BehindObject,
  by: 'interval' | 'asked' | 'look',
  outcomeOf: (wish: BehindObject['wishes'][number]) => Outcome | null,
): Behind {
  const none = { ...object, reason: null, branch: carriedBy, pullRequest: null };
  // Other objects of the same secret may have been proposed meanwhile.
  if (carriedBy !== null) return { ...none, state: 'carried' };
  const [outcome] = wishes.flatMap((wish) => outcomeOf(wish) ?? []);
  if (outcome === undefined) return { ...none, state: by === 'look' ? 'found' : 'later' };
  const { reason, branch, pullRequest } = outcome;
  return { ...object, state: stateOf(outcome), reason, branch, pullRequest };
}

function stateOf({ kind, branch }: Outcome): Behind['state'] {
  if (kind === 'published' || kind === 'waiting') return 'proposed';
  if (kind === 'already-current') return branch === null ? 'not-confirmed' : 'proposed';
  return OUTCOMES[kind].counts === 'retried' ? 'later' : 'held';
}
