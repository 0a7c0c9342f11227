import type { PullRequest } from '../../../ports.ts';
import type { ServedBranch } from '../../served-branch.ts';
import { type NotNow, untouchable } from './untouchable.ts';
import { SUPERSEDED, supersede } from './withdraw.ts';

/** Whether an open pull request may be given other content. */
export type Readiness =
  | { readonly kind: 'ready' }
  /** It was closed, so that what people said of its old content is not said of the new: another one is to be opened. */
  | { readonly kind: 'closed' }
  /** It carries this content already, and is left in the merge queue. */
  | { readonly kind: 'left'; readonly pull: PullRequest }
  | NotNow;
export const READY: Readiness = { kind: 'ready' };

const WHY = 'The content of this pull request is about to change: what was approved is no longer what it brings.';

/**
 * Takes back what was decided on the old content before it changes: automatic merging is switched off, approvals are dismissed.
 * Where either is not allowed the pull request is closed. One in a merge queue is not touched.
 */
async function beforeChange(served: ServedBranch, pull: PullRequest, signal: AbortSignal): Promise<Readiness> {
  const { forge } = served;
  const facts = await forge.mergeFacts(pull.number, signal);
  const untouched = untouchable(pull, facts);
  if (untouched !== null) return untouched;
  const answers = [
    ...(facts.isAutoMerge ? [await forge.autoMerge(pull.number, null, signal)] : []),
    ...(facts.approvals.length > 0
      ? [await forge.dismissApprovals(pull.number, { except: null, why: WHY }, signal)]
      : []),
  ];
  if (answers.every(({ kind }) => kind === 'done')) return READY;
  await supersede({ served, pull, why: SUPERSEDED, signal });
  return { kind: 'closed' };
}

/** Whether it may be pushed to now: what is of the same content only waits for the merge queue, and needs nothing taken back. */
export async function readyFor(
  content: 'same' | 'new',
  served: ServedBranch,
  pull: PullRequest,
  signal: AbortSignal,
): Promise<Readiness> {
  if (content === 'new') return beforeChange(served, pull, signal);
  const facts = await served.forge.mergeFacts(pull.number, signal);
  if (facts.isOpen && facts.isQueued) return { kind: 'left', pull };
  return untouchable(pull, facts) ?? READY;
}
