import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { checkBuilds, hasKubectl, overlayCases, planFor, readCase, repoPath } from './overlay-cases.ts';

const PATCH = 'gitops-reloader.patch.yaml';

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'overlay-equal': ['base/app.yaml', 'base/es.yaml'],
  'overlay-foreign-file': ['not-editable overlays/prod'],
  'overlay-kept-there': [`overlays/prod/${PATCH}`],
  'overlay-listed-with-target': ['not-editable overlays/prod'],
  'overlay-own-secrets': ['overlays/prod/es.yaml', `overlays/prod/${PATCH} (new)`, 'overlays/prod/kustomization.yaml'],
  'overlay-patched-keys': [`overlays/prod/${PATCH} (new)`, 'overlays/prod/kustomization.yaml'],
  'overlay-twins': ['shared-base overlays/prod'],
  'overlay-two-regions': [`overlays/prod/${PATCH} (new)`, 'overlays/prod/kustomization.yaml'],
};

test('every case is told of', () => {
  expect(overlayCases.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
});

test.each(Object.entries(EXPECTED))('%s: what is changed, and what is left alone', async (name, expected) => {
  const { files, plan } = await planFor(name, readCase(name));
  const changed = files.map(({ path, before }) => (before === null ? `${path} (new)` : path));
  const skips = plan.skips.flatMap(({ code, path }) =>
    code === 'shared-base' || code === 'not-editable' ? [`${code} ${dirname(path)}`] : [],
  );
  expect([...changed.toSorted(), ...skips]).toEqual(expected);
});

test.each(Object.keys(EXPECTED))('%s: the same event again asks for nothing', async (name) => {
  const texts = readCase(name);
  const first = await planFor(name, texts);
  const merged = new Map([...texts, ...first.files.map(({ path, after }) => [repoPath(path), after] as const)]);
  expect((await planFor(name, merged)).plan.edits).toEqual([]);
});

test.skipIf(!hasKubectl)(
  'Kustomize builds the same but for the annotations that were meant (needs kubectl)',
  async () => {
    await checkBuilds('overlay-two-regions');
  },
);
