import type { Index } from '../../../manifests/graph.ts';
import { type ExternalSecretFacts, manifestOf, type Placed, type WorkloadFacts } from '../../../manifests/objects.ts';
import type { Note } from '../../plan.ts';
import { argoGate } from './argo-cd-gate.ts';
import { fluxGate, isFlux } from './flux-gate.ts';
import { type GateVerdict, shownApplied } from './gate-verdict.ts';

type Secret = Placed<ExternalSecretFacts>;
type Workload = Placed<WorkloadFacts>;

/**
 * Whether all who deploy a workload apply it only after every one of these has been refreshed. Nothing is guessed: what cannot be
 * told is not proven, and the first reason comes with what to change.
 */
export function proveGate(
  workload: Workload,
  secrets: readonly Secret[],
  { argoHealth }: Pick<Index, 'argoHealth'>,
): GateVerdict {
  const verdicts = secrets.flatMap((secret) => proveOne(workload, secret, argoHealth));
  const proven = verdicts.flatMap((one) => (one.kind === 'proven' ? [one] : []));
  const refused = verdicts.find(({ kind }) => kind === 'not-proven');
  if (refused !== undefined) return refused;
  const [unseen = null] = proven.flatMap((one) => one.unseen ?? []);
  return { kind: 'proven', ways: [...new Set(proven.flatMap(({ ways }) => ways))], unseen };
}

function proveOne(workload: Workload, secret: Secret, health: Index['argoHealth']): readonly GateVerdict[] {
  if (workload.marker !== undefined || secret.marker !== undefined) return [MARKER];
  if (secret.kind !== 'ExternalSecret') {
    return [
      {
        kind: 'not-proven',
        reason: `The status of ${shownApplied(secret)} does not say when what it makes was refreshed.`,
        fix: 'Feed it from an ExternalSecret, or leave the order staged.',
      },
    ];
  }
  const { deployedBy = [] } = workload;
  if (deployedBy.length === 0) {
    return [
      {
        kind: 'not-proven',
        reason: 'No Argo CD Application or Flux Kustomization here deploys it for certain.',
        fix: `Keep the one that deploys ${manifestOf(workload)} in this repository, or leave the order staged.`,
      },
    ];
  }
  return deployedBy.map((deployer) => {
    if (isFlux(deployer)) return fluxGate(deployer, secret);
    const { gate } = deployer;
    return gate?.kind === 'argo-cd' ? argoGate(gate, secret, workload, health) : UNKNOWN;
  });
}

const MARKER: GateVerdict = {
  kind: 'not-proven',
  reason: 'An inline marker marks a text, which has no wave and no deployer of its own.',
  fix: 'Leave the order staged.',
};

const UNKNOWN: GateVerdict = {
  kind: 'not-proven',
  reason: 'It cannot be told what the one that deploys it waits for.',
  fix: 'Leave the order staged.',
};

// A workload that many ExternalSecrets feed: the others are no different.
const MAX_WAYS = 3;

/** What people should know of a workload under order `gated`: what makes it safe, or why it is announced after all. */
export function gateNotes(verdict: GateVerdict): readonly Note[] {
  if (verdict.kind === 'not-proven') {
    const { reason, fix } = verdict;
    return [{ code: 'not-gated', reason: `Announced, not restarted by this commit. ${reason}`, hint: fix }];
  }
  const { ways, unseen } = verdict;
  const more = ways.length > MAX_WAYS ? [`And ${ways.length - MAX_WAYS} more.`] : [];
  return [{ code: 'gated', reason: [...ways.slice(0, MAX_WAYS), ...more].join(' '), hint: unseen }];
}
