import type { RepoPath } from '../../../../domain/repo-path.ts';
import type { PatchFacts } from '../../../kustomize-facts.ts';
import { type Plain, readPlain } from '../../../reading/kustomize/plain-value.ts';
import { leadsToSecrets } from '../../../reading/workload/pod-shape.ts';
import type { KustomizeNode } from '../kustomize-graph.ts';
import type { Overlay, PatchStep } from '../overlays.ts';
import { deletes, isPlainMap, mergeValue, operateOn, POD_LISTS } from '../patch-value.ts';
import type { Certainty } from '../select/label-expression.ts';
import { fitsTarget, isPatchOf } from '../select/select-object.ts';
import { addGenerated } from './add-generated.ts';
import { type Built, type BuiltObject, called, isFollowedPartly, labelled, selectable } from './built-object.ts';
import type { WayStep } from './find-way.ts';
import { replaceFields } from './replace-fields.ts';

/** What an object's way is looked at with. */
export interface BuildContext {
  /** What a kustomization does to objects, in its order. */
  readonly overlaysOf: (kustomization: RepoPath) => readonly Overlay[];
  /** Those of what deploys the root. */
  readonly outer: readonly Overlay[];
  /** The value that a replacement takes, as it is when its turn comes; undefined where it cannot be told. */
  readonly valueFor: (replacement: Overlay) => string | undefined;
  /** The replacement before which it is to be looked at; null for the whole way. */
  readonly until: Overlay | null;
}

/** What an object is made into on its way: patches, names, labels and replacements in the order of Kustomize. */
export function carryOut(start: BuiltObject, way: readonly WayStep[], context: BuildContext): Built {
  let object: Built = start;
  for (const step of way) {
    if (!object) return object;
    if (step.does === 'generate') object = addGenerated(object, step.node.facts.generates);
    else {
      const passed = passNode(object, step.node, { ...context, isRoot: step === way.at(-1) });
      if (passed.isDone) return passed.object;
      object = passed.object;
    }
  }
  return object;
}

interface Passed {
  readonly object: Built;
  /** True where it is to be looked at as it is now. */
  readonly isDone: boolean;
}

function passNode(
  start: BuiltObject,
  node: KustomizeNode,
  context: BuildContext & { readonly isRoot: boolean },
): Passed {
  const overlays = context.overlaysOf(node.path);
  let object = transformed(start, node, overlays);
  if (context.isRoot) object = passOuter(object, context.outer, overlays);
  for (const overlay of overlays) {
    if (overlay === context.until) return { object, isDone: true };
    if (object && overlay.step.kind === 'replicas') object = counted(object, overlay);
    if (object && overlay.step.kind === 'replacement') object = replaceFields(object, overlay, context.valueFor);
  }
  return { object, isDone: false };
}

/** Its patches, names and labels: all that comes before numbers of pods and replacements. */
function transformed(start: BuiltObject, { facts }: KustomizeNode, overlays: readonly Overlay[]): Built {
  const { prefix, suffix, namespace, addedLabels } = facts;
  const early = patchAll(start, overlays, 'before-names');
  if (!early) return early;
  const placed = namespace === null ? early : called(early, { namespace });
  const before = called(placed, { name: `${prefix}${nameOf(placed)}` });
  const named = called(before, { name: `${nameOf(before)}${suffix}` });
  return patchAll(labelled(named, addedLabels), overlays, 'after-names');
}

/**
 * Patches of what deploys the root come beside those of the root, or around it: they are certain where both is the same, and
 * nothing stands in between.
 */
function passOuter(object: Built, outer: readonly Overlay[], inner: readonly Overlay[]): Built {
  if (!object || outer.length === 0) return object;
  const answers = outer.map((one) => ({ one, always: alwaysOf(object, one) }));
  const own = answers.filter(({ always }) => always !== 'no').map(({ one }) => one);
  if (own.length === 0) return object;
  const names = namesOf(object);
  const isBetween = inner.some(({ step, selects }) => {
    return !('phase' in step && step.phase === 'before-names') && selects(object.kind, names);
  });
  if (isBetween || answers.some(({ always }) => always === 'unknown')) return undefined;
  return patchAll(patchAll(object, own, 'before-names'), own, 'after-names');
}

/** Whether a patch means an object whatever it is called by then. */
function alwaysOf(object: BuiltObject, { step, selects }: Overlay): Certainty {
  if (step.kind !== 'patch') return selects(object.kind, namesOf(object)) ? 'unknown' : 'no';
  const answers = object.ids.map((_, at) => certaintyOf({ ...object, ids: object.ids.slice(0, at + 1) }, step));
  const [first = 'no'] = answers;
  return answers.every((one) => one === first) ? first : 'unknown';
}

