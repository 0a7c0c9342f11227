import { selectorKeys } from '../keys/destination-keys.ts';
import { OBJECT_NAME, QUEUE_URL, REGION, SECRET_FILE } from '../keys/forms.ts';
import { ANYTHING, choice, integer, type KeyRow, SECTION, SECTIONS, text, texts } from '../keys/key.ts';
import { keyTable } from '../keys/table.ts';

export const ESO_API_VERSIONS = ['reloader.external-secrets.io/v1alpha1'] as const;

/** Sources that have no equivalent, and the names of their blocks. */
export const OTHER_SOURCES = {
  AzureEventGrid: 'azureEventGrid',
  GooglePubSub: 'googlePubSub',
  HashicorpVault: 'hashicorpVault',
  Webhook: 'webhook',
  TCPSocket: 'tcpSocket',
  KubernetesSecret: 'kubernetesSecret',
  KubernetesConfigMap: 'kubernetesConfigMap',
  Mock: 'mock',
} as const;

export const ESO_SOURCES = [
  'AwsSqs',
  'AzureEventGrid',
  'GooglePubSub',
  'HashicorpVault',
  'Webhook',
  'TCPSocket',
  'KubernetesSecret',
  'KubernetesConfigMap',
  'Mock',
] as const satisfies readonly ('AwsSqs' | keyof typeof OTHER_SOURCES)[];

export const ESO_DESTINATIONS = ['ExternalSecret', 'Deployment', 'PushSecret', 'WorkflowRunTemplate'] as const;
export const ESO_BLOCKS = {
  ExternalSecret: 'externalSecret',
  Deployment: 'deployment',
  PushSecret: 'pushSecret',
  WorkflowRunTemplate: 'workflowRunTemplate',
} as const satisfies Record<(typeof ESO_DESTINATIONS)[number], string>;

/** As its schema has them, and as its documentation has them. */
export const ESO_AUTH_METHODS = ['static', 'irsa', 'credentials', 'serviceAccount'] as const;

const SOURCE = 'spec.notificationSources[]';
const SQS = `${SOURCE}.awsSqs`;
const AUTH = 'spec.(notificationSources[].awsSqs.auth|auth)';
const KEY_REF = `${AUTH}.secretRef.(accessKeyIdSecretRef|accessKeyIDSecretRef|secretAccessKeySecretRef|sessionTokenSecretRef)`;
const DESTINATION = 'spec.destinationsToWatch[]';
const BLOCK = `${DESTINATION}.(externalSecret|deployment)`;
/** What the API server adds to an object, or people add for other tools. */
const METADATA =
  'namespace|labels|annotations|finalizers|generation|resourceVersion|uid|creationTimestamp|managedFields|ownerReferences|selfLink';
/** Any 32-bit number: what SQS or we do not take is brought within bounds and noted. */
const INT32 = integer(-2_147_483_648, 2_147_483_647);

const FRAME_KEYS: readonly KeyRow[] = [
  { path: 'apiVersion', type: choice(ESO_API_VERSIONS), about: 'The format.', example: ESO_API_VERSIONS[0] },
  { path: 'kind', type: choice(['Config']), about: 'The format.', example: 'Config' },
  { path: 'metadata', type: SECTION, about: 'Names the document.', example: '{name: reloader}' },
  {
    path: 'metadata.name',
    type: text(OBJECT_NAME),
    about: 'The instance, unless a document of our own format names it; made fit for a branch name.',
    example: 'reloader',
  },
  { path: `metadata.(${METADATA})`, type: ANYTHING, default: null, about: 'Not read.', example: '~' },
  { path: 'status', type: ANYTHING, default: null, about: 'Not read.', example: '{}' },
  { path: 'spec', type: SECTION, about: 'Everything else.', example: '{}' },
];

const SOURCE_KEYS: readonly KeyRow[] = [
  {
    path: 'spec.notificationSources',
    type: SECTIONS,
    about: 'Queues to listen to. One that another document names already is left out, with a note.',
    example: '[]',
  },
  {
    path: `${SOURCE}.type`,
    type: choice(ESO_SOURCES),
    about: '`AwsSqs` is listened to. The others have no equivalent: each is noted and left out.',
    example: 'AwsSqs',
  },
  {
    path: `${SOURCE}.(${Object.values(OTHER_SOURCES).join('|')})`,
    type: ANYTHING,
    default: null,
    about: 'Settings of other sources; not read.',
    example: '{}',
  },
  { path: SQS, type: SECTION, default: null, about: 'The SQS queue of type `AwsSqs`.', example: '{}' },
  {
    path: `${SQS}.queueURL`,
    type: text(QUEUE_URL),
    about: "The queue's URL. Where no document of ours lists accounts, its account is the only one allowed.",
    example: 'https://sqs.us-east-1.amazonaws.com/123456789012/my-queue',
  },
  {
    path: `${SQS}.region`,
    type: text(REGION),
    default: null,
    about: 'The region; here, under `auth`, or in the URL.',
    example: 'us-east-1',
  },
  {
    path: `${SQS}.(numberOfMessages|maxNumberOfMessages)`,
    type: INT32,
    default: 10,
    about: 'Messages per receive, brought within 1 to 10.',
    example: '10',
  },
  {
    path: `${SQS}.waitTimeSeconds`,
    type: INT32,
    default: 20,
    about: 'How long one poll waits, brought within 1 to 20 seconds.',
    example: '20',
  },
  {
    path: `${SQS}.visibilityTimeout`,
    type: INT32,
    default: 30,
    about: 'How long a message is ours, brought within 10 to 43200 seconds; prolonged while it is worked on.',
    example: '30',
  },
];

