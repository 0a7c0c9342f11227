import { CLUSTER_FORCE_SYNC, FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS } from '../../../domain/policy.ts';
import type { PatchFacts } from '../../kustomize-facts.ts';
import { entries, field, isNull, items, text, type View, wholeNumber } from '../yaml-view.ts';
import { plainJson } from './plain-value.ts';

const OURS: ReadonlySet<string> = new Set([FORCE_SYNC, CLUSTER_FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS]);
const FIELDS = [
  'refreshInterval',
  'refreshPolicy',
  'data',
  'dataFrom',
  'secretStoreRef',
  'target',
  'externalSecretSpec',
];

const METADATA = ['metadata', 'annotations'];
const TEMPLATES = [
  ['spec', 'template', 'metadata', 'annotations'],
  ['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'annotations'],
];

/** What a document changes when Kustomize uses it as a patch; null where nothing of that concerns us. */
export function readPatch(root: View): PatchFacts | null {
  const operations = items(root);
  const touches = operations === null ? ofMerge(root) : ofOperations(operations);
  const replicas = operations === null ? replicasOfMerge(root) : replicasOfOperations(operations);
  if (!touches.externalSecret && !touches.workload && replicas === undefined) return null;
  const kind = text(field(root, 'kind')) ?? '';
  const name = text(field(root, 'metadata', 'name')) ?? '';
  const facts = { kind, name, touches, ...(replicas === undefined ? {} : { replicas }) };
  const change = touches.externalSecret ? readChange(root, operations) : null;
  return change === null ? facts : { ...facts, change };
}

/** Undefined where it says nothing of that. */
function replicasOfMerge(root: View): number | null | undefined {
  const view = field(root, 'spec', 'replicas');
  return view === null ? undefined : wholeNumber(view);
}

/** The last one decides. */
function replicasOfOperations(operations: readonly View[]): number | null | undefined {
  const own = operations.findLast((operation) => text(field(operation, 'path')) === '/spec/replicas');
  return own === undefined || text(field(own, 'op')) === 'test' ? undefined : wholeNumber(field(own, 'value'));
}

/** What is patched in the specification alone; null where our annotations are, too. */
function readChange(root: View, operations: readonly View[] | null): string | null {
  if (operations !== null) {
    const isOurs = stepsOf(operations).some((path) => pointsInto(path, METADATA));
    const list = isOurs ? null : plainJson(root);
    return list === null ? null : `{"operations":${list}}`;
  }
  const spec = mergesInto(root, METADATA) ? null : plainJson(field(root, 'spec'));
  const namespace = text(field(root, 'metadata', 'namespace'));
  return spec === null ? null : `{"merge":${spec},"namespace":${JSON.stringify(namespace)}}`;
}

/** True for a map of annotations that names one of ours. */
export function namesOurs(annotations: View | null): boolean {
  return (entries(annotations) ?? []).some(([key]) => OURS.has(key));
}

function ofMerge(root: View): PatchFacts['touches'] {
  const metadata = mergesInto(root, METADATA);
  const spec = (entries(field(root, 'spec')) ?? []).some(([key]) => key === '$patch' || FIELDS.includes(key));
  return {
    externalSecret: metadata || spec,
    workload: metadata || TEMPLATES.some((path) => mergesInto(root, path)),
  };
}

/** Null and `$patch` on the way take away whatever stood below. */
function mergesInto(root: View, path: readonly string[]): boolean {
  let current: View | null = root;
  for (const step of path) {
    const found: readonly (readonly [string, View])[] = entries(current) ?? [];
    if (found.some(([key, value]) => key === '$patch' || (key === step && isNull(value)))) return true;
    current = field(current, step);
  }
  return namesOurs(current);
}

function stepsOf(operations: readonly View[]): readonly (readonly string[])[] {
  const paths = operations.flatMap((operation) => {
    const kind = text(field(operation, 'op'));
    if (kind === null || kind === 'test') return [];
    const places = kind === 'move' ? ['path', 'from'] : ['path'];
    return places.flatMap((place) => text(field(operation, place)) ?? []);
  });
  return paths.map((path) =>
    path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')),
  );
}

function ofOperations(operations: readonly View[]): PatchFacts['touches'] {
  const steps = stepsOf(operations);
  const metadata = steps.some((path) => pointsInto(path, METADATA));
  return {
    externalSecret: metadata || steps.some(([first, second]) => first === 'spec' && FIELDS.includes(second ?? 'data')),
    workload: metadata || steps.some((path) => TEMPLATES.some((template) => pointsInto(path, template))),
  };
}

/** At one of our annotations, at the map that holds them, or at something that holds the map. */
function pointsInto(path: readonly string[], map: readonly string[]): boolean {
  if (!path.every((step, at) => at >= map.length || step === map[at])) return false;
  return path.length <= map.length || OURS.has(path[map.length] ?? '');
}
