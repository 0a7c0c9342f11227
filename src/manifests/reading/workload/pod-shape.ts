import type { Plain } from '../kustomize/plain-value.ts';

/** What is kept of a value: all of it, the same of each entry of a list, or some keys of a map. */
type Shape = 'all' | readonly [Shape] | { readonly [key: string]: Shape };

const CONTAINERS: Shape = [
  {
    name: 'all',
    restartPolicy: 'all',
    env: [{ name: 'all', valueFrom: 'all' }],
    envFrom: 'all',
    volumeMounts: [{ name: 'all', mountPath: 'all', subPath: 'all', subPathExpr: 'all' }],
  },
];

const TEMPLATE: Shape = {
  spec: {
    containers: CONTAINERS,
    initContainers: CONTAINERS,
    ephemeralContainers: CONTAINERS,
    volumes: [{ name: 'all', secret: 'all', projected: { sources: 'all' }, csi: 'all' }],
    imagePullSecrets: 'all',
  },
};

/** A workload's specification: what decides which Secrets its pods get, and how. */
const SPEC: Shape = { template: TEMPLATE, jobTemplate: { spec: { template: TEMPLATE } } };

/** A workload's specification, or a patch of one, without what has nothing to do with Secrets. */
export function prunedSpec(spec: Plain): Plain {
  return prune(spec, SPEC);
}

function prune(value: Plain, shape: Shape): Plain {
  if (shape === 'all' || typeof value !== 'object' || value === null) return value;
  if (isEach(shape)) return isList(value) ? value.map((one) => prune(one, shape[0])) : value;
  if (isList(value)) return value;
  const kept = Object.entries(value).flatMap(([key, one]): [string, Plain][] => {
    // What a patch says to do with all of it.
    if (key.startsWith('$')) return [[key, one]];
    const inner = Object.hasOwn(shape, key) ? shape[key] : undefined;
    return inner === undefined ? [] : [[key, prune(one, inner)]];
  });
  return Object.fromEntries(kept);
}

/** True for a path into the part of an object that {@link prunedSpec} keeps, or to something that holds it. */
export function leadsToSecrets([first, ...steps]: readonly string[]): boolean {
  if (first !== 'spec') return first === '' || first === '*';
  let shape: Shape = SPEC;
  for (const step of steps) {
    if (shape === 'all') return true;
    if (isEach(shape)) shape = shape[0];
    else {
      const inner: Shape | undefined = Object.hasOwn(shape, step) ? shape[step] : undefined;
      if (inner === undefined) return step === '*';
      shape = inner;
    }
  }
  return true;
}

function isEach(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
