import { plainText } from '../../../domain/plain-text.ts';
import type { DeployedBy, FluxGate } from '../../../manifests/reading/deployers/deployed-by.ts';
import { type Applied, type GateVerdict, shownApplied } from './gate-verdict.ts';

/** A Flux Kustomization that deploys something. */
export type FluxDeployer = DeployedBy & { readonly gate: FluxGate };

/** Whether a Flux Kustomization waits until another one has an ExternalSecret refreshed. */
export function fluxGate(own: FluxDeployer, secret: Applied): GateVerdict {
  const all = (secret.deployedBy ?? []).flatMap((one) => (isFlux(one) ? [one] : []));
  const verdicts = all.map((first) => judge(own, first, secret));
  const found = verdicts.find(({ kind }) => kind === 'proven') ?? verdicts[0];
  return (
    found ?? {
      kind: 'not-proven',
      reason: `Nothing here tells which Flux Kustomization deploys ${shownApplied(secret)}.`,
      fix: `Deploy it by a Flux Kustomization of its own, which ${own.name} names in dependsOn.`,
    }
  );
}

/** True for one that Flux deploys. */
export function isFlux(deployer: DeployedBy): deployer is FluxDeployer {
  return deployer.gate?.kind === 'flux';
}

function judge(own: FluxDeployer, first: FluxDeployer, secret: Applied): GateVerdict {
  if (first.name === own.name) {
    return {
      kind: 'not-proven',
      reason: `${own.name} deploys both: within one Flux applies workloads first, and waits for nothing in between.`,
      fix: `Move ${shownApplied(secret)} to a Flux Kustomization of its own, as in templates/health-checks/flux.yaml.`,
    };
  }
  if (!own.gate.after.includes(first.name)) {
    return {
      kind: 'not-proven',
      reason: `The dependsOn of ${own.name} does not lead to ${first.name} by Kustomizations of one sourceRef without readyExpr.`,
      fix: `Add ${dependencyOn(first.gate, own.gate)} to spec.dependsOn of ${own.name}, with the sourceRef that ${first.name} has.`,
    };
  }
  if (!waitsFor(first.gate, secret)) {
    return {
      kind: 'not-proven',
      reason: `${first.name} is ready before ${shownApplied(secret)} is healthy: neither wait nor healthChecks ask for that.`,
      fix: `Set spec.wait: true on ${first.name}.`,
    };
  }
  if (!first.gate.isAware) {
    return {
      kind: 'not-proven',
      reason: `No healthCheckExprs of ${first.name} compare refreshTime of an ExternalSecret with force-sync.`,
      fix: `Add those of templates/health-checks/flux.yaml to ${first.name}.`,
    };
  }
  return {
    kind: 'proven',
    ways: [`${own.name} waits for ${first.name}, which is ready once ${shownApplied(secret)} has been refreshed.`],
    unseen: null,
  };
}

function dependencyOn({ id: { namespace, name } }: FluxGate, own: FluxGate): string {
  const isNear = namespace === null || namespace === own.id.namespace;
  return plainText(isNear ? `{name: ${name}}` : `{name: ${name}, namespace: ${namespace}}`, 200);
}

function waitsFor({ waits }: FluxGate, { name, resolvedNamespace }: Applied): boolean {
  if (waits === 'all') return true;
  return waits.some((one) => {
    const isThere = one.namespace === null || resolvedNamespace === null || one.namespace === resolvedNamespace;
    return one.name === name && isThere;
  });
}
