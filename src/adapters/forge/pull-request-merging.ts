import { internalFailure } from '../../domain/failure.ts';
import type { Forge } from '../../ports.ts';
import type { Repository } from './pull-request-state.ts';

/** The part of the forge port that has to do with merging. */
export function createMerging(
  repository: Repository,
): Pick<Forge, 'mergeFacts' | 'autoMerge' | 'merge' | 'dismissApprovals'> {
  const reject = () => Promise.reject(internalFailure(`merging in ${repository.name} is not known yet`));
  return { mergeFacts: reject, autoMerge: reject, merge: reject, dismissApprovals: reject };
}
