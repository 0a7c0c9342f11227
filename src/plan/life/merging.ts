import type { MergeMethod, MergePolicy } from '../../domain/life/merge-policy.ts';
import type { Stage } from '../../domain/policy.ts';
import type { Oid } from '../../domain/repo-path.ts';
import type { MergeFacts } from './merge-facts.ts';

export interface MergeQuestion {
  readonly settings: MergePolicy;
  readonly facts: MergeFacts;
  readonly stage: Stage;
  /** Of stage two: how it is known that the refresh has been applied. */
  readonly evidence: 'status' | 'settled';
  /** The commit that was planned and read back. */
  readonly head: Oid;
  /** Whose commits are in the branch. */
  readonly tip: 'ours' | 'shared';
  /** Since when it has its content, epoch milliseconds. */
  readonly since: number;
  readonly now: number;
  /** When a window opens; null while one is open. */
  readonly closedUntil: number | null;
  /** It touches more than `limits.maxObjects`, and nobody has confirmed that. */
  readonly needsConfirmation: boolean;
}

export const MERGE_WAITS = [
  'not-merged-by-us',
  'merged-by-the-bot',
  'head-moved',
  'draft',
  'in-merge-queue',
  'settled-only',
  'persons-commits',
  'needs-confirmation',
  'too-young',
  'window-closed',
  'method-not-allowed',
  'auto-merge-not-allowed',
  'conflicting',
  'changes-requested',
  'review-required',
  'checks-failing',
  'checks-pending',
  'blocked-by-rules',
] as const;

export type MergeWait = (typeof MERGE_WAITS)[number];

export type MergeDecision =
  | { readonly kind: 'wait'; readonly why: MergeWait; readonly until: number | null }
  /** Auto-merge that we turned on is to be turned off: the forge would merge what we no longer would have it merge. */
  | { readonly kind: 'take-back'; readonly why: MergeWait; readonly until: number | null }
  /** The forge is to merge it, or to put it into its queue. */
  | { readonly kind: 'leave-to-forge'; readonly method: MergeMethod }
  | { readonly kind: 'merge'; readonly method: MergeMethod };

/**
 * Whether an open pull request is merged without a person. Stage two only is where commit statuses prove the refresh; what
 * people pushed to, or what touches more than a person confirmed, never is. Auto-merge that a person turned on is that person's.
 */
export function decideMerge(question: MergeQuestion): MergeDecision {
  const decision = decideWithout(question);
  return decision.kind === 'wait' && isToBeTakenBack(question, decision.why)
    ? { ...decision, kind: 'take-back' }
    : decision;
}

/** Why we would not turn it on. What else is waited for, the forge waits for as well. */
const OUR_REASONS: ReadonlySet<MergeWait> = new Set([
  'not-merged-by-us',
  'head-moved',
  'draft',
  'settled-only',
  'persons-commits',
  'needs-confirmation',
  'too-young',
  'window-closed',
  'merged-by-the-bot',
]);

function isToBeTakenBack({ facts }: MergeQuestion, why: MergeWait): boolean {
  return facts.isOpen && facts.isAutoMergeOurs && !facts.isQueued && OUR_REASONS.has(why);
}

function decideWithout(question: MergeQuestion): MergeDecision {
  const { settings, facts } = question;
  const why = whyNotOurs(question);
  if (why !== null) return { kind: 'wait', why, until: null };
  const early = whyTooEarly(question);
  if (early !== null) return early;
  const method = methodOf(settings, facts);
  if (method === null) return { kind: 'wait', why: 'method-not-allowed', until: null };
  if (settings.mode === 'auto') return leaveToForge(facts, method);
  // It was turned on under another configuration; before a queue it is the bot's way, too.
  if (facts.isAutoMergeOurs && !facts.hasMergeQueue) return { kind: 'wait', why: 'merged-by-the-bot', until: null };
  return mergeNow(facts, method);
}

