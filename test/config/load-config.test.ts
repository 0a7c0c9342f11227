import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { readPathPattern } from '../../src/domain/grouping/path-pattern.ts';
import { RESTART_DEFAULTS } from '../../src/domain/policy.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { FULL, load, MINIMAL, swap, watch } from './samples.ts';

function notices(text: string): readonly string[] {
  const loaded = loadConfig(text, 'c.yaml');
  return loaded.kind === 'config' ? loaded.notices.map(formatProblem) : ['it does not load'];
}

const app = (fields: string) => swap(MINIMAL, 'token: {env: GITHUB_TOKEN}', `app: {${fields}}`);
const api = (url: string) => {
  const { apiUrl, owner, repository } =
    load(swap(MINIMAL, 'https://github.com/acme/platform-gitops.git', url)).repositories[0]?.forge ?? {};
  return [apiUrl, owner, repository];
};

test('the least config is completed with every default', () => {
  expect(load(MINIMAL)).toEqual({
    instance: 'acme',
    paused: false,
    sources: [
      {
        queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/rotations',
        region: 'eu-west-1',
        endpoint: null,
        maxNumberOfMessages: 10,
        waitTimeSeconds: 20,
        visibilityTimeout: 120,
        auth: { authMethod: 'default' },
      },
    ],
    destinations: ['ExternalSecret', 'Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'].map((kind) => ({
      kind,
      names: [],
      namespaces: [],
      labels: { matchLabels: {}, matchExpressions: [] },
    })),
    aws: {
      accounts: [{ id: '111122223333', regions: ['eu-west-1'], role: null, additionalRoles: [], externalId: null }],
      endpoints: { sqs: null, secretsManager: null, parameterStore: null, sts: null },
      truth: 'describe',
      auth: { authMethod: 'default' },
    },
    repositories: [
      {
        name: 'platform',
        url: 'https://github.com/acme/platform-gitops.git',
        forge: {
          type: 'github',
          apiUrl: 'https://api.github.com',
          owner: 'acme',
          repository: 'platform-gitops',
          auth: { kind: 'token', token: { kind: 'env', name: 'GITHUB_TOKEN' } },
        },
        branches: [
          {
            base: 'main',
            paths: [],
            exclude: [],
            order: 'staged',
            pin: 'none',
            kustomize: 'base',
            settleMilliseconds: 360_000,
            evidence: { statuses: [], delayMilliseconds: 60_000 },
            group: null,
            limits: { open: 50, perHour: 100, maxObjects: 250 },
            windows: { allow: [], exclude: [], timeZone: 'UTC' },
            merge: { mode: 'none', method: null, minimumAgeMilliseconds: 0 },
          },
        ],
        bindings: { stores: [], paths: [], unknownStore: 'match' },
        group: { paths: [] },
        groups: [],
        restart: RESTART_DEFAULTS,
        branchPrefix: 'gitops-reloader',
        pullRequest: {
          labels: [],
          assignees: [],
          reviewers: [],
          teamReviewers: [],
          draft: false,
          rebaseWhen: 'conflicted',
          title: null,
          body: null,
          bodyFile: null,
        },
        commit: {
          author: { name: 'gitops-reloader', email: 'gitops-reloader@noreply.invalid' },
          subject: null,
          via: 'git',
          signing: null,
        },
        pushOptions: [],
      },
    ],
    coalesce: { windowMilliseconds: 10_000, capMilliseconds: 60_000, urgent: [] },
    reconcile: { isAutomatic: true, intervalMilliseconds: 3_600_000, baseline: 'propose' },
    sweep: { intervalMilliseconds: 30_000 },
    status: { host: '0.0.0.0', port: 8080, isPortNamed: false },
    git: { transport: 'direct', cacheDir: null },
    cache: { directory: null },
    network: { proxy: null, proxySecret: null, noProxy: null, caFile: null },
    secretsDir: '/etc/gitops-reloader/secrets',
  });
  expect(notices(MINIMAL)).toEqual([]);
});

