import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import { ESO_KEYS } from '../../src/config/eso-reloader/eso-keys.ts';
import { pathsOf } from '../../src/config/keys/table.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { swap } from './samples.ts';

const fixture = (name: string) => readFileSync(`fixtures/eso-reloader/${name}.yaml`, 'utf8');
const CREDENTIALS = fixture('credentials');
const ACCOUNT = fixture('service-account');
const SCHEMA = fixture('schema');

/** The least that loads, in the spelling of the schema. */
const LEAST = `apiVersion: reloader.external-secrets.io/v1alpha1
kind: Config
metadata: {name: eso}
spec:
  notificationSources:
    - type: AwsSqs
      awsSqs: {queueURL: "https://sqs.eu-west-1.amazonaws.com/111122223333/q", auth: {authMethod: irsa, region: eu-west-1, serviceAccountRef: {name: sa}}}
  destinationsToWatch: [{type: ExternalSecret}]
`;
const SQS =
  '      awsSqs: {queueURL: "https://sqs.eu-west-1.amazonaws.com/111122223333/q", auth: {authMethod: irsa, region: eu-west-1, serviceAccountRef: {name: sa}}}';

function load(text: string): Config {
  const loaded = loadConfig(text, 'eso.yaml');
  if (loaded.kind === 'problems') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

function said(text: string): readonly string[] {
  const loaded = loadConfig(text, 'eso.yaml');
  return (loaded.kind === 'config' ? loaded.notices : loaded.problems).map(formatProblem);
}

function problems(text: string): readonly string[] {
  return loadConfig(text, 'eso.yaml').kind === 'config' ? ['it loads'] : said(text);
}

const sqs = (fields: string) => swap(LEAST, SQS, `      awsSqs: {${fields}}`);
const watch = (entries: string) => swap(LEAST, '[{type: ExternalSecret}]', `[${entries}]`);
const QUEUE = 'queueURL: "https://sqs.eu-west-1.amazonaws.com/111122223333/q"';
const file = (path: string) => ({ kind: 'file', path: `/etc/gitops-reloader/secrets/${path}` });
const auth = (fields: string) => load(sqs(`${QUEUE}, region: eu-west-1, auth: {${fields}}`)).sources[0]?.auth;
const refs = (first: string) => `secretRef: {${first}: {name: a, key: i}, secretAccessKeySecretRef: {name: a, key: s}}`;
const namespaces = (selectors: string) =>
  load(watch(`{type: ExternalSecret, externalSecret: {namespaceSelectors: ${selectors}}}`)).destinations[0]?.namespaces;
const EVERYTHING = { matchLabels: {}, matchExpressions: [] };
const NO_REPOSITORY =
  'no repository is named: nothing can be proposed (add a document of apiVersion gitops-reloader.dev/v1alpha1 with spec.repositories, here or as another --config)';
const ELSEWHERE = '(for others, list spec.aws.accounts in a document of apiVersion gitops-reloader.dev/v1alpha1)';

describe('the documented examples load unchanged', () => {
  const destinations = [
    {
      kind: 'ExternalSecret',
      names: [],
      namespaces: [],
      labels: { matchLabels: { app: 'my-app' }, matchExpressions: [] },
    },
  ];
  const source = {
    queueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/my-queue',
    region: 'us-east-1',
    endpoint: null,
    maxNumberOfMessages: 10,
    waitTimeSeconds: 20,
    visibilityTimeout: 30,
  };
  const keys = {
    authMethod: 'static',
    accessKeyId: file('aws-credentials/accessKey'),
    secretAccessKey: file('aws-credentials/secretKey'),
    sessionToken: file('aws-session/token'),
  };
  const account = {
    authMethod: 'serviceAccount',
    folder: '/etc/gitops-reloader/secrets/my-service-account',
    tokenFile: null,
    role: null,
  };
  const accounts = [{ id: '123456789012', regions: ['us-east-1'], role: null, externalId: null }];

  test('credentials beside the sources', () => {
    const config = load(CREDENTIALS);
    expect(config).toMatchObject({ instance: 'reloader-aws-sqs', destinations, repositories: [] });
    expect(config.sources).toEqual([{ ...source, auth: keys }]);
    expect(config.aws).toMatchObject({ accounts, auth: keys, truth: 'describe' });
    expect(said(CREDENTIALS)).toEqual([
      `eso.yaml:6:3: ${NO_REPOSITORY}`,
      `eso.yaml:9:19: secrets are followed where the queues are, and nowhere else: account 123456789012 in us-east-1 ${ELSEWHERE}`,
    ]);
  });
  test('a service account', () => {
    const config = load(ACCOUNT);
    expect(config).toMatchObject({ instance: 'reloader-aws-irsa', destinations, repositories: [] });
    expect(config.sources).toEqual([{ ...source, auth: account }]);
    expect(config.aws).toMatchObject({ accounts, auth: account });
  });
  test('both in one file: one queue, and the first document names the instance', () => {
    const both = `${CREDENTIALS}---\n${ACCOUNT}`;
    expect(load(both)).toEqual(load(CREDENTIALS));
    expect(said(both)).toContain(
      'eso.yaml:31:19: spec.notificationSources[0].awsSqs.queueURL is listened to already: this entry is left out (one entry listens well enough; its own auth is not used)',
    );
  });
});

test('the spelling of the schema: what has an equivalent is taken, and everything else is said', () => {
  const config = load(SCHEMA);
  expect(config.instance).toMatch(/^team-reloader-[0-9a-f]{8}$/);
  expect(config.sources.map((source) => ({ ...source, auth: null }))).toEqual([
    {
      queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/rotations',
      region: 'eu-west-1',
      endpoint: null,
      maxNumberOfMessages: 5,
      waitTimeSeconds: 1,
      visibilityTimeout: 10,
      auth: null,
    },
    {
      queueUrl: 'https://sqs.us-east-1.amazonaws.com/444455556666/rotations',
      region: 'us-east-1',
      endpoint: null,
      maxNumberOfMessages: 10,
      waitTimeSeconds: 20,
      visibilityTimeout: 30,
      auth: null,
    },
  ]);
  expect(config.destinations).toEqual([
    {
      kind: 'ExternalSecret',
      names: ['payments-db'],
      namespaces: ['payments'],
      labels: {
        matchLabels: { app: 'web' },
        matchExpressions: [{ key: 'tier', operator: 'In', values: ['backend'] }],
      },
    },
    { kind: 'Deployment', names: [], namespaces: [], labels: { matchLabels: { app: 'web' }, matchExpressions: [] } },
  ]);
  expect(config.aws.accounts.map(({ id, regions }) => [id, ...regions])).toEqual([
    ['111122223333', 'eu-west-1'],
    ['444455556666', 'us-east-1'],
  ]);
  const notes = said(SCHEMA).map((note) => note.replace(/ \(.*/, '').slice('eso.yaml:'.length));
  expect(notes).toEqual([
    `10:3: the instance is ${config.instance}`,
    '10:3: no repository is named: nothing can be proposed',
    "13:9: secrets are described with this queue's auth",
    '13:19: secrets are followed where the queues are, and nowhere else: account 111122223333 in eu-west-1; 444455556666 in us-east-1',
    '17:54: spec.notificationSources[0].awsSqs.auth.serviceAccountRef.namespace is not used',
    '17:83: spec.notificationSources[0].awsSqs.auth.serviceAccountRef.audiences is not used',
    '19:26: spec.notificationSources[0].awsSqs.waitTimeSeconds is taken for 1',
    '20:28: spec.notificationSources[0].awsSqs.visibilityTimeout is taken for 10',
    '28:56: spec.notificationSources[1].awsSqs.auth.secretRef.accessKeyIdSecretRef.namespace is not used',
    '29:64: spec.notificationSources[1].awsSqs.auth.secretRef.secretAccessKeySecretRef.namespace is not used',
    '30:13: spec.notificationSources[2] is left out: a source of type KubernetesSecret has no equivalent',
    '32:13: spec.notificationSources[3] is left out: a source of type Webhook has no equivalent',
    '40:13: spec.destinationsToWatch[0].externalSecret.namespaceSelectors[1] selects nothing: labels of namespaces are not in the manifests',
    '44:7: spec.destinationsToWatch[0].updateStrategy is not used',
    '45:7: spec.destinationsToWatch[0].waitStrategy is not used',
    '48:13: spec.destinationsToWatch[2] is left out: a destination of type PushSecret has no equivalent',
    '50:13: spec.destinationsToWatch[3] is left out: a destination of type WorkflowRunTemplate has no equivalent',
  ]);
});

describe('each field of both spellings', () => {
  const keys = { authMethod: 'static', accessKeyId: file('a/i'), secretAccessKey: file('a/s'), sessionToken: null };

  test.each([
    ['numberOfMessages: 3', 'maxNumberOfMessages', 3],
    ['maxNumberOfMessages: 3', 'maxNumberOfMessages', 3],
    ['numberOfMessages: 0', 'maxNumberOfMessages', 1],
    ['maxNumberOfMessages: 100', 'maxNumberOfMessages', 10],
    ['waitTimeSeconds: 7', 'waitTimeSeconds', 7],
    ['waitTimeSeconds: -1', 'waitTimeSeconds', 1],
    ['waitTimeSeconds: 30', 'waitTimeSeconds', 20],
    ['visibilityTimeout: 300', 'visibilityTimeout', 300],
    ['visibilityTimeout: 0', 'visibilityTimeout', 10],
    ['visibilityTimeout: 2147483647', 'visibilityTimeout', 43_200],
  ] as const)('%s', (field, name, value) => {
    expect(load(sqs(`${QUEUE}, ${field}`)).sources[0]?.[name]).toBe(value);
  });
  test.each(['accessKeyIdSecretRef', 'accessKeyIDSecretRef'])('%s', (first) => {
    expect(auth(`authMethod: static, ${refs(first)}`)).toEqual(keys);
    expect(auth(`authMethod: credentials, ${refs(first)}`)).toEqual(keys);
  });
  test.each(['irsa', 'serviceAccount'])('%s', (method) => {
    expect(auth(`authMethod: ${method}, serviceAccountRef: {name: sa}`)).toEqual({
      authMethod: 'serviceAccount',
      folder: '/etc/gitops-reloader/secrets/sa',
      tokenFile: null,
      role: null,
    });
  });
  test('the region: beside auth, in it, in the URL, or nowhere', () => {
    const own = 'queueURL: "https://queue.acme.example/111122223333/q"';
    const irsa = 'authMethod: irsa, serviceAccountRef: {name: sa}';
    expect(load(sqs(`${own}, region: eu-west-2`)).sources[0]?.region).toBe('eu-west-2');
    expect(load(sqs(`${own}, auth: {${irsa}, region: eu-west-3}`)).sources[0]?.region).toBe('eu-west-3');
    expect(load(sqs(QUEUE)).sources[0]?.region).toBe('eu-west-1');
    expect(problems(sqs(own))).toEqual([
      "eso.yaml:7:15: spec.notificationSources[0].awsSqs.region is missing, and the queue's URL does not tell it (for example region: us-east-1)",
    ]);
    const shared = swap(sqs(own), 'spec:\n', `spec:\n  auth: {${irsa}, region: eu-west-3}\n`);
    expect(load(shared).sources[0]?.region).toBe('eu-west-3');
  });
  test('auth nowhere: the chain of the SDK', () => {
    expect(load(sqs(QUEUE)).sources[0]?.auth).toEqual({ authMethod: 'default' });
  });
  test('auth beside the sources is for those without their own', () => {
    const shared = swap(LEAST, 'spec:\n', 'spec:\n  auth: {authMethod: irsa, serviceAccountRef: {name: other}}\n');
    expect(load(shared).sources[0]?.auth).toMatchObject({ folder: '/etc/gitops-reloader/secrets/sa' });
    expect(said(shared)).toContain('eso.yaml:5:9: spec.auth is not used (every queue has an auth of its own)');
  });
  test('namespaceSelectors as a list or one alone, by the name label', () => {
    const name = 'kubernetes.io/metadata.name';
    expect(namespaces(`{matchLabels: {${name}: a}}`)).toEqual(['a']);
    expect(namespaces(`[{matchLabels: {${name}: a}}, {matchLabels: {${name}: b}}]`)).toEqual(['a', 'b']);
    expect(namespaces(`[{matchExpressions: [{key: ${name}, operator: In, values: [b, a]}]}]`)).toEqual(['b', 'a']);
    expect(namespaces(`{matchLabels: {${name}: a}, matchExpressions: [{key: ${name}, operator: Exists}]}`)).toEqual([
      'a',
    ]);
    expect(namespaces('[]')).toEqual([]);
    expect(namespaces('[{}]')).toEqual([]);
    expect(namespaces(`[{matchLabels: {${name}: a}}, {}]`)).toEqual([]);
  });
});

describe('selectors that cannot be answered never select more', () => {
  const name = 'kubernetes.io/metadata.name';
  test.each([
    '{matchLabels: {team: a}}',
    `{matchLabels: {${name}: a, team: a}}`,
    `{matchExpressions: [{key: ${name}, operator: NotIn, values: [a]}]}`,
    `{matchExpressions: [{key: ${name}, operator: DoesNotExist}]}`,
    '{matchExpressions: [{key: team, operator: Exists}]}',
    `{matchLabels: {${name}: a}, matchExpressions: [{key: ${name}, operator: In, values: [b]}]}`,
    `{matchLabels: {${name}: "A B"}}`,
  ])('%s', (selector) => {
    const entry = `{type: ExternalSecret, externalSecret: {namespaceSelectors: [${selector}]}}`;
    expect(problems(watch(entry))).toEqual([
      expect.stringContaining('spec.destinationsToWatch has no destination left that can be acted upon'),
    ]);
    const config = load(watch(`${entry}, {type: ExternalSecret, externalSecret: {names: [b]}}`));
    expect(config.destinations).toEqual([{ kind: 'ExternalSecret', names: ['b'], namespaces: [], labels: EVERYTHING }]);
  });
});

describe('problems', () => {
  test('unknown keys, with a suggestion', () =>
    expect(problems(swap(LEAST, 'serviceAccountRef', 'serviceAcountRef'))).toEqual([
      expect.stringContaining('auth.serviceAccountRef is missing for authMethod irsa'),
      expect.stringContaining(
        'unknown key spec.notificationSources[0].awsSqs.auth.serviceAcountRef (did you mean serviceAccountRef?)',
      ),
    ]));
  test('another version of the format', () =>
    expect(problems(swap(LEAST, 'v1alpha1', 'v1'))).toEqual([
      'eso.yaml:1:13: apiVersion must be reloader.external-secrets.io/v1alpha1',
    ]));
  test('a type that does not exist', () => {
    expect(problems(watch('{type: ExternalSecrets}'))[0]).toContain('must be one of ExternalSecret, Deployment');
    expect(problems(swap(LEAST, 'type: AwsSqs', 'type: AwsSns'))[0]).toContain('must be one of AwsSqs, AzureEventGrid');
  });
  test('no queue left, no destination left', () => {
    const webhook = LEAST.replace('type: AwsSqs', 'type: Webhook').replace(SQS, '      webhook: {}');
    expect(problems(webhook)).toEqual([
      'eso.yaml:6:5: spec.notificationSources has no source left that can be listened to (add one of type AwsSqs: only AWS events from SQS are understood)',
    ]);
    expect(problems(watch('{type: PushSecret}'))).toEqual([
      expect.stringContaining('spec.destinationsToWatch has no destination left that can be acted upon'),
    ]);
    expect(problems(watch(''))).toEqual([expect.stringContaining('spec.destinationsToWatch is empty')]);
  });
  test('an account that the queue does not tell', () =>
    expect(problems(sqs('queueURL: "https://queue.acme.example/q", region: eu-west-1'))).toEqual([
      'eso.yaml:7:26: spec.notificationSources[0].awsSqs.queueURL does not tell the account whose secrets are meant (list spec.aws.accounts in a document of apiVersion gitops-reloader.dev/v1alpha1)',
    ]));
  test('two spellings at once, two regions, and credentials that are not named', () => {
    expect(problems(sqs(`${QUEUE}, numberOfMessages: 1, maxNumberOfMessages: 2`))[0]).toContain('two spellings');
    expect(problems(sqs(`${QUEUE}, region: us-east-1`))[0]).toContain('names more than one region');
    expect(problems(sqs(`${QUEUE}, auth: {authMethod: static}`))[0]).toContain('auth.secretRef is missing');
    const both = 'accessKeyIdSecretRef: {name: a, key: b}, accessKeyIDSecretRef: {name: a, key: b}';
    const secretRef = `secretRef: {${both}, secretAccessKeySecretRef: {name: a, key: b}}`;
    expect(problems(sqs(`${QUEUE}, auth: {authMethod: static, ${secretRef}}`))[0]).toContain('two spellings');
    expect(
      problems(
        sqs(`${QUEUE}, auth: {authMethod: static, secretRef: {accessKeyIdSecretRef: {name: ../.., key: b}}}`),
      )[0],
    ).toMatch(/name must be a file name|secretRef is missing/);
  });
});

function manyNames(offset: number): string {
  return Array.from({ length: 9000 }, (_, at) => `n${(offset + at).toString(36)}`).join(',');
}

test('what is missing is said once, and huge lists are read in no time', () => {
  expect(problems(LEAST.slice(0, LEAST.indexOf('spec:')))).toEqual([
    'eso.yaml:1:1: spec is missing (Everything else.)',
  ]);
  const name = 'kubernetes.io/metadata.name';
  const all = [40_000, 45_000]
    .map((offset) => `{key: ${name}, operator: In, values: [${manyNames(offset)}]}`)
    .join(', ');
  const begin = performance.now();
  const entry = `{type: ExternalSecret, externalSecret: {namespaceSelectors: {matchExpressions: [${all}]}}}`;
  expect(load(watch(entry)).destinations[0]?.namespaces.length).toBe(4000);
  expect(performance.now() - begin).toBeLessThan(5000);
});

test('nothing is looked at in what is not read', () => {
  const odd = swap(LEAST, '{name: eso}', '{name: eso, labels: [1, {a: ~}], managedFields: text}');
  expect(load(odd)).toEqual(load(LEAST));
});

test('every key of the table is one that the fixtures or this file use', () => {
  const texts = [CREDENTIALS, ACCOUNT, SCHEMA, readFileSync('test/config/eso-reloader.test.ts', 'utf8')].join('\n');
  const names = ESO_KEYS.flatMap((row) => pathsOf(row.path)).map((path) => path.slice(path.lastIndexOf('.') + 1));
  const unread =
    /^(azureEventGrid|googlePubSub|hashicorpVault|tcpSocket|kubernetesConfigMap|mock|workflowRunTemplate|matchStrategy|generation|resourceVersion|uid|creationTimestamp|ownerReferences|selfLink)$/;
  expect(names.filter((name) => !unread.test(name) && !new RegExp(`\\b${name}\\b`).test(texts))).toEqual([]);
  for (const row of ESO_KEYS) expect([row.path, parseDocument(row.example).errors]).toEqual([row.path, []]);
});

test('a document with a piece cut out or doubled is read or refused, and never throws', () => {
  fc.assert(
    fc.property(fc.nat(SCHEMA.length), fc.nat(60), fc.boolean(), (start, length, twice) => {
      const piece = SCHEMA.slice(start, start + length);
      const loaded = loadConfig(
        SCHEMA.slice(0, start) + (twice ? piece + piece : '') + SCHEMA.slice(start + length),
        'c',
      );
      if (loaded.kind === 'problems') expect(loaded.problems.length).toBeGreaterThan(0);
      else expect(loaded.config.destinations.length).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});

test('names in the document cannot write to the terminal', () => {
  const shown = problems(swap(LEAST, '{name: eso}', '{name: eso, "\\e[2J\\u202eevil": 1}')).join('\n');
  expect(shown).toContain('metadata.\\u{1b}[2J\\u{202e}evil');
});
