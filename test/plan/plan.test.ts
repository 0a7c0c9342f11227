import { expect, test } from 'vitest';
import { type Edit, isSkipOf, objectKey, type Plan, type Skip, skipOf, sortPlan } from '../../src/plan/plan.ts';
import { es, indexOf, moved, planOf, repoPath } from './repository.ts';

const SKIP: Skip = {
  path: repoPath('a.yaml'),
  kind: 'Deployment',
  namespace: 'a',
  name: 'a',
  code: 'at-baseline',
  reason: 'a',
  hint: null,
};

const EDIT: Edit = {
  stage: 1,
  path: repoPath('a.yaml'),
  document: 0,
  item: null,
  kind: 'Deployment',
  namespace: null,
  name: 'a',
  target: 'metadata',
  annotation: 'a',
  line: 1,
  before: null,
  after: 'x',
  secrets: [],
  chain: [],
  reason: 'a',
  notes: [],
};

function check(plan: Plan): void {
  for (const [key, rows] of Object.entries(plan) as [keyof Plan, readonly unknown[]][]) {
    expect(sortPlan({ ...plan, [key]: rows.toReversed() })).toEqual(plan);
  }
}

test('skips have one order, whatever two of them differ in', () => {
  check({ edits: [], skips: [SKIP, { ...SKIP, path: repoPath('b.yaml') }] });
  check({ edits: [], skips: [SKIP, { ...SKIP, kind: 'StatefulSet' }] });
  check({ edits: [], skips: [{ ...SKIP, namespace: null }, SKIP, { ...SKIP, namespace: 'b' }] });
  check({ edits: [], skips: [SKIP, { ...SKIP, name: 'b' }] });
  check({ edits: [], skips: [{ ...SKIP, code: 'already-current' }, SKIP] });
  check({ edits: [], skips: [SKIP, { ...SKIP, reason: 'b' }] });
  check({ edits: [], skips: [SKIP, { ...SKIP, hint: 'b' }] });
});

test('edits are sorted by place: files by name, documents and items by number', () => {
  const numbers = [2, 10].map((document) => ({ ...EDIT, document }));
  check({
    edits: [{ ...EDIT, path: repoPath('Z.yaml') }, ...numbers, { ...EDIT, path: repoPath('b.yaml') }],
    skips: [],
  });
  check({ edits: [EDIT, { ...EDIT, item: 0 }, { ...EDIT, item: 9 }, { ...EDIT, item: 10 }], skips: [] });
  check({ edits: [EDIT, { ...EDIT, annotation: 'b' }, { ...EDIT, stage: 2 }], skips: [] });
});

test('sorting hands back a new plan', () => {
  const plan = Object.freeze({ edits: Object.freeze([EDIT, EDIT]), skips: Object.freeze([SKIP]) });
  expect(sortPlan(plan)).toEqual(plan);
});

test('an object key tells every two objects of a repository apart, whatever they are called', () => {
  const text = [es('x', ['db']), es('x', ['db'], { namespace: 'other' }), es('x","y', ['db'])].join('---\n');
  const { externalSecrets } = indexOf({ 'a.yaml': text, 'b.yaml': text });
  expect(new Set(externalSecrets.map(({ object }) => objectKey(object))).size).toBe(6);
});

test('each edit is one place: no two of a plan set the same annotation', () => {
  const { plan } = planOf(
    { 'a.yaml': [es('x', ['db', 'db']), es('y', ['db'])].join('---\n') },
    { wishes: [moved('db'), moved('db')], truth: { db: 2 } },
  );
  expect(plan.edits.map(({ document }) => document)).toEqual([0, 1]);
});

function inOverlay(root: string) {
  return {
    path: repoPath(`${root}/gitops-reloader.patch.yaml`),
    kind: 'ExternalSecret',
    name: 'db',
    resolvedNamespace: null,
    editedIn: {
      kind: 'overlay' as const,
      manifest: repoPath('base/es.yaml'),
      kustomization: repoPath(`${root}/kustomization.yaml`),
      file: 'absent' as const,
    },
  };
}

test('what is left alone in an overlay has the address of its manifest, and is told from the same object in another overlay', () => {
  const why = { code: 'interval-zero' as const, reason: 'It is zero.', hint: null };
  const skip = skipOf(inOverlay('a'), why);
  expect(skip).toMatchObject({ path: 'base/es.yaml', inOverlay: 'a/kustomization.yaml' });
  expect(skip.reason).toBe('In the overlay of a/kustomization.yaml: It is zero.');
  expect([isSkipOf(skip, inOverlay('a')), isSkipOf(skip, inOverlay('b'))]).toEqual([true, false]);
  const manifest = { ...inOverlay('a'), path: repoPath('base/es.yaml'), editedIn: { kind: 'manifest' as const } };
  expect([isSkipOf(skip, manifest), isSkipOf(skipOf(manifest, why), manifest)]).toEqual([false, true]);
});
