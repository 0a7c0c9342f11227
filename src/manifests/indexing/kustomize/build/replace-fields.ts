import { CLUSTER_FORCE_SYNC, FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS } from '../../../../domain/policy.ts';
import type { ReplacementOptions } from '../../../kustomize-facts.ts';
import type { Plain } from '../../../reading/kustomize/plain-value.ts';
import { leadsToSecrets } from '../../../reading/workload/pod-shape.ts';
import type { Overlay } from '../overlays.ts';
import { fitsReplacement } from '../select/select-object.ts';
import { type Built, type BuiltObject, isFollowedPartly, selectable } from './built-object.ts';
import { fillAt, splitFieldPath } from './fill-field.ts';

/** What a replacement makes of an object. */
export function replaceFields(
  object: BuiltObject,
  replacement: Overlay,
  valueFor: (replacement: Overlay) => string | undefined,
): Built {
  const { step, by, selects } = replacement;
  if (step.kind !== 'replacement') return object;
  const names = object.ids.map(({ name }) => name);
  if (!selects(object.kind, names)) return object;
  const { select, reject, fields, options } = step.facts;
  const certainty = fitsReplacement(selectable(object), select, reject);
  const paths = fields.map((field) => splitFieldPath(field)).filter((path) => isSeen(object, path));
  if (certainty === 'no' || paths.length === 0) return object;
  const value = certainty === 'unknown' ? undefined : valueFor(replacement);
  const replaced = value === undefined ? undefined : fillAll(object.value, paths, { value, options });
  if (replaced === undefined) return undefined;
  const isOurs = paths.some((path) => path.some((part) => OURS.has(part)));
  return { ...object, value: replaced, voidedBy: object.voidedBy ?? (isOurs ? by : null) };
}

interface Replacing {
  readonly value: string;
  readonly options: ReplacementOptions & { readonly isCreated: boolean };
}

function fillAll(start: Plain, paths: readonly FieldPath[], { value, options }: Replacing): Plain | undefined {
  const filling = { fill: (old: Plain) => filled(old, value, options), created: options.isCreated ? value : undefined };
  let current: Plain = start;
  for (const path of paths) {
    const next = isKept(path) ? fillAt(current, path, filling) : undefined;
    if (next === undefined) return undefined;
    current = next;
  }
  return current;
}

type FieldPath = readonly string[];

const OURS: ReadonlySet<string> = new Set([FORCE_SYNC, CLUSTER_FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS]);

/** Images and the like of a workload are not kept: whatever becomes of them, it is the same workload. Our annotations are looked for. */
function isSeen(object: BuiltObject, path: FieldPath): boolean {
  const isPassedOver = path[0] === 'spec' && isFollowedPartly(object) && !leadsToSecrets(path);
  return !isPassedOver || path.some((part) => OURS.has(part));
}

/** Names and namespaces change who an object is. */
function isKept([first, second, third]: readonly string[]): boolean {
  if (first === 'spec' || first === 'data') return true;
  return (
    first === 'metadata' && (second === 'labels' || second === 'annotations') && third !== undefined && third !== '*'
  );
}

// A text that is appended to itself again and again would double each time.
const MAX_TEXT = 4096;

/** The text with one part of it replaced; undefined where Kustomize would fail, or make something else of it. */
function filled(old: Plain, value: string, { delimiter, index }: ReplacementOptions): Plain | undefined {
  if (old === null) return undefined;
  if (delimiter === '') return value;
  if (typeof old !== 'string') return undefined;
  const parts = old.split(delimiter);
  if (index < 0) parts.unshift(value);
  else parts.splice(index, 1, value);
  const text = parts.join(delimiter);
  return text.length > MAX_TEXT ? undefined : text;
}

/** The part of a source's text that is meant. */
export function refined(value: Plain | undefined, { delimiter, index }: ReplacementOptions): string | undefined {
  const text = value === true ? 'true' : value;
  if (typeof text !== 'string' || text === '') return undefined;
  return delimiter === '' ? text : text.split(delimiter)[index];
}
