import { plainText } from '../../../domain/plain-text.ts';
import type { Obstacle } from '../../plan.ts';
import type { AwaitedStatus } from './status-evidence.ts';

/** Why a restart waits for a status, in words. */
export function awaiting({ context, why, commit }: AwaitedStatus): Obstacle {
  const name = `status or check ${plainText(context, 255)}`;
  const at = commit === null ? '' : ` on ${commit.slice(0, 12)}`;
  switch (why) {
    case 'failed':
      return held(`The ${name} failed${at}, which holds its refresh: it restarts after one that succeeds.`, MEND);
    case 'pending':
      return held(`It waits for the ${name} to succeed: it is pending${at}.`, null);
    case 'untold':
      return held(`The ${name} succeeded${at}, which has more statuses and checks than are looked through.`, FEWER);
    case 'missing':
      return held(`It waits for the ${name} to succeed on a commit of the base that holds its refresh.`, CHECK);
  }
}

function held(reason: string, hint: string | null): Obstacle {
  return { code: 'awaiting-status', reason, hint };
}

const MEND = 'Mend what failed, on the base branch or in the cluster. To restart all the same, run plan --stage 2.';
const FEWER =
  'Let fewer be reported on each commit of the base, at most 100. To restart all the same, run plan --stage 2.';
const CHECK = 'Where it never comes, see branches[].evidence: the name, and who reports it.';
