import type { Json } from '../sample.ts';
import type { Selected } from './read-document.ts';

/** What a field may be: a value, an object of fields, a list, or something that its arguments decide. */
export type Resolvable =
  | string
  | number
  | boolean
  | null
  | readonly Resolvable[]
  | ResolvableObject
  | ((args: Selected['args']) => Resolvable | Problem | Promise<Resolvable | Problem>);

export interface ResolvableObject {
  readonly [field: string]: Resolvable;
}

/** Why a field is null. */
export class Problem extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Exactly the fields that were asked for. What is wrong is told beside them, as GraphQL does. */
export async function selectFields(
  root: ResolvableObject,
  fields: readonly Selected[],
): Promise<{ readonly data: Json; readonly errors: readonly Json[] }> {
  const errors: Json[] = [];
  const data = await objectOf(root, fields, { path: [], errors });
  return { data, errors };
}

interface Place {
  readonly path: readonly (string | number)[];
  readonly errors: Json[];
}

async function objectOf(source: ResolvableObject, fields: readonly Selected[], place: Place): Promise<Json> {
  const out: Json = {};
  for (const field of fields) {
    if (field.on !== null && field.on !== source['__typename']) continue;
    out[field.as] = await fieldOf(source, field, { ...place, path: [...place.path, field.as] });
  }
  return out;
}

async function fieldOf(source: ResolvableObject, field: Selected, place: Place): Promise<unknown> {
  if (!Object.hasOwn(source, field.name)) {
    place.errors.push({
      path: place.path,
      extensions: { code: 'undefinedField' },
      message: `Field '${field.name}' doesn't exist`,
    });
    return null;
  }
  const found = source[field.name] ?? null;
  const answer = typeof found === 'function' ? await found(field.args) : found;
  if (!(answer instanceof Problem)) return shaped(answer, field, place);
  place.errors.push({ type: answer.type, path: place.path, message: answer.message });
  return null;
}

async function shaped(value: Resolvable, field: Selected, place: Place): Promise<unknown> {
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const [index, one] of value.entries()) {
      list.push(await shaped(one as Resolvable, field, { ...place, path: [...place.path, index] }));
    }
    return list;
  }
  if (typeof value !== 'object' || value === null) return value;
  return objectOf(value as ResolvableObject, field.fields ?? [], place);
}
