import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AllowedAccount, Bindings, PathBinding, StoreBinding } from '../../../../src/domain/policy.ts';
import type { IndexedExternalSecret } from '../../../../src/manifests/graph.ts';
import { possibleUsers } from '../../../../src/manifests/query-index.ts';
import { externalSecret, indexOf, store } from '../../repository.ts';

const A = '111122223333';
const B = '444455556666';
const ACCOUNTS: readonly AllowedAccount[] = [
  { id: A, regions: ['eu-west-1', 'us-east-1'] },
  { id: B, regions: ['eu-west-1'] },
];
const ONE: readonly AllowedAccount[] = [{ id: A, regions: ['eu-west-1'] }];
const AWS = 'service: SecretsManager, region: eu-west-1';
const ARN = `arn:aws:secretsmanager:us-east-1:${A}:secret:prod/db-AbCdEf`;

const role = (account: string) => `role: "arn:aws:iam::${account}:role/eso"`;
const bind = (account: string, region = 'eu-west-1', more: Partial<StoreBinding> = {}): StoreBinding => ({
  kind: 'SecretStore',
  name: 'aws',
  namespace: null,
  account,
  region,
  ...more,
});
const path = (pattern: string, account: string, region = 'eu-west-1'): PathBinding => ({
  path: pattern,
  account,
  region,
});

interface Situation extends Partial<Bindings> {
  readonly key?: string;
  readonly namespace?: string | null;
  /** In the ExternalSecret's spec. */
  readonly storeRef?: string;
  /** Manifests of stores by path. */
  readonly manifests?: Readonly<Record<string, string>>;
  readonly accounts?: readonly AllowedAccount[];
}

function look(situation: Situation): IndexedExternalSecret {
  const { key = 'prod/db', namespace = 'app', storeRef = '{name: aws}', manifests = {} } = situation;
  const { accounts = ACCOUNTS, stores = [], paths = [], unknownStore = 'match' } = situation;
  const spec = `secretStoreRef: ${storeRef}, data: [{remoteRef: {key: ${JSON.stringify(key)}}}]`;
  const files = { ...manifests, 'clusters/eu/es.yaml': externalSecret('db', spec, namespace) };
  const [found] = indexOf(files, accounts, { stores, paths, unknownStore }).externalSecrets;
  if (found === undefined) throw new Error('no ExternalSecret');
  return found;
}

/** `account/region by id`; of the others their code or kind, and the reason. */
function show(situation: Situation): string {
  const resolution = look(situation).references[0]?.resolution;
  switch (resolution?.kind) {
    case 'secret':
      return `${resolution.ref.account}/${resolution.ref.region} ${resolution.by} ${resolution.ref.id}`;
    case 'foreign':
      return `foreign: ${resolution.reason}`;
    case 'unresolved':
      return `${resolution.code}: ${resolution.reason}`;
    case undefined:
      throw new Error('no reference');
  }
}

function hintOf(situation: Situation): string | null {
  const resolution = look(situation).references[0]?.resolution;
  return resolution?.kind === 'unresolved' ? resolution.hint : null;
}

const HERE = { 'clusters/eu/store.yaml': store('aws', `aws: {${AWS}}`) };
const WITH_ROLE = { 'clusters/eu/store.yaml': store('aws', `aws: {${AWS}, ${role(B)}}`) };
const VAULT = { 'clusters/eu/store.yaml': store('aws', 'vault: {server: x}') };
/** Two stores of one name for one namespace that nothing tells apart. */
const TWINS = {
  'x/one.yaml': store('aws', `aws: {${AWS}, ${role(A)}}`, 'ClusterSecretStore'),
  'y/two.yaml': store('aws', `aws: {${AWS}, ${role(B)}}`, 'ClusterSecretStore'),
};
const ELSEWHERE =
  'ambiguous-account: SecretStore aws is not in this repository. Nothing says which AWS account it is in.';
const CLUSTER = '{kind: ClusterSecretStore, name: aws}';
const EU = path('clusters/eu/**', A);

