import { internalFailure } from '../../../domain/failure.ts';
import { groupWishes } from '../../../plan/group.ts';
import type { GroupName } from '../../../plan/grouping/group-names.ts';
import { within } from '../../../plan/grouping/within.ts';
import type { Skip } from '../../../plan/plan.ts';
import { explainObjects, type UsingObject } from '../../../plan/report/explain-objects.ts';
import type { ExplainedProposal } from '../../../plan/report/explanation.ts';
import type { Trouble } from '../../../plan/report/look.ts';
import type { Wish } from '../../../plan/truth/wish.ts';
import { textReader } from '../../propose/draft/draft-edits.ts';
import { draftPlan } from '../../propose/draft/draft-plan.ts';
import type { Round } from '../../round.ts';
import { findsOf } from '../../served-branch.ts';
import { type KnownBranches, lookAtProposal } from './own-proposal.ts';

/** What one wish comes to on a base branch: who fetches it there, and what its own branch has. */
export interface SecretUse {
  readonly objects: readonly UsingObject[];
  /** What is left alone for its sake. */
  readonly reasons: readonly Skip[];
  readonly proposal: ExplainedProposal;
  readonly otherProposals: readonly ExplainedProposal[];
  readonly troubles: readonly Trouble[];
}

/** Looks at a secret, or at all that a find finds, as the service would: part by part. `branches`: what is known already. */
export async function lookAtUse(round: Round, wish: Wish, branches: KnownBranches = new Map()): Promise<SecretUse> {
  const groups = groupWishes(round.index, [wish], round.served.settings.scope.grouping);
  const looks: PartUse[] = [];
  for (const group of groups) looks.push(await lookAtPart(round, wish, { group, branches }));
  const objects = new Map(looks.flatMap((look) => look.objects.map((object) => [object.user, object] as const)));
  const reasons = new Map(looks.flatMap((look) => look.reasons.map((skip) => [JSON.stringify(skip), skip] as const)));
  const proposals = looks.map(({ proposal }) => proposal);
  const proposal =
    proposals.find(({ pulls }) => pulls.some(({ state }) => state === 'open')) ??
    proposals.find(({ tip }) => tip !== 'none') ??
    proposals[0];
  if (proposal === undefined) throw internalFailure('a wish belongs to a group');
  return {
    objects: [...objects.values()],
    reasons: [...reasons.values()],
    proposal,
    otherProposals: proposals.filter((one) => one !== proposal),
    troubles: looks.flatMap(({ troubles }) => troubles),
  };
}

type PartUse = Omit<SecretUse, 'otherProposals'>;

async function lookAtPart(
  round: Round,
  wish: Wish,
  { group, branches }: { readonly group: GroupName; readonly branches: KnownBranches },
): Promise<PartUse> {
  const { served, index } = round;
  const { scope } = served.settings;
  const { part } = group;
  const { shown, beyond, wishes, truth, turnedDown, troubles } = await lookAtProposal(round, wish, group, branches);
  const asked = { index, wishes, truth, scope, part, finds: findsOf(served) };
  const held = { earlier: beyond.tokens, turnedDown, notEditable: new Map() };
  const { refresh } = await draftPlan(textReader(round.snapshot, round.signal), { ...asked, ...held });
  const [reasons = []] = refresh.reasons;
  const { edits } = refresh.plan;
  const onBranch = { onBranch: shown.tokens, sourcesOnBranch: shown.sources };
  const all = explainObjects({ index, wish, truth, edits, reasons, ...onBranch });
  const isInPart = within(index, scope.grouping, part).user;
  return { objects: all.filter(({ user }) => isInPart(user)), reasons, proposal: shown.proposal, troubles };
}

/** Of a secret and the finds that find it, the look that tells what is next: the first with an object that fetches it. */
export function leading(first: SecretUse, others: readonly SecretUse[]): SecretUse {
  return [first, ...others].find(({ objects }) => objects.length > 0) ?? first;
}
