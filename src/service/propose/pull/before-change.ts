import type { PullRequest } from '../../../ports.ts';
import type { ServedBranch } from '../../served-branch.ts';
import { SUPERSEDED, supersede } from './withdraw.ts';

/** Whether an open pull request may be given other content. */
export type Readiness =
  | { readonly kind: 'ready' }
  /** It was closed, so that what people said of its old content is not said of the new: another one is to be opened. */
  | { readonly kind: 'closed' }
  /** It carries this content already, and is left in the merge queue. */
  | { readonly kind: 'left'; readonly pull: PullRequest }
  | { readonly kind: 'not-now'; readonly reason: string; readonly retryAfterSeconds: number };

export const READY: Readiness = { kind: 'ready' };

const QUEUE_SECONDS = 60;
const WHY = 'The content of this pull request is about to change: what was approved is no longer what it brings.';

/**
 * Takes back what was decided on the old content before it changes: automatic merging is switched off, approvals are dismissed.
 * Where either is not allowed the pull request is closed. One in a merge queue is not touched.
 */
async function beforeChange(served: ServedBranch, pull: PullRequest, signal: AbortSignal): Promise<Readiness> {
  const { forge } = served;
  const facts = await forge.mergeFacts(pull.number, signal);
  if (!facts.isOpen) return { kind: 'not-now', reason: 'It was merged or closed meanwhile.', retryAfterSeconds: 1 };
  if (facts.isQueued) {
    const reason = `Pull request #${pull.number} waits in the merge queue: it is not touched.`;
    return { kind: 'not-now', reason, retryAfterSeconds: QUEUE_SECONDS };
  }
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
  return (await served.forge.mergeFacts(pull.number, signal)).isQueued ? { kind: 'left', pull } : READY;
}
