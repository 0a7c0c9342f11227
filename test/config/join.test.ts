import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { instanceName } from '../../src/config/join/instance-name.ts';
import { accountInUrl } from '../../src/config/join/queue-accounts.ts';
import { sameDestinations } from '../../src/config/join/same-destinations.ts';
import { loadConfigs } from '../../src/config/load-config.ts';
import type { Destination } from '../../src/domain/policy.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { MINIMAL, swap } from './samples.ts';

const ESO = readFileSync('fixtures/eso-reloader/credentials.yaml', 'utf8');
const REPOSITORIES = MINIMAL.slice(MINIMAL.indexOf('  repositories:'));
/** Our own document as it is enough beside one of ESO Reloader. */
const OWN = `apiVersion: gitops-reloader.dev/v1alpha1
kind: Config
metadata: {name: acme}
spec:
${REPOSITORIES}`;

/** The same, with a queue. */
function listening(queueURL: string): string {
  const entry = `{type: AwsSqs, awsSqs: {queueURL: "${queueURL}", region: us-east-1}}`;
  return swap(OWN, 'spec:\n', `spec:\n  notificationSources: [${entry}]\n`);
}

function loadAll(...texts: readonly string[]) {
  return loadConfigs(texts.map((text, at) => ({ file: `${at + 1}.yaml`, text })));
}

