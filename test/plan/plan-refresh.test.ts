import { expect, test } from 'vitest';
import type { Bindings } from '../../src/domain/policy.ts';
import { objectKey, type Skip } from '../../src/plan/plan.ts';
import {
  ACCOUNTS,
  type Ask,
  applied,
  check,
  claimed,
  described,
  es,
  FAR,
  type Files,
  HOME,
  indexOf,
  looked,
  moved,
  planOf,
  repoPath,
  tok,
  v,
  workload,
} from './repository.ts';

const DB: Ask = { wishes: [moved('db')], truth: { db: 2 } };
const TOKEN = '1 ExternalSecret/x: token db=2@2';

// ---------------------------------------------------------------------------------------------------------------------
// What a reference follows

test('a pinned version is not bumped, and the reason names the pin', () => {
  const files = { 'x.yaml': es('x', [`db#uuid/${v(1)}`]) };
  const truth = { db: described('db', 2, { labels: { AWSPREVIOUS: 1 } }) };
  const { plan, verdicts } = check(files, { ...DB, truth }, ['ExternalSecret/x: pinned-version']);
  expect(plan.skips[0]?.reason).toContain(`spec.data[0].remoteRef pins version ${v(1)}`);
  expect(verdicts).toEqual(['not-bumped']);
});

test('a pinned version that AWS has no label for is told as lost', () => {
  const { plan } = check({ 'x.yaml': es('x', [`db#uuid/${v(1)}`]) }, DB, ['ExternalSecret/x: pinned-gone']);
  expect(plan.skips[0]?.reason).toContain(`spec.data[0].remoteRef names version ${v(1)}, which has no label in AWS`);
  // Beside one that is bumped it is a note.
  const made = check({ 'x.yaml': es('x', [`db#uuid/${v(1)}`, 'db']) }, DB, [TOKEN]);
  expect(made.plan.edits[0]?.notes.map(({ code }) => code)).toEqual(['pinned-gone']);
  check({ 'x.yaml': es('x', [`db#uuid/${v(1)}`]) }, { ...DB, truth: { db: claimed(2) } }, [
    'ExternalSecret/x: pinned-version',
  ]);
});

test('pinned beside a reference that follows: bumped for that one alone', () => {
  const files = { 'x.yaml': es('x', [`db#uuid/${v(1)}`, 'db']) };
  check(files, DB, [TOKEN]);
});

test('tags move with tag events only', () => {
  const dataFrom = [{ extract: { key: 'db', metadataPolicy: 'Fetch', version: `uuid/${v(1)}` } }];
  check({ 'x.yaml': es('x', [], { spec: { dataFrom } }) }, DB, ['ExternalSecret/x: follows-tags']);
});

test('another label follows itself alone', () => {
  const files = { 'x.yaml': es('x', ['db#canary']) };
  const truth = { db: described('db', 2, { labels: { canary: 3 } }) };
  const { plan } = check(files, { ...DB, truth }, ['ExternalSecret/x: other-label']);
  expect(plan.skips[0]?.reason).toBe('spec.data[0].remoteRef follows canary; AWSCURRENT moved.');
  check(files, { wishes: [moved('db', { label: 'canary' })], truth }, ['1 ExternalSecret/x: token db#canary=3@2']);
  check({ 'x.yaml': es('x', ['db']) }, { wishes: [moved('db', { label: 'canary' })], truth }, [
    'ExternalSecret/x: other-label',
  ]);
});

test('AWSPREVIOUS moves along with AWSCURRENT, not the other way round', () => {
  const truth = { db: described('db', 2, { labels: { AWSPREVIOUS: 1 } }) };
  check({ 'x.yaml': es('x', ['db#AWSPREVIOUS']) }, { ...DB, truth }, ['1 ExternalSecret/x: token db#AWSPREVIOUS=1@2']);
  const wishes = [moved('db', { label: 'AWSPREVIOUS' })];
  check({ 'x.yaml': es('x', ['db']) }, { wishes, truth }, ['ExternalSecret/x: other-label']);
  check({ 'x.yaml': es('x', ['db#AWSPREVIOUS']) }, { wishes, truth }, ['1 ExternalSecret/x: token db#AWSPREVIOUS=1@2']);
});

