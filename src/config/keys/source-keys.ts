import { authKeys } from './auth-keys.ts';
import { ADDRESS, QUEUE_URL, REGION } from './forms.ts';
import { choice, integer, type KeyRow, SECTION, SECTIONS, text } from './key.ts';

const SQS = 'spec.notificationSources[].awsSqs';

export const SOURCE_TYPES = ['AwsSqs'] as const;

/** Keys of `spec.notificationSources`: the queues that are listened to. */
export const SOURCE_KEYS: readonly KeyRow[] = [
  {
    path: 'spec.notificationSources',
    type: SECTIONS,
    about: 'The queues to listen to. Beside an ESO Reloader Config it may be left out.',
    example: '[{type: AwsSqs, awsSqs: {queueURL: "https://sqs.eu-west-1.amazonaws.com/111122223333/gitops-reloader"}}]',
  },
  {
    path: 'spec.notificationSources[].type',
    type: choice(SOURCE_TYPES),
    about: 'The kind of source.',
    example: 'AwsSqs',
  },
  { path: SQS, type: SECTION, about: 'An SQS queue.', example: '{}' },
  {
    path: `${SQS}.queueURL`,
    type: text(QUEUE_URL),
    about: "The queue's URL.",
    example: 'https://sqs.eu-west-1.amazonaws.com/111122223333/gitops-reloader',
  },
  {
    path: `${SQS}.region`,
    type: text(REGION),
    default: null,
    about: "The queue's region; left out: the one in its URL.",
    example: 'eu-west-1',
  },
  {
    path: `${SQS}.endpoint`,
    type: text(ADDRESS),
    default: null,
    about: 'Where SQS is; left out: `spec.aws.endpoints.sqs`, else AWS.',
    example: 'http://127.0.0.1:4566',
  },
  {
    path: `${SQS}.maxNumberOfMessages`,
    type: integer(1, 10),
    default: 10,
    about: 'Messages per receive.',
    example: '10',
  },
  {
    path: `${SQS}.waitTimeSeconds`,
    type: integer(1, 20),
    default: 20,
    about: 'How long one poll waits for messages, in seconds.',
    example: '20',
  },
  {
    path: `${SQS}.visibilityTimeout`,
    type: integer(10, 43_200),
    default: 120,
    about: 'How long a received message is ours, in seconds; prolonged while it is worked on.',
    example: '120',
  },
  ...authKeys(`${SQS}.auth`, 'Who asks.'),
];
