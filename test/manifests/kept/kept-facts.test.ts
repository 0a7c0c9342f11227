import {
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  double,
  letrec,
  nat,
  oneof,
  property,
  string,
  tuple,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepFacts } from '../../../src/manifests/kept/keep-facts.ts';
import { sketchOf } from '../../../src/manifests/kept/outline.ts';
import type { BlobFacts } from '../../../src/manifests/objects.ts';
import { readBlob } from '../../../src/manifests/read-blob.ts';
import { checkKept, goldenFacts, NOTHING, oid, recalled } from './kept-checks.ts';

test('what manifests of the golden repositories say comes back exactly', () => {
  checkKept(goldenFacts((at) => at % 4 === 0));
});

function alike(at: number): BlobFacts {
  return readBlob(
    Buffer.from(`{kind: Deployment, apiVersion: apps/v1, metadata: {name: a${at}, labels: {app: a${at % 3}, __proto__: x}},
spec: {template: {spec: {containers: [{name: x, envFrom: [{secretRef: {name: s${at % 7}}}]}]}}}}`),
  );
}

test('what few manifests say, and many that are alike, comes back exactly', () => {
  checkKept([]);
  checkKept([NOTHING]);
  checkKept([NOTHING, NOTHING, { ...NOTHING, text: 'grüße\u2028\u{1f600}\ud800\0"\\' }]);
  checkKept(Array.from({ length: 620 }, (_, at) => (at % 4 === 0 ? NOTHING : alike(at))));
});

const ends = oneof(
  string({ unit: 'binary' }),
  constantFrom('__proto__', 'constructor', 'toString', ''),
  boolean(),
  constant(null),
  double().filter((value) => Number.isFinite(value) && !Object.is(value, -0)),
);
const values = letrec<{ value: unknown }>((tie) => ({
  value: oneof(
    { maxDepth: 4 },
    ends,
    array(tie('value'), { maxLength: 4 }),
    array(tuple(ends, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    dictionary(
      string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

test('whatever facts are made of comes back exactly', () => {
  const facts = array(values.value, { maxLength: 3 }).map((objects) => ({ ...NOTHING, objects }) as BlobFacts);
  assert(
    property(array(facts, { maxLength: 6 }), (all) => checkKept([...all, ...all])),
    { numRuns: 150 },
  );
});

test('what could not be put together again exactly is left out', () => {
  const wrong: readonly unknown[] = [undefined, -0, Number.NaN, 1n, new Date(0), new Set(), Object.create(null)];
  const proto: unknown = JSON.parse('{"__proto__": 1}');
  for (const value of [...wrong, proto, () => 1]) {
    expect(sketchOf({ ...NOTHING, objects: [value] })).toBeNull();
    expect(sketchOf({ ...NOTHING, objects: [new Map([['key', { deep: [value] }]])] })).toBeNull();
  }
  const large = { ...NOTHING, text: 'x'.repeat(300_000) };
  const slow = { ...NOTHING, unreadable: [{ code: 'too-costly', message: 'it takes too long', line: null }] } as const;
  const known = new Map<string, BlobFacts>([
    [oid(1), NOTHING],
    [oid(2), large],
    [oid(3), slow],
  ]);
  expect(recalled(keepFacts(known))).toEqual(new Map([[oid(1), NOTHING]]));
});

describe('lines that nobody wrote', () => {
  const NO_LINES = [
    '',
    '[]',
    'null',
    '1',
    '{',
    '[1,2,3]',
    '["x"]',
    '["",["same",1],[1]]',
    '["0",["same",1],[]]',
    `["${oid(1)}",["differs"],[]]`,
    `["${oid(1)}",["same",1],[]]`,
    `["${oid(1)}",["what"],[]]`,
    `["${oid(1)}",["object",["a"]],[]]`,
    `["${oid(1)}",["object",[1],["same",1]],[]]`,
    `["${oid(1)}",["object",["__proto__"],["list"]],[]]`,
    `["${oid(1)}",["map",["same",1]],[]]`,
    `["${oid(1)}",["list",["same",{}]],[]]`,
    `["${oid(1)}",["list",5],[]]`,
  ];
  test.each(NO_LINES)('%s', (line) => {
    expect(recalled([line])).toBeNull();
    expect(recalled([...keepFacts(new Map([[oid(3), NOTHING]])), line])).toBeNull();
  });

  test('however a line is changed, nothing is thrown, and no object gets another prototype', () => {
    const [line = ''] = [
      ...keepFacts(
        new Map([
          [oid(1), NOTHING],
          [oid(2), { ...NOTHING, text: 'x' }],
        ]),
      ),
    ];
    const change = tuple(nat(line.length), nat(5), string({ maxLength: 5 }));
    assert(
      property(change, ([at, cut, put]) => {
        const back = recalled([line.slice(0, at) + put + line.slice(at + cut)]);
        for (const facts of back?.values() ?? []) expect(Object.getPrototypeOf(facts)).toBe(Object.prototype);
      }),
      { numRuns: 300 },
    );
  });
});
