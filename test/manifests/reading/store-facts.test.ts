import { expect, test } from 'vitest';
import { readText, store } from '../repository.ts';

function check(provider: string, expected: unknown): void {
  const { objects, unreadable } = readText(store('aws', provider));
  expect(unreadable).toEqual([]);
  expect(objects).toMatchObject([{ type: 'store', name: 'aws', namespace: 'app', aws: expected }]);
}

const PLAIN = { service: 'SecretsManager', region: 'eu-west-1', account: null, prefix: '' };
const ROLE = 'arn:aws:iam::111122223333:role/eso';
const OTHER_ROLE = 'arn:aws-cn:iam::444455556666:role/path/eso';

test('service, region and prefix', () => {
  check('aws: {service: SecretsManager, region: eu-west-1}', PLAIN);
  check('aws: {service: SecretsManager, region: eu-west-1, prefix: team/}', { ...PLAIN, prefix: 'team/' });
  check('aws: {service: ParameterStore, region: eu-west-1}', { ...PLAIN, service: 'ParameterStore' });
});

test('the account is that of the role, whatever roles come before it', () => {
  const base = 'service: SecretsManager, region: eu-west-1';
  check(`aws: {${base}, role: "${ROLE}"}`, { ...PLAIN, account: '111122223333' });
  check(`aws: {${base}, role: "${ROLE}", additionalRoles: ["${OTHER_ROLE}"]}`, { ...PLAIN, account: '111122223333' });
  check(`aws: {${base}, additionalRoles: ["${ROLE}", "${OTHER_ROLE}"]}`, { ...PLAIN, account: '444455556666' });
});

test('a role that does not say its account says nothing, also of the roles before it', () => {
  const base = 'service: SecretsManager, region: eu-west-1';
  check(`aws: {${base}, role: "arn:aws:iam::\${account}:role/eso", additionalRoles: ["${ROLE}"]}`, PLAIN);
  check(`aws: {${base}, role: "arn:aws:iam::1111222233334:role/eso"}`, PLAIN);
  check(`aws: {${base}, role: [1], additionalRoles: {a: b}}`, PLAIN);
});

test('other providers are no AWS store', () => {
  check('vault: {server: "https://vault"}', null);
});

test.each([
  ['ClusterSecretStore', 'external-secrets.io/v1'],
  ['ClusterSecretStore', 'external-secrets.io/v1beta1'],
  ['SecretStore', 'external-secrets.io/v1alpha1'],
])('%s %s is a store', (kind, apiVersion) => {
  const text = store('aws', 'aws: {region: eu-west-1}', kind).replace('external-secrets.io/v1', apiVersion);
  expect(readText(text).objects).toMatchObject([{ kind, aws: { service: '', region: 'eu-west-1' } }]);
});

test('a store without provider (a patch) is not taken for one of another provider', () => {
  const text = store('aws', '').replace('spec: {provider: {}}', 'spec: {conditions: []}');
  expect(readText(text)).toMatchObject({ objects: [], unreadable: [{ code: 'malformed' }] });
  expect(readText(store('aws', 'aws: yes'))).toMatchObject({ objects: [], unreadable: [{ code: 'malformed' }] });
});
