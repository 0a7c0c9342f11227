import { expect, test } from 'vitest';
import { readText } from '../../repository.ts';

function check(text: string, expected: unknown): void {
  expect(readText(text).objects).toMatchObject(expected === null ? [] : [{ type: 'kustomization', ...expected }]);
  if (expected === null) expect(readText(text).objects).toEqual([]);
}

const HEAD = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n';

test('resources, bases, components and patch files are included', () => {
  check(
    `${HEAD}resources: [a.yaml, ../base]
bases: [../b]
components: [../c]
patchesStrategicMerge: [p.yaml]
patches: [{path: q.yaml, target: {kind: X}}, {patch: "- op: add"}]
patchesJson6902: [{path: r.yaml}]
namespace: app
`,
    {
      includes: ['a.yaml', '../base', '../b', '../c'],
      components: ['../c'],
      patches: [
        { path: 'p.yaml', phase: 'before-names' },
        { path: 'q.yaml', target: { kind: 'X', name: null }, phase: 'before-names' },
        { path: null },
        { path: 'r.yaml', phase: 'after-names' },
      ],
      namespace: 'app',
    },
  );
});

test('kind and apiVersion may be absent', () => {
  check('resources:\n- a.yaml\n', { includes: ['a.yaml'], kind: '', namespace: null });
  check('namespace: app\n', { includes: [], namespace: 'app' });
  check('{"resources": ["a.yaml"]}', { includes: ['a.yaml'] });
  check('kind: Kustomization\nresources: [a]\n', { includes: ['a'] });
});

test('a component is a kustomization', () => {
  check('apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a]\n', { includes: ['a'] });
});

test("Flux's Kustomization is another thing", () => {
  check('apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./a}\n', {
    type: 'deployer',
    spec: '{"path":"./a"}',
  });
});

test('Helm values with a key of that name are no problem', () => {
  const { unreadable, text } = readText('resources:\n  limits: {cpu: 1}\nresources:\n  limits: {cpu: 2}\n');
  expect([unreadable, text]).toEqual([[], null]);
});

test('wrong types are noted and left out', () => {
  const { objects, unreadable } = readText(`${HEAD}resources: {a: b}\ncomponents: [1, {x: y}, c]\n`);
  expect(objects).toMatchObject([{ includes: ['1', 'c'] }]);
  expect(unreadable).toMatchObject([{ code: 'malformed', line: 3 }]);
});
