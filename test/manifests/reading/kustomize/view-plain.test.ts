import { array, assert, constantFrom, dictionary, jsonValue, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocuments } from '../../../../src/manifests/parse-documents.ts';
import { type Plain, readPlain } from '../../../../src/manifests/reading/kustomize/plain-value.ts';
import { viewPlain } from '../../../../src/manifests/reading/kustomize/view-plain.ts';
import {
  entries,
  isNull,
  isTrue,
  items,
  lineAt,
  takeFlaws,
  text,
  type View,
  viewDocument,
} from '../../../../src/manifests/reading/yaml-view.ts';

/** All that readers can tell of a value, with the steps it took. */
function seen(view: View | null): unknown {
  if (view === null) return null;
  const { budget } = view.source;
  return { told: told(view), flaws: takeFlaws(view), left: budget.left };
}

function told(view: View): unknown {
  const list = items(view)?.map((one) => told(one)) ?? null;
  const pairs = entries(view)?.map(([key, one]) => [key, told(one)]) ?? null;
  return { list, pairs, text: text(view), is: [isNull(view), isTrue(view)], line: lineAt(view) };
}

function parsed(value: Plain): View | null {
  const read = parseDocuments(JSON.stringify(value));
  const [first] = read.kind === 'documents' ? read.documents : [];
  return read.kind === 'unreadable' || first === undefined
    ? null
    : viewDocument(first, read.lineCounter, { left: 100_000 });
}

function check(value: Plain): void {
  expect(seen(viewPlain(value))).toEqual(seen(parsed(value)));
}

function nested(levels: number): Plain {
  let value: Plain = 'deep';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const ODD = [
  '<<',
  '*a',
  '&a',
  '!!str x',
  '- a',
  '# b',
  '{{ .x }}',
  '}}',
  '~',
  'true',
  '1e3',
  '',
  ' ',
  '__proto__',
  'toJSON',
];

test('a value that was never written is seen as if it were read', () => {
  const key = oneof(constantFrom(...ODD), string({ maxLength: 6 }), string({ unit: 'binary', maxLength: 4 }));
  const value = jsonValue({ maxDepth: 3, stringUnit: 'grapheme' });
  const built = oneof(value, dictionary(key, oneof(key, value)), array(key));
  assert(
    property(built, (one) => check(readPlain(JSON.stringify(one)))),
    { numRuns: 60 },
  );
});

test('odd texts are keys and values like others', () => {
  for (const one of [...ODD, '\u007f', '\u0085', '\ufeff', '\ud800', '\uffff', '\u2028', 'é', '\t\n\r\0', '"\\']) {
    check(Object.fromEntries([[one, one]]));
    check([one, { a: one }]);
  }
  check(
    Object.fromEntries([
      ['<<', { a: 'b' }],
      ['a', 'c'],
    ]),
  );
});

test('what is deeper or longer than a parser reads is not seen', () => {
  for (const levels of [99, 100, 101, 198, 199, 200, 201, 202]) check(nested(levels));
  expect(viewPlain(nested(300))).toBeNull();
  expect(viewPlain('x'.repeat(1024 * 1024))).toBeNull();
  check('x'.repeat(65_536));
  check(Object.fromEntries([['k'.repeat(2000), 'v']]));
  check([{ ['k'.repeat(2000)]: 'v' }]);
});
