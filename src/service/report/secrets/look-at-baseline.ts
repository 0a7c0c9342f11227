import { baselineBranch } from '../../../plan/reconcile/baseline/baseline-branch.ts';
import { updateDueAt } from '../../../plan/reconcile/baseline/baseline-update.ts';
import type { BaselineStanding } from '../../../plan/reconcile/reconcile-report.ts';
import { readBaseline } from '../../reading/read-index.ts';
import {
  COMPLETE,
  isTurnedDown,
  LATER,
  rejected,
  SHOWN,
  standing,
  unreadable,
} from '../../reconcile/propose-baseline.ts';
import type { Round } from '../../round.ts';

/** Where the baseline of a base stands when `objects` lack one; null: nobody knows how many do. Nothing is written. */
export async function lookAtBaseline(round: Round, objects: number | null): Promise<BaselineStanding> {
  const { served, snapshot, signal } = round;
  const { branchPrefix: prefix, instance, base, baseline } = served.settings;
  const recorded = await readBaseline(snapshot);
  if (baseline === 'none') return standing('off', 'spec.reconcile.baseline is none.');
  if (recorded?.kind === 'problem') return unreadable(recorded);
  if (objects === 0) return COMPLETE;
  const pulls = await served.forge.list(baselineBranch({ prefix, instance, base }), base, signal);
  const open = pulls.find(({ state }) => state === 'open');
  if (open !== undefined) return { ...SHOWN, pullRequest: open.url };
  if (objects === null) return NOT_ASKED;
  if (isTurnedDown(pulls)) return rejected(pulls);
  return served.clock.now() < updateDueAt(recorded?.entries ?? null) ? LATER : MISSING;
}

const NOT_ASKED = standing('missing', 'AWS was not asked, or did not tell all, so nobody knows what lacks one.');

const MISSING = standing(
  'missing',
  'No pull request records what has none yet.',
  'The next reconcile opens one; the command reconcile does so at once.',
);
