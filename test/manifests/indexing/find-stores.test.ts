import { expect, test } from 'vitest';
import { externalSecret, indexOf, store } from '../repository.ts';

const EU = 'aws: {service: SecretsManager, region: eu-west-1}';
const EU_TEAM = 'aws: {service: SecretsManager, region: eu-west-1, prefix: team/}';
const VAULT = 'vault: {server: x}';

/** What becomes of `key` in the ExternalSecret of `es`: the id asked of AWS, or why there is none. */
function check(files: Readonly<Record<string, string>>, expected: string): void {
  const [user] = indexOf(files).externalSecrets;
  const resolution = user?.references[0]?.resolution;
  expect(
    resolution?.kind === 'secret'
      ? resolution.ref.id
      : resolution?.kind === 'unresolved'
        ? resolution.code
        : resolution?.kind,
  ).toBe(expected);
}

function es(namespace: string | null, kind = 'SecretStore'): string {
  return externalSecret('db', `secretStoreRef: {name: aws, kind: ${kind}}, data: [{remoteRef: {key: k}}]`, namespace);
}

test('a SecretStore is looked for in the same namespace only', () => {
  check(
    {
      'a/es.yaml': es('app'),
      'b/s.yaml': store('aws', EU_TEAM),
      'a/s.yaml': store('aws', VAULT, 'SecretStore', 'other'),
    },
    'team/k',
  );
  check({ 'a/es.yaml': es('app'), 'a/s.yaml': store('aws', VAULT, 'SecretStore', 'other') }, 'k');
});

test('a ClusterSecretStore is looked for by name, and the kinds are not mixed', () => {
  check(
    { 'a/es.yaml': es('app', 'ClusterSecretStore'), 'b/s.yaml': store('aws', EU_TEAM, 'ClusterSecretStore') },
    'team/k',
  );
  check({ 'a/es.yaml': es('app'), 'a/s.yaml': store('aws', VAULT, 'ClusterSecretStore') }, 'k');
});

test('stores of one name that agree are one; where they differ nothing is guessed', () => {
  const files = {
    'a/es.yaml': es('app', 'ClusterSecretStore'),
    'b/s.yaml': store('aws', EU_TEAM, 'ClusterSecretStore'),
  };
  check({ ...files, 'c/s.yaml': store('aws', EU_TEAM, 'ClusterSecretStore') }, 'team/k');
  check({ ...files, 'c/s.yaml': store('aws', EU, 'ClusterSecretStore') }, 'ambiguous-account');
  check({ ...files, 'c/s.yaml': store('aws', VAULT, 'ClusterSecretStore') }, 'ambiguous-account');
  check({ ...files, 'a/s.yaml': store('aws', VAULT, 'ClusterSecretStore') }, 'ambiguous-account');
});

function cluster(name: string, provider: string): Readonly<Record<string, string>> {
  return {
    [`${name}/kustomization.yaml`]: 'resources: [es.yaml, s.yaml]',
    [`${name}/s.yaml`]: store('aws', provider, 'ClusterSecretStore'),
  };
}

test('the ClusterSecretStore of the same build is the one that is meant', () => {
  const files = {
    ...cluster('prod', EU_TEAM),
    ...cluster('stage', EU),
    'prod/es.yaml': es('app', 'ClusterSecretStore'),
  };
  check(files, 'team/k');
});

test('a base whose overlays have different stores means in each what its store says', () => {
  check(
    {
      'base/kustomization.yaml': 'resources: [es.yaml]',
      'base/es.yaml': es('app', 'ClusterSecretStore'),
      'prod/kustomization.yaml': 'resources: [../base, s.yaml]',
      'prod/s.yaml': store('aws', EU, 'ClusterSecretStore'),
      'stage/kustomization.yaml': 'resources: [../base, s.yaml]',
      'stage/s.yaml': store('aws', EU_TEAM, 'ClusterSecretStore'),
    },
    'k',
  );
});

test('without namespaces: the same folder, then the same folder tree, then the name alone', () => {
  const here = store('aws', EU_TEAM, 'SecretStore', null);
  const elsewhere = store('aws', VAULT, 'SecretStore', null);
  check({ 'a/es.yaml': es(null), 'a/s.yaml': here, 'b/s.yaml': elsewhere }, 'team/k');
  check({ 'a/x/es.yaml': es(null), 'a/s.yaml': here, 'b/s.yaml': elsewhere }, 'team/k');
  check({ 'a/es.yaml': es(null), 'a/x/s.yaml': here, 'ab/s.yaml': elsewhere }, 'team/k');
  check({ 'a/es.yaml': es(null), 'b/s.yaml': here }, 'team/k');
  check({ 'a/es.yaml': es('app'), 'b/s.yaml': here }, 'team/k');
  check({ 'a/es.yaml': es(null), 'b/s.yaml': here, 'c/s.yaml': elsewhere }, 'ambiguous-account');
});

test('the store of the entry is used before that of the object', () => {
  const [user] = indexOf({
    'es.yaml': externalSecret(
      'db',
      'secretStoreRef: {name: vault}, data: [{remoteRef: {key: a}, sourceRef: {storeRef: {name: aws}}}, {remoteRef: {key: b}}]',
    ),
    'a.yaml': store('aws', EU),
    'v.yaml': store('vault', VAULT),
  }).externalSecrets;
  expect(user?.references).toMatchObject([
    { store: 'SecretStore/aws (a.yaml)', resolution: { kind: 'secret', names: ['a'] } },
    { store: 'SecretStore/vault (v.yaml)', resolution: { kind: 'foreign' } },
  ]);
});