test.each<[string, Situation, string]>([
  [
    'an ARN, whatever else is said',
    { key: ARN, manifests: WITH_ROLE, stores: [bind(B)], paths: [path('**', B)] },
    `${A}/us-east-1 key ${ARN}`,
  ],
  ['a bound store that is not here', { stores: [bind(B)] }, `${B}/eu-west-1 store-binding prod/db`],
  ['a bound store', { manifests: HERE, stores: [bind(B)], paths: [EU] }, `${B}/eu-west-1 store-binding prod/db`],
  [
    'a bound store, against its manifest',
    { manifests: WITH_ROLE, stores: [bind(A, 'us-east-1')] },
    `${A}/us-east-1 store-binding prod/db`,
  ],
  ['the manifest, against the path', { manifests: WITH_ROLE, paths: [EU] }, `${B}/eu-west-1 store prod/db`],
  ['the path, where the store has no role', { manifests: HERE, paths: [EU] }, `${A}/eu-west-1 path-binding prod/db`],
  [
    "the path's account, the store's region",
    { manifests: HERE, paths: [path('**', A, 'us-east-1')] },
    `${A}/eu-west-1 path-binding prod/db`,
  ],
  ['the path, for an unknown store', { paths: [EU] }, `${A}/eu-west-1 path-binding prod/db`],
  [
    'the first path that matches',
    { paths: [path('x/**', A), path('**/es.yaml', B), EU] },
    `${B}/eu-west-1 path-binding prod/db`,
  ],
  ['the only place', { manifests: HERE, accounts: ONE }, `${A}/eu-west-1 default prod/db`],
  ['the only place, for an unknown store', { accounts: ONE }, `${A}/eu-west-1 default prod/db`],
  ['nothing: account', { manifests: HERE }, 'ambiguous-account: Nothing says which AWS account it is in.'],
  [
    'nothing, and the store is elsewhere',
    { paths: [path('other/**', A)] },
    'ambiguous-account: SecretStore aws is not in this repository. Nothing says which AWS account it is in.',
  ],
  [
    'nothing: region',
    {
      manifests: { 'clusters/eu/s.yaml': store('aws', `aws: {service: SecretsManager, region: "\${R}", ${role(A)}}`) },
    },
    `ambiguous-account: Nothing says which region of account ${A} it is in.`,
  ],
  ['a binding of another name', { stores: [bind(A, 'eu-west-1', { name: 'aws2' })] }, ELSEWHERE],
  ['a binding of another kind', { stores: [bind(A, 'eu-west-1', { kind: 'ClusterSecretStore' })] }, ELSEWHERE],
])('%s', (_, situation, expected) => {
  expect(show(situation)).toBe(expected);
});

test.each<[string, Situation, string]>([
  ['its own before all', { stores: [bind(A), bind(B, 'eu-west-1', { namespace: 'app' })] }, `${B}/eu-west-1`],
  ['another one', { stores: [bind(A), bind(B, 'eu-west-1', { namespace: 'x' })] }, `${A}/eu-west-1`],
  [
    'none but another',
    { stores: [bind(B, 'eu-west-1', { namespace: 'x' })] },
    'ambiguous-account: SecretStore aws is not',
  ],
  [
    'unknown, and they differ',
    { namespace: null, stores: [bind(A), bind(B, 'eu-west-1', { namespace: 'x' })] },
    'ambiguous-account: spec.repositories[].stores binds its store by namespace',
  ],
  [
    'unknown, and one is bound',
    { namespace: null, stores: [bind(B, 'eu-west-1', { namespace: 'x' })] },
    'ambiguous-account: spec.repositories[].stores binds its store by namespace',
  ],
  [
    'unknown, and all say the same',
    { namespace: null, accounts: ONE, stores: [bind(A, 'eu-west-1', { namespace: 'x' })] },
    `${A}/eu-west-1`,
  ],
  [
    'unknown, and elsewhere it is none of ours',
    { namespace: null, accounts: ONE, stores: [bind(A, 'eu-west-1', { namespace: 'x' })], unknownStore: 'ignore' },
    'ambiguous-account: spec.repositories[].stores binds its store by namespace',
  ],
])('a namespace: %s', (_, situation, expected) => {
  expect(show(situation).slice(0, expected.length)).toBe(expected);
});

test.each<[string, Situation, string]>([
  ['of another provider', { manifests: VAULT, accounts: ONE }, 'SecretStore aws is no AWS store.'],
  [
    'of another provider, bound',
    { manifests: VAULT, stores: [bind(A)] },
    'SecretStore aws is no AWS store. That spec.repositories[].stores binds it changes nothing.',
  ],
  ['of another provider, with an ARN', { manifests: VAULT, key: ARN }, 'SecretStore aws is no AWS store.'],
  [
    'of another service, bound',
    { manifests: { 's.yaml': store('aws', 'aws: {service: CertificateManager}') }, stores: [bind(A)] },
    'SecretStore aws reads CertificateManager, neither SecretsManager nor ParameterStore. That spec.repositories[].stores binds it changes nothing.',
  ],
  [
    'that nobody knows, ignored',
    { unknownStore: 'ignore', accounts: ONE, paths: [EU] },
    'SecretStore aws is neither in this repository nor in spec.repositories[].stores, and unknownStore is ignore.',
  ],
  [
    'that nobody knows, ignored with an ARN',
    { unknownStore: 'ignore', key: ARN },
    'SecretStore aws is neither in this repository nor in spec.repositories[].stores, and unknownStore is ignore.',
  ],
  [
    'that is not named, ignored',
    { unknownStore: 'ignore', storeRef: '{}', accounts: ONE },
    'It names no store, and spec.repositories[].unknownStore is ignore.',
  ],
  [
    'with the role of a stranger, under a path of ours',
    { manifests: { 's.yaml': store('aws', `aws: {${AWS}, ${role('999999999999')}}`) }, paths: [EU] },
    'Account 999999999999 is not among the allowed ones.',
  ],
  [
    'in a region that only another account has',
    { manifests: { 's.yaml': store('aws', `aws: {service: SecretsManager, region: us-east-1, ${role(B)}}`) } },
    `Region us-east-1 is not allowed for account ${B}.`,
  ],
  [
    'in a region that the account of the path has not',
    {
      manifests: { 's.yaml': store('aws', 'aws: {service: SecretsManager, region: us-east-1}') },
      paths: [path('**', B)],
    },
    `Region us-east-1 is not allowed for account ${B}.`,
  ],
])('a store is not ours: %s', (_, situation, reason) => {
  expect(show(situation)).toBe(`foreign: ${reason}`);
});

