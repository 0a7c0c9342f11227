import { plainText } from '../../domain/plain-text.ts';
import { RESTART, type RestartPolicy, WORKLOAD_KINDS } from '../../domain/policy.ts';
import type { ExternalSecretFacts, Placed, SecretUse, WorkloadFacts } from '../../manifests/objects.ts';
import { reloads } from '../../manifests/reading/workload/stakater-reloader.ts';
import type { Obstacle } from '../plan.ts';

/** An ExternalSecret for which a workload would be restarted. */
export interface Cause {
  readonly user: { readonly object: Placed<ExternalSecretFacts>; readonly unsure?: readonly Placed<WorkloadFacts>[] };
}

/** Why a workload is not restarted, whatever these ExternalSecrets fetch; null when it may be. */
export function whyNotRestarted(
  workload: Placed<WorkloadFacts>,
  causes: readonly Cause[],
  policy: RestartPolicy,
): Obstacle | null {
  if (!workload.steering.restarts) {
    return { code: 'restart-off', reason: `It carries ${RESTART}: "false".`, hint: null };
  }
  // Whoever marks a value wants it written: what reads it is not known here.
  if (workload.marker !== undefined) return null;
  const refused = refusedKind(workload, policy);
  if (refused !== null || causes.length === 0) return refused;
  return whyUseless(workload, causes, policy) ?? whyReloaded(workload, causes, policy);
}

function refusedKind({ kind, apiVersion }: WorkloadFacts, { kinds }: RestartPolicy): Obstacle | null {
  if (kind === 'CronJob' || kind === 'Job') {
    return { code: 'next-run-only', reason: `A ${kind} picks the new value up at its next run.`, hint: null };
  }
  if (WORKLOAD_KINDS.some((known) => known === kind)) return null;
  if (kinds.some((one) => one.kind === kind && apiVersion.startsWith(`${one.group}/`))) return null;
  return {
    code: 'unsupported-kind',
    reason: `Workloads of kind ${kind} are not restarted.`,
    hint: 'Name the kind and its pod template in spec.repositories[].restart.kinds.',
  };
}

/** Its pods would find nothing new, or what is new by themselves. */
function whyUseless(workload: WorkloadFacts, causes: readonly Cause[], { on }: RestartPolicy): Obstacle | null {
  const targets = causes.map(({ user }) => user.object.targetName);
  const uses = workload.secrets.filter((secret) => targets.includes(secret.name));
  if (uses.every(({ via }) => via === 'imagePullSecret')) {
    return {
      code: 'image-pull-secret',
      reason: 'It names the Secret only to pull images: running pods do not need a restart.',
      hint: null,
    };
  }
  if (uses.some(({ via }) => isChosen(via, on))) return null;
  const ways = [...new Set(uses.flatMap(({ via }) => (via === 'imagePullSecret' ? [] : [WAYS[via]])))].toSorted();
  return {
    code: 'use-not-selected',
    reason: `It takes the Secret by ${ways.join(' and ')}, which spec.repositories[].restart.on does not name.`,
    hint: ways.includes('volumes') ? 'A mounted Secret is updated in place: its pods have to read it again.' : null,
  };
}

const WAYS = { env: 'env', envFrom: 'envFrom', volume: 'volumes', fixedVolume: 'volumes' } as const;

/** Files by subPath, or read by an init container, never change in a running pod: like its environment. */
export function isChosen(via: SecretUse['via'], on: RestartPolicy['on']): boolean {
  if (via === 'fixedVolume') return true;
  return via !== 'imagePullSecret' && on.includes(WAYS[via]);
}

function whyReloaded(workload: WorkloadFacts, causes: readonly Cause[], policy: RestartPolicy): Obstacle | null {
  if (policy.whenReloader === 'both' || !isReloaded(workload, causes, policy)) return null;
  return {
    code: 'reloader',
    reason:
      policy.reloader === 'autoAll'
        ? 'Stakater Reloader restarts it in the cluster (restart.reloader: autoAll, or its annotations).'
        : 'It is annotated for Stakater Reloader, which restarts it in the cluster.',
    hint: 'To restart it by pull request, take the annotations away, or set restart.whenReloader: both.',
  };
}

/** True when Stakater Reloader restarts the workload for every one of these. */
export function isReloaded(workload: WorkloadFacts, causes: readonly Cause[], { reloader }: RestartPolicy): boolean {
  return (
    causes.length > 0 &&
    causes.every(({ user: { object } }) =>
      reloads(workload, { name: object.targetName, annotations: object.secretAnnotations }, reloader),
    )
  );
}

/** Why a workload that names the Secret of an ExternalSecret does not get it. */
export function whyBypassed(
  { takenOver = [] }: WorkloadFacts,
  { kind, name, targetName }: ExternalSecretFacts,
): Obstacle {
  const taken = takenOver.find((one) => one.name === targetName) ?? takenOver[0];
  const secret = plainText(taken?.name ?? targetName, 260);
  return {
    code: 'generated-secret',
    reason: `It names Secret ${secret}, which Kustomize makes the one that secretGenerator in ${taken?.by ?? 'a kustomization'} generates, under another name: it does not get what ${kind} ${plainText(name, 260)} writes.`,
    hint: 'Give one of them another name, or leave the generator out; with disableNameSuffixHash both would write one Secret.',
  };
}