test('the labels of all wishes are in the reason, in one order', () => {
  const one = moved('db', { label: 'b' });
  const two = moved('db', { label: 'a' });
  for (const wishes of [
    [one, two],
    [two, one],
  ]) {
    const { plan } = planOf({ 'x.yaml': es('x', ['db']) }, { wishes, truth: { db: 2 } });
    expect(plan.skips[0]?.reason).toBe('spec.data[0].remoteRef follows AWSCURRENT; a, b moved.');
  }
});

// ---------------------------------------------------------------------------------------------------------------------
// Objects that are left alone

test('what a bump would not change, or harm, is left alone', () => {
  const files = { 'x.yaml': es('x', ['db'], { spec: { refreshPolicy: 'CreatedOnce' } }) };
  expect(check(files, DB, ['ExternalSecret/x: created-once']).verdicts).toEqual(['not-bumped']);
});

test('what cannot be edited exactly keeps its reason; its workloads are not announced', () => {
  const files = { 'w.yaml': workload('Deployment', 'w', ['x']), 'x.yaml': es('x', ['db']) };
  const index = indexOf(files);
  const skip: Skip = {
    path: repoPath('x.yaml'),
    kind: 'ExternalSecret',
    namespace: 'app',
    name: 'x',
    code: 'not-editable',
    reason: 'an anchor',
    hint: 'Write it out.',
  };
  const notEditable = new Map(index.externalSecrets.map(({ object }) => [objectKey(object), skip]));
  const { plan } = check(index, { ...DB, notEditable }, ['ExternalSecret/x: not-editable']);
  expect(plan.skips).toEqual([skip]);
});

test('a workload that cannot be edited does not hold back its ExternalSecret', () => {
  const index = indexOf({ 'w.yaml': workload('Deployment', 'w', ['x']), 'x.yaml': es('x', ['db']) });
  const skip: Skip = {
    path: repoPath('w.yaml'),
    kind: 'Deployment',
    namespace: 'app',
    name: 'w',
    code: 'not-writable',
    reason: 'a link',
    hint: null,
  };
  const notEditable = new Map(index.workloads.map((one) => [objectKey(one), skip]));
  check(index, { ...DB, notEditable }, [TOKEN, 'Deployment/w: not-writable']);
});

test('a skip shows the namespace that the kustomization gives', () => {
  const kustomization =
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: prod\nresources: [x.yaml]\n';
  const files = { 'a/kustomization.yaml': kustomization, 'a/x.yaml': es('x', ['db'], { token: tok('db=2@2') }) };
  expect(planOf(files, DB).plan.skips[0]).toMatchObject({ namespace: 'prod', path: 'a/x.yaml', hint: null });
});

// ---------------------------------------------------------------------------------------------------------------------
// The edit says what, where and why

test('an edit has an address, a chain and a reason', () => {
  const text = `# header\n${es('other', ['api'])}---\n${es('x', ['db'], { token: '1', spec: { target: { name: 'app-db' } } })}`;
  const { plan } = planOf({ 'a/x.yaml': text }, DB);
  expect(plan.edits).toEqual([
    {
      stage: 1,
      path: 'a/x.yaml',
      document: 1,
      item: null,
      kind: 'ExternalSecret',
      namespace: 'app',
      name: 'x',
      target: 'metadata',
      annotation: 'force-sync',
      line: 9,
      before: '1',
      after: tok('db=2@2'),
      refreshesEvery: '1h0m0s',
      secrets: ['111122223333:eu-west-1:db'],
      chain: [
        'secret 111122223333:eu-west-1:db',
        'ClusterSecretStore/home (stores.yaml)',
        'ExternalSecret/x',
        'Secret/app-db',
      ],
      reason: `111122223333:eu-west-1:db is now at version ${v(2)}: the new token makes External Secrets Operator fetch it. No consumer of Secret app-db was found here.`,
      notes: [],
    },
  ]);
});

test('a store that is not in the repository is said so', () => {
  const files = {
    'x.yaml': es('x', ['db'], { spec: { secretStoreRef: { kind: 'ClusterSecretStore', name: 'gone' } } }),
  };
  const index = indexOf(files, [{ id: '111122223333', regions: ['eu-west-1'] }]);
  const [edit] = planOf(index, DB).plan.edits;
  expect(edit?.chain).toContain('store not in this repository');
  expect(edit?.reason).toContain(
    'Its store is not in this repository: it is taken for account 111122223333, region eu-west-1, the only one allowed.',
  );
});

