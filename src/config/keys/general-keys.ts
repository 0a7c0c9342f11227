import { BASELINE_MODES } from '../../domain/policy.ts';
import { TRANSPORTS, TRUTHS } from '../config.ts';
import { authKeys } from './auth-keys.ts';
import { ACCOUNT, ADDRESS, FULL_PATH, HOST, NAME_PATTERN, NON_EMPTY, REGION, ROLE, SLUG } from './forms.ts';
import { choice, duration, FLAG, integer, type KeyRow, SECTION, SECTIONS, text, texts } from './key.ts';

const ACCOUNTS = 'spec.aws.accounts';

export const API_VERSIONS = ['gitops-reloader.dev/v1alpha1'] as const;
export const KINDS = ['Config'] as const;

/** The frame of the file, and what holds for the whole installation. */
export const GENERAL_KEYS: readonly KeyRow[] = [
  { path: 'apiVersion', type: choice(API_VERSIONS), about: 'The format.', example: 'gitops-reloader.dev/v1alpha1' },
  { path: 'kind', type: choice(KINDS), about: 'The format.', example: 'Config' },
  { path: 'metadata', type: SECTION, about: 'Names the instance.', example: '{name: acme}' },
  {
    path: 'metadata.name',
    type: text(SLUG),
    about: 'The instance: keeps two installations on one repository apart, and is part of every branch name.',
    example: 'acme',
  },
  { path: 'spec', type: SECTION, about: 'Everything else.', example: '{}' },
  { path: 'spec.paused', type: FLAG, default: false, about: 'Stops all writing.', example: 'true' },
  {
    path: 'spec.secretsDir',
    type: text(FULL_PATH),
    default: '/etc/gitops-reloader/secrets',
    about: 'The folder of mounted secrets; a `secretRef` is the file `<secretsDir>/<name>/<key>`.',
    example: '/etc/gitops-reloader/secrets',
  },
  {
    path: 'spec.coalesce',
    type: SECTION,
    default: null,
    about: 'How long events are gathered into one change.',
    example: '{window: 10s}',
  },
  {
    path: 'spec.coalesce.window',
    type: duration(0),
    default: '10s',
    about: 'Waits this long for more events after each one.',
    example: '10s',
  },
  {
    path: 'spec.coalesce.cap',
    type: duration(0),
    default: '60s',
    about: 'But not longer than this after the first.',
    example: '60s',
  },
  {
    path: 'spec.coalesce.urgent',
    type: texts(NAME_PATTERN),
    default: [],
    about:
      'RE2 patterns, anywhere in the name: changes of these secrets do not wait, and take with them what waits. For one object: the annotation `gitops-reloader.dev/urgent: "true"`.',
    example: '["^prod/payments/"]',
  },
  {
    path: 'spec.reconcile',
    type: SECTION,
    default: null,
    about: 'Looks for what the queue lost: compares the versions in AWS with those in Git.',
    example: '{interval: 1h}',
  },
  {
    path: 'spec.reconcile.automatic',
    type: FLAG,
    default: true,
    about: 'At the start and in every interval. False: only by the command `reconcile`.',
    example: 'false',
  },
  {
    path: 'spec.reconcile.interval',
    type: duration(60_000),
    default: '1h',
    about: 'How often. Each replica has a place of its own in it.',
    example: '1h',
  },
  {
    path: 'spec.reconcile.baseline',
    type: choice(BASELINE_MODES),
    default: 'propose',
    about:
      '`propose`: a pull request records the versions of objects that have none in Git yet, in `.gitops-reloader/baseline.yaml`; later ones once a day at most. `none`: nobody proposes it, and what is lost for them is not found.',
    example: 'none',
  },
  {
    path: 'spec.sweep',
    type: SECTION,
    default: null,
    about:
      'Looks after what no message wakes: restarts that are due, pull requests still to be opened, a base that moved.',
    example: '{interval: 30s}',
  },
  {
    path: 'spec.sweep.interval',
    type: duration(100),
    default: '30s',
    about: 'How often it looks whether a branch has moved or something is due.',
    example: '30s',
  },
  {
    path: 'spec.status',
    type: SECTION,
    default: null,
    about: 'Health, readiness and metrics over HTTP.',
    example: '{port: 8080}',
  },
  {
    path: 'spec.status.host',
    type: text(HOST),
    default: '0.0.0.0',
    about: 'The address to listen on.',
    example: '127.0.0.1',
  },
  {
    path: 'spec.status.port',
    type: integer(0, 65_535),
    default: 8080,
    about: 'The port; 0 lets the system choose. Where it is left out and taken already, the service runs without.',
    example: '8080',
  },
  {
    path: 'spec.git',
    type: SECTION,
    default: null,
    about: 'How Git hosts are spoken to.',
    example: '{transport: isomorphic}',
  },
  {
    path: 'spec.git.transport',
    type: choice(TRANSPORTS),
    default: 'direct',
    about:
      '`direct`: in memory, only what is new is sent. `isomorphic`: slower, by isomorphic-git and on disk; for hosts that `direct` does not get on with.',
    example: 'isomorphic',
  },
  {
    path: 'spec.git.cacheDir',
    type: text(FULL_PATH),
    default: null,
    about:
      'Where `isomorphic` makes a private folder for each repository, removed when it stops; left out: the temporary folder.',
    example: '/var/cache/gitops-reloader',
  },
  {
    path: 'spec.cache',
    type: SECTION,
    default: null,
    about: 'What is kept between two starts.',
    example: '{directory: /var/cache/gitops-reloader}',
  },
  {
    path: 'spec.cache.directory',
    type: text(FULL_PATH),
    default: null,
    about:
      'Where `run` keeps what it read of each repository, so that the next start fetches and reads only files that changed. It is made where it is missing. Left out: nothing is kept.',
    example: '/var/cache/gitops-reloader',
  },
  { path: 'spec.aws', type: SECTION, about: 'Where secrets live.', example: '{}' },
  {
    path: ACCOUNTS,
    type: SECTIONS,
    about:
      'The allow-list: nothing outside it is asked for or acted on. Beside an ESO Reloader Config it may be left out: then those of the queues.',
    example: '[{id: "111122223333", regions: [eu-west-1]}]',
  },
  { path: `${ACCOUNTS}[].id`, type: text(ACCOUNT), about: 'The account, in quotes.', example: '"111122223333"' },
  { path: `${ACCOUNTS}[].regions`, type: texts(REGION), about: 'Its regions.', example: '[eu-west-1]' },
  {
    path: `${ACCOUNTS}[].role`,
    type: text(ROLE),
    default: null,
    about: 'The role to describe its secrets with; left out: the own identity.',
    example: 'arn:aws:iam::111122223333:role/gitops-reloader-describe',
  },
  {
    path: `${ACCOUNTS}[].additionalRoles`,
    type: texts(ROLE),
    default: [],
    about:
      "Roles that are assumed one after the other before `role`, each by the one before it, as ESO's `additionalRoles`. Sessions last an hour.",
    example: '["arn:aws:iam::444455556666:role/hub"]',
  },
  {
    path: `${ACCOUNTS}[].externalId`,
    type: text(NON_EMPTY),
    default: null,
    about: 'The external id that `role` asks for.',
    example: 'acme-rotation',
  },
  ...authKeys(
    'spec.aws.auth',
    "Who describes secrets and assumes roles; left out: the AWS SDK's chain, or beside an ESO Reloader Config what that names.",
  ),
  {
    path: 'spec.aws.endpoints',
    type: SECTION,
    default: null,
    about: 'Other addresses than those of AWS.',
    example: '{}',
  },
  {
    path: 'spec.aws.endpoints.(sqs|secretsManager|parameterStore|sts)',
    type: text(ADDRESS),
    default: null,
    about:
      'The address of one service; https, or http to this machine. Left out: `AWS_ENDPOINT_URL_SQS`, `_SECRETS_MANAGER`, `_SSM`, `_STS`, else `AWS_ENDPOINT_URL`, else AWS.',
    example: 'http://127.0.0.1:4566',
  },
  {
    path: 'spec.aws.truth',
    type: choice(TRUTHS),
    default: 'describe',
    about:
      '`describe`: ask AWS which version is current (DescribeSecret, DescribeParameters). `event`: without that permission; only events that name a version act.',
    example: 'describe',
  },
];
