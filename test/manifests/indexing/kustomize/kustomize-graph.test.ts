import { expect, test } from 'vitest';
import { deployment, indexOf } from '../../repository.ts';

/** Per workload, `path [roots] namespace`. */
function check(files: Readonly<Record<string, string>>, expected: readonly string[]): void {
  const shown = indexOf(files).workloads.map(
    ({ path, roots, resolvedNamespace }) => `${path} [${roots.join(' ')}] ${resolvedNamespace ?? '-'}`,
  );
  expect(shown).toEqual(expected);
}

const WEB = deployment('web', 'db', null);

test('no kustomization: the namespace of the manifest, or none', () => {
  check({ 'a/w.yaml': WEB, 'b/w.yaml': deployment('web', 'db', 'app') }, ['a/w.yaml [] -', 'b/w.yaml [] app']);
});

test('a kustomization counts only for what it includes', () => {
  check({ 'a/kustomization.yaml': 'resources: [w.yaml]\nnamespace: app', 'a/w.yaml': WEB, 'a/x.yaml': WEB }, [
    'a/w.yaml [a/kustomization.yaml] app',
    'a/x.yaml [] -',
  ]);
});

test('a base that two overlays include has two roots, and no namespace where they differ', () => {
  const files = {
    'base/kustomization.yaml': 'resources: [w.yaml]\nnamespace: base',
    'base/w.yaml': WEB,
    'prod/kustomization.yaml': 'resources: [../base]\nnamespace: prod',
  };
  check(files, ['base/w.yaml [prod/kustomization.yaml] prod']);
  check({ ...files, 'stage/kustomization.yaml': 'resources: [../base]\nnamespace: stage' }, [
    'base/w.yaml [prod/kustomization.yaml stage/kustomization.yaml] -',
  ]);
  check({ ...files, 'stage/kustomization.yaml': 'bases: [../base/]\nnamespace: prod' }, [
    'base/w.yaml [prod/kustomization.yaml stage/kustomization.yaml] prod',
  ]);
});

test('includes are followed through any number of levels, components and diamonds', () => {
  check(
    {
      'kustomization.yaml': 'resources: [./x, y]',
      'x/kustomization.yaml': 'resources: [../z]',
      'y/kustomization.yaml': 'components: [../z]\nnamespace: app',
      'z/kustomization.yaml': 'kind: Component\nresources: [deep/w.yaml]',
      'z/deep/w.yaml': WEB,
    },
    ['z/deep/w.yaml [kustomization.yaml] -'],
  );
});

test('a patch file is part of the build', () => {
  check({ 'a/kustomization.yaml': 'patches: [{path: p.yaml}]\nnamespace: app', 'a/p.yaml': WEB }, [
    'a/p.yaml [a/kustomization.yaml] app',
  ]);
});

test('cycles end, and have no root', () => {
  check(
    {
      'a/kustomization.yaml': 'resources: [../b, w.yaml]\nnamespace: app',
      'b/kustomization.yaml': 'resources: [../a]',
      'a/w.yaml': WEB,
      'c/kustomization.yaml': 'resources: [., ../c, w.yaml]\nnamespace: own',
      'c/w.yaml': WEB,
      'd/kustomization.yaml': 'resources: [../a]\nnamespace: d',
    },
    ['a/w.yaml [d/kustomization.yaml] d', 'c/w.yaml [c/kustomization.yaml] own'],
  );
});

test('what is remote, absolute, missing or outside leads nowhere', () => {
  const includes = [
    'https://example.com/a/w.yaml',
    'github.com/acme/base?ref=v1',
    '/a/w.yaml',
    '../../a/w.yaml',
    'none.yaml',
    '',
    'git@github.com:acme/x.git',
    'b\\w.yaml',
  ];
  check({ 'a/kustomization.yaml': `resources: ${JSON.stringify(includes)}`, 'a/w.yaml': WEB }, ['a/w.yaml [] -']);
});

function namespace(name: string): string {
  return `kind: Kustomization\nresources: [w.yaml]\nnamespace: ${name}`;
}

test('any of the file names counts, by preference; a kind alone does not', () => {
  check({ 'a/Kustomization': namespace('third'), 'a/w.yaml': WEB }, ['a/w.yaml [a/Kustomization] third']);
  check({ 'a/Kustomization': namespace('third'), 'a/kustomization.yml': namespace('second'), 'a/w.yaml': WEB }, [
    'a/w.yaml [a/kustomization.yml] second',
  ]);
  check({ 'a/my-kustomization.yaml': namespace('x'), 'a/w.yaml': WEB }, ['a/w.yaml [] -']);
});

test('the roots of a kustomization are told too', () => {
  const { kustomizations } = indexOf({
    'base/kustomization.yaml': 'namespace: x',
    'prod/kustomization.yaml': 'resources: [../base]',
    'values.yaml': 'namespace: y',
  });
  expect(kustomizations.map(({ path, roots }) => [path, ...roots])).toEqual([
    ['base/kustomization.yaml', 'prod/kustomization.yaml'],
    ['prod/kustomization.yaml', 'prod/kustomization.yaml'],
  ]);
});
