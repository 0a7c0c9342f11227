import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseToken } from '../../../src/domain/token.ts';
import { type BaselineEntry, sortEntries } from '../../../src/manifests/baseline/baseline-entry.ts';
import { fittingEntries, formatBaseline, MAX_BASELINE_BYTES } from '../../../src/manifests/baseline/format-baseline.ts';
import { parseBaseline } from '../../../src/manifests/baseline/parse-baseline.ts';

const TOKEN = 'prod/db=4d383ea9-084a-49c9-8722-cbfb0f25c456@2024-10-23T12:26:46Z';

function entry(more: Partial<BaselineEntry> = {}): BaselineEntry {
  const token = parseToken(TOKEN) ?? [];
  return { path: 'apps/db.yaml', kind: 'ExternalSecret', namespace: 'app', name: 'db', token, ...more };
}

function parse(text: string | Uint8Array) {
  return parseBaseline(typeof text === 'string' ? new TextEncoder().encode(text) : text);
}

/** `line: reason` of what is wrong with a text. */
function check(text: string | Uint8Array, expected: string): void {
  const read = parse(text);
  expect(read.kind === 'problem' ? `${read.line}: ${read.reason}` : read).toBe(expected);
}

const TEXT = formatBaseline([entry()]);

test('the text: one line for each object, sorted, and YAML', () => {
  const text = formatBaseline([entry({ name: 'b' }), entry({ name: 'a', namespace: null })]);
  expect(text.split('\n').slice(2)).toEqual([
    'apiVersion: gitops-reloader.dev/v1alpha1',
    'kind: Baseline',
    'metadata:',
    '  name: gitops-reloader-baseline',
    '  annotations:',
    '    config.kubernetes.io/local-config: "true"',
    'objects:',
    `  - {"path":"apps/db.yaml","kind":"ExternalSecret","namespace":"app","name":"b","token":"${TOKEN}"}`,
    `  - {"path":"apps/db.yaml","kind":"ExternalSecret","namespace":null,"name":"a","token":"${TOKEN}"}`,
    '',
  ]);
  const [document] = parseAllDocuments(text);
  expect(document?.toJS()).toMatchObject({ kind: 'Baseline', objects: [{ name: 'b' }, { name: 'a' }] });
  expect(parse(formatBaseline([]))).toEqual({ kind: 'baseline', entries: [] });
});

test('what is written is read back, whatever objects are called', () => {
  const sign = fc.constantFrom(
    'a',
    '"',
    '\\',
    '\n',
    '\u2028',
    '\u0085',
    '\ufeff',
    '\ud800',
    '\0',
    '#',
    ': ',
    '{',
    '- ',
    '\u202e',
    'é',
    '😀',
  );
  const name = fc.array(sign, { minLength: 1, maxLength: 12 }).map((signs) => signs.join(''));
  const entries = fc.array(fc.record({ path: name, kind: name, namespace: fc.option(name), name }), { maxLength: 4 });
  fc.assert(
    fc.property(entries, (identities) => {
      const written = sortEntries(identities.map((one) => entry(one)));
      const text = formatBaseline(written);
      expect(parse(text)).toEqual({ kind: 'baseline', entries: written });
      expect(parseAllDocuments(text)).toHaveLength(1);
      expect(text.split('\n')).toHaveLength(written.length === 0 ? 10 : written.length + 10);
    }),
    { numRuns: 25 },
  );
});

test('comments, empty lines and Windows line ends do no harm', () => {
  expect(parse(TEXT.replace('objects:\n', '\n# ours\nobjects:\n  # here\n')).kind).toBe('baseline');
  expect(parse(TEXT.replaceAll('\n', '\r\n')).kind).toBe('baseline');
});

test('what cannot be understood is told with its line', () => {
  check('', 'null: here must be: apiVersion: gitops-reloader.dev/v1alpha1');
  check('kind: Secret\n', '1: here must be: apiVersion: gitops-reloader.dev/v1alpha1');
  check(TEXT.replace('v1alpha1', 'v9'), '3: here must be: apiVersion: gitops-reloader.dev/v1alpha1');
  check(TEXT.replace('objects:', 'objects: []'), '9: here must be: objects:');
  check(TEXT.replace('  - {', '  - - {'), '10: what follows the dash is no JSON object');
  check(TEXT.replace('  - ', '- '), '10: an object is one line that begins with "  - {"');
  check(`${TEXT}  - 7\n`, '11: what follows the dash is no JSON object');
  check(`${TEXT}${TEXT.split('\n').at(-2) ?? ''}\n`, '11: ExternalSecret db is named twice');
  check(TEXT.replace('"name"', '"__proto__"'), '10: it has an unknown key, __proto__');
  check(TEXT.replace('"name":"db"', '"name":["db"]'), '10: path, kind and name are texts, and namespace one or null');
  check(
    TEXT.replace('"namespace":"app"', '"namespace":false'),
    '10: path, kind and name are texts, and namespace one or null',
  );
  check(TEXT.replace(TOKEN, 'prod/db=1'), '10: token is none of ours');
  check(TEXT.replace('apps/db.yaml', 'x'.repeat(5000)), '10: a name in it is empty or too long');
  check(Uint8Array.of(0xff, 0xfe, 0x00), 'null: it is not UTF-8');
  check(new Uint8Array(MAX_BASELINE_BYTES + 1), `null: it is larger than ${MAX_BASELINE_BYTES} bytes`);
});

test('garbage never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: TEXT.length }), (bytes, at) => {
      const text = new TextEncoder().encode(TEXT);
      parse(bytes);
      parse(Uint8Array.of(...text.slice(0, at), ...bytes, ...text.slice(at)));
    }),
    { numRuns: 200 },
  );
});

test('no more is written than can be read', () => {
  const far = `${'x/'.repeat(2000)}db.yaml`;
  const many = Array.from({ length: 2200 }, (_, at) => entry({ path: far, name: `db-${at}` }));
  const fitting = fittingEntries(many);
  expect([fitting.length > 1900, fitting.length < 2200]).toEqual([true, true]);
  expect(formatBaseline(fitting).length).toBeLessThanOrEqual(MAX_BASELINE_BYTES);
});
