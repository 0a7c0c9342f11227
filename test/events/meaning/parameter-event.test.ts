import { expect, test } from 'vitest';
import { apiCall, decodeOne, parameterEvent, tell } from '../sample-events.ts';

const CHANGE = 'Parameter Store Change';
const POLICY = 'Parameter Store Policy Action';
const SSM = { source: 'aws.ssm' };

function check(event: unknown, expected: string) {
  const one = decodeOne(event);
  expect(tell(one)).toBe(expected);
  expect(one.change !== null).toBe(one.action === 'reconcile');
  return one;
}

test.each([
  ['Create', 'yes reconcile'],
  ['Update', 'yes reconcile'],
  ['Delete', 'no ignore'],
  ['LabelParameterVersion', 'no ignore'],
])('operation %s: %s', (operation, expected) => {
  const one = check(parameterEvent(CHANGE, { operation, name: '/prod/url' }), `parameter ${operation} ${expected}`);
  expect(one.identifier).toEqual({ raw: '/prod/url', foundAt: 'detail.name' });
  expect(one.secret).toEqual({
    arn: 'arn:aws:ssm:eu-west-1:111122223333:parameter/prod/url',
    name: '/prod/url',
    account: '111122223333',
    region: 'eu-west-1',
    partition: 'aws',
  });
});

test.each(['Expiration', 'ExpirationNotification', 'NoChangeNotification'])('policy action %s is ignored', (type) => {
  const detail = { 'parameter-name': '/prod/url', 'policy-type': type, 'parameter-type': 'SecureString' };
  const one = check(parameterEvent(POLICY, detail), `parameter ${type} no ignore`);
  expect(one.identifier).toEqual({ raw: '/prod/url', foundAt: 'detail.parameter-name' });
});

test('a native event asks for the latest version of exactly that name', () => {
  for (const name of ['x', '/x']) {
    const one = check(parameterEvent(CHANGE, { operation: 'Update', name }), 'parameter Update yes reconcile');
    expect(one.reason).toBe(`Update for ${name}: a new version was written.`);
    expect(one.change).toMatchObject({
      service: 'ssm',
      account: '111122223333',
      region: 'eu-west-1',
      id: name,
      names: [name],
      label: 'AWSCURRENT',
      versionId: null,
      event: { name: CHANGE },
    });
  }
});

test('PutParameter names the version that the native event lacks', () => {
  const detail = {
    eventSource: 'ssm.amazonaws.com',
    requestParameters: { name: '/prod/url', value: 'HIDDEN_DUE_TO_SECURITY_REASONS', type: 'String', overwrite: true },
    responseElements: { version: 7, tier: 'Standard' },
  };
  const one = check(apiCall('PutParameter', detail, SSM), 'parameter PutParameter yes reconcile');
  expect(one.versionId).toBe('7');
  expect(one.change).toMatchObject({ id: '/prod/url', versionId: '7', event: { name: 'PutParameter' } });
  expect(one.identifier).toEqual({ raw: '/prod/url', foundAt: 'detail.requestParameters.name' });
  expect(one.secret).toMatchObject({ arn: null, name: '/prod/url', account: '111122223333', region: 'eu-west-1' });
  const failed = { ...detail, errorCode: 'AccessDenied', responseElements: null };
  check(apiCall('PutParameter', failed, SSM), 'parameter PutParameter no ignore');
});

test('a version is a whole number, in either spelling', () => {
  const detail = { eventSource: 'ssm.amazonaws.com', requestParameters: { name: '/prod/url' } };
  for (const [version, expected] of [
    ['7', '7'],
    [7.5, null],
    ['7a', null],
    [null, null],
    [2 ** 60, null],
  ] as const) {
    const one = decodeOne(apiCall('PutParameter', { ...detail, responseElements: { version } }, SSM));
    expect(one.versionId).toBe(expected);
  }
});

test.each(['DeleteParameters', 'GetParameters', 'GetParametersByPath', 'DescribeParameters'])(
  '%s is about no single parameter',
  (name) => {
    const detail = { eventSource: 'ssm.amazonaws.com', requestParameters: { names: ['/prod/url'] } };
    check(apiCall(name, detail, SSM), `ignored ${name} no ignore`);
    const denied = check(apiCall(name, { ...detail, errorCode: 'AccessDenied' }, SSM), `ignored ${name} no ignore`);
    expect(denied.reason).toBe(`${name}: the call failed, so nothing changed.`);
  },
);

test.each(['DeleteParameter', 'LabelParameterVersion', 'UnlabelParameterVersion', 'GetParameter'])('%s', (name) => {
  const detail = { eventSource: 'ssm.amazonaws.com', requestParameters: { name: '/prod/url' } };
  check(apiCall(name, detail, SSM), `parameter ${name} no ignore`);
});

test('Systems Manager does much that is none of our business', () => {
  check(apiCall('SendCommand', { eventSource: 'ssm.amazonaws.com' }, SSM), 'ignored SendCommand no ignore');
  check(parameterEvent('EC2 Command Status-change Notification', {}), 'ignored - no ignore');
  check(parameterEvent(CHANGE, { operation: 'Explode', name: '/x' }), 'ignored Explode no ignore');
  check(parameterEvent(CHANGE, { operation: 42, name: '/x' }), 'ignored - no ignore');
});

test('a parameter without a usable name, or of another account, is not trusted', () => {
  check(parameterEvent(CHANGE, { operation: 'Update' }), 'parameter Update yes unresolvable');
  check(parameterEvent(CHANGE, { operation: 'Update', name: 'a\nb' }), 'parameter Update maybe reject');
  check(parameterEvent(CHANGE, { operation: 'Update', name: 'arn:x' }), 'parameter Update maybe reject');
  const other = parameterEvent(CHANGE, { operation: 'Update', name: '/prod/url' }, { account: '444455556666' });
  check(other, 'parameter Update maybe reject');
});

test('an ARN of something else is left out', () => {
  const event = { operation: 'Update', name: '/prod/url' };
  for (const arn of [42, 'arn:aws:ssm:eu-west-1:111122223333:document/x', 'arn:aws:s3:::x', 'x\n']) {
    const one = check(parameterEvent(CHANGE, event, { resources: [arn] }), 'parameter Update yes reconcile');
    expect(one.secret).toMatchObject({ arn: null, account: '111122223333', region: 'eu-west-1' });
  }
});
