import type { KustomizeSelector, PatchFacts } from '../../../kustomize-facts.ts';
import { groupOf } from '../../../reading/object-header.ts';
import { type Certainty, fitsLabels } from './label-expression.ts';
import { matcherOf } from './match-pattern.ts';

/** What an object was called at one time, as Kustomize keeps it. */
export interface ObjectId {
  readonly name: string;
  readonly namespace: string | null;
}

/** An object as selectors see it: `ids` are all that it has been called, the written one first. */
export interface Selectable {
  readonly apiVersion: string;
  readonly kind: string;
  readonly ids: readonly ObjectId[];
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** Whether a patch that says itself what it is for means this object: by any name that it has had, with the namespace of that time. */
export function isPatchOf(
  object: Selectable,
  { apiVersion, kind, name }: PatchFacts,
  namespace: string | null,
): boolean {
  if (apiVersion !== object.apiVersion || kind !== object.kind) return false;
  return object.ids.some((id) => id.name === name && sameNamespace(id.namespace, namespace));
}

/** Whether a patch's target means it: patterns, on the first and the latest name and namespace. */
export function fitsTarget(object: Selectable, target: KustomizeSelector): Certainty {
  const ids = [object.ids[0], object.ids.at(-1)].flatMap((id) => id ?? []);
  const answers = [
    fitsPattern(target.kind, [object.kind]),
    fitsPattern(target.group ?? null, [groupOf(object.apiVersion)]),
    fitsPattern(target.version ?? null, [versionOf(object.apiVersion)]),
    fitsPattern(
      target.name,
      ids.map(({ name }) => name),
    ),
    fitsPattern(
      target.namespace ?? null,
      ids.map(({ namespace }) => namespace ?? 'default'),
    ),
    target.labels === undefined ? 'yes' : fitsLabels(target.labels, object.labels),
    target.annotations === undefined ? 'yes' : fitsLabels(target.annotations, object.annotations),
  ] as const;
  return allOf(answers);
}

/**
 * Whether a replacement means it: by one of its names, where none of them is rejected. Versions of Kustomize differ where only
 * some of its names are.
 */
export function fitsReplacement(
  object: Selectable,
  select: KustomizeSelector,
  reject: readonly KustomizeSelector[],
): Certainty {
  const fits = anyOf(object.ids.map((id) => fitsId(object, id, select)));
  const left = anyOf(
    object.ids.map((id) => {
      const rejected = anyOf(reject.map((one) => fitsId(object, id, one)));
      return allOf([fitsId(object, id, select), OPPOSITE[rejected]]);
    }),
  );
  const rejected = anyOf(object.ids.flatMap((id) => reject.map((one) => fitsId(object, id, one))));
  const labels = select.labels === undefined ? 'yes' : fitsLabels(select.labels, object.labels);
  const annotations = select.annotations === undefined ? 'yes' : fitsLabels(select.annotations, object.annotations);
  const answer = allOf([fits, left, labels, annotations]);
  return answer === 'yes' && rejected !== 'no' ? 'unknown' : answer;
}

const OPPOSITE = { yes: 'no', no: 'yes', unknown: 'unknown' } as const;

/** The text itself. Later versions of Kustomize take patterns for targets: where only those fit, it is unknown. */
function fitsId(object: Selectable, id: ObjectId, select: KustomizeSelector): Certainty {
  const isExact =
    isSame(select.kind, object.kind) &&
    isSame(select.group, groupOf(object.apiVersion)) &&
    isSame(select.version, versionOf(object.apiVersion)) &&
    isSame(select.name, id.name) &&
    (select.namespace === undefined || sameNamespace(select.namespace, id.namespace));
  return isExact ? 'yes' : fitsAsPattern({ ...object, ids: [id] }, select);
}

/** Whether it is the object that a replacement takes its value from. */
export function isSource(object: Selectable, select: KustomizeSelector): boolean {
  return object.ids.some((id) => fitsId(object, id, select) === 'yes');
}

function fitsAsPattern(object: Selectable, { kind, name, group, version, namespace }: KustomizeSelector): Certainty {
  const parts = { group, version, namespace };
  const more = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return fitsTarget(object, { kind, name, ...more }) === 'no' ? 'no' : 'unknown';
}

function isSame(asked: string | null | undefined, own: string): boolean {
  return asked === null || asked === undefined || asked === own;
}

function fitsPattern(pattern: string | null, texts: readonly string[]): Certainty {
  if (pattern === null) return 'yes';
  const matcher = matcherOf(pattern);
  if (matcher === null) return 'unknown';
  return texts.some((text) => matcher(text)) ? 'yes' : 'no';
}

function allOf(answers: readonly Certainty[]): Certainty {
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
}

function anyOf(answers: readonly Certainty[]): Certainty {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

function sameNamespace(one: string | null, other: string | null): boolean {
  return (one ?? 'default') === (other ?? 'default');
}
