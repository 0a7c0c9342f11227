import type { DeployerFacts, ObjectFacts } from '../../objects.ts';
import { plainJson } from '../kustomize/plain-value.ts';
import { groupOf } from '../object-header.ts';
import { field, type View } from '../yaml-view.ts';

const KINDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['argoproj.io', ['Application', 'ApplicationSet']],
  ['kustomize.toolkit.fluxcd.io', ['Kustomization']],
  ['source.toolkit.fluxcd.io', ['GitRepository']],
]);

/** What deploys a folder, or the source that it is taken from; null for every other object. */
export function readDeployer(root: View, header: ObjectFacts): DeployerFacts | null {
  if (KINDS.get(groupOf(header.apiVersion))?.includes(header.kind) !== true) return null;
  return { type: 'deployer', ...header, spec: plainJson(field(root, 'spec')) };
}
