import { plainText } from '../../domain/plain-text.ts';
import { stageOfBranch } from '../../plan/group.ts';
import type { MergeFacts } from '../../plan/life/merge-facts.ts';
import { decideMerge, type MergeDecision, SLOW_LOOK_MILLISECONDS, untilNextLook } from '../../plan/life/merging.ts';
import { nextWindow, windowCloses } from '../../plan/life/windows.ts';
import type { PullRequest } from '../../ports.ts';
import { BASE_MOVED, type Round } from '../round.ts';
import type { MergeCandidate, ServedBranch } from '../served-branch.ts';
import { QUIET, type Swept } from './swept.ts';

/**
 * Merges the open pull request of a branch, or has the forge merge it, where the configuration and the forge's rules allow that.
 * Once the base has moved by it, nothing more of this round can be shown.
 */
export async function mergeShown(round: Round, branch: string): Promise<Swept> {
  const { served, signal } = round;
  const { toMerge } = served.memory;
  const candidate = toMerge.get(branch);
  if (candidate === undefined || served.clock.now() < candidate.nextLookAt) return QUIET;
  const facts = await served.forge.mergeFacts(candidate.number, signal);
  const decision = judgeMerge(served, { branch, candidate, facts });
  // What is shown now is offered anew once it was read back.
  if (!facts.isOpen || facts.head !== candidate.head) toMerge.delete(branch);
  return carryOut(round, { branch, candidate }, decision);
}

/** What is to be merged, as far as that decides it. */
interface MergeWork {
  readonly branch: string;
  readonly candidate: Pick<MergeCandidate, 'evidence' | 'head' | 'tip' | 'isUrgent' | 'since'>;
  readonly facts: MergeFacts;
}

/** Whether an open pull request is merged without a person now. */
export function judgeMerge(served: ServedBranch, { branch, candidate, facts }: MergeWork): MergeDecision {
  const { evidence, head, tip, isUrgent, since } = candidate;
  const now = served.clock.now();
  return decideMerge({
    settings: served.settings.merge,
    facts,
    stage: stageOfBranch(branch) ?? 1,
    evidence,
    head,
    tip,
    since,
    now,
    closedUntil: closedUntil(served, isUrgent, now),
    // What waits for that is not offered.
    needsConfirmation: false,
  });
}

/** An own branch with all of its pull requests. */
interface Watched {
  readonly branch: string;
  readonly tip: 'none' | 'ours' | 'shared' | 'foreign';
  readonly pulls: readonly PullRequest[];
}

/** Auto-merge that is on where none of ours should be is looked at, too, though nothing is offered: we may have turned it on before. */
export function watchAutoMerge({ memory, settings }: ServedBranch, { branch, tip, pulls }: Watched): void {
  const open = pulls.find(({ state }) => state === 'open');
  const isOffered = open === undefined || memory.toMerge.get(branch)?.head === open.head;
  const isOurs = settings.merge.mode !== 'none' && tip === 'ours';
  if (isOffered || isOurs || !open.isAutoMerge) return;
  const { number, url, head } = open;
  const rest = { evidence: 'settled', isUrgent: false, since: 0, nextLookAt: 0 } as const;
  memory.toMerge.set(branch, { number, url, head, tip: tip === 'ours' ? 'ours' : 'shared', ...rest });
}

/** When the merge of what is open may next be looked at, epoch milliseconds. */
export function mergeLooks({ memory }: ServedBranch): readonly number[] {
  return [...memory.toMerge.values()].map(({ nextLookAt }) => nextLookAt);
}

/** Null while a window is open; what is urgent needs none. */
function closedUntil({ settings }: ServedBranch, isUrgent: boolean, now: number): number | null {
  const next = nextWindow(settings.windows, now) ?? now + SLOW_LOOK_MILLISECONDS;
  return isUrgent || next === now ? null : next;
}

interface Due {
  readonly branch: string;
  readonly candidate: MergeCandidate;
}

async function carryOut(round: Round, due: Due, decision: MergeDecision): Promise<Swept> {
  switch (decision.kind) {
    case 'wait':
      return wait(round, due, decision);
    case 'take-back':
      return takeBack(round, due, decision);
    case 'leave-to-forge':
      return leaveToForge(round, due, decision);
    case 'merge':
      return merge(round, due, decision);
  }
}

function wait({ served }: Round, due: Due, { until, why }: MergeDecision & { kind: 'wait' }): Swept {
  const { branch, candidate } = due;
  lookAgain(served, due, until ?? served.clock.now() + untilNextLook(why, served.memory.toMerge.size));
  served.log.debug({ repository: served.name, branch, pr: candidate.url, why }, 'not merged yet');
  return QUIET;
}

/** The next look is soon: what stands against auto-merge need not stand against the bot. */
async function takeBack(
  { served, signal }: Round,
  due: Due,
  { until, why }: MergeDecision & { kind: 'take-back' },
): Promise<Swept> {
  const { branch, candidate } = due;
  const answer = await served.forge.autoMerge(candidate.number, null, signal);
  const fields = { repository: served.name, branch, pr: candidate.url, why };
  if (answer.kind === 'done') served.log.info(fields, 'the forge no longer merges it by itself');
  else served.log.warn({ ...fields, reason: plainText(answer.reason) }, 'auto-merge may not be turned off');
  const soon = served.clock.now() + (answer.kind === 'done' ? 0 : SLOW_LOOK_MILLISECONDS);
  lookAgain(served, due, until ?? soon);
  return QUIET;
}

async function leaveToForge(
  { served, signal }: Round,
  due: Due,
  { method }: MergeDecision & { kind: 'leave-to-forge' },
): Promise<Swept> {
  const { number, head } = due.candidate;
  const answer = await served.forge.autoMerge(number, { method, head }, signal);
  const fields = { repository: served.name, branch: due.branch, pr: due.candidate.url, method };
  if (answer.kind === 'done') served.log.info(fields, 'the forge merges it once its rules are met');
  else served.log.warn({ ...fields, reason: plainText(answer.reason) }, 'the forge may not merge it by itself');
  lookAgain(served, due, served.clock.now() + SLOW_LOOK_MILLISECONDS);
  return QUIET;
}

async function merge(
  { served, signal }: Round,
  due: Due,
  { method }: MergeDecision & { kind: 'merge' },
): Promise<Swept> {
  const { number, head, url } = due.candidate;
  const answer = await served.forge.merge(number, { method, head }, signal);
  const fields = { repository: served.name, branch: due.branch, pr: url, method };
  if (answer.kind === 'refused') {
    served.log.warn({ ...fields, reason: plainText(answer.reason) }, 'may not be merged');
    lookAgain(served, due, served.clock.now() + SLOW_LOOK_MILLISECONDS);
    return QUIET;
  }
  served.memory.toMerge.delete(due.branch);
  if (answer.kind === 'moved') return QUIET;
  served.log.info(fields, 'merged');
  served.meter.count('pull_requests_merged_total', { repository: served.name });
  return BASE_MOVED;
}

/** Not later than the window closes: auto-merge goes then. What is offered no more stays so. */
function lookAgain({ memory, settings, clock }: ServedBranch, { branch, candidate }: Due, at: number): void {
  if (!memory.toMerge.has(branch)) return;
  const closes = candidate.isUrgent ? null : windowCloses(settings.windows, clock.now());
  memory.toMerge.set(branch, { ...candidate, nextLookAt: Math.min(at, closes ?? at) });
}
