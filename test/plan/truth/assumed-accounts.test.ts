import { expect, test } from 'vitest';
import { assumedAccounts } from '../../../src/plan/truth/assumed-accounts.ts';
import { FAR, HOME, indexOf } from '../repository.ts';

const REGIONS = [HOME.region, FAR.region].toSorted();

/** With the two stores of every repository of these tests. */
function check(asked: { readonly account?: string; readonly region?: string }, expected: readonly string[]): void {
  const found = assumedAccounts(indexOf({}).stores, { account: null, region: null, ...asked });
  expect(found.map(({ id, regions }) => `${id}: ${regions.join(' ')}`)).toEqual(expected);
}

test('what the stores name', () => {
  check({}, [`${HOME.account}: ${REGIONS.join(' ')}`, `${FAR.account}: ${REGIONS.join(' ')}`]);
});

test('an account that is asked for is the only one; a region that is asked for is one more', () => {
  check({ account: '000011112222' }, [`000011112222: ${REGIONS.join(' ')}`]);
  check({ account: FAR.account, region: 'ap-south-1' }, [`${FAR.account}: ap-south-1 ${REGIONS.join(' ')}`]);
});

test('stores of other providers, and stores without a role, name nothing', () => {
  const vault =
    'apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: {name: v}\nspec: {provider: {vault: {}}}\n';
  const plain = vault.replace('vault: {}', 'aws: {service: SecretsManager}');
  const { stores } = indexOf({ 'stores.yaml': `${vault}---\n${plain}` });
  expect(assumedAccounts(stores, { account: null, region: null })).toEqual([
    { id: '000000000000', regions: ['unknown'] },
  ]);
  expect(assumedAccounts([], { account: HOME.account, region: HOME.region })).toEqual([
    { id: HOME.account, regions: [HOME.region] },
  ]);
});
