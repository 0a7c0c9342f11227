import * as fc from 'fast-check';
import { expect } from 'vitest';
import { FORCE_SYNC } from '../../src/domain/policy.ts';
import { type AnnotationEdit, editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import { readBlob } from '../../src/manifests/read-blob.ts';
import { judge, keepsOtherLines } from './edit-oracle.ts';

const MARK = ' # {"$gitops-reloader": {"secret": "prod/db", "stage": "refresh"}}';
const VALUE = 'prod/db=4d383ea9-084a-49c9-8722-cbfb0f25c456@2026-03-02T09:20:09Z';

const scalar = fc.constantFrom(
  'x',
  '"y z"',
  "'it''s'",
  '12',
  '1.5',
  'true',
  '~',
  'null',
  '',
  '0x1F',
  '"#"',
  "'{'",
  '!!str 7',
  'two words',
);
const end = fc.constantFrom('', '', MARK, MARK, '  # a comment', `${MARK}  `);
const key = fc.constantFrom('alpha', '"beta.x"', "'gamma'", 'delta-1', 'acme.example/x', '9');

/** Lines of a block map or list at an indentation, deeper ones below it. */
function block(depth: number, indent: string, step: string): fc.Arbitrary<readonly string[]> {
  const leaf = fc.tuple(scalar, end).map(([value, tail]) => [` ${value}${tail}`]);
  const below =
    depth === 0
      ? leaf
      : fc.oneof(
          leaf,
          block(depth - 1, indent + step, step).map((lines) => ['', ...lines]),
        );
  const map = fc
    .uniqueArray(fc.tuple(key, below), { minLength: 1, maxLength: 4, selector: ([name]) => name })
    .map((pairs) => pairs.flatMap(([name, [first = '', ...rest]]) => [`${indent}${name}:${first}`, ...rest]));
  const list = fc
    .array(leaf, { minLength: 1, maxLength: 3 })
    .map((items) => items.map(([first = '']) => `${indent}-${first}`));
  return fc.oneof({ weight: 3, arbitrary: map }, { weight: 1, arbitrary: list });
}

const text = fc
  .tuple(
    fc.array(
      fc.constantFrom('  ', '    ').chain((step) => block(3, '', step)),
      { minLength: 1, maxLength: 3 },
    ),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\n'),
  )
  .map(
    ([documents, lineBreak, last]) =>
      documents.map((lines) => lines.join(lineBreak)).join(`${lineBreak}---${lineBreak}`) + last,
  );

function editsOf(source: string): readonly AnnotationEdit[] {
  return readBlob(Buffer.from(source)).objects.flatMap((one) => {
    if (one.type !== 'external-secret' || one.marker === undefined) return [];
    const { document, item, kind, name, marker } = one;
    return [{ document, item, kind, name, target: 'marker', keys: marker.keys, annotation: FORCE_SYNC, value: VALUE }];
  });
}

/** Edits all markers of so many random texts; what must not change is asked of another YAML reader, and of the bytes. */
export function checkMarkerEdits(numRuns: number): void {
  let edited = 0;
  fc.assert(
    fc.property(text, (before) => {
      const edits = editsOf(before);
      const { text: after, lines, done } = editWhatCanBe(before, edits);
      edited += done.length;
      expect(['exact', 'unknown']).toContain(judge(before, after, done));
      expect(keepsOtherLines(before, after, lines)).toBe(true);
      expect(after.split(MARK).length).toBe(before.split(MARK).length);
      // What is marked stays marked, and a second edit has nothing to do.
      expect(editsOf(after)).toEqual(edits);
      expect(editWhatCanBe(after, done).text).toBe(after);
    }),
    { numRuns },
  );
  expect(edited).toBeGreaterThan(numRuns);
}
