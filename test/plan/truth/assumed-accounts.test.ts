import { expect, test } from 'vitest';
import type { Facts } from '../../../src/manifests/objects.ts';
import { type AskedPlaces, adviseAccount, assumedAccounts } from '../../../src/plan/truth/assumed-accounts.ts';
import { namedSecret } from '../../../src/plan/truth/named-secret.ts';
import { es, FAR, type Files, HOME, indexOf, moved, planOf } from '../repository.ts';

const REGIONS = [HOME.region, FAR.region].toSorted();
const NOBODY: AskedPlaces = { accounts: [], regions: [] };
const THIRD = { account: '777788889999', region: 'ap-south-1' };

const arn = ({ account, region }: typeof HOME, name = 'db') =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`;

const role = (account: string) => ({ region: HOME.region, role: `arn:aws:iam::${account}:role/read` });

/** A SecretStore of AWS in place of the two that every repository of these tests has. */
function store(name: string, aws: object): string {
  return JSON.stringify({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ClusterSecretStore',
    metadata: { name },
    spec: { provider: { aws: { service: 'SecretsManager', ...aws } } },
  });
}

function factsOf(files: Files): readonly Facts[] {
  const { stores, externalSecrets } = indexOf(files);
  return [...stores, ...externalSecrets.map(({ object }) => object)];
}

function check(files: Files, asked: Partial<AskedPlaces>, expected: readonly string[]): void {
  const found = assumedAccounts(factsOf(files), { ...NOBODY, ...asked });
  expect(found.map(({ id, regions }) => `${id}: ${regions.join(' ')}`)).toEqual(expected);
}

/** Where a bare `db` is taken to be, or the problem. */
function placeOf(files: Files): string {
  const accounts = assumedAccounts(factsOf(files), NOBODY);
  const asked = { id: 'db', service: null, account: null, region: null, label: null };
  const named = namedSecret(indexOf(files, accounts), asked, accounts);
  return named.kind === 'problem' ? named.message : `${named.wish.account}/${named.wish.region}`;
}

test('what the stores name', () => {
  check({}, {}, [`${HOME.account}: ${REGIONS.join(' ')}`, `${FAR.account}: ${REGIONS.join(' ')}`]);
});

test('accounts that are asked for are the only ones; regions that are asked for are some more', () => {
  check({}, { accounts: ['000011112222'] }, [`000011112222: ${REGIONS.join(' ')}`]);
  check({}, { accounts: [FAR.account], regions: [THIRD.region] }, [
    `${FAR.account}: ${THIRD.region} ${REGIONS.join(' ')}`,
  ]);
  const both = [THIRD.account, FAR.account, THIRD.account];
  check({}, { accounts: both }, [`${FAR.account}: ${REGIONS.join(' ')}`, `${THIRD.account}: ${REGIONS.join(' ')}`]);
});

test('stores of other providers, stores without a role, and a region that is filled in later name nothing', () => {
  const vault =
    'apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: {name: v}\nspec: {provider: {vault: {}}}\n';
  const files = { 'stores.yaml': `${vault}---\n${store('home', {})}\n---\n${store('x', { region: '${REGION}' })}` };
  check(files, {}, ['000000000000: unknown']);
  check(files, { accounts: [HOME.account], regions: [HOME.region] }, [`${HOME.account}: ${HOME.region}`]);
});

test('what the ARNs among the keys name', () => {
  const stores = { 'stores.yaml': store('home', { region: HOME.region }) };
  check({ ...stores, 'x.yaml': es('x', [arn(THIRD), 'db', 'arn:aws:s3:::bucket']) }, {}, [
    `${THIRD.account}: ${THIRD.region} ${HOME.region}`,
  ]);
  check({ ...stores, 'x.yaml': es('x', [arn(THIRD)]) }, { accounts: [HOME.account] }, [
    `${HOME.account}: ${THIRD.region} ${HOME.region}`,
  ]);
});

test('a secret is found by name through a full ARN, whatever the store says', () => {
  const plain = { 'stores.yaml': store('home', { region: HOME.region }) };
  expect(placeOf({ ...plain, 'x.yaml': es('x', [arn(HOME)]) })).toBe(`${HOME.account}/${HOME.region}`);
  expect(placeOf({ 'x.yaml': es('x', [arn(THIRD)]) })).toBe(`${THIRD.account}/${THIRD.region}`);
});

test('a bare name is in the one account that the ARNs beside it name', () => {
  const files = { 'stores.yaml': store('home', {}), 'x.yaml': es('x', ['db', arn(THIRD, 'other')]) };
  expect(placeOf(files)).toBe(`${THIRD.account}/${THIRD.region}`);
});

const SEVERAL: Files = {
  'stores.yaml': '',
  'a.yaml': es('a', [arn(HOME)]),
  'b.yaml': es('b', [arn({ ...FAR, region: HOME.region })]),
  'c.yaml': es('c', ['db']),
};

test('ARNs of two accounts leave a bare name open', () => {
  const places = `${HOME.account}/${HOME.region}, ${FAR.account}/${HOME.region}`;
  expect(placeOf(SEVERAL)).toBe(`db is fetched from several places: ${places}`);
});

/** The hints of a plan for `db` in the first account. */
function hintsOf(files: Files, asked: Partial<AskedPlaces>): readonly (string | null)[] {
  const accounts = assumedAccounts(factsOf(files), { ...NOBODY, ...asked });
  const { plan } = planOf(indexOf(files, accounts), { wishes: [moved('db')], truth: { [arn(HOME)]: 2 } });
  return adviseAccount(plan, accounts).skips.flatMap(({ code, hint }) => (code === 'ambiguous-account' ? [hint] : []));
}

test('a key left open says how to choose, where choosing helps', () => {
  expect(hintsOf(SEVERAL, {})).toEqual([
    expect.stringMatching(
      /^Give --account: the repository names 111122223333, 444455556666\. Add \{kind: ClusterSecretStore, name: home, account: …, region: .*full ARN as key\.$/,
    ),
  ]);
  expect(hintsOf(SEVERAL, { accounts: [HOME.account] })).toEqual([]);
  const twice = {
    'stores.yaml': '',
    'a/store.yaml': store('home', role(HOME.account)),
    'b/store.yaml': store('home', role(FAR.account)),
    'c.yaml': es('c', ['db']),
  };
  expect(hintsOf(twice, {})).toEqual([
    expect.stringMatching(/^Add \{path: .*spec\.repositories\[\]\.paths, give the stores distinct names, .*full ARN/),
  ]);
});