test.each<[string, Partial<Bindings>, string, string | null]>([
  ['the manifest', {}, 'home', null],
  [
    'a binding, against the manifest',
    { stores: [{ kind: 'ClusterSecretStore', name: 'far', namespace: null, ...HOME }] },
    'far',
    'spec.repositories[].stores puts ClusterSecretStore far in account 111122223333, region eu-west-1, although its manifest says account 444455556666, region us-east-1.',
  ],
  [
    'a binding of a store that is elsewhere',
    { stores: [{ kind: 'ClusterSecretStore', name: 'gone', namespace: null, ...HOME }] },
    'gone',
    'spec.repositories[].stores puts ClusterSecretStore gone in account 111122223333, region eu-west-1.',
  ],
  [
    'a path',
    { paths: [{ path: 'x.yaml', ...HOME }] },
    'gone',
    'spec.repositories[].paths puts this file in account 111122223333, region eu-west-1.',
  ],
])('the reason says who says where the secret is: %s', (_, bindings, name, note) => {
  const files = { 'x.yaml': es('x', ['db'], { spec: { secretStoreRef: { kind: 'ClusterSecretStore', name } } }) };
  const [edit] = planOf(indexOf(files, ACCOUNTS, bindings), DB).plan.edits;
  const fetched = 'makes External Secrets Operator fetch it. ';
  const reason = edit?.reason ?? '';
  const rest = reason.slice(reason.indexOf(fetched) + fetched.length);
  expect(rest).toBe(`${note === null ? '' : `${note} `}No consumer of Secret x was found here.`);
});

test('a chain names the stores that hold what changed, and no others', () => {
  const files = { 'x.yaml': es('x', ['db', 'far:db', 'api'], { token: tok('db=1@1 api=1@1') }) };
  const chainFor = (ask: Ask) => planOf(files, ask).plan.edits[0]?.chain.slice(1, -2);
  const home = 'ClusterSecretStore/home (stores.yaml)';
  const far = 'ClusterSecretStore/far (stores.yaml)';
  expect(chainFor(DB)).toEqual([home]);
  expect(chainFor({ wishes: [moved('db', FAR)], truth: { 'far:db': 2 } })).toEqual([far]);
  expect(chainFor({ wishes: [moved('db', FAR)], truth: { 'far:db': 2, db: 2 } })).toEqual([home, far]);
});

function listItem(name: string): object {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace: 'app' },
    spec: { secretStoreRef: { kind: 'ClusterSecretStore', name: 'home' }, data: [{ remoteRef: { key: 'db' } }] },
  };
}

