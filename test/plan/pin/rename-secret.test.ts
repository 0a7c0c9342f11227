import { expect, test } from 'vitest';
import { followPins } from '../../../src/manifests/indexing/pins/follow-pins.ts';
import type { Edit } from '../../../src/plan/plan.ts';
import { type Ask, applied, es, type Files, indexOf, lines, moved, planOf, tok, workload } from '../repository.ts';

const DB: Ask = { wishes: [moved('db')], truth: { db: 2, other: 2 }, scope: { pin: 'name' } };

function plan(files: Files, ask: Partial<Ask> = {}) {
  return planOf(followPins(indexOf(files), 'name'), { ...DB, ...ask, scope: { ...DB.scope, ...ask.scope } }).plan;
}

/** The names that are set, as `where: from > to`. */
function names(edits: readonly Edit[]): readonly string[] {
  return edits.flatMap(({ kind, fields = [] }) =>
    fields
      .filter(({ secret }) => secret === undefined)
      .map(
        ({ field, before, after }) => `${kind} ${field}: ${before ?? ''} > ${after.replace(/-[0-9a-f]{10}$/, '-#')}`,
      ),
  );
}

const API = workload('Deployment', 'api', ['x']);

test('the Secret and what names it, in one stage', () => {
  const { edits } = plan({ 'x.yaml': es('x', ['db']), 'api.yaml': API });
  expect(names(edits)).toEqual([
    'Deployment spec.template.spec.containers[0].envFrom[0].secretRef.name: x > x-#',
    'ExternalSecret spec.target.name:  > x-#',
  ]);
  expect(edits.map(({ stage, target, annotation }) => `${stage} ${target} ${annotation}`)).toEqual([
    '1 template gitops-reloader.dev/secret-versions',
    '1 metadata force-sync',
  ]);
});

test.each(['staged', 'together', 'refreshOnly'] as const)('under %s too: the name is what restarts', (order) => {
  const { edits } = plan({ 'x.yaml': es('x', ['db']), 'api.yaml': API }, { scope: { order } });
  expect(names(edits)).toHaveLength(2);
  expect(edits).toHaveLength(2);
});

test('the digest of the token on the base comes off, and nothing that only looks like it', () => {
  const first = { 'x.yaml': es('x', ['db']), 'api.yaml': API };
  const once = applied(first, plan(first).edits);
  const next = plan(once, { truth: { db: 3 } });
  const name = /x-[0-9a-f]{10}/.exec(once['api.yaml'] ?? '')?.[0] ?? '';
  expect(names(next.edits).map((line) => line.replaceAll(name, 'OLD'))).toEqual([
    'Deployment spec.template.spec.containers[0].envFrom[0].secretRef.name: OLD > x-#',
    'ExternalSecret spec.target.name: OLD > x-#',
  ]);
  expect(plan(once).edits).toEqual([]);
  const alike = es('x', ['db'], { token: tok('db=1@1'), spec: { target: { name: 'x-0123456789' } } });
  const other = plan({ 'x.yaml': alike, 'api.yaml': workload('Deployment', 'api', ['x-0123456789']) });
  expect(names(other.edits)[1]).toBe('ExternalSecret spec.target.name: x-0123456789 > x-0123456789-#');
});

test('what else feeds the workload is announced, and not in its template yet', () => {
  const second = es('y', ['db', 'other'], { annotations: { 'gitops-reloader.dev/pin': 'version' } });
  const files = { 'x.yaml': es('x', ['db']), 'y.yaml': second, 'api.yaml': workload('Deployment', 'api', ['x', 'y']) };
  const made = plan(files).edits.filter(({ kind }) => kind === 'Deployment');
  expect(made.map(({ annotation, after }) => `${annotation.slice(20)} ${after.replaceAll(/=\w+/g, '')}`)).toEqual([
    'restart-due x y',
    'secret-versions x',
  ]);
});

test.each<[string, Files, string]>([
  ['a workload is ignored', written({}, { 'gitops-reloader.dev/ignore': 'true' }), 'ignore'],
  ['a workload is not to be restarted', written({}, { 'gitops-reloader.dev/restart': 'false' }), 'not to be restarted'],
  ['the Secret is shared', written({ target: { creationPolicy: 'Merge' } }), 'creationPolicy is Merge'],
  ['the Secret stays with nobody', written({ target: { creationPolicy: 'Orphan' } }), 'creationPolicy is Orphan'],
  [
    'it writes something else',
    written({ target: { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } } }),
    'target.manifest',
  ],
  [
    'the name would be too long',
    written({ target: { name: 'x'.repeat(250) } }, {}, 'x'.repeat(250)),
    'no name that Kubernetes takes',
  ],
  ['the name is none', written({ target: { name: 'A b' } }, {}, 'A b'), 'no name that Kubernetes takes'],
  ['nobody uses it', { 'x.yaml': es('x', ['db']) }, 'No workload'],
  [
    'another writes it too',
    { ...written({}), 'y.yaml': es('y', ['other'], { spec: { target: { name: 'x' } } }) },
    'may write the Secret',
  ],
  ['a Job stays as it is', { 'x.yaml': es('x', ['db']), 'j.yaml': workload('Job', 'j', ['x']) }, 'template of a Job'],
])('nothing of it is written where %s', (_, repository, reason) => {
  const { edits, skips } = plan(repository);
  expect(edits).toEqual([]);
  expect(skips.map(({ code }) => code)).toEqual(['pin-refused']);
  expect(skips[0]?.reason).toContain(reason);
});

function written(spec: object, annotations: Readonly<Record<string, string>> = {}, name = 'x'): Files {
  return { 'x.yaml': es('x', ['db'], { spec }), 'api.yaml': workload('Deployment', 'api', [name], { annotations }) };
}

test('a workload outside of the paths keeps the name', () => {
  const made = plan({ 'a/x.yaml': es('x', ['db']), 'b/api.yaml': API }, { scope: { paths: ['a/**'] } });
  expect(lines(made)).toEqual(['ExternalSecret/x: pin-refused']);
});

test('what the workload reads itself stays recorded in its template', () => {
  const template = { 'gitops-reloader.dev/secret-versions': 'secretproviderclass.spc=0123456789ab x=0123456789ab' };
  const volumes = [
    { name: 'v', csi: { driver: 'secrets-store.csi.k8s.io', volumeAttributes: { secretProviderClass: 'spc' } } },
  ];
  const pod = { containers: [{ name: 'main', envFrom: [{ secretRef: { name: 'x' } }] }], volumes };
  const provider = { provider: 'aws', parameters: { region: 'eu-west-1', objects: '- objectName: "z"' } };
  const source = `apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: spc, namespace: app}\nspec: ${JSON.stringify(provider)}\n`;
  const api = workload('Deployment', 'api', [], { template, pod });
  const { edits } = plan({ 'x.yaml': es('x', ['db']), 'api.yaml': api, 'spc.yaml': source });
  const [edit] = edits.filter(({ kind }) => kind === 'Deployment');
  expect(edit?.after).toMatch(/^secretproviderclass\.spc=0123456789ab x=[0-9a-f]{12}$/);
  expect(edit?.fields).toHaveLength(1);
});
