import type { Description, Schema } from './description.ts';

/** A JSON object of an answer. */
export type Json = Record<string, unknown>;

const FORMATS: Readonly<Record<string, string>> = {
  uri: 'https://github.invalid/',
  'date-time': '2020-01-01T00:00:00Z',
  email: 'nobody@github.invalid',
};

/**
 * The least that a schema of the description asks for: what is required, empty. Answers are that, overlaid with what this
 * server knows: GitHub's objects have hundreds of fields of which nobody here looks at more than a few.
 */
export function sample(description: Description, name: string): Json {
  const schema = description.schema(name);
  if (schema === undefined) throw new Error(`the description has no schema ${name}`);
  // A nullable schema is only null inside of others.
  const type = Array.isArray(schema.type)
    ? (schema.type as readonly string[]).find((one) => one !== 'null')
    : schema.type;
  return make(description, type === undefined ? schema : { ...schema, type }) as Json;
}

function make(description: Description, schema: Schema): unknown {
  if (schema.$ref !== undefined) {
    const target = description.schema(schema.$ref.slice('#/components/schemas/'.length));
    if (target === undefined) throw new Error(`the description has no ${schema.$ref}`);
    return make(description, target);
  }
  const choices = schema.anyOf ?? schema.oneOf ?? [];
  if (choices.some((choice) => choice.type === 'null')) return null;
  const [choice] = choices;
  if (choice !== undefined) return make(description, choice);
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map((part) => make(description, part)));
  return plain(description, schema);
}

function plain(description: Description, schema: Schema): unknown {
  const required = schema.required ?? [];
  if (schema.enum !== undefined) return schema.enum.includes(null) ? null : schema.enum[0];
  if (Array.isArray(schema.type)) return null;
  if (schema.type === 'string') return FORMATS[schema.format ?? ''] ?? '';
  if (schema.type === 'integer' || schema.type === 'number') return 0;
  if (schema.type === 'boolean') return false;
  if (schema.type === 'array') return [];
  return Object.fromEntries(required.map((key) => [key, make(description, schema.properties?.[key] ?? {})]));
}