function whyNotOurs({ settings, facts, stage, evidence, head, tip, needsConfirmation }: MergeQuestion) {
  if (settings.mode === 'none' || !facts.isOpen) return 'not-merged-by-us';
  if (facts.head !== head) return 'head-moved';
  if (facts.isDraft) return 'draft';
  if (facts.isQueued) return 'in-merge-queue';
  if (stage === 2 && evidence === 'settled') return 'settled-only';
  if (tip === 'shared') return 'persons-commits';
  return needsConfirmation ? 'needs-confirmation' : null;
}

/** Reviews and checks move no ref: so often they are asked about. */
const LOOK_MILLISECONDS = 60_000;
/** What a person or a rule decides takes longer. */
export const SLOW_LOOK_MILLISECONDS = 10 * 60_000;
/** Every look is one question to the forge, which answers 5,000 an hour: all candidates together take no more than 1,200 of them. */
const MILLISECONDS_PER_LOOK = 3000;

/** How long to wait before the same is asked again, where so many pull requests are to be merged. */
export function untilNextLook(why: MergeWait, candidates: number): number {
  const isSoon = why === 'checks-pending' || why === 'blocked-by-rules' || why === 'review-required';
  return Math.max(isSoon ? LOOK_MILLISECONDS : SLOW_LOOK_MILLISECONDS, candidates * MILLISECONDS_PER_LOOK);
}

/** Checks that no rule asks for are not there at once: so long none is taken for not yet. */
const CHECKS_BEGIN_MILLISECONDS = 60_000;

function whyTooEarly({ settings, facts, since, now, closedUntil }: MergeQuestion): MergeDecision | null {
  const oldEnough = since + settings.minimumAgeMilliseconds;
  if (now < oldEnough) return { kind: 'wait', why: 'too-young', until: oldEnough };
  const begun = since + CHECKS_BEGIN_MILLISECONDS;
  if (facts.checks === 'none' && now < begun) return { kind: 'wait', why: 'checks-pending', until: begun };
  return closedUntil === null ? null : { kind: 'wait', why: 'window-closed', until: closedUntil };
}

/** Least noise on the base first. */
const PREFERRED: readonly MergeMethod[] = ['squash', 'merge', 'rebase'];

function methodOf({ method }: MergePolicy, { methods }: MergeFacts): MergeMethod | null {
  if (method !== null) return methods.includes(method) ? method : null;
  return PREFERRED.find((one) => methods.includes(one)) ?? null;
}

function leaveToForge(facts: MergeFacts, method: MergeMethod): MergeDecision {
  if (facts.isAutoMerge) return { kind: 'wait', why: 'blocked-by-rules', until: null };
  if (facts.conflict === 'conflicting') return { kind: 'wait', why: 'conflicting', until: null };
  if (facts.hasMergeQueue) return { kind: 'leave-to-forge', method };
  // A forge has nothing to wait for where its rules are met already, and refuses to.
  if (facts.rules === 'satisfied') return mergeNow(facts, method);
  if (!facts.mayAutoMerge) return { kind: 'wait', why: 'auto-merge-not-allowed', until: null };
  return { kind: 'leave-to-forge', method };
}

function mergeNow(facts: MergeFacts, method: MergeMethod): MergeDecision {
  const why = whyBlocked(facts);
  if (why !== null) return { kind: 'wait', why, until: null };
  return facts.hasMergeQueue ? { kind: 'leave-to-forge', method } : { kind: 'merge', method };
}

function whyBlocked({ conflict, review, checks, rules }: MergeFacts): MergeWait | null {
  if (conflict === 'conflicting') return 'conflicting';
  if (review === 'changes-requested') return 'changes-requested';
  if (review === 'required') return 'review-required';
  if (checks === 'failing') return 'checks-failing';
  if (checks === 'pending') return 'checks-pending';
  return rules === 'satisfied' ? null : 'blocked-by-rules';
}