function config(...texts: readonly string[]): Config {
  const loaded = loadAll(...texts);
  if (loaded.kind === 'problems') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

function said(...texts: readonly string[]): readonly string[] {
  const loaded = loadAll(...texts);
  return loaded.kind === 'problems' ? loaded.problems.map(formatProblem) : loaded.notices.map(formatProblem);
}

describe('a document of ours beside one of ESO Reloader', () => {
  test('repositories and the instance are ours, queues and destinations theirs, in any order and in one file', () => {
    const joined = config(OWN, ESO);
    expect(joined.instance).toBe('acme');
    expect(joined.repositories.map(({ name }) => name)).toEqual(['platform']);
    expect(joined.repositories[0]?.branches[0]?.order).toBe('refreshOnly');
    expect(joined.sources.map(({ region }) => region)).toEqual(['us-east-1']);
    expect(joined.destinations[0]?.labels.matchLabels).toEqual({ app: 'my-app' });
    expect(joined.aws).toMatchObject({ accounts: [{ id: '123456789012' }], auth: { authMethod: 'static' } });
    expect(config(ESO, OWN)).toEqual(joined);
    expect(config(`---\n${ESO}---\n# nothing\n---\n${OWN}...\n`)).toEqual(joined);
    expect(said(OWN, ESO)).toEqual([expect.stringMatching(/^2\.yaml:9:19: secrets are followed where the queues are/)]);
  });
  test('what ours says holds: accounts, identity, folder, further queues', () => {
    const own = MINIMAL.replace(
      '  aws:\n',
      '  secretsDir: /run/s\n  aws:\n    auth: {authMethod: default}\n    endpoints: {sqs: "http://127.0.0.1:1"}\n',
    );
    const { sources, aws } = config(own, ESO);
    expect(aws.accounts.map(({ id }) => id)).toEqual(['111122223333']);
    expect(aws.auth).toEqual({ authMethod: 'default' });
    expect(sources.map(({ region, endpoint }) => [region, endpoint])).toEqual([
      ['eu-west-1', 'http://127.0.0.1:1'],
      ['us-east-1', 'http://127.0.0.1:1'],
    ]);
    expect(sources[1]?.auth).toMatchObject({ accessKeyId: { path: '/run/s/aws-credentials/accessKey' } });
    expect(said(own, ESO)).toEqual([]);
  });
  test('a queue that both name is listened to once, as ours says', () => {
    const both = swap(
      ESO,
      'https://sqs.us-east-1.amazonaws.com/123456789012/my-queue',
      'https://sqs.eu-west-1.amazonaws.com/111122223333/rotations',
    ).replace('region: us-east-1', 'region: eu-west-1');
    expect(config(MINIMAL, both).sources).toEqual(config(MINIMAL).sources);
    expect(said(MINIMAL, both)).toEqual([expect.stringContaining('listened to already')]);
  });
  test('where only ours names queues, their accounts are said, or asked for', () => {
    const url = 'https://sqs.us-east-1.amazonaws.com/123456789012/my-queue';
    expect(config(listening(url), ESO).aws.accounts).toMatchObject([{ id: '123456789012', regions: ['us-east-1'] }]);
    expect(said(listening(url), ESO)).toEqual([
      expect.stringMatching(/^1\.yaml:5:24: secrets are followed where the queues are, .* account 123456789012 in/),
      expect.stringContaining('listened to already'),
    ]);
    // An empty allow-list would be listened with in vain: every message would be deleted as outside of it.
    const untold = 'https://queue.acme.example/rotations';
    expect(said(listening(untold), swap(ESO, url, untold))).toEqual([
      '1.yaml:5:24: spec.notificationSources[0].awsSqs.queueURL does not tell the account whose secrets are meant (list spec.aws.accounts in a document of apiVersion gitops-reloader.dev/v1alpha1)',
    ]);
  });
  test('the sample in the README is enough', () => {
    const readme = readFileSync('README.md', 'utf8');
    const section = readme.slice(readme.indexOf("### ESO Reloader's Config"));
    const sample = /```yaml\n([^]*?)```/.exec(section)?.[1] ?? '';
    expect(config(sample, ESO).repositories).toHaveLength(1);
  });
  test('what is wrong is said with its file', () =>
    expect(said(OWN.replace('kind: Config', 'kind: Confg'), ESO.replace('region:', 'regoin:'))).toEqual([
      '1.yaml:2:7: kind must be Config',
      '2.yaml:10:9: unknown key spec.notificationSources[0].awsSqs.regoin (did you mean region?)',
    ]));
  test('rules between keys still hold', () =>
    expect(said(OWN.replace('branches: [{base: main}]', 'branches: [{base: main}, {base: main}]'), ESO)).toEqual([
      expect.stringContaining('1.yaml:9:39: spec.repositories[0].branches[1].base is there twice'),
    ]));
  test('alone, ours must name queues and accounts', () =>
    expect(said(OWN)).toEqual([
      '1.yaml:5:3: spec.aws is missing (Where secrets live.)',
      '1.yaml:5:3: spec.notificationSources is missing (The queues to listen to. Beside an ESO Reloader Config it may be left out.)',
    ]));
});

describe('documents that do not go together', () => {
  const wider = swap(ESO, 'matchLabels: {app: my-app}', 'matchLabels: {app: other}').replace('my-queue', 'other');
  test('destinations of two documents of ESO Reloader', () =>
    expect(said(ESO, wider)).toEqual([
      '2.yaml:18:5: spec.destinationsToWatch is not that of the first Config: joined, each queue would reach what only the other may (run one process for each Config, or make them the same)',
    ]));
  test('destinations of ours beside theirs, unless they are the same', () => {
    const own = (entry: string) => OWN.replace('spec:\n', `spec:\n  destinationsToWatch: [${entry}]\n`);
    expect(said(own('{type: ExternalSecret}'), ESO)).toEqual([
      "1.yaml:5:24: spec.destinationsToWatch is not that of ESO Reloader's Config beside it (leave it out here, or make them the same)",
    ]);
    const same = '{type: ExternalSecret, externalSecret: {labelSelectors: {matchLabels: {app: my-app}}}}';
    expect(config(own(same), ESO)).toEqual(config(OWN, ESO));
  });
  test('two of ours', () =>
    expect(said(MINIMAL, MINIMAL)).toEqual([
      '2.yaml:1:1: a second document of our own format begins here (keep one: only those of ESO Reloader may be several)',
    ]));
});

const one = (names: readonly string[], labels: Record<string, string>): Destination => ({
  kind: 'ExternalSecret',
  names,
  namespaces: [],
  labels: { matchLabels: labels, matchExpressions: [] },
});

test('destinations are the same whatever their order', () => {
  const [a, b] = [one(['x', 'y'], { p: '1', q: '2' }), one(['y', 'x'], { q: '2', p: '1' })];
  expect(sameDestinations([a, one([], {})], [one([], {}), b, b])).toBe(true);
  expect(sameDestinations([a], [a, one([], {})])).toBe(false);
  expect(sameDestinations([one(['x'], {})], [{ ...one([], {}), namespaces: ['x'] }])).toBe(false);
  expect(sameDestinations([one([], { a: 'b' })], [one([], { 'a","b': '' })])).toBe(false);
});

test('an instance for every object name, different for different ones', () => {
  expect(instanceName('reloader-1')).toBe('reloader-1');
  const odd = ['a.b', 'a-b.', 'a..b', 'x'.repeat(253), `${'x'.repeat(252)}y`].map(instanceName);
  expect(new Set(odd).size).toBe(odd.length);
  for (const name of odd) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/);
});

test('the account in the URL of a queue', () => {
  expect(accountInUrl('https://sqs.us-east-1.amazonaws.com/123456789012/q')).toBe('123456789012');
  expect(accountInUrl('http://127.0.0.1:4566/000000000000/q')).toBe('000000000000');
  for (const url of ['', 'x', 'https://a.example/q', 'https://a.example/1234567890123/q', 'https://123456789012/q/x']) {
    expect(accountInUrl(url)).toBe(null);
  }
});
