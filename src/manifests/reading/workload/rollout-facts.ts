import { field, isTrue, text, type View, wholeNumber } from '../yaml-view.ts';
import type { RolloutFacts } from './rollout.ts';

/** What a workload of this kind says of how its pods are replaced; each field only where that kind has it. */
export function readRollout(root: View, kind: string): RolloutFacts {
  const spec = field(root, 'spec');
  const strategy = field(spec, 'updateStrategy');
  const hasStrategy = kind === 'StatefulSet' || kind === 'DaemonSet';
  const isRollout = kind === 'Rollout';
  return {
    replicas: kind === 'DaemonSet' ? null : wholeNumber(field(spec, 'replicas')),
    isPaused: (kind === 'Deployment' || isRollout) && isTrue(field(spec, 'paused')),
    isOnDelete: hasStrategy && text(field(strategy, 'type')) === 'OnDelete',
    partition: kind === 'StatefulSet' ? (wholeNumber(field(strategy, 'rollingUpdate', 'partition')) ?? 0) : 0,
    restartAt: isRollout ? text(field(spec, 'restartAt')) : null,
    workloadRef: isRollout ? readRef(field(spec, 'workloadRef')) : null,
  };
}

function readRef(reference: View | null): RolloutFacts['workloadRef'] {
  const [kind, name] = [text(field(reference, 'kind')), text(field(reference, 'name'))];
  return kind === null || name === null ? null : { kind, name };
}