test('items of a list are addressed by their place', () => {
  const files = { 'l.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [listItem('b'), listItem('a')] }) };
  const { plan } = planOf(files, DB);
  expect(plan.edits.map(({ item: at, name }) => [at, name])).toEqual([
    [0, 'b'],
    [1, 'a'],
  ]);
});

// ---------------------------------------------------------------------------------------------------------------------
// Verdicts: one per wish

test('one verdict per wish, in the order asked', () => {
  const files = {
    'a.yaml': es('a', ['a'], { token: tok('a=1@1') }),
    'b.yaml': es('b', ['b'], { token: tok('b=2@2') }),
    'c.yaml': es('c', ['c']),
    'd.yaml': es('d', ['d']),
  };
  const wishes = [moved('nobody'), moved('d'), moved('b'), moved('c'), moved('a')];
  const truth = { a: 2, b: 2, c: described('c', 2, { deleted: true }), d: 2 };
  expect(planOf(files, { wishes, truth, rejected: ['d=2'] }).verdicts).toEqual([
    'unused',
    'rejected-by-people',
    'already-current',
    'not-bumped',
    'edited',
  ]);
});

function verdictsOf(first: string, second: string): readonly string[] {
  return planOf({ 'a.yaml': first, 'b.yaml': second }, DB).verdicts;
}

test('two objects: the best that happened counts', () => {
  const off = { spec: { refreshInterval: '0' } };
  expect(verdictsOf(es('a', ['db'], off), es('b', ['db']))).toEqual(['edited']);
  expect(verdictsOf(es('a', ['db'], off), es('b', ['db'], { token: tok('db=2@2') }))).toEqual(['already-current']);
  expect(verdictsOf(es('a', ['db'], off), es('b', ['db'], off))).toEqual(['not-bumped']);
});

test('an object that is bumped for another secret is no bump for this one', () => {
  const files = { 'x.yaml': es('x', ['a', 'b'], { token: tok('a=1@1 b=5@1') }) };
  const { verdicts } = planOf(files, { wishes: [moved('a'), moved('b')], truth: { a: 2, b: 5 } });
  expect(verdicts).toEqual(['edited', 'already-current']);
});

test('in event mode a late event of one secret does not hide behind the bump of another', () => {
  const files = { 'x.yaml': es('x', ['a', 'b'], { token: tok('a=1@1 b=5@5') }) };
  const truth = { a: claimed(2), b: claimed(4) };
  expect(planOf(files, { wishes: [moved('a'), moved('b')], truth }).verdicts).toEqual(['edited', 'not-bumped']);
});

test('a wish for another account or Region reaches nothing', () => {
  const files = { 'x.yaml': es('x', ['db']) };
  expect(planOf(files, { wishes: [moved('db', FAR)], truth: { db: 2 } })).toEqual({
    plan: { edits: [], skips: [] },
    verdicts: ['unused'],
    reasons: [[]],
  });
  expect(planOf(files, { wishes: [moved('db', { service: 'ssm' })], truth: { db: 2 } }).verdicts).toEqual(['unused']);
});

test.each([
  ['a pattern', es('x', [], { spec: { dataFrom: [{ find: { name: { regexp: '^d' } } }] } }), 'find-reference'],
  ['a key that is filled in later', es('x', ['${NAME}']), 'templated-reference'],
  ['a file that is no YAML', `kind: ExternalSecret\n  {{ x }}: [\nremoteRef: {key: db}\n`, 'unreadable-file'],
  ['a store that nobody knows', es('x', ['db'], { spec: { secretStoreRef: { name: 'gone' } } }), 'ambiguous-account'],
])('%s may use it: not proven, and shown once', (_, text, code) => {
  const { plan, verdicts } = planOf({ 'x.yaml': text }, { wishes: [moved('db'), moved('db')], truth: { db: 2 } });
  expect([plan.skips.map((skip) => skip.code), verdicts]).toEqual([[code], ['not-proven', 'not-proven']]);
});

test.each([
  ['find-reference', es('x', [], { spec: { dataFrom: [{ find: { name: { regexp: '^d' } } }] } }), 'by key'],
  ['templated-reference', es('x', ['${NAME}']), 'write the key out'],
  ['unreadable-file', `kind: ExternalSecret\n  {{ x }}: [\nremoteRef: {key: db}\n`, 'Look into the file'],
  ['ambiguous-account', es('x', ['db'], { spec: { secretStoreRef: { name: 'gone' } } }), 'full ARN as key'],
])('what to do about %s', (code, text, hint) => {
  const { skips } = planOf({ 'x.yaml': text }, { wishes: [moved('db')], truth: { db: 2 } }).plan;
  expect(skips).toMatchObject([{ code, hint: expect.stringContaining(hint) as string }]);
});

test('a possible use elsewhere is shown beside an edit, and the verdict is the edit', () => {
  const find = es('y', [], { spec: { dataFrom: [{ find: { name: { regexp: '^d' } } }] } });
  expect(
    check({ 'x.yaml': es('x', ['db']), 'y.yaml': find }, DB, [TOKEN, 'ExternalSecret/y: find-reference']).verdicts,
  ).toEqual(['edited']);
});

test('looking at all secrets proposes what is behind, and nothing for the rest', () => {
  const files: Files = {
    'a.yaml': es('a', ['a'], { token: tok('a=1@1') }),
    'b.yaml': es('b', ['b']),
    'c.yaml': es('c', ['c'], { token: tok('c=2@2') }),
  };
  const { plan } = check(files, { wishes: [looked('a'), looked('b'), looked('c')], truth: { a: 2, b: 2, c: 2 } }, [
    '1 ExternalSecret/a: token a=2@2',
    'ExternalSecret/b: at-baseline',
    'ExternalSecret/c: already-current',
  ]);
  expect(applied(files, plan.edits)['b.yaml']).toBe(files['b.yaml']);
});

test('what cannot be resolved is only said of a used secret where it names that secret', () => {
  const used = { 'x.yaml': es('x', ['db']) };
  const searching = { 'find.yaml': es('find', [], { spec: { dataFrom: [{ find: { tags: { team: 'a' } } }] } }) };
  check({ ...used, ...searching }, DB, [TOKEN]);
  check(searching, DB, ['ExternalSecret/find: find-reference']);
  const naming = { 'broken.yaml': 'kind: ExternalSecret\nspec: {data: [{remoteRef: {key: db}}]}\n  broken: [' };
  check({ ...used, ...naming }, DB, [TOKEN, 'File/broken.yaml: unreadable-file']);
});
