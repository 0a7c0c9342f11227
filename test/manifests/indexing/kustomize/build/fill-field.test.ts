import { expect, test } from 'vitest';
import { fillAt, lookUp, splitFieldPath } from '../../../../../src/manifests/indexing/kustomize/build/fill-field.ts';

test.each([
  ['spec.data.0.remoteRef.key', ['spec', 'data', '0', 'remoteRef', 'key']],
  ['metadata.annotations.a\\.b/c', ['metadata', 'annotations', 'a.b/c']],
  ['metadata.annotations.[a.b/c]', ['metadata', 'annotations', 'a.b/c']],
  ['spec.data.[name=a.b].key', ['spec', 'data', '[name=a.b]', 'key']],
  ['data', ['data']],
  ['a.[', ['a', '[']],
])('%s in parts', (path, expected) => {
  expect(splitFieldPath(path)).toEqual(expected);
});

const VALUE = {
  data: [{ name: 'x', key: 'a' }, { name: 'y', key: 'b' }, { name: 'z' }],
  list: ['p', 'q'],
  text: 't',
};

function check(path: string, expected: object | null, created?: string): void {
  const filled = fillAt(VALUE, splitFieldPath(path), {
    fill: (old) => (typeof old === 'string' ? `${old}!` : undefined),
    created,
  });
  expect(filled).toEqual(expected === null ? undefined : { ...VALUE, ...expected });
}

test('fields are found by position, by what stands beside them, or all', () => {
  const [x, y, z] = [{ name: 'x', key: 'a!' }, { name: 'y', key: 'b!' }, { name: 'z' }];
  check('data.0.key', { data: [x, { name: 'y', key: 'b' }, z] });
  check('data.[name=y].key', { data: [{ name: 'x', key: 'a' }, y, z] });
  check('data.*.key', { data: [x, y, z] });
  check('list.[=q]', { list: ['p', 'q!'] });
  check('text', { text: 't!' });
});

test('what Kustomize refuses, or would make, is not guessed', () => {
  for (const path of [
    'data.9.key',
    'data.-.key',
    'data.[name=none].key',
    'none.key',
    'text.key',
    'data.0',
    'list.*.a',
  ]) {
    check(path, null);
  }
  check('data.[name=none].key', null, 'v');
  check('none.0.key', null, 'v');
  check('__proto__.key', { ...JSON.parse('{"__proto__": {"key": "v"}}') }, 'v');
  check(`${'a.'.repeat(60)}a`, null, 'v');
});

test('maps are made where that is asked for', () => {
  check('some.where', { some: { where: 'v' } }, 'v');
  check(
    'data.2.key',
    {
      data: [
        { name: 'x', key: 'a' },
        { name: 'y', key: 'b' },
        { name: 'z', key: 'v' },
      ],
    },
    'v',
  );
});

test('a value is looked up where there is one', () => {
  expect(lookUp(VALUE, ['data', '[name=y]', 'key'])).toBe('b');
  expect(lookUp(VALUE, ['data', '1', 'name'])).toBe('y');
  for (const path of [['data', '*', 'key'], ['none'], ['text', 'a'], ['constructor'], ['data', '7']]) {
    expect(lookUp(VALUE, path)).toBe(undefined);
  }
});
