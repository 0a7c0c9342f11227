import { type GeneratorValue, integer } from 'fast-check';

type Gen = GeneratorValue;

/** A Rollout has no schema. */
export type Kind = 'Deployment' | 'Rollout';

export function kindOfWorkload(g: Gen): Kind {
  return pick(g, ['Deployment', 'Deployment', 'Deployment', 'Rollout']);
}

/** A workload with Secrets in each place where one may be named. */
export function workloadIn(g: Gen, kind: Kind): object {
  const containers = ['main', 'side'].slice(0, g(integer, { min: 1, max: 2 })).map((name) => containerNamed(g, name));
  const volumes = [
    { name: 'files', secret: { secretName: 'volume-secret' } },
    { name: 'all', projected: { sources: [{ secret: { name: 'projected-secret' } }] } },
    { name: 'tmp', emptyDir: {} },
  ];
  return {
    ...headOf(kind),
    metadata: { name: 'run', labels: { app: pick(g, ['a', 'b']) } },
    spec: {
      ...(chance(g, 50) ? { replicas: 2 } : {}),
      selector: { matchLabels: { app: 'run' } },
      template: {
        metadata: { labels: { app: 'run' } },
        spec: { containers, volumes: volumes.slice(0, g(integer, { min: 1, max: 3 })) },
      },
    },
  };
}

function containerNamed(g: Gen, name: string): object {
  return {
    name,
    image: 'run:1',
    env: [
      { name: 'PLAIN', value: 'x' },
      { name: 'SECRET', valueFrom: { secretKeyRef: { name: `${name}-env`, key: 'k' } } },
    ],
    ...(chance(g, 60) ? { envFrom: [{ secretRef: { name: `${name}-from` } }] } : {}),
    ...(chance(g, 50) ? { volumeMounts: [{ name: 'files', mountPath: '/files' }] } : {}),
  };
}

/** A patch of the workload, as an entry of `patches`. */
export function workloadPatch(g: Gen, own: Kind): object {
  if (chance(g, 45)) return { target: targetOf(g), patch: JSON.stringify(operations(g)) };
  const target = chance(g, 50) ? { target: targetOf(g) } : {};
  // Where there is a target, it alone decides.
  const kind = 'target' in target && chance(g, 30) ? kindOfWorkload(g) : own;
  return { ...target, patch: JSON.stringify({ ...headOf(kind), metadata: { name: 'run' }, spec: specOf(g) }) };
}

function headOf(kind: Kind): object {
  return { apiVersion: kind === 'Rollout' ? 'argoproj.io/v1alpha1' : 'apps/v1', kind };
}

/** An entry of `replicas`. */
export function replicasIn(g: Gen): object {
  return { name: pick(g, ['run', 'run', 'run', 'run', 'run', 'e-run']), count: g(integer, { min: 0, max: 3 }) };
}

function targetOf(g: Gen): object {
  return pick(g, [
    { kind: 'Deployment' },
    { kind: 'Deployment|Rollout', name: 'r.*' },
    { name: 'run' },
    { kind: 'Rollout' },
    { labelSelector: 'app=a', name: 'run' },
  ]);
}

const inPod = (spec: object): object => ({ template: { spec } });

function specOf(g: Gen): object {
  const name = pick(g, ['main', 'side']);
  return pick(g, [
    { replicas: 0 },
    { replicas: 1, ...inPod({ containers: [{ name, image: 'run:2' }] }) },
    inPod({ containers: [{ name, envFrom: [{ secretRef: { name: 'patched-from' } }] }] }),
    inPod({
      containers: [{ name, env: [{ name: 'SECRET', valueFrom: { secretKeyRef: { name: 'patched-env', key: 'k' } } }] }],
    }),
    inPod({ containers: [{ name, env: [{ name: 'SECRET', $patch: 'delete' }] }] }),
    inPod({ containers: [{ name, env: [{ $patch: 'replace' }, { name: 'PLAIN', value: 'y' }] }] }),
    inPod({ containers: [{ name, $patch: 'delete' }] }),
    inPod({ containers: [{ name: 'new', image: 'n', envFrom: [{ secretRef: { name: 'new-from' } }] }] }),
    inPod({ containers: [{ name, envFrom: null, volumeMounts: [{ name: 'tmp', mountPath: '/tmp', subPath: 'x' }] }] }),
    inPod({
      initContainers: [
        { name: 'init', env: [{ name: 'S', valueFrom: { secretKeyRef: { name: 'init-env', key: 'k' } } }] },
      ],
    }),
    inPod({ volumes: [{ name: 'files', secret: { secretName: 'patched-volume' } }] }),
    inPod({ volumes: [{ name: 'files', $patch: 'delete' }] }),
    inPod({ volumes: [{ name: 'more', secret: { secretName: 'more-volume' } }] }),
    inPod({ volumes: [{ name: 'all', projected: { sources: [{ secret: { name: 'patched-source' } }] } }] }),
    inPod({ imagePullSecrets: [{ name: 'pull' }] }),
    inPod({ $patch: 'replace', containers: [{ name: 'only', image: 'o' }] }),
  ]);
}

function operations(g: Gen): readonly object[] {
  const pod = '/spec/template/spec';
  return pick(g, [
    [{ op: 'replace', path: '/spec/replicas', value: 0 }],
    [{ op: 'add', path: '/spec/replicas', value: 4 }],
    [{ op: 'replace', path: `${pod}/containers/0/image`, value: 'run:3' }],
    [{ op: 'add', path: `${pod}/containers/0/envFrom`, value: [{ secretRef: { name: 'ops-from' } }] }],
    [{ op: 'add', path: `${pod}/containers/0/envFrom/-`, value: { secretRef: { name: 'ops-more' } } }],
    [{ op: 'replace', path: `${pod}/containers/0/env/1/valueFrom/secretKeyRef/name`, value: 'ops-env' }],
    [{ op: 'remove', path: `${pod}/containers/0/env/0` }],
    [{ op: 'remove', path: `${pod}/containers/1` }],
    [{ op: 'replace', path: `${pod}/volumes/0/secret/secretName`, value: 'ops-volume' }],
    [{ op: 'add', path: `${pod}/volumes/-`, value: { name: 'ops', secret: { secretName: 'ops-added' } } }],
    [
      { op: 'test', path: `${pod}/containers/0/name`, value: 'main' },
      {
        op: 'add',
        path: `${pod}/containers/0/env/-`,
        value: { name: 'X', valueFrom: { secretKeyRef: { name: 'ops-x', key: 'k' } } },
      },
    ],
    [{ op: 'copy', from: `${pod}/containers/0`, path: `${pod}/containers/-` }],
  ]);
}

function chance(g: Gen, percent: number): boolean {
  return g(integer, { min: 0, max: 99 }) >= 100 - percent;
}

function pick<T>(g: Gen, from: readonly T[]): T {
  const found = from[g(integer, { min: 0, max: from.length - 1 })];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
