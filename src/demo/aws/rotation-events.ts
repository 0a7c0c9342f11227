import { sha256Hex } from '../../domain/digest.ts';
import type { SecretId } from '../../domain/secret-id.ts';

/** An event as EventBridge delivers it. */
export type EventJson = Readonly<Record<string, unknown>>;

/** Whose label moved: a secret whose full ARN is known. */
export type EventSecret = Pick<SecretId, 'account' | 'region' | 'name'> & { readonly suffix: string };

/** Which parameter was written. */
export type EventParameter = Pick<SecretId, 'account' | 'region' | 'name'>;

/** When the example rotation begins, where no time is given (UTC, to the second). */
const BEGIN = '2026-03-02T09:20:00Z';
const SERVICE = 'secretsmanager.amazonaws.com';

/** The native event of Secrets Manager: a label has moved to a version. `time` in UTC, to the second. */
export function labelUpdated(
  secret: EventSecret,
  versionId: string,
  { time = BEGIN, label = 'AWSCURRENT' }: { readonly time?: string; readonly label?: string } = {},
): EventJson {
  return {
    version: '0',
    id: uuidOf('native', arnOf(secret), label, versionId, time),
    'detail-type': 'Secret Label Updated',
    source: 'aws.secretsmanager',
    account: secret.account,
    time,
    region: secret.region,
    resources: [arnOf(secret)],
    detail: { name: secret.name, labelUpdated: label, versionId },
  };
}

/** CloudTrail's record of PutSecretValue. Without `stages` the version became AWSCURRENT at once. */
export function putSecretValue(
  secret: EventSecret,
  versionId: string,
  { time = BEGIN, stages }: { readonly time?: string; readonly stages?: readonly string[] } = {},
): EventJson {
  return apiCall(secret, {
    time,
    name: 'PutSecretValue',
    request: { clientRequestToken: versionId, ...(stages === undefined ? {} : { versionStages: stages }) },
    response: { arn: arnOf(secret) },
  });
}

/** CloudTrail's record of UpdateSecretVersionStage: AWSCURRENT moves from one version to another. */
export function versionStageUpdated(secret: EventSecret, from: string, to: string, time = BEGIN): EventJson {
  return apiCall(secret, {
    time,
    name: 'UpdateSecretVersionStage',
    request: { versionStage: 'AWSCURRENT', moveToVersionId: to, removeFromVersionId: from },
    response: { arn: arnOf(secret), name: secret.name },
  });
}

/** CloudTrail's record of RotateSecret: a wish, nothing has changed yet. */
function rotateSecret(secret: EventSecret, versionId: string, time = BEGIN): EventJson {
  return apiCall(secret, {
    time,
    name: 'RotateSecret',
    request: { clientRequestToken: versionId },
    response: { arn: arnOf(secret), name: secret.name, versionId },
  });
}

/** A rotation's service event: it names the secret's ARN and no version. */
export function rotationEvent(
  secret: EventSecret,
  name: 'RotationStarted' | 'RotationSucceeded',
  time = BEGIN,
): EventJson {
  const arn = arnOf(secret);
  return envelope(secret, 'AWS Service Event via CloudTrail', time, {
    eventVersion: '1.08',
    userIdentity: { accountId: secret.account, invokedBy: SERVICE },
    eventTime: time,
    eventSource: SERVICE,
    eventName: name,
    awsRegion: secret.region,
    sourceIPAddress: SERVICE,
    userAgent: SERVICE,
    requestParameters: null,
    responseElements: null,
    additionalEventData: { SecretId: arn },
    requestID: `Rotation-${arn}-${uuidOf('rotation', arn, name, time)}`,
    eventID: uuidOf('event', arn, name, time),
    readOnly: false,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: secret.account,
    eventCategory: 'Management',
  });
}