test('ignoring what nobody knows leaves alone neither what is known nor what is filled in later', () => {
  const ignore = { unknownStore: 'ignore' as const };
  expect(show({ ...ignore, manifests: HERE, accounts: ONE })).toBe(`${A}/eu-west-1 default prod/db`);
  expect(show({ ...ignore, stores: [bind(B)] })).toBe(`${B}/eu-west-1 store-binding prod/db`);
  expect(show({ ...ignore, storeRef: '{name: "${STORE}"}' })).toBe(
    'templated: The store is filled in later: SecretStore ${STORE}.',
  );
});

test('stores of one name that differ: a binding by store or by path decides, where one can lie there', () => {
  const twins: Situation = { manifests: TWINS, storeRef: CLUSTER };
  expect(show(twins)).toMatch(/^ambiguous-account: Stores of this name differ and nothing says which is meant: x/);
  expect(show({ ...twins, paths: [EU] })).toBe(`${A}/eu-west-1 path-binding prod/db`);
  expect(show({ ...twins, paths: [path('**', A, 'us-east-1')] })).toMatch(/^ambiguous-account: Stores of this name/);
  const cluster = { kind: 'ClusterSecretStore' };
  expect(show({ ...twins, stores: [bind(B, 'eu-west-1', cluster)] })).toBe(`${B}/eu-west-1 store-binding prod/db`);
  const withVault = { ...TWINS, 'z.yaml': store('aws', 'vault: {server: x}', 'ClusterSecretStore') };
  expect(show({ ...twins, manifests: withVault, paths: [EU] })).toMatch(/^ambiguous-account: Stores of this name/);
});

const prefixed = (account: string, prefix: string) =>
  store('aws', `aws: {${AWS}, ${role(account)}, prefix: ${prefix}}`, 'ClusterSecretStore');

test('the prefix is that of the store which lies there; where prefixes differ, nothing is guessed', () => {
  const twins = { 'x/one.yaml': prefixed(A, 'one/'), 'y/two.yaml': prefixed(B, 'two/') };
  expect(show({ manifests: twins, storeRef: CLUSTER, paths: [EU] })).toBe(`${A}/eu-west-1 path-binding one/prod/db`);
  expect(show({ manifests: { ...twins, 'z/three.yaml': prefixed(A, 'three/') }, storeRef: CLUSTER, paths: [EU] })).toBe(
    'ambiguous-account: Stores of this name put different prefixes before the key.',
  );
});

test.each<[string, Situation, string]>([
  [
    'a SecretStore',
    { manifests: HERE },
    "Add {kind: SecretStore, name: aws, namespace: app, account: …, region: eu-west-1} to spec.repositories[].stores, or use the secret's full ARN as key.",
  ],
  [
    'a ClusterSecretStore',
    { storeRef: CLUSTER },
    "Add {kind: ClusterSecretStore, name: aws, account: …, region: …} to spec.repositories[].stores, or use the secret's full ARN as key.",
  ],
  [
    'stores that differ',
    { manifests: TWINS, storeRef: CLUSTER },
    `Add {path: "clusters/eu/**", account: …, region: …} to spec.repositories[].paths, give the stores distinct names, or use the secret's full ARN as key.`,
  ],
  [
    'a name that would say more than a name',
    { storeRef: '{name: "a, account: 999999999999}"}' },
    `Add {path: "clusters/eu/**", account: …, region: …} to spec.repositories[].paths, or use the secret's full ARN as key.`,
  ],
  [
    'no store',
    { storeRef: '{}' },
    `Add {path: "clusters/eu/**", account: …, region: …} to spec.repositories[].paths, or use the secret's full ARN as key.`,
  ],
  [
    'a namespace that nobody tells',
    { namespace: null, stores: [bind(B, 'eu-west-1', { namespace: 'x' })] },
    "Say its namespace in the manifest or a kustomization, or bind the store in spec.repositories[].stores without namespace, or use the secret's full ARN as key.",
  ],
])('what cannot be told says what to add: %s', (_, situation, hint) => {
  expect(hintOf(situation)).toBe(hint);
});

