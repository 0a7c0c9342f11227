import type { Skip } from '../../../plan/plan.ts';
import { explainObjects, type UsingObject } from '../../../plan/report/explain-objects.ts';
import type { ExplainedProposal } from '../../../plan/report/explanation.ts';
import type { Trouble } from '../../../plan/report/look.ts';
import type { Wish } from '../../../plan/truth/wish.ts';
import { textReader } from '../../propose/draft/draft-edits.ts';
import { draftPlan } from '../../propose/draft/draft-plan.ts';
import type { Round } from '../../round.ts';
import { findsOf } from '../../served-branch.ts';
import { lookAtProposal } from './own-proposal.ts';

/** What one wish comes to on a base branch: who fetches it there, and what its own branch has. */
export interface SecretUse {
  readonly objects: readonly UsingObject[];
  /** What is left alone for its sake. */
  readonly reasons: readonly Skip[];
  readonly proposal: ExplainedProposal;
  readonly troubles: readonly Trouble[];
}

/** Looks at a secret, or at all that a find finds, as the service would. */
export async function lookAtUse(round: Round, wish: Wish): Promise<SecretUse> {
  const { served, index } = round;
  const { scope } = served.settings;
  const { shown, beyond, wishes, truth, rejected, troubles } = await lookAtProposal(round, wish);
  const request = { index, wishes, truth, scope, earlier: beyond.tokens, rejected, notEditable: new Map() };
  const { refresh } = await draftPlan(textReader(round.snapshot), { ...request, finds: findsOf(served) });
  const [reasons = []] = refresh.reasons;
  const { edits } = refresh.plan;
  const onBranch = { onBranch: shown.tokens, sourcesOnBranch: shown.sources };
  const objects = explainObjects({ index, wish, truth, edits, reasons, ...onBranch });
  return { objects, reasons, proposal: shown.proposal, troubles };
}

/** Of a secret and the finds that find it, the look that tells what is next: the first with an object that fetches it. */
export function leading(first: SecretUse, others: readonly SecretUse[]): SecretUse {
  return [first, ...others].find(({ objects }) => objects.length > 0) ?? first;
}