test('every key is carried into the config', () => {
  expect(load(FULL)).toEqual({
    instance: 'acme',
    paused: true,
    sources: [
      {
        queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/rotations',
        region: 'eu-west-1',
        endpoint: 'http://127.0.0.1:4566',
        maxNumberOfMessages: 5,
        waitTimeSeconds: 10,
        visibilityTimeout: 300,
        auth: {
          authMethod: 'static',
          accessKeyId: { kind: 'file', path: '/run/secrets/aws/id' },
          secretAccessKey: { kind: 'file', path: '/run/secrets/aws/secret' },
          sessionToken: { kind: 'file', path: '/run/secrets/aws/session' },
        },
      },
    ],
    destinations: [
      {
        kind: 'ExternalSecret',
        names: ['db'],
        namespaces: ['payments'],
        labels: {
          matchLabels: { team: 'payments' },
          matchExpressions: [{ key: 'tier', operator: 'In', values: ['backend'] }],
        },
      },
      { kind: 'Deployment', names: ['api'], namespaces: [], labels: { matchLabels: {}, matchExpressions: [] } },
      { kind: 'StatefulSet', names: [], namespaces: ['data'], labels: { matchLabels: {}, matchExpressions: [] } },
      { kind: 'DaemonSet', names: [], namespaces: [], labels: { matchLabels: {}, matchExpressions: [] } },
      { kind: 'Rollout', names: [], namespaces: [], labels: { matchLabels: {}, matchExpressions: [] } },
    ],
    aws: {
      accounts: [
        {
          id: '111122223333',
          regions: ['eu-west-1', 'us-east-1'],
          role: 'arn:aws:iam::111122223333:role/describe',
          additionalRoles: ['arn:aws:iam::444455556666:role/hub'],
          externalId: 'acme',
        },
        { id: '012345678901', regions: ['eu-west-1'], role: null, additionalRoles: [], externalId: null },
      ],
      endpoints: {
        sqs: 'https://sqs.acme.example',
        secretsManager: 'https://sm.acme.example',
        parameterStore: 'https://ssm.acme.example',
        sts: 'http://localhost:1',
      },
      truth: 'event',
      auth: { authMethod: 'default' },
    },
    repositories: [
      {
        name: 'platform',
        url: 'https://github.acme.example/acme/platform-gitops',
        forge: {
          type: 'github',
          apiUrl: 'https://github.acme.example/api/v3',
          owner: 'acme',
          repository: 'platform-gitops',
          auth: { kind: 'token', token: { kind: 'file', path: '/run/secrets/github/token' } },
        },
        branches: [
          {
            base: 'main',
            paths: ['clusters/**'],
            exclude: ['**/charts/**'],
            order: 'refreshOnly',
            pin: 'version',
            kustomize: 'overlay',
            settleMilliseconds: 600_000,
            evidence: {
              statuses: [{ paths: ['clusters/eu/**'], contexts: ['kustomization/apps/*'] }],
              delayMilliseconds: 90_000,
            },
            group: { paths: [readPathPattern('clusters/{cluster}/**')] },
            limits: { open: 5, perHour: null, maxObjects: 20 },
            windows: {
              allow: [{ cron: '0 22 * * 1-5', durationMilliseconds: 14_400_000 }],
              exclude: [{ cron: '0 0 24 12 *', durationMilliseconds: 259_200_000 }],
              timeZone: 'Asia/Tokyo',
            },
            merge: { mode: 'bot', method: 'squash', minimumAgeMilliseconds: 3_600_000 },
          },
          {
            base: 'release/1.0',
            paths: [],
            exclude: [],
            order: 'together',
            pin: 'none',
            kustomize: 'base',
            settleMilliseconds: 360_000,
            evidence: { statuses: [], delayMilliseconds: 60_000 },
            group: null,
            limits: { open: null, perHour: 10, maxObjects: null },
            windows: {
              allow: [{ cron: '0 9 * * MON-THU', durationMilliseconds: 28_800_000 }],
              exclude: [{ cron: '0 12 * * *', durationMilliseconds: 5_400_000 }],
              timeZone: 'Europe/Berlin',
            },
            merge: { mode: 'none', method: null, minimumAgeMilliseconds: 0 },
          },
        ],
        bindings: {
          stores: [
            { kind: 'SecretStore', name: 'aws', namespace: 'payments', account: '111122223333', region: 'us-east-1' },
          ],
          paths: [{ path: 'clusters/eu/**', account: '111122223333', region: 'eu-west-1' }],
          unknownStore: 'ignore',
          mappings: [
            {
              secret: 'prod/db',
              account: '111122223333',
              region: 'eu-west-1',
              workloads: [{ kind: 'Deployment', namespace: 'payments', name: 'api', labels: { app: 'api' } }],
            },
          ],
        },
        group: { paths: ['env/{env}/{cluster}/**', 'env/{env}/**'].map(readPathPattern) },
        groups: [{ name: 'payments', secrets: ['prod/payments/*'], paths: ['apps/payments/**'] }],
        restart: {
          on: ['env', 'envFrom'],
          rollout: 'restartAt',
          reloader: 'autoAll',
          whenReloader: 'both',
          kinds: [{ group: 'apps.kruise.io', kind: 'CloneSet', template: ['spec', 'template'] }],
        },
        branchPrefix: 'bots/rotation',
        pullRequest: {
          labels: ['rotation'],
          assignees: ['ana'],
          reviewers: ['ben'],
          teamReviewers: ['platform'],
          draft: true,
          rebaseWhen: 'behind',
          title: '[{{ repository }}] {{ subject }}',
          body: '{{ sections.opening }}',
          bodyFile: null,
        },
        commit: {
          author: { name: 'Rotation Bot', email: 'bot@acme.example' },
          subject: 'chore: {{ subject }}',
          via: 'git',
          signing: {
            format: 'ssh',
            key: { kind: 'file', path: '/run/secrets/signing/id' },
            passphrase: { kind: 'file', path: '/run/secrets/signing/pass' },
          },
        },
        pushOptions: ['ci.skip', 'merge_request.label=rotation'],
      },
    ],
    coalesce: { windowMilliseconds: 5000, capMilliseconds: 90_000, urgent: ['^prod/payments/', 'root$'] },
    reconcile: { isAutomatic: false, intervalMilliseconds: 7_200_000, baseline: 'none' },
    sweep: { intervalMilliseconds: 60_000 },
    status: { host: '127.0.0.1', port: 9090, isPortNamed: true },
    git: { transport: 'isomorphic', cacheDir: '/var/cache/gitops-reloader' },
    cache: { directory: '/var/cache/gitops-reloader-index' },
    network: {
      proxy: null,
      proxySecret: { kind: 'file', path: '/run/secrets/proxy/url' },
      noProxy: ['.acme.example', '10.0.0.0/8'],
      caFile: '/etc/ca/ca.crt',
    },
    secretsDir: '/run/secrets',
  });
});

