import type { ObjectFacts, WorkloadFacts } from '../objects.ts';
import { groupOf, readStrings } from './object-header.ts';
import { field, items, text, type View } from './yaml-view.ts';

type Use = WorkloadFacts['secrets'][number];

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
export function readWorkload(root: View, header: ObjectFacts): WorkloadFacts | null {
  const known = TEMPLATES.get(header.kind);
  if (known === undefined || !known.groups.includes(groupOf(header.apiVersion))) return null;
  const template = field(root, ...known.path);
  return {
    ...header,
    type: 'workload',
    secrets: unique(readUses(field(template, 'spec'))),
    templateAnnotations: readStrings(field(template, 'metadata', 'annotations')),
  };
}

function readUses(pod: View | null): readonly Use[] {
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((key) => list(pod, key));
  return [
    ...containers.flatMap((container) => [
      ...uses('env', list(container, 'env'), ['valueFrom', 'secretKeyRef', 'name']),
      ...uses('envFrom', list(container, 'envFrom'), ['secretRef', 'name']),
    ]),
    ...list(pod, 'volumes').flatMap((volume) => [
      ...uses('volume', [volume], ['secret', 'secretName']),
      ...uses('volume', list(field(volume, 'projected'), 'sources'), ['secret', 'name']),
    ]),
    ...uses('imagePullSecret', list(pod, 'imagePullSecrets'), ['name']),
  ];
}

function list(view: View | null, key: string): readonly View[] {
  return items(field(view, key)) ?? [];
}

function uses(via: Use['via'], views: readonly View[], path: readonly string[]): readonly Use[] {
  return views.flatMap((view) => {
    const name = text(field(view, ...path));
    return name === null || name === '' ? [] : [{ name, via }];
  });
}

function unique(found: readonly Use[]): readonly Use[] {
  return [...new Map(found.map((use) => [`${use.via} ${use.name}`, use])).values()];
}
