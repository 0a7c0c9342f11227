import { unreachable } from '../../domain/failure.ts';
import type { Group } from '../../plan/group.ts';
import type { Skip } from '../../plan/plan.ts';
import type { RefreshPlan } from '../../plan/plan-refresh.ts';
import type { Verdict, Wish } from '../../plan/truth/wish.ts';
import { type Outcome, outcome, outcomeOfFailure } from '../outcome.ts';
import type { Identified } from '../truth/identify-changes.ts';

/** The outcome of a change that asks for nothing, or not yet. */
export function outcomeWithoutWish(one: Exclude<Identified, { kind: 'wish' }>): Outcome {
  switch (one.kind) {
    case 'ignored':
      return outcome('ignored', one.reason);
    case 'not-visible':
      return outcome('try-later', 'AWS does not show yet what the event tells.');
    case 'failed':
      return outcomeOfFailure(one.failure);
    default:
      return unreachable(one);
  }
}

/**
 * One outcome for each wish of a group, in order. `edited`: what became of the edits; null where there were none.
 * `denied`: wishes for secrets that may not be described: where one is used, that is an operator's matter.
 */
export function outcomesOf(
  group: Group,
  refresh: RefreshPlan,
  edited: Outcome | null,
  denied: ReadonlySet<Wish>,
): readonly Outcome[] {
  return group.wishes.map((wish, at) => {
    const verdict = refresh.verdicts[at] ?? 'unused';
    const result = outcomeOfVerdict(verdict, refresh.reasons[at] ?? [], edited);
    const isBlocked = denied.has(wish) && result.kind === 'used-but-not-bumped';
    if (wish.service === 'find') return { ...result, ...(isBlocked ? { kind: 'needs-operator' } : {}) };
    return { ...result, ...(isBlocked ? grant(wish) : {}), secret: wish.names[0] ?? null };
  });
}

function grant({ service }: Wish): Pick<Outcome, 'kind' | 'hint'> {
  const action = service === 'ssm' ? 'ssm:DescribeParameters' : 'secretsmanager:DescribeSecret';
  return { kind: 'needs-operator', hint: `Grant ${action}, or set spec.aws.truth: event.` };
}

function outcomeOfVerdict(verdict: Verdict, skips: readonly Skip[], edited: Outcome | null): Outcome {
  switch (verdict) {
    case 'edited':
      return edited ?? notBumped(skips);
    case 'already-current':
      return outcome('already-current', 'The base branch already has this version.');
    case 'rejected-by-people':
      return outcome('rejected-by-people', reasonsOf(skips));
    case 'not-bumped':
      return notBumped(skips);
    case 'not-proven':
      return outcome('not-proven', `No reference names it, but some could: ${reasonsOf(skips)}`);
    case 'unused':
      return outcome('nobody-uses-it', 'No ExternalSecret in this repository fetches it.');
    default:
      return unreachable(verdict);
  }
}

function notBumped(skips: readonly Skip[]): Outcome {
  const [hint = null] = skips.flatMap((skip) => skip.hint ?? []);
  return outcome('used-but-not-bumped', reasonsOf(skips), { hint });
}

function reasonsOf(skips: readonly Skip[]): string {
  const reasons = skips.slice(0, 5).map(({ path, code, reason }) => `${path}: ${code}: ${reason}`);
  return [...reasons, ...(skips.length > 5 ? [`and ${skips.length - 5} more`] : [])].join(' ');
}
