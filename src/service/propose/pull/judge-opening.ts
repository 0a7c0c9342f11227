import { folderOf } from '../../../plan/group.ts';
import { needsNoCounts, type Opening, type OpeningCounts, openingOf, roomToOpen } from '../../../plan/life/opening.ts';
import { isUrgentWork, type UrgencyWork } from '../../../plan/life/urgency.ts';
import { isBaselineBranch } from '../../../plan/reconcile/baseline/baseline-branch.ts';
import type { Round } from '../../round.ts';
import type { OpeningWork, ServedBranch } from '../../served-branch.ts';

/** Something to be opened, or open already. */
export interface Judged extends OpeningWork {
  readonly branch: string;
  /** Of the open pull request; null where none is. */
  readonly labels: readonly string[] | null;
}

/** Whether a pull request may be opened now, and what it waits for. The forge is asked once in a round. */
export async function judgeOpening(round: Round, { branch, labels, ...work }: Judged): Promise<Opening> {
  const { limits, windows } = round.served.settings;
  const ahead = aheadOf(round.served, branch, work);
  const facts = { ...work, labels, limits, windows, ahead, now: round.served.clock.now() };
  const counts = needsNoCounts(facts) ? NO_COUNTS : await countsOf(round);
  return openingOf({ ...facts, counts });
}

/** How many the limits leave room for now, beside everything that waits already. */
export async function roomOf(round: Round): Promise<number> {
  const { limits } = round.served.settings;
  if (limits.open === null && limits.perHour === null) return Number.POSITIVE_INFINITY;
  const counts = await countsOf(round);
  return roomToOpen({ limits, counts, ahead: round.served.memory.waiting.size, now: round.served.clock.now() });
}

const NO_COUNTS: OpeningCounts = { open: 0, createdAt: [] };

/** True where any of it passes windows and limits. */
export function isUrgent({ index, served }: Pick<Round, 'index' | 'served'>, work: UrgencyWork): boolean {
  const { accounts, isUrgentName } = served.settings;
  const places = accounts.flatMap(({ id, regions }) => regions.map((region) => ({ account: id, region })));
  return isUrgentWork({ index, places, isUrgentName }, work);
}

/** One more is opened in this round. */
export function countOpened({ openings, served }: Round): void {
  // Who asks later is told of it.
  if (openings.asked !== null) openings.opened.push(served.clock.now());
}

async function countsOf({ served, openings, signal }: Round): Promise<OpeningCounts> {
  const { branchPrefix: prefix, instance } = served.settings;
  openings.asked ??= served.forge.recent(folderOf({ prefix, instance }), signal).then(({ open, createdAt }) => {
    // One that records a baseline may stay open for long, and is nothing that anybody waits for.
    return { open: open.filter(({ branch }) => !isBaselineBranch(branch)).length, createdAt };
  });
  const { open, createdAt } = await openings.asked;
  return { open: open + openings.opened.length, createdAt: [...createdAt, ...openings.opened] };
}

/** What this process knows to wait for longer. Of the same age the branch's name decides. */
function aheadOf({ memory }: ServedBranch, branch: string, { since }: OpeningWork): number {
  return [...memory.waiting].filter(
    ([other, { wait, since: earlier }]) =>
      other !== branch &&
      wait.why !== 'needs-confirmation' &&
      (earlier < since || (earlier === since && other < branch)),
  ).length;
}
