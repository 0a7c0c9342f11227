import type { TemplateKind } from '../../../domain/policy.ts';
import type { ObjectFacts, WorkloadFacts } from '../../objects.ts';
import { plainJson } from '../kustomize/plain-value.ts';
import { groupOf, readStrings } from '../object-header.ts';
import { readSteering } from '../steering.ts';
import { field, type View } from '../yaml-view.ts';
import { prunedSpec } from './pod-shape.ts';
import { readRollout } from './rollout-facts.ts';
import { readClassUses, readSecretUses } from './secret-uses.ts';

/** Where the pod template of each kind stands, by kind; the groups that the kind is known in. */
const TEMPLATES: ReadonlyMap<string, { readonly groups: readonly string[]; readonly path: readonly string[] }> =
  new Map([
    ['Deployment', { groups: ['apps', 'extensions'], path: ['spec', 'template'] }],
    ['StatefulSet', { groups: ['apps'], path: ['spec', 'template'] }],
    ['DaemonSet', { groups: ['apps', 'extensions'], path: ['spec', 'template'] }],
    ['Job', { groups: ['batch'], path: ['spec', 'template'] }],
    ['CronJob', { groups: ['batch'], path: ['spec', 'jobTemplate', 'spec', 'template'] }],
    ['Rollout', { groups: ['argoproj.io'], path: ['spec', 'template'] }],
  ]);

/** The Kubernetes Secrets that a workload's pod template names; null for every other object. */
export function readWorkload(root: View, header: ObjectFacts, kinds: readonly TemplateKind[]): WorkloadFacts | null {
  const path = templateOf(header, kinds);
  if (path === null) return null;
  const template = field(root, ...path);
  const classes = readClassUses(field(template, 'spec'));
  const pods = TEMPLATES.has(header.kind) ? plainJson(field(root, 'spec'), prunedSpec) : null;
  return {
    type: 'workload',
    ...header,
    secrets: readSecretUses(field(template, 'spec')),
    ...(classes.length === 0 ? {} : { classes }),
    template: path,
    ...(pods === null ? {} : { pods }),
    templateAnnotations: readStrings(field(template, 'metadata', 'annotations')),
    rollout: readRollout(root, header.kind),
    steering: readSteering(root, 'workload'),
  };
}

/** True for a kind that only the configuration knows. */
export function isNamedKind({ apiVersion, kind }: ObjectFacts, kinds: readonly TemplateKind[]): boolean {
  return kinds.some((one) => one.kind === kind && one.group === groupOf(apiVersion));
}

function templateOf(header: ObjectFacts, kinds: readonly TemplateKind[]): readonly string[] | null {
  const known = TEMPLATES.get(header.kind);
  const group = groupOf(header.apiVersion);
  if (known?.groups.includes(group) === true) return known.path;
  return kinds.find((one) => one.kind === header.kind && one.group === group)?.template ?? null;
}
