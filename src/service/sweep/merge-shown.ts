import { plainText } from '../../domain/plain-text.ts';
import { stageOfBranch } from '../../plan/group.ts';
import { decideMerge, type MergeDecision, SLOW_LOOK_MILLISECONDS, untilNextLook } from '../../plan/life/merging.ts';
import { nextWindow } from '../../plan/life/windows.ts';
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
  const now = served.clock.now();
  if (candidate === undefined || now < candidate.nextLookAt) return QUIET;
  const facts = await served.forge.mergeFacts(candidate.number, signal);
  if (!facts.isOpen || facts.head !== candidate.head) {
    toMerge.delete(branch);
    return QUIET;
  }
  const decision = decideMerge({
    settings: served.settings.merge,
    facts,
    stage: stageOfBranch(branch) ?? 1,
    evidence: candidate.evidence,
    head: candidate.head,
    tip: candidate.tip,
    since: candidate.since,
    now,
    closedUntil: closedUntil(served, candidate, now),
    needsConfirmation: false,
  });
  return carryOut(round, { branch, candidate }, decision);
}

/** When the merge of what is open may next be looked at, epoch milliseconds. */
export function mergeLooks({ memory }: ServedBranch): readonly number[] {
  return [...memory.toMerge.values()].map(({ nextLookAt }) => nextLookAt);
}

/** Null while a window is open; what is urgent needs none. */
function closedUntil({ settings }: ServedBranch, { isUrgent }: MergeCandidate, now: number): number | null {
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
    case 'leave-to-forge':
      return leaveToForge(round, due, decision);
    case 'merge':
      return merge(round, due, decision);
  }
}

function wait({ served }: Round, { branch, candidate }: Due, decision: MergeDecision & { kind: 'wait' }): Swept {
  const { until, why } = decision;
  lookAgain(
    served,
    { branch, candidate },
    until ?? served.clock.now() + untilNextLook(why, served.memory.toMerge.size),
  );
  served.log.debug({ repository: served.name, branch, pr: candidate.url, why }, 'not merged yet');
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

function lookAgain({ memory }: ServedBranch, { branch, candidate }: Due, nextLookAt: number): void {
  memory.toMerge.set(branch, { ...candidate, nextLookAt });
}
