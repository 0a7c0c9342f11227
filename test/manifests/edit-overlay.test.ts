import { expect, test } from 'vitest';
import { editOverlay, type OverlayEdit } from '../../src/manifests/edit/overlay/edit-overlay.ts';

const LINE = 'path: gitops-reloader.patch.yaml';
const HEAD =
  '# Kept by gitops-reloader: annotations of objects that this overlay shares with others. Keep it in kustomization.yaml.\n';

function bump(name: string, value: string, more: Partial<OverlayEdit> = {}): OverlayEdit {
  const target = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name, namespace: null };
  return { ...target, target: 'metadata', annotation: 'force-sync', value, ...more };
}

function restart(target: 'metadata' | 'template', value: string): OverlayEdit {
  return bump('app', value, { apiVersion: 'apps/v1', kind: 'Deployment', target, annotation: 'team.dev/token' });
}

const document = (name: string, value: string) =>
  `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: ${name}\n  annotations:\n    force-sync: "${value}"\n`;

test.each([
  ['resources:\n- a\n', `resources:\n- a\npatches:\n- ${LINE}\n`],
  ['resources:\n  - a # why\n# end\n', `resources:\n  - a # why\npatches:\n  - ${LINE}\n# end\n`],
  ['resources: [a]', `resources: [a]\npatches:\n- ${LINE}`],
  ['resources:\r\n- a\r\n', `resources:\r\n- a\r\npatches:\r\n- ${LINE}\r\n`],
  ['patches:\n  - path: b\n    target:\n      kind: X\nresources: []\n', null],
  ['patches: []\nresources: []\n', `patches: [{${LINE}}]\nresources: []\n`],
  ['patches: [{path: b}] # x\n', `patches: [{path: b}, {${LINE}}] # x\n`],
  ['patches:\nnamespace: x\n', `patches:\n- ${LINE}\nnamespace: x\n`],
  [`patches:\n- path: ./${LINE.slice(6)}\n`, `patches:\n- path: ./${LINE.slice(6)}\n`],
  [`patchesStrategicMerge: [${LINE.slice(6)}]\n`, `patchesStrategicMerge: [${LINE.slice(6)}]\n`],
  ['patches:\n- patch: |-\n    a: b\n', `patches:\n- patch: |-\n    a: b\n- ${LINE}\n`],
])('a kustomization %j lists the patch file', (before, expected) => {
  const { texts, refused } = editOverlay({ patch: null, kustomization: before }, [bump('db', 'x')]);
  expect(refused).toEqual([]);
  const inList = before.replace('resources: []', `  - ${LINE}\nresources: []`);
  expect(texts).toEqual({ patch: HEAD + document('db', 'x'), kustomization: expected ?? inList });
  expect(editOverlay(texts, [bump('db', 'x')]).texts).toEqual(texts);
});

test.each([
  ['{resources: [a]}', 'it is written in braces'],
  ['', 'it is not one document with one map'],
  ['a: b\n---\nc: d\n', 'it is not one document with one map'],
  ['patches: &a\n- path: q\nx: *a\n', 'its patches are no plain list'],
  ['patches: text\n', 'its patches are no plain list'],
  ['patches: {a: b}\n', 'its patches are no plain list'],
  ['patches: [a]\npatches: [b]\n', 'the kustomization has the key patches twice'],
  ['patches:\n- patch: |\n    a: b', 'no line can be added to its patches without touching another'],
  ['resources: [{{ x }}]\n', 'it cannot be read: template braces outside quotes: not a plain manifest'],
  ['resources: [', /^it cannot be read/],
  ['? a\n: b\n', /written with/],
])('a kustomization %j is left alone', (kustomization, reason) => {
  const { texts, done, refused } = editOverlay({ patch: null, kustomization }, [bump('db', 'x')]);
  expect([texts, done]).toEqual([{ patch: null, kustomization }, []]);
  expect(refused[0]?.reason).toMatch(reason instanceof RegExp ? new RegExp(reason.source.replace('^', '')) : reason);
});

test('documents are added behind the others, and from then on only bumped', () => {
  const start = { patch: null, kustomization: 'resources:\n- a\n' };
  const first = editOverlay(start, [bump('db', '1'), bump('on', '1', { namespace: '7' }), restart('metadata', 'd')]);
  expect(first.texts.patch).toBe(
    `${HEAD}${document('db', '1')}---\n${document('"on"\n  namespace: "7"', '1')}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  annotations:
    team.dev/token: "d"
`,
  );
  const second = editOverlay(first.texts, [restart('template', 'd'), bump('db', '2'), bump('new', '2')]);
  const template = 'spec:\n  template:\n    metadata:\n      annotations:\n        team.dev/token: "d"\n';
  expect(second.texts.patch).toBe(`${first.texts.patch?.replace('"1"', '"2"')}${template}---\n${document('new', '2')}`);
  const third = editOverlay(second.texts, [restart('template', 'e')]);
  expect(third.texts.patch).toBe(second.texts.patch?.replace(/"d"\n---/, '"e"\n---'));
});

test('what is refused leaves no document behind, and the others are made', () => {
  const kustomization = 'resources:\n- a\n';
  const odd = [bump('a"b', 'x'), bump('A', 'x'), bump('b', 'x', { kind: 'x: y' }), bump('c', '"'), bump('', 'x')];
  const hostile = bump('d', 'x', { namespace: 'a\n---\nkind: Role' });
  const { texts, done, refused } = editOverlay({ patch: null, kustomization }, [...odd, hostile, bump('db', 'x')]);
  expect(texts.patch).toBe(HEAD + document('db', 'x'));
  expect(done.map(({ edit }) => edit.name)).toEqual(['db']);
  expect(refused.map(({ edit }) => edit.name).toSorted()).toEqual(['', 'A', 'a"b', 'b', 'c', 'd']);
  expect(editOverlay({ patch: null, kustomization }, odd).texts).toEqual({ patch: null, kustomization });
});

test('a file of our name that somebody else keeps is left alone', () => {
  for (const patch of ['', 'a: b\n', document('db', '1'), `${HEAD}[`, `${HEAD}\ta: b`]) {
    const texts = { patch, kustomization: 'resources: []\n' };
    const result = editOverlay(texts, [bump('db', 'x')]);
    expect([result.texts, result.refused.length]).toEqual([texts, 1]);
  }
  const moved = `${HEAD}${document('db', '1')}`.replace('io/v1', 'io/v1beta1');
  const result = editOverlay({ patch: moved, kustomization: 'resources: []\n' }, [bump('db', 'x')]);
  expect(result.refused[0]?.reason).toContain('as external-secrets.io/v1beta1, its manifest as external-secrets.io/v1');
});

test('a patch file that is listed with a target, and one that ends inside a block scalar, are left alone', () => {
  const listing = `patches:\n- ${LINE}\n  target: {kind: Deployment}\n`;
  const open = `${HEAD}${document('a', '1')}note: |\n  as it is`;
  expect(reasonOf(null, listing)).toEqual([
    expect.stringMatching(/^kustomization: it lists the patch file with a target/),
  ]);
  expect(reasonOf(open, 'resources: [a]\n')).toEqual([expect.stringMatching(/ends inside a block scalar/)]);
  expect(reasonOf(`${open}\n`, 'resources: [a]\n')).toEqual([]);
});

function reasonOf(patch: string | null, kustomization: string): readonly string[] {
  return editOverlay({ patch, kustomization }, [bump('b', '2')]).refused.map(({ reason }) => reason);
}
