import type { Oid } from '../../domain/repo-path.ts';
import type { BlobFacts } from '../objects.ts';
import { isScalar } from './outline.ts';

const OID_LENGTH = 40;

/**
 * Puts what {@link keepFacts} wrote into `known`, and tells of which blobs that was. Null where a line is none of its own: then
 * `known` is to be thrown away.
 */
export function recallFacts(lines: Iterable<string>, known: Map<Oid, BlobFacts>): readonly Oid[] | null {
  const recalled: Oid[] = [];
  for (const line of lines) if (!recallLine(line, known, recalled)) return null;
  return recalled;
}

function recallLine(line: string, known: Map<Oid, BlobFacts>, recalled: Oid[]): boolean {
  const parsed = parse(line);
  if (!Array.isArray(parsed)) return false;
  const [oids, outline, values]: readonly unknown[] = parsed;
  if (typeof oids !== 'string' || !Array.isArray(values)) return false;
  const size = { width: 0 };
  const made = makerOf(outline, size);
  if (made === null || values.length * OID_LENGTH !== oids.length * size.width) return false;
  const count = oids.length / OID_LENGTH;
  const shared = made.kind === 'same' ? asBlobFacts(made.value) : null;
  for (let at = 0; at < count; at += 1) {
    const facts = made.kind === 'same' ? shared : asBlobFacts(made.make(values, at * size.width));
    if (facts === null) return false;
    const oid = oids.slice(at * OID_LENGTH, (at + 1) * OID_LENGTH);
    known.set(oid, facts);
    recalled.push(oid);
  }
  return true;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** What is the same in every value is made once, and part of each. */
type Made<Value = unknown> =
  | { readonly kind: 'same'; readonly value: Value }
  | { readonly kind: 'new'; readonly make: Make<Value> };

type Make<Value> = (values: readonly unknown[], from: number) => Value;

/** How wide a row is, as far as it is known. */
interface Size {
  width: number;
}

function makerOf(outline: unknown, size: Size): Made | null {
  if (!Array.isArray(outline)) return null;
  const [kind, ...parts]: readonly unknown[] = outline;
  switch (kind) {
    case 'same':
      return isScalar(parts[0]) ? { kind: 'same', value: parts[0] } : null;
    case 'differs':
      return nextEnd(size);
    case 'list':
      return listMaker(parts, size);
    case 'map':
      return mapMaker(parts, size);
    case 'object':
      return objectMaker(parts, size);
    default:
      return null;
  }
}

function nextEnd(size: Size): Made {
  const at = size.width;
  size.width += 1;
  return { kind: 'new', make: (values, from) => values[from + at] };
}

function listMaker(parts: readonly unknown[], size: Size): Made<unknown[]> | null {
  const template: unknown[] = [];
  const changes: (readonly [at: number, make: Make<unknown>])[] = [];
  for (const [at, part] of parts.entries()) {
    const made = makerOf(part, size);
    if (made === null) return null;
    template.push(made.kind === 'same' ? made.value : null);
    if (made.kind === 'new') changes.push([at, made.make]);
  }
  if (changes.length === 0) return { kind: 'same', value: template };
  const make: Make<unknown[]> = (values, from) => {
    const list = [...template];
    for (const [at, part] of changes) list[at] = part(values, from);
    return list;
  };
  return { kind: 'new', make };
}

function mapMaker(parts: readonly unknown[], size: Size): Made<ReadonlyMap<unknown, unknown>> | null {
  const list = listMaker(parts, size);
  if (list === null) return null;
  if (list.kind === 'same') return { kind: 'same', value: mapOf(list.value) };
  return { kind: 'new', make: (values, from) => mapOf(list.make(values, from)) };
}

function mapOf(parts: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let at = 0; at < parts.length; at += 2) map.set(parts[at], parts[at + 1]);
  return map;
}

function objectMaker([keys, ...parts]: readonly unknown[], size: Size): Made<Plain> | null {
  if (!Array.isArray(keys) || keys.length !== parts.length) return null;
  const template: Plain = {};
  const changes: (readonly [key: string, make: Make<unknown>])[] = [];
  for (const [at, part] of parts.entries()) {
    const key: unknown = keys[at];
    const made = makerOf(part, size);
    if (made === null || typeof key !== 'string' || key === '__proto__') return null;
    template[key] = made.kind === 'same' ? made.value : null;
    if (made.kind === 'new') changes.push([key, made.make]);
  }
  if (changes.length === 0) return { kind: 'same', value: template };
  const make: Make<Plain> = (values, from) => {
    const object = { ...template };
    for (const [key, part] of changes) object[key] = part(values, from);
    return object;
  };
  return { kind: 'new', make };
}

type Plain = Record<string, unknown>;

const LISTS = ['objects', 'unreadable', 'patches', 'replacements'] as const satisfies readonly (keyof BlobFacts)[];

/** Null where its lists are none. That all else in it is as it was written is for whoever kept the lines to prove. */
function asBlobFacts(value: unknown): BlobFacts | null {
  return isBlobFacts(value) ? value : null;
}

function isBlobFacts(value: unknown): value is BlobFacts {
  if (typeof value !== 'object' || value === null) return false;
  for (const key of LISTS) if (!Array.isArray(Reflect.get(value, key))) return false;
  const text: unknown = Reflect.get(value, 'text');
  return text === null || typeof text === 'string';
}
