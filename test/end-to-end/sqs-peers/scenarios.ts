import type { OutcomeKind } from '../../../src/service/outcome.ts';
import type { QueueCounts } from './peers.ts';
import type { MessageTrace } from './recorder.ts';

/** What a repository makes of a secret's change: the kind of its outcome at each delivery, and how long a go takes. */
export interface Script {
  readonly outcomes: readonly OutcomeKind[];
  readonly goSeconds: number;
}

/** Messages, what becomes of them, and how a queue sees it. */
export interface Scenario {
  readonly name: string;
  readonly bodies: readonly string[];
  readonly script: Script;
  /** The first consumer is stopped in the middle of its go; a second one begins. */
  readonly stops: 'in the middle' | 'at the end';
  readonly visibilitySeconds: number;
  readonly traces: readonly MessageTrace[];
  readonly end: QueueCounts;
}

/** Longer than a scenario; and long enough for a machine that has other things to do, which prolongs it at half its time. */
const LONG_LEASE = 30;
const SHORT_LEASE = 4;

const GONE: QueueCounts = { visible: 0, hidden: 0, dead: 0 };
const BODY = JSON.stringify({
  version: '0',
  id: 'event-1',
  'detail-type': 'Secret Label Updated',
  source: 'aws.secretsmanager',
  account: '111122223333',
  time: '2026-03-02T09:20:00Z',
  region: 'eu-west-1',
  resources: ['arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-Ab3dEf'],
  detail: { name: 'db', labelUpdated: 'AWSCURRENT', versionId: '0a1b2c3d-0000-4000-8000-000000000001' },
});
const IGNORED = '{"source":"aws.s3","detail-type":"Object Created","detail":{}}';

/** Those in which no lease runs out and nobody waits. */
export const QUICK: readonly Scenario[] = [
  scenario('succeeds', ['published'], ['delivery 1', 'deleted']),
  scenario('nobody uses it', ['nobody-uses-it'], ['delivery 1', 'deleted']),
  {
    ...scenario('ignored', ['published'], []),
    bodies: [IGNORED],
    traces: [{ body: IGNORED, steps: ['delivery 1', 'deleted'] }],
  },
  {
    ...scenario('one malformed body beside good ones', ['published'], []),
    bodies: [BODY, '{', BODY],
    traces: [
      { body: BODY, steps: ['delivery 1', 'deleted'] },
      { body: BODY, steps: ['delivery 1', 'deleted'] },
      { body: '{', steps: ['delivery 1'] },
    ],
    end: { ...GONE, hidden: 1 },
  },
  {
    ...scenario('is given back for later', ['try-later'], ['delivery 1', 'given back for 15 to 19 s']),
    end: { ...GONE, hidden: 1 },
  },
  {
    ...scenario('needs an operator', ['needs-operator'], ['delivery 1', 'given back for 60 s']),
    end: { ...GONE, hidden: 1 },
  },
  {
    ...scenario('the same body three times', ['published', 'already-current'], []),
    bodies: [BODY, BODY, BODY],
    traces: [BODY, BODY, BODY].map((body) => ({ body, steps: ['delivery 1', 'deleted'] })),
  },
];

/** Those that take their time: leases run out or are prolonged, and messages come back. */
export const SLOW: readonly Scenario[] = [
  scenario(
    'fails once and comes back',
    ['try-later', 'published'],
    ['delivery 1', 'given back for 15 to 19 s', 'delivery 2', 'deleted'],
  ),
  {
    ...scenario('takes longer than a lease', ['published'], ['delivery 1', 'prolonged', 'deleted']),
    script: { outcomes: ['published'], goSeconds: 9 },
    visibilitySeconds: SHORT_LEASE,
  },
  {
    ...scenario('malformed', ['published'], []),
    bodies: ['{'],
    visibilitySeconds: SHORT_LEASE,
    traces: [{ body: '{', steps: ['delivery 1', 'delivery 2', 'delivery 3'] }],
    end: { ...GONE, dead: 1 },
  },
  {
    ...scenario('stopped in the middle', ['published'], ['delivery 1', 'given back for 0 s', 'delivery 2', 'deleted']),
    stops: 'in the middle',
  },
];

/** One message that asks for something, and an empty queue at the end. */
function scenario(name: string, outcomes: readonly OutcomeKind[], steps: readonly string[]): Scenario {
  return {
    name,
    bodies: [BODY],
    script: { outcomes, goSeconds: 0 },
    stops: 'at the end',
    visibilitySeconds: LONG_LEASE,
    traces: [{ body: BODY, steps }],
    end: GONE,
  };
}
