import { decodeMessage } from '../../src/events/decode-message.ts';
import type { Decoded } from '../../src/events/decoded.ts';

/** Events as AWS sends them, built from parts so that a test changes just one of them. */
export const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/payments/db-Ab3dEf';
export const V1 = '0a1b2c3d-1111-4111-8111-000000000001';
export const V2 = '0a1b2c3d-2222-4222-8222-000000000002';

type Fields = Readonly<Record<string, unknown>>;

/** The native event; `change` replaces outer fields, `detail` inner ones. */
export function labelMoved(change: Fields = {}, detail: Fields = {}): Fields {
  return {
    ...envelope('Secret Label Updated', 'aws.secretsmanager'),
    resources: [ARN],
    detail: { name: 'prod/payments/db', labelUpdated: 'AWSCURRENT', versionId: V2, ...detail },
    ...change,
  };
}

/** An API call's CloudTrail record. */
export function apiCall(eventName: string, detail: Fields = {}, change: Fields = {}): Fields {
  return {
    ...envelope('AWS API Call via CloudTrail', 'aws.secretsmanager'),
    detail: {
      eventVersion: '1.11',
      userIdentity: { type: 'AssumedRole', accountId: '111122223333' },
      eventTime: '2026-03-02T09:12:39Z',
      eventSource: 'secretsmanager.amazonaws.com',
      eventName,
      awsRegion: 'eu-west-1',
      requestParameters: { secretId: ARN },
      responseElements: null,
      eventID: '73a60fd3-feca-5ddc-a7f2-7711406d581c',
      eventType: 'AwsApiCall',
      recipientAccountId: '111122223333',
      ...detail,
    },
    ...change,
  };
}

/** A service event's CloudTrail record. */
export function serviceEvent(eventName: string, detail: Fields = {}): Fields {
  return apiCall(
    eventName,
    {
      userIdentity: { accountId: '111122223333', invokedBy: 'secretsmanager.amazonaws.com' },
      requestParameters: null,
      additionalEventData: { SecretId: ARN },
      eventType: 'AwsServiceEvent',
      ...detail,
    },
    { 'detail-type': 'AWS Service Event via CloudTrail' },
  );
}

/** A native event of Parameter Store. */
export function parameterEvent(detailType: string, detail: Fields, change: Fields = {}): Fields {
  return {
    ...envelope(detailType, 'aws.ssm'),
    resources: ['arn:aws:ssm:eu-west-1:111122223333:parameter/prod/url'],
    detail,
    ...change,
  };
}

/** Decodes a body that must hold exactly one event. */
export function decodeOne(body: unknown, sentAt: number | null = null): Decoded {
  const [one, ...more] = decodeMessage(typeof body === 'string' ? body : JSON.stringify(body), sentAt);
  if (one === undefined || more.length > 0) throw new Error('not exactly one result');
  return one;
}

/** What came of it, in one short line: `secret PutSecretValue yes reconcile`. */
export function tell(one: Decoded): string {
  return `${one.kind} ${one.eventName ?? '-'} ${one.currentChanged} ${one.action}`;
}

function envelope(detailType: string, source: string): Fields {
  return {
    version: '0',
    id: '65895c91-ed85-571f-9293-ad0d50fb7c71',
    'detail-type': detailType,
    source,
    account: '111122223333',
    time: '2026-03-02T09:12:40Z',
    region: 'eu-west-1',
    resources: [],
  };
}