test('a secret of the place that the manifest names is not proved unused where a binding says otherwise', () => {
  const spec = 'secretStoreRef: {name: aws}, data: [{remoteRef: {key: prod/db}}]';
  const index = indexOf({ ...WITH_ROLE, 'es.yaml': externalSecret('db', spec) }, ACCOUNTS, { stores: [bind(A)] });
  const uses = (name: string, account: string, region = 'eu-west-1') =>
    possibleUsers(index, { service: 'secretsmanager', names: [name], account, region }, 'open');
  expect(uses('prod/db', B)).toMatchObject([
    {
      kind: 'ExternalSecret',
      name: 'db',
      code: 'ambiguous-account',
      reason: `spec.repositories[].stores binds SecretStore aws to account ${A}, region eu-west-1; its manifest says account ${B}, region eu-west-1.`,
      hint: 'Correct the binding, or the manifest of the store.',
    },
  ]);
  expect([...uses('prod/db', A), ...uses('prod/other', B), ...uses('prod/db', A, 'us-east-1')]).toEqual([]);
});

test('a binding of a name that two clusters share leaves no secret of either unused for certain', () => {
  const spec = `secretStoreRef: ${CLUSTER}, data: [{remoteRef: {key: prod/db}}]`;
  const stores = [bind(A, 'eu-west-1', { kind: 'ClusterSecretStore' })];
  const index = indexOf({ ...TWINS, 'es.yaml': externalSecret('db', spec) }, ACCOUNTS, { stores });
  const secret = { service: 'secretsmanager' as const, names: ['prod/db'], account: B, region: 'eu-west-1' };
  expect(possibleUsers(index, secret, 'open')).toMatchObject([{ code: 'ambiguous-account', name: 'db' }]);
});

test.each<[string, Situation, string | null]>([
  ['the only place allowed', { accounts: ONE, storeRef: '{}' }, `${A}/eu-west-1, the only one`],
  ["its store's role", { manifests: WITH_ROLE, key: ARN }, `${B}/eu-west-1`],
  ["its store's binding", { manifests: WITH_ROLE, stores: [bind(A)] }, `${A}/eu-west-1`],
  ['its path', { paths: [EU], key: ARN }, `${A}/eu-west-1`],
  ['no store', { storeRef: '{}', key: ARN, paths: [EU] }, null],
  ['a store of another provider', { manifests: VAULT, key: ARN }, null],
  ['nothing that can be told', { key: ARN }, null],
  [
    'a place that is not allowed',
    { manifests: { 's.yaml': store('aws', `aws: {${AWS}, ${role('999999999999')}}`) } },
    null,
  ],
])('the home of an object: %s', (_, situation, expected) => {
  const { home } = look(situation);
  const shown = home === null ? null : `${home.account}/${home.region}${home.isOnly ? ', the only one' : ''}`;
  expect(shown).toBe(expected);
});

const somewhere = fc.constantFrom<readonly [string, string]>([A, 'eu-west-1'], [A, 'us-east-1'], [B, 'eu-west-1']);
const bindings = fc.record({
  stores: fc.array(
    fc
      .tuple(somewhere, fc.constantFrom('aws', 'other'), fc.constantFrom(null, 'app', 'x'))
      .map(([[account, region], name, namespace]) => bind(account, region, { name, namespace })),
    { maxLength: 3 },
  ),
  paths: fc.array(
    fc
      .tuple(somewhere, fc.constantFrom('**', 'clusters/**', 'x/**'))
      .map(([[account, region], one]) => path(one, account, region)),
    { maxLength: 3 },
  ),
});

test('no binding moves an ARN, or makes a secret of what lies outside the allow-list', () => {
  const manifests = fc.constantFrom({}, HERE, WITH_ROLE);
  fc.assert(
    fc.property(bindings, manifests, fc.constantFrom(null, 'app'), (bound, stores, namespace) => {
      const situation = { ...bound, manifests: stores, namespace };
      expect(show({ ...situation, key: ARN })).toBe(`${A}/us-east-1 key ${ARN}`);
      const strange = ARN.replace(A, '999999999999');
      expect(show({ ...situation, key: strange })).toMatch(/^foreign: Account 999999999999/);
    }),
    { numRuns: 100 },
  );
});
