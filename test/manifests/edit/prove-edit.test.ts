import { expect, test } from 'vitest';
import { planEdit } from '../../../src/manifests/edit/plan-edit.ts';
import { proveEdit } from '../../../src/manifests/edit/prove-edit.ts';
import { applySplices, type Splice } from '../../../src/manifests/edit/text/splice.ts';
import { type EditableText, parseEditable } from '../../../src/manifests/parse-documents.ts';
import { edit, secret } from '../edit-oracle.ts';

const BEFORE = secret(
  '  annotations: # a\n    force-sync: "1" # b\n    z: &z 012\nspec:\n  list: [a, "b"]\n  text: |\n    line\n---\nx: y\n',
);

function open(text: string): EditableText {
  const source = parseEditable(text);
  if (source.kind === 'unreadable') throw new Error(source.message);
  return source;
}

/** Makes the planned edit together with one more replacement of characters, and expects what the proof finds. */
function check(find: string, put: string, expected: RegExp | null): void {
  const source = open(BEFORE);
  const plan = planEdit(source, edit());
  if (plan.kind === 'refused') throw new Error(plan.reason);
  const start = BEFORE.indexOf(find);
  const more: readonly Splice[] = find === put ? [] : [{ start, end: start + find.length, insert: put }];
  const splices = [...plan.splices, ...more].toSorted((a, b) => a.start - b.start);
  const found = proveEdit(source, open(applySplices(BEFORE, splices)), [plan], splices);
  if (expected === null) expect(found).toBe(null);
  else expect(found).toMatch(expected);
}

test('the edit alone is proven', () => {
  check('', '', null);
});

test('any other change of a value, a key, a style, an order is found', () => {
  const other = /something besides the annotation/;
  check('012', '12', other);
  check('012', '0o12', other);
  check('012', '"012"', other);
  check('&z 012', '012', other);
  check('&z', '&y', other);
  check('    z:', '    y:', other);
  check('    z:', '    "z":', other);
  check('"b"', "'b'", other);
  check('[a, "b"]', '[a, "b", c]', other);
  check('[a, "b"]', '["b", a]', other);
  check('[a, "b"]', '{a: "b"}', other);
  check('    line', '    line ', other);
  check('    line', '     line', other);
  check('|', '>', other);
  check('|', '|-', other);
  check('name: db', 'name: db2', other);
  check('spec:\n', 'more: 1\nspec:\n', other);
  check('x: y', 'x: !!str y', other);
  check('x: y', 'x: {y: }', other);
  check('x: y', 'y', other);
});

test('so are comments, documents and directives', () => {
  check('# a', '# A', /a comment changed/);
  check(' # b', '', /a comment changed/);
  check('x: y', 'x: y # c', /a comment changed/);
  check('---\n', '---\n---\n', /number of documents/);
  check('---\nx: y\n', '', /number of documents/);
  check('kind:', '---\nkind:', /marker or directive/);
  check('kind:', '%YAML 1.1\n---\nkind:', /marker or directive/);
});

test('a wanted value that did not arrive is found', () => {
  const source = open(BEFORE);
  const plan = planEdit(source, edit());
  if (plan.kind === 'refused') throw new Error(plan.reason);
  const at = BEFORE.indexOf('"1"');
  for (const insert of ['"1"', 'new', '"other"', '"new"\n    more: "1"', '"new"\n    force-sync: "new"', '["new"]']) {
    const splices = [{ start: at, end: at + 3, insert }];
    expect(proveEdit(source, open(applySplices(BEFORE, splices)), [plan], splices)).toMatch(/something besides/);
  }
});

test('characters must stand where the splices moved them', () => {
  const source = open(BEFORE);
  const plan = planEdit(source, edit());
  if (plan.kind === 'refused') throw new Error(plan.reason);
  const wider = applySplices(BEFORE, plan.splices).replace('text: |', 'text:  |');
  expect(proveEdit(source, open(wider), [plan], plan.splices)).toMatch(/something besides/);
});

test('a new key in another place than the last is found', () => {
  const text = secret('  annotations:\n    a: b\n    c: d\n');
  const source = open(text);
  const plan = planEdit(source, edit());
  if (plan.kind === 'refused') throw new Error(plan.reason);
  const at = text.indexOf('    c:');
  const splices = [{ start: at, end: at, insert: '    force-sync: "new"\n' }];
  expect(proveEdit(source, open(applySplices(text, splices)), [plan], splices)).toMatch(/something besides/);
  expect(proveEdit(source, open(applySplices(text, plan.splices)), [plan], plan.splices)).toBe(null);
});
