import type { RepoPath } from '../../../../domain/repo-path.ts';
import { isAware } from '../../../reading/deployers/argo-health.ts';
import type { FluxGate } from '../../../reading/deployers/deployed-by.ts';
import type { Plain } from '../../../reading/kustomize/plain-value.ts';
import type { Deployer } from '../deployer.ts';
import { listAt, textAt } from '../plain-fields.ts';

/** A Kustomization of Flux as it is written. */
export interface WrittenFlux {
  /** As its deployment is called. */
  readonly name: string;
  readonly manifest: RepoPath;
  readonly object: { readonly namespace: string | null; readonly name: string };
  readonly spec: Plain;
}

// Many of one name are not told apart, and what is further away than this is not waited for: a hostile repository has thousands.
const MAX_NAMED = 256;
const MAX_AFTER = 200;

/** Tells each Flux Kustomization among the deployers what it waits for. `written`: all, whatever they deploy. */
export function withFluxGates(deployers: readonly Deployer[], written: readonly WrittenFlux[]): readonly Deployer[] {
  if (written.length === 0) return deployers;
  const byDeployment = new Map(written.map((one) => [one.name, one]));
  const deploying = new Set(deployers.map(({ deployment }) => deployment.name));
  const findDependencies = createDependencyFinder(written, deploying);
  return deployers.map((deployer) => {
    const flux = byDeployment.get(deployer.deployment.name);
    if (flux === undefined) return deployer;
    const gate = gateOf(flux, reachedFrom(flux, findDependencies));
    return { ...deployer, deployment: { ...deployer.deployment, gate } };
  });
}

function gateOf({ object: { namespace, name }, spec }: WrittenFlux, after: readonly string[]): FluxGate {
  const ofSecrets = (list: string) =>
    listAt(spec, list).filter(
      (one) =>
        textAt(one, 'kind') === 'ExternalSecret' &&
        textAt(one, 'apiVersion')?.startsWith('external-secrets.io/') === true,
    );
  const named = ofSecrets('healthChecks').map((one) => ({
    namespace: textAt(one, 'namespace'),
    name: textAt(one, 'name') ?? '',
  }));
  return {
    kind: 'flux',
    id: { namespace, name },
    after,
    waits: textAt(spec, 'wait') === 'true' ? 'all' : named,
    isAware: ofSecrets('healthCheckExprs').some((one) => isAware(textAt(one, 'current') ?? '')),
  };
}

type FindDependencies = (flux: WrittenFlux) => readonly WrittenFlux[];

/**
 * Finds what a Kustomization waits for at the very commit that it applies itself: Flux compares commits only of one source, and a
 * `readyExpr` takes the place of that.
 */
function createDependencyFinder(written: readonly WrittenFlux[], deploying: ReadonlySet<string>): FindDependencies {
  const byName = new Map<string, WrittenFlux[]>();
  for (const one of written) {
    const known = byName.get(one.object.name);
    if (known === undefined) byName.set(one.object.name, [one]);
    else known.push(one);
  }
  const look = (flux: WrittenFlux) =>
    listAt(flux.spec, 'dependsOn').flatMap((entry): readonly WrittenFlux[] => {
      const namespace = textAt(entry, 'namespace') ?? flux.object.namespace;
      if (textAt(entry, 'readyExpr') !== null) return [];
      const named = (byName.get(textAt(entry, 'name') ?? '') ?? []).filter(
        ({ object }) => namespace === null || object.namespace === null || object.namespace === namespace,
      );
      const found = nearest(flux, named);
      return found !== null && deploying.has(found.name) && sourceOf(found) === sourceOf(flux) ? [found] : [];
    });
  const known = new Map<WrittenFlux, readonly WrittenFlux[]>();
  return (flux) => {
    const found = known.get(flux) ?? look(flux);
    known.set(flux, found);
    return found;
  };
}

/** Clusters have Kustomizations of the same names: the one with the most folders in common, where there is just one. */
function nearest({ manifest }: WrittenFlux, named: readonly WrittenFlux[]): WrittenFlux | null {
  if (named.length > MAX_NAMED) return null;
  const depths = named.map((one) => commonFolders(manifest, one.manifest));
  const most = Math.max(...depths);
  const [first = null, ...others] = named.filter((_, at) => depths[at] === most);
  return others.length === 0 ? first : null;
}

function commonFolders(one: string, other: string): number {
  const [left, right] = [one.split('/').slice(0, -1), other.split('/').slice(0, -1)];
  const differs = left.findIndex((folder, at) => folder !== right[at]);
  return differs === -1 ? left.length : differs;
}

function sourceOf({ spec, object }: WrittenFlux): string {
  const [kind, name] = [textAt(spec, 'sourceRef', 'kind'), textAt(spec, 'sourceRef', 'name')];
  return JSON.stringify([kind, name, textAt(spec, 'sourceRef', 'namespace') ?? object.namespace]);
}

/** The names of all that is found from here, sorted; never this one itself. */
function reachedFrom(flux: WrittenFlux, find: FindDependencies): readonly string[] {
  const reached = new Set([flux]);
  for (const one of reached) {
    for (const next of find(one)) if (reached.size <= MAX_AFTER) reached.add(next);
  }
  reached.delete(flux);
  return [...reached].map(({ name }) => name).toSorted();
}
