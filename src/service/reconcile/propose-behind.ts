import { groupWishes } from '../../plan/group.ts';
import type { Wish } from '../../plan/truth/wish.ts';
import { failureOf, type Outcome, outcomeOfFailure } from '../outcome.ts';
import { proposeGroup } from '../propose/propose-group.ts';
import type { Round } from '../round.ts';
import { proposeStrays } from '../sweep/sweep-refreshes.ts';

/**
 * Proposes what is behind, group by group, as for an event: AWS is asked for each secret once more, and what it does not confirm is
 * not proposed. Outcomes are added to `outcomes`. False where a ref moved: begin again from the refs. A failure in one group leaves
 * the others alone.
 */
export async function proposeBehind(
  round: Round,
  wishes: readonly Wish[],
  outcomes: Map<Wish, Outcome>,
): Promise<boolean> {
  let isWhole = true;
  for (const group of groupWishes(round.index, wishes, round.served.settings.scope.grouping)) {
    round.signal.throwIfAborted();
    const done = await outcomesOf(round, group);
    if (done === 'base moved') return false;
    if (done.length === 0) isWhole = false;
    for (const [at, wish] of group.wishes.entries()) {
      const one = done[at];
      if (one !== undefined) outcomes.set(wish, one);
    }
  }
  return isWhole;
}

async function outcomesOf(
  round: Round,
  group: ReturnType<typeof groupWishes>[number],
): Promise<readonly Outcome[] | 'base moved'> {
  try {
    const strays = await proposeStrays(round, group);
    if (strays?.kind === 'done') return group.wishes.map(() => strays.outcome);
    const result = strays ?? (await proposeGroup(round, group, []));
    if (result.kind === 'done') return result.outcomes;
    return result.what === 'base' ? 'base moved' : [];
  } catch (error) {
    round.signal.throwIfAborted();
    const failed = outcomeOfFailure(failureOf(error));
    return group.wishes.map(() => failed);
  }
}
