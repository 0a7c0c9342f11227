import type { Failure } from '../../../domain/failure.ts';
import { plainText } from '../../../domain/plain-text.ts';
import type { MergeDecision, MergeWait } from '../../life/merging.ts';
import { utcSeconds } from '../../life/opening.ts';
import type { BranchStanding, MergeStanding } from '../branch-standing.ts';

/** Each with what a person can do about it; null where that is nothing. */
const WORDS: Readonly<Record<MergeWait, readonly [reason: string, hint: string | null]>> = {
  'not-merged-by-us': ['it is not open any more, or people merge', null],
  'merged-by-the-bot': ['another configuration has switched auto-merge on', null],
  'head-moved': ['the forge shows another commit at its head than the branch has', null],
  draft: ['it is a draft', 'Mark it as ready for review.'],
  'in-merge-queue': ['it waits in the merge queue', null],
  'settled-only': ['it restarts workloads, and nothing but time says that their refresh was applied', 'Merge it.'],
  'persons-commits': ["a person's commit is on its branch", 'Merge it.'],
  'needs-confirmation': ['nobody has confirmed it', 'Set the label that its comment asks for.'],
  'too-young': ['it has its present version for less than merge.minimumAge', null],
  'window-closed': ['no window is open', null],
  'method-not-allowed': [
    'the repository does not allow the configured method',
    "Allow it in the repository's settings, or change merge.method.",
  ],
  'auto-merge-not-allowed': ['the repository does not allow auto-merge', "Allow it in the repository's settings."],
  conflicting: ['it conflicts with its base', null],
  'changes-requested': ['a review asks for changes', 'Settle it with whoever asked for them.'],
  'review-required': ["it has not the approvals that the base's rules ask for", 'Review it.'],
  'checks-failing': ['a check has failed', 'Look at its checks.'],
  'checks-pending': ['a check has not ended, or may not be seen', null],
  'blocked-by-rules': ['another rule of the base is not met', "Look at the base's rules."],
};

/** An open pull request's standing, with what decides whether it is merged without a person. */
export function withMerge(standing: BranchStanding, number: number, decision: MergeDecision): BranchStanding {
  const pull = `Pull request #${number}`;
  switch (decision.kind) {
    case 'merge':
      return { ...standing, reason: `${pull} is merged by the sweep.`, merge: NOTHING_AGAINST[decision.kind] };
    case 'leave-to-forge': {
      const reason = `${pull} is merged by the forge once its rules are met.`;
      return { ...standing, reason, merge: NOTHING_AGAINST[decision.kind] };
    }
    case 'wait':
    case 'take-back': {
      const { kind, why } = decision;
      const until = decision.until === null ? null : utcSeconds(decision.until);
      const [words, hint] = WORDS[why];
      const begin = kind === 'wait' ? 'is not merged yet' : 'is no longer left to the forge';
      const when = until === null ? '' : ` It is looked at again at ${until}.`;
      return { ...standing, reason: `${pull} ${begin}: ${why}: ${words}.${when}`, hint, merge: { kind, why, until } };
    }
  }
}

const NOTHING_AGAINST = {
  merge: { kind: 'merge', why: null, until: null },
  'leave-to-forge': { kind: 'leave-to-forge', why: null, until: null },
} as const satisfies Readonly<Record<string, MergeStanding>>;

/** The same where the forge did not say it. */
export function withUnknownMerge(standing: BranchStanding, { message, hint }: Failure): BranchStanding {
  return { ...standing, reason: `${standing.reason} Why it is not merged is not known: ${plainText(message)}.`, hint };
}
