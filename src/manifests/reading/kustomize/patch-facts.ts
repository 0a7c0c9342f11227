import { CLUSTER_FORCE_SYNC, FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS } from '../../../domain/policy.ts';
import type { PatchFacts } from '../../kustomize-facts.ts';
import { ORDERING } from '../deployers/deployed-by.ts';
import { leadsToSecrets, prunedSpec } from '../workload/pod-shape.ts';
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
  'provider',
];

/** What is followed step by step. */
const SEEN = ['metadata', 'data'];
/** Of a SecretProviderClass. */
const OF_CLASSES = ['parameters', 'secretObjects'];
const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Rollout', 'Pod', 'Service', 'Ingress'];

const METADATA = ['metadata', 'annotations'];
const TEMPLATES = [
  ['spec', 'template', 'metadata', 'annotations'],
  ['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'annotations'],
];

/** What a document changes when Kustomize uses it as a patch; null where nothing of that concerns us. */
export function readPatch(root: View): PatchFacts | null {
  const operations = items(root);
  const found = operations === null ? readMerge(root) : readOperations(root, operations);
  if (found === null) return null;
  const apiVersion = text(field(root, 'apiVersion'));
  return {
    kind: text(field(root, 'kind')) ?? '',
    name: text(field(root, 'metadata', 'name')) ?? '',
    ...(apiVersion === null ? {} : { apiVersion }),
    ...found,
  };
}

type Change = Pick<PatchFacts, 'touches' | 'change' | 'isOurs' | 'replicas'>;

function readOperations(root: View, operations: readonly View[]): Change | null {
  const touches = ofOperations(operations);
  const steps = stepsOf(operations);
  const replicas = replicasOfOperations(operations);
  const isFollowed = isTouched(touches) || steps.some((path) => isSeen(path) || leadsToSecrets(path));
  if (!isFollowed && replicas === undefined) return null;
  // Of a workload nothing else is followed.
  const list = isFollowed ? plainJson(root) : '[]';
  const isOurs = steps.some((path) => pointsInto(path, METADATA));
  const change = list === null ? null : `{"operations":${list}}`;
  return { touches, ...keptChange(change), ...said({ isOurs, replicas }) };
}

function readMerge(root: View): Change | null {
  const touches = ofMerge(root);
  const replicas = replicasOfMerge(root);
  const pods = podsOf(root);
  const isFollowed = isTouched(touches) || changesMore(root);
  if (!isFollowed && pods === undefined && replicas === undefined) return null;
  const ofPods = pods === null ? null : mergeOf(pods === undefined ? [] : [`"spec":${pods}`], root);
  const isOurs = mergesInto(root, METADATA);
  return { touches, ...keptChange(isFollowed ? mergeJson(root) : ofPods), ...said({ isOurs, replicas }) };
}

interface Said {
  readonly isOurs: boolean;
  readonly replicas: number | null | undefined;
}

/** Without what is not so. */
function said({ isOurs, replicas }: Said): Pick<PatchFacts, keyof Said> {
  return { ...(isOurs ? { isOurs } : {}), ...(replicas === undefined ? {} : { replicas }) };
}

/** What it says of a workload's Secrets: undefined for nothing, null where that is too large to be kept. */
function podsOf(root: View): string | null | undefined {
  const spec = field(root, 'spec');
  if (!['template', 'jobTemplate', '$patch'].some((key) => hasKey(spec, key))) return undefined;
  // Even where it names containers alone: those of a Rollout take the place of all others.
  return plainJson(spec, prunedSpec);
}

function isSeen([first = '', second = '']: readonly string[]): boolean {
  return SEEN.includes(first) || (first === 'spec' && OF_CLASSES.includes(second));
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

function isTouched({ externalSecret, workload }: PatchFacts['touches']): boolean {
  return externalSecret || workload;
}

function keptChange(change: string | null): Pick<PatchFacts, 'change'> {
  return change === null ? {} : { change };
}

/** `commonAnnotations` as what they are: a patch of everything. Null where there are none. */
export function commonChange(annotations: View | null): PatchFacts | null {
  const isOurs = namesOurs(annotations);
  const json = plainJson(annotations);
  if (entries(annotations) === null || (json === null && !isOurs)) return null;
  return {
    kind: '',
    name: '',
    touches: { externalSecret: isOurs, workload: isOurs },
    change: `{"merge":{"metadata":{"annotations":${json ?? '{}'}}},"namespace":null}`,
    ...(isOurs ? { isOurs } : {}),
  };
}

/** Labels and annotations decide what later patches select, and annotations steer; of workloads nobody follows them that far. */
function changesMore(root: View): boolean {
  const kind = text(field(root, 'kind')) ?? '';
  if (field(root, '$patch') !== null) return true;
  if (kind === 'ConfigMap') return field(root, 'data') !== null;
  if (kind === 'SecretProviderClass') return field(root, 'spec') !== null;
  if (namesOrder(field(root, 'metadata', 'annotations'))) return true;
  return !WORKLOADS.includes(kind) && ['labels', 'annotations'].some((key) => hasKey(field(root, 'metadata'), key));
}

/** True for annotations by which Argo CD orders what it applies. */
function namesOrder(annotations: View | null): boolean {
  return (entries(annotations) ?? []).some(([key]) => ORDERING.includes(key));
}

function hasKey(view: View | null, key: string): boolean {
  return (entries(view) ?? []).some(([one]) => one === key);
}

/** Its labels, annotations, specification and data, and what it says to do with all of it. */
function mergeJson(root: View): string | null {
  const metadata = pickJson(field(root, 'metadata'), ['$patch', 'labels', 'annotations']);
  const rest = pickJson(root, ['$patch', 'spec', 'data']);
  if (metadata === null || rest === null) return null;
  return mergeOf([...rest, ...(metadata.length === 0 ? [] : [`"metadata":{${metadata.join(',')}}`])], root);
}

function mergeOf(parts: readonly string[], root: View): string {
  return `{"merge":{${parts.join(',')}},"namespace":${JSON.stringify(text(field(root, 'metadata', 'namespace')))}}`;
}

/** Null where one of the values is too large to be kept. */
function pickJson(view: View | null, keys: readonly string[]): readonly string[] | null {
  const found = (entries(view) ?? []).filter(([key]) => keys.includes(key));
  const texts = found.map(([key, value]) => [key, plainJson(value)] as const);
  if (texts.some(([, json]) => json === null)) return null;
  return texts.map(([key, json]) => `${JSON.stringify(key)}:${json}`);
}

/** True for a map of annotations that names one of ours. */
function namesOurs(annotations: View | null): boolean {
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
