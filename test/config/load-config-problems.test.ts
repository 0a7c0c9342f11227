import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { FULL, load, MINIMAL, swap, watch } from './samples.ts';

function check(text: string, expected: readonly string[]): void {
  const loaded = loadConfig(text, 'c.yaml');
  expect(loaded.kind === 'problems' ? loaded.problems.map(formatProblem) : ['it loads']).toEqual(expected);
}

const auth = (text: string) => swap(MINIMAL, '{token: {env: GITHUB_TOKEN}}', text);
const mapped = (text: string) =>
  swap(MINIMAL, 'branches: [{base: main}]', `mappings: [${text}]\n      branches: [{base: main}]`);
const commit = (text: string) =>
  swap(MINIMAL, 'branches: [{base: main}]', `commit: {${text}}\n      branches: [{base: main}]`);
const pushing = (options: readonly string[]) =>
  swap(
    MINIMAL,
    'branches: [{base: main}]',
    `git: {pushOptions: ${JSON.stringify(options)}}\n      branches: [{base: main}]`,
  );
describe('problems', () => {
  test('all at once, in the order of the file', () =>
    check(
      swap(
        swap(swap(MINIMAL, 'Config', 'Confg'), 'regions: [eu-west-1]', 'region: [eu-west-1]'),
        'branches: [{base: main}]',
        'branchs: [{base: main}]',
      ),
      [
        'c.yaml:2:7: kind must be Config',
        'c.yaml:9:16: spec.aws.accounts[0].regions is missing (for example regions: [eu-west-1])',
        'c.yaml:9:37: unknown key spec.aws.accounts[0].region (did you mean regions?)',
        'c.yaml:11:7: spec.repositories[0].branches is missing (The base branches.)',
        'c.yaml:14:7: unknown key spec.repositories[0].branchs (did you mean branches?)',
      ],
    ));
  test('push options that no host takes, and too many of them', () => {
    const shown = 'spec.repositories[0].git.pushOptions';
    const says = 'must be a push option such as ci.skip, at most 255 characters';
    check(pushing(['ci.skip', 'a\u0000b']), [`c.yaml:14:37: ${shown}[1] ${says}`]);
    check(pushing(['a\nb']), [`c.yaml:14:27: ${shown}[0] ${says}`]);
    check(pushing(['x'.repeat(256)]), [`c.yaml:14:27: ${shown}[0] ${says}`]);
    check(pushing(['']), [`c.yaml:14:27: ${shown}[0] ${says}`]);
    check(pushing(Array(17).fill('ci.skip')), [
      `c.yaml:14:26: ${shown} has 17 entries, and at most 16 are sent (leave some out)`,
    ]);
  });
  test('a signing key that is nowhere, in two places, or of no use', () => {
    const [signing, shown] = ['signing: {format: ssh', 'spec.repositories[0].commit.signing'];
    check(commit(`${signing}}`), [
      `c.yaml:14:25: ${shown} must have one of keyFile, keySecretRef (the key itself is never written here)`,
    ]);
    check(commit(`${signing}, keyFile: /k, keySecretRef: {name: a, key: b}}`), [
      `c.yaml:14:25: ${shown} must have one of keyFile, keySecretRef (keep one of them)`,
    ]);
    check(commit(`${signing}, keyFile: key}`), [
      `c.yaml:14:48: ${shown}.keyFile must be a full path such as /etc/gitops-reloader/secrets/github/token`,
    ]);
    check(commit('signing: {keyFile: /k}'), [`c.yaml:14:25: ${shown}.format is missing (for example format: ssh)`]);
    check(commit(`via: api, ${signing}, keyFile: /k}`), [
      `c.yaml:14:35: ${shown} has no meaning under via: api (GitHub signs for a GitHub App; take it out, or write via: git)`,
    ]);
    check(commit(`${signing}, keyFile: /k, passphraseFile: /p}`), ['it loads']);
  });
  test('mappings that choose no workload, are there twice, or lie elsewhere', () => {
    const api = '{kind: Deployment, namespace: app, name: api}';
    check(mapped('{secret: a, workloads: [{kind: Deployment, namespace: app}]}'), [
      'c.yaml:14:42: spec.repositories[0].mappings[0].workloads[0] has neither a name nor labels (for example name: api)',
    ]);
    check(mapped(`{secret: a, workloads: [${api}]}, {secret: a, workloads: [${api}]}`), [
      'c.yaml:14:100: spec.repositories[0].mappings[1] maps a secret that is mapped already (put all its workloads into one entry)',
    ]);
    check(mapped(`{secret: a, region: us-east-1, workloads: [${api}]}`), [
      'c.yaml:14:38: spec.repositories[0].mappings[0] names an account or region that spec.aws.accounts does not allow (add it to spec.aws.accounts)',
    ]);
    check(mapped('{secret: a, workloads: [{kind: Pod, namespace: app, name: api}]}'), [
      'c.yaml:14:49: spec.repositories[0].mappings[0].workloads[0].kind must be one of Deployment, StatefulSet, DaemonSet, Rollout',
    ]);
  });
  test('another format', () =>
    check(swap(MINIMAL, 'gitops-reloader.dev/v1alpha1', 'gitops-reloader.dev/v2'), [
      'c.yaml:1:13: apiVersion must be gitops-reloader.dev/v1alpha1',
    ]));
  test('a key that resembles none', () =>
    check(swap(MINIMAL, '{name: acme}', '{name: acme, zzzzzzzz: 1}'), [
      'c.yaml:3:24: unknown key metadata.zzzzzzzz (known here: name)',
    ]));
  test('a key that is there twice, also one that is unknown', () =>
    check(swap(MINIMAL, '{name: acme}', '{name: acme, name: acme, x: 1, x: 1}'), [
      'c.yaml:3:24: metadata.name is there twice (keep one of them)',
      'c.yaml:3:36: unknown key metadata.x (known here: name)',
      'c.yaml:3:42: metadata.x is there twice (keep one of them)',
    ]));
  test('keys of the prototype are keys like any other', () =>
    check(swap(MINIMAL, '{name: acme}', '{name: acme, __proto__: {a: 1}, constructor: 1}'), [
      'c.yaml:3:24: unknown key metadata.__proto__ (known here: name)',
      'c.yaml:3:43: unknown key metadata.constructor (known here: name)',
    ]));
  test('null is as good as absent', () =>
    check(swap(MINIMAL, '{name: acme}', '{name: ~}'), [
      'c.yaml:3:11: metadata.name is missing (for example name: acme)',
    ]));
  test('an account without quotes', () =>
    check(swap(MINIMAL, '"111122223333"', '012345678901'), [
      'c.yaml:9:21: spec.aws.accounts[0].id must be an AWS account id of 12 digits, in quotes (YAML does not read this as a text: put it in quotes)',
    ]));
  test('a region that is none', () =>
    check(swap(MINIMAL, 'regions: [eu-west-1]', 'regions: [eu-west]'), [
      'c.yaml:9:47: spec.aws.accounts[0].regions[0] must be an AWS region such as eu-west-1',
    ]));
  test('an empty list where one is needed', () =>
    check(swap(MINIMAL, 'regions: [eu-west-1]', 'regions: []'), [
      'c.yaml:9:46: spec.aws.accounts[0].regions is empty (Its regions.)',
    ]));
  test('numbers, flags and durations out of bounds', () => {
    const queue = 'spec.notificationSources[0].awsSqs';
    check(swap(FULL, 'maxNumberOfMessages: 5', 'maxNumberOfMessages: 11'), [
      `c.yaml:15:30: ${queue}.maxNumberOfMessages must be a whole number from 1 to 10`,
    ]);
    check(swap(FULL, 'waitTimeSeconds: 10', 'waitTimeSeconds: 0'), [
      `c.yaml:16:26: ${queue}.waitTimeSeconds must be a whole number from 1 to 20`,
    ]);
    check(swap(FULL, 'visibilityTimeout: 300', 'visibilityTimeout: "300"'), [
      `c.yaml:17:28: ${queue}.visibilityTimeout must be a whole number from 10 to 43200 (without quotes)`,
    ]);
    check(swap(FULL, 'visibilityTimeout: 300', 'visibilityTimeout: 30.5'), [
      `c.yaml:17:28: ${queue}.visibilityTimeout must be a whole number from 10 to 43200`,
    ]);
    check(swap(FULL, 'paused: true', 'paused: yes'), ['c.yaml:5:11: spec.paused must be true or false']);
    check(swap(FULL, 'interval: 2h', 'interval: 59s'), ['c.yaml:8:25: spec.reconcile.interval must be at least 60s']);
    check(swap(FULL, 'window: 5s', 'window: 5'), [
      'c.yaml:7:22: spec.coalesce.window must be a duration such as 10s, 5m or 1h (with a unit)',
    ]);
    const pattern = 'must be an RE2 pattern such as ^prod/payments/';
    const syntax = '(RE2 knows no lookaround and no backreferences; see https://github.com/google/re2/wiki/Syntax)';
    check(swap(FULL, '"root$"', '"(?=canary)", "(", "", 7, "[z-a]", "(a{1000}){1000}"'), [
      `c.yaml:7:66: spec.coalesce.urgent[1] ${pattern} ${syntax}`,
      `c.yaml:7:80: spec.coalesce.urgent[2] ${pattern} ${syntax}`,
      `c.yaml:7:85: spec.coalesce.urgent[3] ${pattern}`,
      `c.yaml:7:89: spec.coalesce.urgent[4] ${pattern} (YAML does not read this as a text: put it in quotes)`,
      `c.yaml:7:92: spec.coalesce.urgent[5] ${pattern} ${syntax}`,
      `c.yaml:7:101: spec.coalesce.urgent[6] ${pattern} ${syntax}`,
    ]);
    check(swap(FULL, '["^prod/payments/", "root$"]', 'prod'), [
      'c.yaml:7:46: spec.coalesce.urgent must be a list (put - before each entry)',
    ]);
  });
  test('a wrong shape', () =>
    check(swap(MINIMAL, '[{base: main}]', '{base: main}'), [
      'c.yaml:14:17: spec.repositories[0].branches must be a list (put - before each entry)',
    ]));
  test('a queue whose region is told by nobody, or told twice', () => {
    check(swap(MINIMAL, 'https://sqs.eu-west-1.amazonaws.com/111122223333/rotations', 'http://127.0.0.1:1/1/q'), [
      "c.yaml:7:15: spec.notificationSources[0].awsSqs.region is missing, and the queue's URL does not tell it (for example region: eu-west-1)",
    ]);
    check(swap(MINIMAL, 'rotations"', 'rotations", region: us-east-1'), [
      "c.yaml:7:96: spec.notificationSources[0].awsSqs.region is not the region of the queue's URL (write region: eu-west-1, or leave it out)",
    ]);
  });
  test('static keys that are not named, and names without static', () => {
    check(swap(MINIMAL, 'rotations"', 'rotations", auth: {authMethod: static}'), [
      'c.yaml:7:94: spec.notificationSources[0].awsSqs.auth.secretRef must name accessKeyIdSecretRef and secretAccessKeySecretRef (authMethod static needs both)',
    ]);
    check(swap(FULL, 'authMethod: static', 'authMethod: default'), [
      'c.yaml:21:13: spec.notificationSources[0].awsSqs.auth.secretRef has no meaning with authMethod default (write authMethod: static, or take secretRef out)',
    ]);
  });
  test('a block of another kind, and selectors that cannot be answered', () => {
    check(watch('{type: Deployment, statefulSet: {names: [a]}}'), [
      'c.yaml:5:57: spec.destinationsToWatch[0].statefulSet does not belong to type Deployment (its block is deployment)',
    ]);
    check(watch('{type: ExternalSecret, externalSecret: {namespaceSelectors: [{matchLabels: {a: b}}]}}'), [
      'c.yaml:5:65: spec.destinationsToWatch[0].externalSecret.namespaceSelectors is not supported in this version (Namespace labels are not in the manifests: list the names under `namespaces`.)',
    ]);
    check(watch('{type: Deployment, deployment: {labelSelectors: {matchExpressions: [{key: a, operator: In}]}}}'), [
      'c.yaml:5:93: spec.destinationsToWatch[0].deployment.labelSelectors.matchExpressions[0].values is missing',
    ]);
  });
  test('credentials: none, two, or the token itself', () => {
    const shown = 'spec.repositories[0].forge.auth';
    check(auth('{}'), [`c.yaml:13:35: ${shown} must have one of token, app (for example token: {env: GITHUB_TOKEN})`]);
    check(auth('{token: {env: A, file: /b}}'), [
      `c.yaml:13:43: ${shown}.token must have one of env, file, secretRef (the token itself is never written here)`,
    ]);
    check(auth('{token: ghp_abcdefghijklmnopqrstuvwxyz}'), [
      `c.yaml:13:43: ${shown}.token must be a mapping`,
      `c.yaml:13:43: ${shown}.token must have one of env, file, secretRef (the token itself is never written here)`,
    ]);
    check(auth('{token: {secretRef: {name: ../../etc, key: passwd}}}'), [
      `c.yaml:13:62: ${shown}.token.secretRef.name must be a file name: letters, digits, dots, hyphens and underscores`,
    ]);
  });
  test('a base branch where the own branches are', () => {
    for (const base of ['gitops-reloader', 'gitops-reloader/acme', 'gitops-reloader/acme/db-0123abcd/refresh']) {
      check(swap(MINIMAL, 'base: main', `base: ${base}`), [
        'c.yaml:14:25: spec.repositories[0].branches[0].base is in the way of the own branches, gitops-reloader/acme/… (choose another branchPrefix)',
      ]);
    }
    for (const base of ['gitops-reloaded', 'gitops-reloader/other/x', 'gitops']) {
      expect(load(swap(MINIMAL, 'base: main', `base: ${base}`)).repositories[0]?.branches[0]?.base).toBe(base);
    }
  });
  test('one repository by two addresses', () => {
    const again = MINIMAL.slice(MINIMAL.indexOf('    - name: platform'))
      .replace('platform', 'second')
      .replace('github.com/', 'GitHub.com:443/');
    check(`${MINIMAL}${again}`, [
      'c.yaml:16:12: spec.repositories[1].url is there twice (list all branches of a repository in one entry)',
    ]);
  });
  test('rules between keys', () => {
    check(swap(FULL, 'window: 5s', 'window: 2m'), [
      'c.yaml:7:13: spec.coalesce.cap is shorter than spec.coalesce.window (the defaults are 10s for window and 60s for cap)',
    ]);
    check(swap(FULL, 'base: release/1.0', 'base: main'), [
      'c.yaml:47:18: spec.repositories[0].branches[1].base is there twice (list all paths of a base in one entry)',
    ]);
    check(swap(FULL, '"012345678901"', '"111122223333"'), [
      'c.yaml:38:14: spec.aws.accounts[1].id is there twice (list all regions of an account in one entry)',
    ]);
    check(swap(FULL, 'region: us-east-1}]', 'region: us-east-2}]'), [
      'c.yaml:48:101: spec.repositories[0].stores[0] stands for an account or region that spec.aws.accounts does not allow (add it to spec.aws.accounts)',
    ]);
    const bound = 'stores: [{kind: SecretStore, name: aws, account: "111122223333", region: us-east-1}, ';
    expect(load(swap(FULL, 'stores: [', bound)).repositories[0]?.bindings.stores).toHaveLength(2);
    check(swap(FULL, 'stores: [', bound.replace('aws,', 'aws, namespace: payments,')), [
      'c.yaml:48:139: spec.repositories[0].stores[1] binds a store that is bound already (keep one of them, or tell them apart by namespace)',
    ]);
    check(swap(FULL, 'paths: [{', 'paths: [{path: "clusters/eu/**", account: "111122223333", region: us-east-1}, {'), [
      'c.yaml:49:92: spec.repositories[0].paths[1].path is there twice (the first that matches decides: the other one never would)',
    ]);
    check(swap(FULL, 'kind: SecretStore', 'kind: ClusterSecretStore'), [
      'c.yaml:48:65: spec.repositories[0].stores[0].namespace has no meaning for a ClusterSecretStore (take it out)',
    ]);
    check(swap(FULL, 'role: "arn:aws:', 'role: "arn:aws-cn:'), [
      'c.yaml:37:9: spec.aws.accounts[0] mixes partitions: aws, aws-cn (an account, its role and its regions are of one)',
    ]);
    check(swap(FULL, '::111122223333:role', '::999999999999:role'), [
      'c.yaml:37:69: spec.aws.accounts[0].role belongs to another account than spec.aws.accounts[0].id (a role describes the secrets of its own account)',
    ]);
    check(swap(FULL, 'role: "arn:aws:iam::111122223333:role/describe", ', ''), [
      'c.yaml:37:80: spec.aws.accounts[0].additionalRoles has no meaning without a role (name the role, or take it out)',
      'c.yaml:37:132: spec.aws.accounts[0].externalId has no meaning without a role (name the role, or take it out)',
    ]);
    check(swap(FULL, 'arn:aws:iam::444455556666', 'arn:aws-cn:iam::444455556666'), [
      'c.yaml:37:9: spec.aws.accounts[0] mixes partitions: aws, aws-cn (an account, its role and its regions are of one)',
    ]);
    const hub = '"arn:aws:iam::444455556666:role/hub"';
    check(swap(FULL, hub, Array.from({ length: 6 }, () => hub).join(', ')), [
      'c.yaml:37:129: spec.aws.accounts[0].additionalRoles is a chain of more than 5 roles (each is one more call for every renewal)',
    ]);
    check(swap(FULL, 'proxySecretRef: {', 'proxy: "http://proxy.example:3128", proxySecretRef: {'), [
      'c.yaml:62:65: spec.network.proxy and spec.network.proxySecretRef name two proxies (keep one of them)',
    ]);
    const queue = MINIMAL.slice(MINIMAL.indexOf('    - type: AwsSqs'), MINIMAL.indexOf('  aws:'));
    check(swap(MINIMAL, queue, `${queue}${queue}`), [
      'c.yaml:9:26: spec.notificationSources[1].awsSqs.queueURL is there twice (one entry listens well enough)',
    ]);
    const twice = MINIMAL.slice(MINIMAL.indexOf('    - name: platform'));
    check(`${MINIMAL}${twice.replace('platform-gitops.git', 'Platform-GitOps')}`, [
      'c.yaml:15:13: spec.repositories[1].name is there twice (give each repository a name of its own)',
      'c.yaml:16:12: spec.repositories[1].url is there twice (list all branches of a repository in one entry)',
    ]);
  });
});
