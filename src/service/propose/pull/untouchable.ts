import type { MergeFacts } from '../../../plan/life/merge-facts.ts';
import type { PullRequest } from '../../../ports.ts';
import type { ServedBranch } from '../../served-branch.ts';

/** An open pull request, and its branch, are left as they are for now. */
export interface NotNow {
  readonly kind: 'not-now';
  readonly reason: string;
  readonly retryAfterSeconds: number;
}

const QUEUE_SECONDS = 60;

/** Why a pull request, and its branch, must not be touched: it waits in a merge queue, or is no longer open. Null: they may be. */
export function untouchable(
  { number }: Pick<PullRequest, 'number'>,
  { isOpen, isQueued }: Pick<MergeFacts, 'isOpen' | 'isQueued'>,
): NotNow | null {
  if (!isOpen) return { kind: 'not-now', reason: 'It was merged or closed meanwhile.', retryAfterSeconds: 1 };
  if (!isQueued) return null;
  const reason = `Pull request #${number} waits in the merge queue: it is not touched.`;
  return { kind: 'not-now', reason, retryAfterSeconds: QUEUE_SECONDS };
}

/** The same, asked of the forge. */
export async function whyUntouchable(
  { forge }: ServedBranch,
  pull: PullRequest,
  signal: AbortSignal,
): Promise<NotNow | null> {
  return untouchable(pull, await forge.mergeFacts(pull.number, signal));
}