test('a service account: its token and its role, mounted, named or injected; for secrets as for queues', () => {
  const named = 'authMethod: serviceAccount, role: "arn:aws:iam::111122223333:role/r", tokenFile: /t';
  const text = swap(
    swap(MINIMAL, 'rotations"', 'rotations", auth: {authMethod: serviceAccount, serviceAccountRef: {name: reader}}'),
    '  aws:\n',
    `  aws:\n    auth: {${named}}\n`,
  );
  const { sources, aws } = load(text);
  const mounted = { folder: '/etc/gitops-reloader/secrets/reader', tokenFile: null, role: null };
  expect(sources[0]?.auth).toEqual({ authMethod: 'serviceAccount', ...mounted });
  expect(aws.auth).toEqual({
    authMethod: 'serviceAccount',
    folder: null,
    tokenFile: '/t',
    role: 'arn:aws:iam::111122223333:role/r',
  });
  const injected = load(swap(MINIMAL, 'rotations"', 'rotations", auth: {authMethod: serviceAccount}'));
  expect(injected.sources[0]?.auth).toEqual({
    authMethod: 'serviceAccount',
    folder: null,
    tokenFile: null,
    role: null,
  });
});

test('destinations without a workload mean refreshOnly, whatever order is written, and that is said', () => {
  const only = watch('{type: ExternalSecret}');
  expect(load(only).repositories[0]?.branches[0]?.order).toBe('refreshOnly');
  expect(notices(only)).toEqual([]);
  const ordered = (order: string) => swap(only, '{base: main}', `{base: main, order: ${order}}`);
  for (const order of ['staged', 'together']) {
    expect(load(ordered(order)).repositories[0]?.branches[0]?.order).toBe('refreshOnly');
    expect(notices(ordered(order))).toEqual([
      'c.yaml:15:38: this order has no effect: no destination is a workload, so it is refreshOnly (write refreshOnly, or add the workloads to spec.destinationsToWatch)',
    ]);
  }
  expect(notices(ordered('refreshOnly'))).toEqual([]);
  const both = watch('{type: ExternalSecret}, {type: Deployment}');
  expect(load(both).repositories[0]?.branches[0]?.order).toBe('staged');
});