/** Parameter Store's own event: a parameter was written. It names no version. */
export function parameterChanged(
  { account, region, name }: EventParameter,
  { time = BEGIN, operation = 'Update' }: { readonly time?: string; readonly operation?: string } = {},
): EventJson {
  const arn = `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
  return {
    version: '0',
    id: uuidOf('parameter', arn, name, operation, time),
    'detail-type': 'Parameter Store Change',
    source: 'aws.ssm',
    account,
    time,
    region,
    resources: [arn],
    detail: { operation, name, type: 'SecureString', description: 'An example' },
  };
}

/** CloudTrail's record of PutParameter, which names the version that was written. */
export function putParameter({ account, region, name }: EventParameter, version: number, time = BEGIN): EventJson {
  const detail = {
    eventVersion: '1.11',
    userIdentity: assumedRole(account),
    eventTime: time,
    eventSource: 'ssm.amazonaws.com',
    eventName: 'PutParameter',
    awsRegion: region,
    requestParameters: { name, value: 'HIDDEN_DUE_TO_SECURITY_REASONS', type: 'SecureString', overwrite: true },
    responseElements: { version, tier: 'Standard' },
    eventID: uuidOf('event', account, region, name, String(version), time),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
  const record = envelope({ account, region, name, suffix: '' }, 'AWS API Call via CloudTrail', time, detail);
  return { ...record, source: 'aws.ssm' };
}

/** Every event of one Lambda rotation, in order: six events that mean one move of AWSCURRENT. */
export function lambdaRotationEvents(
  secret: EventSecret,
  from: string,
  to: string,
  begin = BEGIN,
): readonly EventJson[] {
  const after = (seconds: number) =>
    new Date(Date.parse(begin) + seconds * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return [
    rotateSecret(secret, to, begin),
    rotationEvent(secret, 'RotationStarted', begin),
    putSecretValue(secret, to, { time: after(3), stages: ['AWSPENDING'] }),
    versionStageUpdated(secret, from, to, after(9)),
    labelUpdated(secret, to, { time: after(9) }),
    rotationEvent(secret, 'RotationSucceeded', after(10)),
  ];
}

/** The message body when EventBridge delivers straight to SQS. */
export function rawBody(event: EventJson): string {
  return JSON.stringify(event);
}

/** The message body when the event comes through an SNS topic without raw delivery. */
export function snsBody(event: EventJson): string {
  const { account, region, time } = event;
  const topic = `arn:aws:sns:${String(region)}:${String(account)}:secret-events`;
  const message = JSON.stringify(event);
  const host = `https://sns.${String(region)}.amazonaws.com`;
  return JSON.stringify({
    Type: 'Notification',
    MessageId: uuidOf('sns', message),
    TopicArn: topic,
    Message: message,
    Timestamp: String(time).replace('Z', '.123Z'),
    SignatureVersion: '1',
    Signature: 'EXAMPLE+base64==',
    SigningCertURL: `${host}/SimpleNotificationService-0000000000000000.pem`,
    UnsubscribeURL: `${host}/?Action=Unsubscribe&SubscriptionArn=${topic}:${uuidOf('subscription', topic)}`,
  });
}

interface ApiCall {
  readonly name: string;
  readonly time: string;
  readonly request: EventJson;
  readonly response: EventJson;
}

function apiCall(secret: EventSecret, { name, time, request, response }: ApiCall): EventJson {
  const arn = arnOf(secret);
  return envelope(secret, 'AWS API Call via CloudTrail', time, {
    eventVersion: '1.11',
    userIdentity: assumedRole(secret.account),
    eventTime: time,
    eventSource: SERVICE,
    eventName: name,
    awsRegion: secret.region,
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-sdk-python/1.40 exec-env/AWS_Lambda_python3.13',
    requestParameters: { secretId: arn, ...request },
    responseElements: response,
    requestID: uuidOf('request', arn, name, time),
    eventID: uuidOf('event', arn, name, time),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: secret.account,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `secretsmanager.${secret.region}.amazonaws.com`,
    },
  });
}

function envelope(secret: EventSecret, type: string, time: string, detail: EventJson): EventJson {
  return {
    version: '0',
    id: uuidOf('envelope', JSON.stringify(detail)),
    'detail-type': type,
    source: 'aws.secretsmanager',
    account: secret.account,
    time,
    region: secret.region,
    resources: [],
    detail,
  };
}

function assumedRole(account: string): EventJson {
  const session = 'SecretsManagerRotation';
  return {
    type: 'AssumedRole',
    principalId: `AROAEXAMPLEROLEID001:${session}`,
    arn: `arn:aws:sts::${account}:assumed-role/rotation-lambda/${session}`,
    accountId: account,
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAEXAMPLEROLEID001',
        arn: `arn:aws:iam::${account}:role/rotation-lambda`,
        accountId: account,
        userName: 'rotation-lambda',
      },
      attributes: { creationDate: '2026-03-02T09:00:00Z', mfaAuthenticated: 'false' },
    },
  };
}

function arnOf({ account, region, name, suffix }: EventSecret): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`;
}

/** Derived, so that the same event has the same id in every run. */
function uuidOf(...parts: readonly string[]): string {
  const hex = sha256Hex(parts.join('\n'), 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
