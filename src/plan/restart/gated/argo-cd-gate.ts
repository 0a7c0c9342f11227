import { manifestOf } from '../../../manifests/objects.ts';
import type { ArgoHealth } from '../../../manifests/reading/deployers/argo-health.ts';
import type { Gate } from '../../../manifests/reading/deployers/deployed-by.ts';
import { type Applied, type GateVerdict, shownApplied } from './gate-verdict.ts';

const WAVE = 'argocd.argoproj.io/sync-wave';
const HOOKS = ['argocd.argoproj.io/hook', 'helm.sh/hook'];

/** Whether an Application applies an ExternalSecret in an earlier wave than a workload, and waits for it. */
export function argoGate(
  { application }: Extract<Gate, { readonly kind: 'argo-cd' }>,
  secret: Applied,
  workload: Applied,
  health: ArgoHealth,
): GateVerdict {
  const isOne = (secret.deployedBy ?? []).some(
    ({ gate }) => gate?.kind === 'argo-cd' && gate.application === application,
  );
  if (!isOne) {
    return {
      kind: 'not-proven',
      reason: `${application} deploys it, and not ${shownApplied(secret)}: waves order only what one Application deploys.`,
      fix: `Deploy both by one Application, with ${WAVE} lower on ${shownApplied(secret)}.`,
    };
  }
  const waves = [waveOf(secret), waveOf(workload)] as const;
  for (const [at, object] of [secret, workload].entries()) {
    const wave = waves[at];
    if (typeof wave === 'string') return untold(object, wave);
  }
  const [first, second] = waves;
  if (Number(first) >= Number(second)) {
    return {
      kind: 'not-proven',
      reason: `${application} applies it in wave ${second} and ${shownApplied(secret)} in wave ${first}: not before it.`,
      fix: `Set ${WAVE}: "${Number(second) - 1}" on ${placed(secret)}.`,
    };
  }
  if (health === 'other') {
    return {
      kind: 'not-proven',
      reason: 'The health check for ExternalSecrets in argocd-cm here does not compare refreshTime with force-sync.',
      fix: 'Put that of templates/health-checks/argo-cd.yaml in its place.',
    };
  }
  return {
    kind: 'proven',
    ways: [
      `${application} applies ${shownApplied(secret)} in wave ${first}, and this in wave ${second} once that is healthy.`,
    ],
    unseen: health === 'aware' ? null : UNSEEN,
  };
}

const UNSEEN =
  'No argocd-cm here shows the health check of templates/health-checks/argo-cd.yaml: order gated says that it is installed, and without it nothing waits.';

type Untold = 'unknown' | 'hook' | 'unreadable';

/** The wave of an object; a word where it has none that could be compared. */
function waveOf({ annotations, ordering = annotations }: Applied): number | Untold {
  if (ordering === null) return 'unknown';
  if (HOOKS.some((hook) => ordering.has(hook))) return 'hook';
  const written = ordering.get(WAVE);
  // Without a wave Helm's weight counts.
  if (written === undefined) return ordering.has('helm.sh/hook-weight') ? 'unreadable' : 0;
  return /^[+-]?\d{1,9}$/.test(written) ? Number(written) : 'unreadable';
}

function untold(object: Applied, why: Untold): GateVerdict {
  const shown = placed(object);
  switch (why) {
    case 'unknown':
      return {
        kind: 'not-proven',
        reason: `A patch may change the wave of ${shown}, and it cannot be told to what.`,
        fix: `Set ${WAVE} in its manifest, and leave it out of patches.`,
      };
    case 'hook':
      return {
        kind: 'not-proven',
        reason: `${shown} is a hook, which is applied by other rules.`,
        fix: `Take its annotation ${HOOKS.join(' or ')} away.`,
      };
    case 'unreadable':
      return {
        kind: 'not-proven',
        reason: `The wave of ${shown} cannot be read.`,
        fix: `Set ${WAVE} to a whole number in quotes.`,
      };
  }
}

function placed(object: Applied): string {
  return `${shownApplied(object)} (${manifestOf(object)}:${object.line})`;
}