test('what is accepted without effect is said, and nothing else', () => {
  expect(notices(FULL)).toEqual([]);
  expect(notices(swap(MINIMAL, 'spec:\n', 'spec:\n  destinationsToWatch: [{type: Deployment}]\n'))).toEqual([
    'c.yaml:5:24: no destination is an ExternalSecret: nothing will be refreshed (add - type: ExternalSecret: workloads are restarted after the refresh that feeds them)',
  ]);
});

test('a GitHub App, found or named', () => {
  const privateKey = { kind: 'file', path: '/k/key.pem' };
  expect(load(app('id: 1234, privateKeyFile: /k/key.pem')).repositories[0]?.forge.auth).toEqual({
    kind: 'app',
    appId: '1234',
    installationId: null,
    privateKey,
  });
  expect(load(app('id: "1234", installationId: 99, privateKeyFile: /k/key.pem')).repositories[0]?.forge.auth).toEqual({
    kind: 'app',
    appId: '1234',
    installationId: '99',
    privateKey,
  });
});

test('the API address follows from the host of the repository', () => {
  expect(api('https://github.com/acme/x')).toEqual(['https://api.github.com', 'acme', 'x']);
  expect(api('https://acme.ghe.com/acme/x.git')).toEqual(['https://api.acme.ghe.com', 'acme', 'x']);
  expect(api('https://git.acme.example:8443/o/x.y.git')).toEqual(['https://git.acme.example:8443/api/v3', 'o', 'x.y']);
  expect(api('http://127.0.0.1:3000/o/x/')).toEqual(['http://127.0.0.1:3000/api/v3', 'o', 'x']);
});

test('the endpoint of SQS holds for every queue that names none', () => {
  const config = load(swap(MINIMAL, '  aws:\n', '  aws:\n    endpoints: {sqs: "http://127.0.0.1:4566"}\n'));
  expect(config.sources[0]?.endpoint).toBe('http://127.0.0.1:4566');
});

test('a config that already says what later versions do loads, and says what it leaves undone', () => {
  const text = `apiVersion: gitops-reloader.dev/v1alpha1
kind: Config
metadata: {name: acme}                     # the instance
spec:
  notificationSources:
    - type: AwsSqs
      awsSqs: {queueURL: https://sqs.eu-west-1.amazonaws.com/111122223333/gitops-reloader, region: eu-west-1,
               maxNumberOfMessages: 10, waitTimeSeconds: 20, visibilityTimeout: 120, auth: {authMethod: default}}
  destinationsToWatch:
    - type: ExternalSecret
      externalSecret: {labelSelectors: {matchLabels: {app: my-app}}}
    - type: Deployment
  aws:
    accounts:
      - {id: "111122223333", regions: [eu-west-1], role: arn:aws:iam::111122223333:role/gitops-reloader-describe}
  repositories:
    - name: platform
      url: https://github.com/acme/platform-gitops.git
      forge: {type: github, auth: {app: {id: 1234, privateKeyFile: /etc/gitops-reloader/secrets/github/key.pem}}}
      branches: [{base: main, paths: ["clusters/**"], exclude: ["**/charts/**"], order: staged}]
      stores: [{kind: ClusterSecretStore, name: aws-prod, account: "111122223333", region: eu-west-1}]
      group: {by: secret, path: "clusters/{cluster}/**"}
      pullRequest: {labels: [rotation], reviewers: [], teamReviewers: [platform], draft: false}
      commit: {author: "gitops-reloader <bot@acme.example>"}
  reconcile: {interval: 1h}
`;
  expect(notices(text)).toEqual([]);
});
