import { expect, test } from 'vitest';
import { deployment, externalSecret, indexOf, store } from '../../repository.ts';

const GIT = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux, namespace: flux-system}
spec: {url: "https://github.com/acme/gitops"}
`;

type Files = Readonly<Record<string, string>>;

function flux(name: string, spec: string): Files {
  return {
    [`clusters/${name}.yaml`]: `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec: {sourceRef: {kind: GitRepository, name: flux}, path: ./app, ${spec}}
`,
  };
}

/** Each ExternalSecret as `path where: what it fetches -> whom it feeds`. */
function check(files: Files, expected: readonly string[]): void {
  const { externalSecrets } = indexOf({ 'g.yaml': GIT, ...files });
  const words = externalSecrets.map(({ object, references, consumers }) => {
    const fetched = references.map(({ resolution }) =>
      resolution.kind === 'secret' ? `${resolution.ref.id}@${resolution.ref.region}` : resolution.kind,
    );
    return `${object.path} ${object.editedIn.kind}: ${fetched.join()} -> ${consumers.map(({ name }) => name).join()}`;
  });
  expect(words).toEqual(expected);
}

const APP = {
  'app/es.yaml': externalSecret('db', 'secretStoreRef: {name: aws}, dataFrom: [{extract: {key: "${env}/db"}}]', null),
  'app/api.yaml': deployment('api', 'db', null),
};

test('equal deployments are one manifest, different ones are left alone, each for itself', () => {
  const one = flux('one', 'targetNamespace: a, postBuild: {substitute: {env: prod}}');
  check({ ...one, ...APP }, ['app/es.yaml manifest: prod/db@eu-west-1 -> api']);
  const equal = flux('two', 'targetNamespace: b, postBuild: {substitute: {env: prod, more: x}}');
  check({ ...one, ...equal, ...APP }, ['app/es.yaml manifest: prod/db@eu-west-1 -> api']);
  const other = flux('two', 'targetNamespace: b, postBuild: {substitute: {env: test}}');
  check({ ...one, ...other, ...APP }, [
    'app/es.yaml nowhere: prod/db@eu-west-1 -> api',
    'app/es.yaml nowhere: test/db@eu-west-1 -> api',
  ]);
  const open = flux('two', 'targetNamespace: b');
  check({ ...one, ...open, ...APP }, [
    'app/es.yaml nowhere: prod/db@eu-west-1 -> api',
    'app/es.yaml nowhere: unresolved -> api',
  ]);
});

test('stores of the two namespaces decide, too', () => {
  const both = { ...flux('one', 'targetNamespace: a'), ...flux('two', 'targetNamespace: b') };
  const app = {
    'app/es.yaml': externalSecret('db', 'secretStoreRef: {name: aws}, dataFrom: [{extract: {key: db}}]', null),
    'stores/a.yaml': store('aws', 'aws: {service: SecretsManager, region: eu-west-1}', 'SecretStore', 'a'),
  };
  const same = store('aws', 'aws: {service: SecretsManager, region: eu-west-1}', 'SecretStore', 'b');
  check({ ...both, ...app, 'stores/b.yaml': same }, ['app/es.yaml manifest: db@eu-west-1 -> ']);
  check({ ...both, ...app, 'stores/b.yaml': same.replace('eu-west-1', 'us-east-1') }, [
    'app/es.yaml nowhere: db@eu-west-1 -> ',
    'app/es.yaml nowhere: foreign -> ',
  ]);
});

test('more deployments than can be compared are left alone', () => {
  const many = Object.assign({}, ...Array.from({ length: 300 }, (_, at) => flux(`k${at}`, `targetNamespace: n${at}`)));
  const plain = externalSecret('db', 'dataFrom: [{extract: {key: db}}]', null);
  check({ ...many, 'app/es.yaml': plain }, ['app/es.yaml nowhere: db@eu-west-1 -> ']);
});

function application(name: string, server: string, path = name): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}}
spec: {source: {repoURL: "https://github.com/acme/gitops", path: ${path}}, destination: {namespace: app, server: "${server}"}}
`;
}

test('what is known to be in two clusters does not meet', () => {
  const objects = {
    'one/es.yaml': externalSecret('db', 'dataFrom: [{extract: {key: db}}]', null),
    'two/api.yaml': deployment('api', 'db', null),
  };
  const at = (first: string, second: string, expected: string) =>
    check({ ...objects, '1.yaml': application('one', first), '2.yaml': application('two', second) }, [
      `one/es.yaml manifest: db@eu-west-1 -> ${expected}`,
    ]);
  at('https://prod', 'https://prod', 'api');
  at('https://prod', 'https://stage', '');
  at('https://prod', 'https://kubernetes.default.svc', 'api');
});

function overlay(region: string): Files {
  return {
    [`${region}/kustomization.yaml`]: `namespace: ${region}\nresources: [../base, store.yaml]\n`,
    [`${region}/store.yaml`]: store('aws', `aws: {service: SecretsManager, region: ${region}}`, 'SecretStore', null),
  };
}

test('an overlay that two clusters share is patched once, if another overlay differs', () => {
  const files = {
    ...overlay('eu-west-1'),
    ...overlay('us-east-1'),
    'base/kustomization.yaml': 'resources: [es.yaml]\n',
    'base/es.yaml': externalSecret('db', 'secretStoreRef: {name: aws}, dataFrom: [{extract: {key: db}}]', null),
    '1.yaml': application('one', 'https://one', 'eu-west-1'),
    '2.yaml': application('two', 'https://two', 'eu-west-1'),
    '3.yaml': application('three', 'https://three', 'us-east-1'),
  };
  check(files, [
    'eu-west-1/gitops-reloader.patch.yaml overlay: db@eu-west-1 -> ',
    'us-east-1/gitops-reloader.patch.yaml overlay: foreign -> ',
  ]);
});

test('what Flux fills in may be the namespace of a kustomization', () => {
  const files = {
    ...flux('one', 'postBuild: {substitute: {env: prod, ns: payments}}'),
    'app/kustomization.yaml': 'namespace: "${ns}"\nresources: [es.yaml]\n',
    'app/es.yaml': APP['app/es.yaml'],
    'other/api.yaml': deployment('api', 'db', 'payments'),
  };
  check(files, ['app/es.yaml manifest: prod/db@eu-west-1 -> api']);
});
