import type { KeyRow, KeyType } from './keys/key.ts';
import { OWN_TABLE } from './keys/table.ts';

/** JSON as far as a JSON Schema needs it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A table of keys as Markdown, header included; ends with a line break. */
export function describeKeys(keys: readonly KeyRow[]): string {
  const rows = keys.map((row) => {
    const path = row.path.replaceAll('|', '\\|');
    return `| \`${path}\` | ${typeName(row.type)} | ${defaultText(row)} | ${aboutText(row)} |`;
  });
  return `${['| Key | Type | Default | What it does |', '|---|---|---|---|', ...rows].join('\n')}\n`;
}

/** A JSON Schema (2020-12) of the file, for editors; the loader checks more than it can say. */
export function configSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'gitops-reloader configuration',
    ...sectionSchema(''),
  };
}

function typeName(type: KeyType): string {
  switch (type.kind) {
    case 'section':
      return 'section';
    case 'sections':
      return 'list of sections';
    case 'text':
      return 'text';
    case 'texts':
      return type.orOne === true ? 'text or list of texts' : 'list of texts';
    case 'labels':
      return 'map of texts';
    case 'integer':
      return rangeName(type);
    case 'flag':
      return '`true`, `false`';
    case 'choice':
      return type.values.map((value) => `\`${value}\``).join(', ');
    case 'duration':
      return 'duration';
    case 'anything':
      return 'anything';
  }
}

function rangeName({ min, max, orNone }: KeyType & { readonly kind: 'integer' }): string {
  return `${min} to ${max}${orNone === true ? ', or `none`' : ''}`;
}

function defaultText(row: KeyRow): string {
  if (row.default === undefined) return '**required**';
  if (row.default === null) return '';
  return `\`${JSON.stringify(row.default).replaceAll('"', '')}\``;
}

function aboutText(row: KeyRow): string {
  const example = row.type.kind === 'text' || row.type.kind === 'texts' ? ` Example: \`${row.example}\`.` : '';
  const support = {
    'not-yet': ' *Accepted, without effect in this version.*',
    unused: ' *Noted, not used.*',
    refused: ' *Refused.*',
    works: '',
  };
  const secret = row.secret === true ? ' Says where a credential is, never the credential.' : '';
  return `${row.about}${secret}${example}${support[row.support ?? 'works']}`;
}

function sectionSchema(path: string): { readonly [key: string]: Json } {
  const rows = [...OWN_TABLE(path)].filter(([, row]) => row.support !== 'refused');
  return {
    type: 'object',
    additionalProperties: false,
    required: rows.filter(([, row]) => row.default === undefined).map(([name]) => name),
    properties: Object.fromEntries(
      rows.map(([name, row]) => [name, valueSchema(row, path === '' ? name : `${path}.${name}`)]),
    ),
  };
}

function valueSchema(row: KeyRow, path: string): Json {
  const fallback = row.default === undefined || row.default === null ? {} : { default: row.default };
  return { description: row.about, ...fallback, ...typeSchema(row, path) };
}

function typeSchema(row: KeyRow, path: string): { readonly [key: string]: Json } {
  const { type } = row;
  const least = leastItems(row);
  switch (type.kind) {
    case 'section':
      return sectionSchema(path);
    case 'sections':
      return { type: 'array', ...least, items: sectionSchema(`${path}[]`) };
    case 'text':
      return { type: type.form.numbers === true ? ['string', 'integer'] : 'string' };
    case 'texts':
      return { type: listType(type), ...least, items: { type: 'string' } };
    case 'labels':
      return { type: 'object', additionalProperties: { type: 'string' } };
    case 'integer':
      return integerSchema(type);
    case 'flag':
      return { type: 'boolean' };
    case 'choice':
      return { type: 'string', enum: type.values };
    case 'duration':
      return { type: 'string', pattern: '^([0-9]{1,9}(ms|s|m|h)){1,4}$' };
    case 'anything':
      return {};
  }
}

function listType({ orOne }: Extract<KeyType, { readonly kind: 'texts' }>): Json {
  return orOne === true ? ['string', 'array'] : 'array';
}

function integerSchema({ min, max, orNone }: KeyType & { readonly kind: 'integer' }): { readonly [key: string]: Json } {
  const integer = { type: 'integer', minimum: min, maximum: max };
  return orNone === true ? { anyOf: [integer, { const: 'none' }] } : integer;
}

function leastItems(row: KeyRow): { readonly [key: string]: Json } {
  return row.default === undefined ? { minItems: 1 } : {};
}
