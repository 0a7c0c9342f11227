import { expect, test } from 'vitest';
import { type AnnotationEdit, editAnnotations, editWhatCanBe } from '../../../src/manifests/edit-annotations.ts';
import { crlf, judge } from '../edit-oracle.ts';

const HEAD = 'kind: ExternalSecret\nmetadata:\n  name: db\n';
const KEYS = ['spec', 'data', 0, 'remoteRef', 'version'];

function field(change: Partial<AnnotationEdit> = {}): AnnotationEdit {
  const place = { document: 0, item: null, kind: 'ExternalSecret', name: 'db', target: 'field' } as const;
  const beside = { key: 'key', value: 'prod/db' };
  return { ...place, keys: KEYS, annotation: 'version', value: 'uuid/new', beside, ...change };
}

/** Of a specification, what is written where `version` of its first entry is set. */
function set(data: string, edit = field()): string {
  const text = `${HEAD}spec:\n  data:\n${data}`;
  const result = editAnnotations(text, [edit]);
  if (result.kind === 'refused') return `refused: ${result.reason}`;
  const after = result.kind === 'edited' ? result.text : text;
  expect(judge(text, after, [edit])).toBe('exact');
  return after.slice(`${HEAD}spec:\n  data:\n`.length);
}

test.each<[string, string, string]>([
  [
    'a key behind the last',
    '    - remoteRef:\n        key: prod/db\n',
    '    - remoteRef:\n        key: prod/db\n        version: "uuid/new"\n',
  ],
  ['a key in braces', '  - remoteRef: {key: prod/db}\n', '  - remoteRef: {key: prod/db, version: "uuid/new"}\n'],
  [
    'a key in JSON',
    '    [{"remoteRef":{"key":"prod/db"}}]\n',
    '    [{"remoteRef":{"key":"prod/db","version":"uuid/new"}}]\n',
  ],
  [
    'a plain value',
    '  - remoteRef:\n      version: old # why\n      key: prod/db\n',
    '  - remoteRef:\n      version: "uuid/new" # why\n      key: prod/db\n',
  ],
  [
    'a value in single quotes',
    "  - remoteRef: {version: 'old', key: prod/db}\n",
    "  - remoteRef: {version: 'uuid/new', key: prod/db}\n",
  ],
  [
    'a block scalar',
    '  - remoteRef:\n      version: >-\n        old\n      key: prod/db\n',
    '  - remoteRef:\n      version: "uuid/new"\n      key: prod/db\n',
  ],
  [
    'no value',
    '  - remoteRef:\n      version:\n      key: prod/db\n',
    '  - remoteRef:\n      version: "uuid/new"\n      key: prod/db\n',
  ],
  [
    'comments below the last key',
    '  - remoteRef:\n      key: prod/db\n        # deeper\n  # next\n  - x: y\n',
    '  - remoteRef:\n      key: prod/db\n        # deeper\n      version: "uuid/new"\n  # next\n  - x: y\n',
  ],
])('%s', (_, data, expected) => {
  expect(set(data)).toBe(expected);
  expect(set(crlf(data))).toBe(crlf(expected));
  expect(set(expected)).toBe(expected);
});

test('the keys of a list item itself, where v1alpha1 has them', () => {
  const edit = field({ keys: ['spec', 'data', 1, 'version'] });
  expect(set('  - key: x\n  -   key: prod/db\n      property: p # c\n', edit)).toBe(
    '  - key: x\n  -   key: prod/db\n      property: p # c\n      version: "uuid/new"\n',
  );
});

test.each<[string, string, string]>([
  ['another key stands there', '  - remoteRef: {key: prod/other}\n', 'key is not prod/db where it was'],
  ['there is no such entry', '    []\n', 'data[0] is not a map'],
  [
    'the entry is an alias',
    '  - &a {remoteRef: {key: prod/db}}\n  - *a\n',
    'data[0] has an anchor that is used elsewhere',
  ],
  [
    'the map is shared',
    '  - remoteRef: &a {key: prod/db}\n  - remoteRef: *a\n',
    'remoteRef has an anchor that is used elsewhere',
  ],
  ['the key comes from elsewhere', '  - remoteRef: {<<: {key: prod/db}}\n', 'key is not prod/db where it was'],
  [
    'keys from elsewhere come last',
    '  - remoteRef: {key: prod/db, version: a, <<: {version: b}}\n',
    'takes keys from elsewhere (<<) behind its own version',
  ],
  ['the key is there twice', '  - remoteRef: {key: prod/db, version: a, version: b}\n', 'has the key version twice'],
  ['the value is a list', '  - remoteRef: {key: prod/db, version: [a]}\n', 'the value is not a text'],
  ['the value has a tag', '  - remoteRef: {key: prod/db, version: !v a}\n', 'the value has a tag'],
  [
    'a template fills it in',
    '  - remoteRef: {key: prod/db, version: "{{ x }}"}\n',
    'the value is filled in by a template',
  ],
  ['the list has a tag', '    !l\n    - remoteRef: {key: prod/db}\n', 'data has a tag'],
])('refused where %s', (_, data, reason) => {
  expect(set(data)).toContain(`refused: spec.data[0].remoteRef.version: `);
  expect(set(data)).toContain(reason);
});

test('a map that is missing is made, in the object that is meant alone', () => {
  const edit = field({ document: 1, keys: ['spec', 'target', 'name'], annotation: 'name', value: 'db-1' });
  const { beside: _, ...free } = edit;
  const text = `${HEAD}spec:\n  data: []\n---\n${HEAD}spec:\n  data: []\n`;
  const { text: after } = editWhatCanBe(text, [free]);
  expect(after).toBe(`${text}  target:\n    name: "db-1"\n`);
  expect(judge(text, after, [free])).toBe('exact');
});

test('several fields and an annotation of one object, in one go', () => {
  const text = `${HEAD}spec:\n  data:\n  - remoteRef: {key: prod/db}\n  - remoteRef:\n      key: prod/db\n`;
  const annotation = { ...field(), target: 'metadata', annotation: 'force-sync', value: 't' } as const;
  const edits = [annotation, field(), field({ keys: ['spec', 'data', 1, 'remoteRef', 'version'] })];
  const { text: after, refused, lines } = editWhatCanBe(text, edits);
  expect([refused, lines]).toEqual([[], [4, 5, 8, 11]]);
  expect(judge(text, after, edits)).toBe('exact');
});
