import type { EvidencePolicy } from '../../../domain/life/evidence-policy.ts';
import { contextsFor } from '../../restart/statuses/status-evidence.ts';
import type { UsingObject } from '../explain-objects.ts';
import { explainWorkloads, type WorkloadFacts } from '../explain-workloads.ts';
import type { ExplainedObject, Explanation } from '../explanation.ts';
import { type NextFacts, nextStep } from '../next-step.ts';
import { secretStanding } from './secret-standing.ts';
import type { AppliedBy } from './secret-state.ts';
import { stagesOf } from './stages.ts';

/** How it is known that refreshes were applied. */
export interface AppliedHow {
  readonly evidence: EvidencePolicy;
  readonly settleMilliseconds: number;
}

/** What is known of workloads, and how refreshes count as applied; null where no configuration says it. */
export interface ObjectLook extends WorkloadFacts {
  readonly applied: AppliedHow | null;
}

/** An explained object with its workloads, and where each of its stages is. */
export function wholeObject({ user, ...object }: UsingObject, look: ObjectLook): ExplainedObject {
  const workloads = explainWorkloads({ user, standing: object.standing }, look);
  const appliedBy = look.applied === null ? null : appliedAt(look.applied, user.object.path);
  const whole = { ...object, workloads, appliedBy };
  return { ...whole, stages: stagesOf(whole) };
}

function appliedAt({ evidence, settleMilliseconds }: AppliedHow, path: string): AppliedBy {
  const contexts = contextsFor(evidence, path);
  return contexts === null
    ? { kind: 'settle', seconds: settleMilliseconds / 1000 }
    : { kind: 'statuses', contexts, delaySeconds: evidence.delayMilliseconds / 1000 };
}

/** Everything that is known of a secret, with what comes next and where it stands. */
export function wholeExplanation({ paused, ...facts }: NextFacts): Explanation {
  const all = { ...facts, paused };
  return { ...facts, next: nextStep(all), state: secretStanding(all) };
}