function nameOf({ ids }: BuiltObject): string {
  return ids.at(-1)?.name ?? '';
}

function patchAll(start: Built, overlays: readonly Overlay[], phase: PatchStep['phase']): Built {
  let object = start;
  for (const overlay of overlays) {
    if (!object) return object;
    if ('phase' in overlay.step && overlay.step.phase === phase) object = patchOne(object, overlay);
  }
  return object;
}

/** The number of pods that a kustomization gives a workload, by any name that it has had. */
function counted(object: BuiltObject, { step, selects, by }: Overlay): BuiltObject {
  if (step.kind !== 'replicas' || !selects(object.kind, namesOf(object))) return object;
  const { name, count } = step.facts;
  return namesOf(object).includes(name) ? { ...object, pods: { by, count } } : object;
}

function patchOne(object: BuiltObject, overlay: Overlay): Built {
  const { step, selects } = overlay;
  // A first look that costs nothing.
  if (!selects(object.kind, namesOf(object))) return object;
  const certainty = step.kind === 'patch' ? certaintyOf(object, step) : 'unknown';
  if (certainty === 'no') return object;
  if (step.kind !== 'patch' || certainty === 'unknown' || step.renames) return undefined;
  const value = valueAfter(object, step.patch);
  return value === null || value === undefined ? value : patched({ ...object, value }, overlay, step.patch);
}

/** An object that a patch has changed, with what is to be known of that. */
function patched(object: BuiltObject, overlay: Overlay, { isOurs = false, replicas }: PatchFacts): BuiltObject {
  const { by } = overlay;
  return {
    ...object,
    voidedBy: object.voidedBy ?? (isOurs ? by : null),
    pods: replicas === undefined ? object.pods : { by, count: replicas },
    patches: [...object.patches, overlay],
  };
}

/** True for a patch that takes its object away: it brings nothing. */
export function deletesObject({ change }: PatchFacts): boolean {
  return deletes(asMap(change === undefined ? null : readPlain(change))['merge'] ?? null);
}

/** Null for a patch that deletes the object. */
function valueAfter(object: BuiltObject, { change, touches }: PatchFacts): Plain | undefined {
  const { merge = null, operations } = asMap(change === undefined ? null : readPlain(change));
  if (deletes(merge)) return null;
  const isPartly = isFollowedPartly(object);
  if (change === undefined || (touches.workload && isPartly)) return undefined;
  if (operations === undefined) return mergeInto(object, merge);
  return operateOn(object.value, isPartly ? ofWorkload(operations) : operations);
}

/** Operations without those on what is not kept of a workload. */
function ofWorkload(operations: Plain): Plain {
  if (!Array.isArray(operations)) return operations;
  return operations.filter((one) => {
    const { path, from } = asMap(one);
    return [path, from].some((pointer) => typeof pointer === 'string' && isKeptOfWorkload(pointer.slice(1).split('/')));
  });
}

function isKeptOfWorkload(path: readonly string[]): boolean {
  return path[0] === 'metadata' || leadsToSecrets(path);
}

/** Kustomize leaves the object alone where its patch replaces all of it. */
function mergeInto({ apiVersion, kind, value }: BuiltObject, merge: Plain): Plain | undefined {
  if (!isPlainMap(merge) || Object.hasOwn(merge, '$patch')) return undefined;
  const group = SCHEMAS.get(kind);
  // Of an older version nobody knows whether Kustomize has a schema.
  if (group !== undefined && group !== apiVersion && merge['spec'] !== undefined) return undefined;
  return mergeValue(value, merge, group === undefined ? undefined : POD_LISTS);
}

/** Workloads with lists that are merged, and the version in which they are. */
const SCHEMAS: ReadonlyMap<string, string> = new Map([
  ['Deployment', 'apps/v1'],
  ['StatefulSet', 'apps/v1'],
  ['DaemonSet', 'apps/v1'],
  ['Job', 'batch/v1'],
  ['CronJob', 'batch/v1'],
]);

function certaintyOf(object: BuiltObject, { target, patch }: PatchStep): Certainty {
  if (target !== null) return fitsTarget(selectable(object), target);
  const namespace = asMap(patch.change === undefined ? null : readPlain(patch.change))['namespace'];
  const isFor = isPatchOf(selectable(object), patch, typeof namespace === 'string' ? namespace : null);
  // What it is for stands in what was too large to be kept.
  if (patch.change === undefined) return 'unknown';
  return isFor ? 'yes' : 'no';
}

function namesOf({ ids }: BuiltObject): readonly string[] {
  return ids.map(({ name }) => name);
}

function asMap(value: Plain): { readonly [key: string]: Plain } {
  return isPlainMap(value) ? value : {};
}