const AUTH_KEYS: readonly KeyRow[] = [
  {
    path: AUTH,
    type: SECTION,
    default: null,
    about:
      "Who asks, also for secrets. Under `spec` for queues without one of their own; left out altogether: the AWS SDK's chain.",
    example: '{}',
  },
  {
    path: `${AUTH}.authMethod`,
    type: choice(ESO_AUTH_METHODS),
    about: '`static` and `credentials`: keys from mounted files. `irsa` and `serviceAccount`: a token and a role.',
    example: 'irsa',
  },
  { path: `${AUTH}.region`, type: text(REGION), default: null, about: 'As `awsSqs.region`.', example: 'us-east-1' },
  { path: `${AUTH}.secretRef`, type: SECTION, default: null, about: 'Where the keys are.', example: '{}' },
  {
    path: KEY_REF,
    type: SECTION,
    default: null,
    about: 'One key; the session token may be left out.',
    example: '{name: aws-credentials, key: accessKey}',
  },
  {
    path: `${KEY_REF}.(name|key)`,
    type: text(SECRET_FILE),
    about: 'The file is `<secretsDir>/<name>/<key>`.',
    example: 'aws-credentials',
    secret: true,
  },
  {
    path: `${AUTH}.serviceAccountRef`,
    type: SECTION,
    default: null,
    about:
      'The files `<secretsDir>/<name>/token` and `role-arn`; what is not there comes from what EKS injects (`AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`).',
    example: '{name: my-service-account}',
  },
  {
    path: `${AUTH}.serviceAccountRef.name`,
    type: text(SECRET_FILE),
    about: 'The folder below `secretsDir`.',
    example: 'my-service-account',
  },
  {
    path: `${KEY_REF}.namespace`,
    type: ANYTHING,
    default: null,
    about: 'Secrets are mounted files: mount the secret of this namespace.',
    example: 'external-secrets',
    support: 'unused',
  },
  {
    path: `${AUTH}.serviceAccountRef.(namespace|audiences)`,
    type: ANYTHING,
    default: null,
    about: 'The token is a mounted file: project it with the audience sts.amazonaws.com.',
    example: 'external-secrets',
    support: 'unused',
  },
];

const DESTINATION_KEYS: readonly KeyRow[] = [
  { path: 'spec.destinationsToWatch', type: SECTIONS, about: 'What may be touched.', example: '[]' },
  {
    path: `${DESTINATION}.type`,
    type: choice(ESO_DESTINATIONS),
    about:
      '`ExternalSecret` alone means order `refreshOnly`; with `Deployment` they are restarted after the refresh. The others have no equivalent: each is noted and left out.',
    example: 'ExternalSecret',
  },
  {
    path: `${DESTINATION}.(pushSecret|workflowRunTemplate)`,
    type: ANYTHING,
    default: null,
    about: 'Selectors of what has no equivalent; not read.',
    example: '{}',
  },
  {
    path: `${DESTINATION}.(updateStrategy|matchStrategy|waitStrategy)`,
    type: ANYTHING,
    default: null,
    about: 'ESO Reloader does not carry it out either; which annotation is written and what is matched is fixed.',
    example: '{}',
    support: 'unused',
  },
  { path: BLOCK, type: SECTION, default: null, about: 'Which objects of the kind; left out: all.', example: '{}' },
  {
    path: `${BLOCK}.names`,
    type: texts(OBJECT_NAME),
    default: [],
    about: 'Only objects of these names; empty: any.',
    example: '[payments-db]',
  },
  {
    path: `${BLOCK}.labelSelectors`,
    type: SECTION,
    default: null,
    about: 'A Kubernetes label selector.',
    example: '{}',
  },
  ...selectorKeys(`${BLOCK}.labelSelectors`),
  {
    path: `${BLOCK}.namespaceSelectors`,
    type: SECTIONS,
    default: null,
    about:
      'Any of them, as a list or one alone. Only `kubernetes.io/metadata.name` is in the manifests: a selector of other labels selects nothing, and is noted.',
    example: '[]',
  },
  ...selectorKeys(`${BLOCK}.namespaceSelectors[]`),
];

/** The keys of ESO Reloader's Config in both spellings, and what becomes of each. */
export const ESO_KEYS: readonly KeyRow[] = [...FRAME_KEYS, ...SOURCE_KEYS, ...AUTH_KEYS, ...DESTINATION_KEYS];

export const ESO_TABLE = keyTable(ESO_KEYS);
