import type { GroupName } from '../../plan/grouping/group-names.ts';
import type { PullRequestSubject } from '../../words/pull-request.ts';
import { OWN_WORDS, type Said, sayProposal } from '../../words/templates/say-proposal.ts';
import type { BranchSettings, ServedBranch } from '../served-branch.ts';
import type { ProposalWords } from './publish-plan.ts';

/** Where a proposal goes, as far as its words tell. */
export interface WordedBranch {
  readonly name: string;
  readonly settings: Pick<
    BranchSettings,
    'scope' | 'settleMilliseconds' | 'evidence' | 'instance' | 'base' | 'templates'
  >;
}

/** The branch of a proposal, and the group that it is for. */
export interface ProposalPlace {
  readonly branch: string;
  readonly group: GroupName;
}

/** What is said, as far as its place does not tell. */
export type Worded = Pick<PullRequestSubject, 'plan' | 'events' | 'stage' | 'refreshedBy' | 'applied' | 'drops'> & {
  readonly owners: NonNullable<PullRequestSubject['owners']>;
};

/** The words of one proposal, by the repository's templates. A template that is passed over is noted. */
export function saidOf(
  served: Pick<ServedBranch, 'log'> & WordedBranch,
  place: ProposalPlace,
  about: Worded,
): Omit<ProposalWords, 'time'> {
  const { message, text, passedOver } = say(served, place, about);
  for (const { template, reason } of passedOver) {
    const hint = 'Try the template with plan --preview.';
    const { branch } = place;
    served.log.warn({ repository: served.name, branch, template, reason, hint }, 'a template was passed over');
  }
  return { message, text, owners: about.owners };
}

/** The same words, for whoever only looks. */
export function say({ name, settings }: WordedBranch, { branch, group }: ProposalPlace, about: Worded): Said {
  const { scope, settleMilliseconds, evidence: statusPolicy, instance, base, templates = OWN_WORDS } = settings;
  const home = { instance, repository: name, base, branch, group: group.name };
  const told = { order: scope.order, part: group.part, settleMilliseconds, statusPolicy, home };
  return sayProposal({ ...about, ...told }, templates);
}
