import { expect, test } from 'vitest';
import { field, MAX_BODY_BYTES, MAX_NESTING, readJson, textField } from '../../src/events/read-json.ts';

function refused(text: string): string | null {
  const json = readJson(text);
  return json.kind === 'unreadable' ? json.reason : null;
}

test.each(['', ' \n', '\uFEFF', 'rotated', '{', '{"a":1}}', "{'a':1}", '{"a":1,}', '\uFEFF\uFEFF{}', 'NaN', '"\\u12"'])(
  '%j is no JSON',
  (text) => {
    expect(refused(text)).toMatch(/^it is (empty|not JSON)$/);
  },
);

test('the cap counts bytes, and a text of exactly that size passes', () => {
  expect(refused(`"${'x'.repeat(MAX_BODY_BYTES - 2)}"`)).toBeNull();
  expect(refused(`"${'x'.repeat(MAX_BODY_BYTES - 1)}"`)).toMatch('larger than 1048576 bytes');
  expect(refused(`"${'é'.repeat(MAX_BODY_BYTES / 2)}"`)).toMatch('larger than 1048576 bytes');
  expect(refused(`"${'é'.repeat(MAX_BODY_BYTES / 2 - 1)}"`)).toBeNull();
});

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

test('the nesting cap counts lists and objects alike', () => {
  expect(refused(nested('[', ']', MAX_NESTING))).toBeNull();
  expect(refused(nested('[', ']', MAX_NESTING + 1))).toMatch('deeper than 64');
  expect(refused(`${'{"a":'.repeat(MAX_NESTING)}1${'}'.repeat(MAX_NESTING)}`)).toBeNull();
  expect(refused(`${'{"a":'.repeat(MAX_NESTING + 1)}1${'}'.repeat(MAX_NESTING + 1)}`)).toMatch('deeper than 64');
});

test('brackets in strings do not count, and a quote behind a back-slash ends none', () => {
  expect(refused(JSON.stringify('['.repeat(1000)))).toBeNull();
  expect(refused(JSON.stringify(`"${'['.repeat(1000)}`))).toBeNull();
  expect(refused(JSON.stringify({ '\\': '\\', a: `\\"${'{'.repeat(1000)}` }))).toBeNull();
  expect(refused(`["\\\\",${'['.repeat(MAX_NESTING)}`)).toMatch('deeper than 64');
});

test('depth is refused before the text is parsed', () => {
  expect(refused(`${'['.repeat(MAX_NESTING + 1)} this is no JSON`)).toMatch('deeper than 64');
});

test('of duplicate keys the last one counts', () => {
  expect(readJson('{"a":1,"a":2}')).toEqual({ kind: 'value', value: { a: 2 } });
});

test('only own fields are fields', () => {
  const json = readJson('{"__proto__":{"inherited":1},"own":{"text":"x"}}');
  const value = json.kind === 'value' ? json.value : null;
  expect(field(value, 'inherited')).toBeUndefined();
  expect(field(value, 'toString')).toBeUndefined();
  expect(field(value, 'constructor', 'name')).toBeUndefined();
  expect(field(value, '__proto__')).toEqual({ inherited: 1 });
  expect(textField(value, 'own', 'text')).toBe('x');
  expect(textField(value, 'own')).toBeNull();
  expect(field([7], '0')).toBeUndefined();
  expect(field('text', 'length')).toBeUndefined();
  expect(field(null, 'a')).toBeUndefined();
});
