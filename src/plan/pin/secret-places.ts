import type { WorkloadFacts } from '../../manifests/objects.ts';
import { type Plain, readPlain } from '../../manifests/reading/kustomize/plain-value.ts';

/** The way to a value, from the object. */
type Keys = readonly (string | number)[];

/** Every place where a workload's pod template names a Secret; null where its template was too large to be kept. */
export function secretPlaces({ pods, template }: WorkloadFacts, name: string): readonly Keys[] | null {
  if (pods === undefined) return null;
  const pod: Keys = [...template, 'spec'];
  const spec = readPlain(pods);
  return PLACES.flatMap((pattern) => expand({ keys: pod, value: at(spec, pod.slice(1)) }, pattern))
    .filter(({ value }) => value === name)
    .map(({ keys }) => keys);
}

/** What a workload's pod template has there; null where it has no text there, or was too large to be kept. */
export function textAt({ pods }: WorkloadFacts, keys: Keys): string | null {
  const value = pods === undefined ? null : at(readPlain(pods), keys.slice(1));
  return typeof value === 'string' ? value : null;
}

const EACH = '[]';
const IN_CONTAINERS = [
  ['env', EACH, 'valueFrom', 'secretKeyRef', 'name'],
  ['envFrom', EACH, 'secretRef', 'name'],
];

/** Where the pod's spec of Kubernetes names Secrets of its namespace: those that facts read as uses. */
const PLACES: readonly (readonly string[])[] = [
  ...['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) =>
    IN_CONTAINERS.map((rest) => [list, EACH, ...rest]),
  ),
  ['volumes', EACH, 'secret', 'secretName'],
  ['volumes', EACH, 'projected', 'sources', EACH, 'secret', 'name'],
  ['imagePullSecrets', EACH, 'name'],
];

interface Found {
  readonly keys: Keys;
  readonly value: Plain;
}

function expand({ keys, value }: Found, [step, ...rest]: readonly string[]): readonly Found[] {
  if (step === undefined) return [{ keys, value }];
  if (step !== EACH) return expand({ keys: [...keys, step], value: at(value, [step]) }, rest);
  const items = isList(value) ? value : [];
  return items.flatMap((item, position) => expand({ keys: [...keys, position], value: item }, rest));
}

function at(value: Plain, [step, ...rest]: Keys): Plain {
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null) return null;
  if (isList(value)) return typeof step === 'number' ? at(value[step] ?? null, rest) : null;
  return typeof step === 'string' && Object.hasOwn(value, step) ? at(value[step] ?? null, rest) : null;
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
