import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { evaluateTemplate, type Properties, type Resource, type Stack } from './evaluate-template.ts';
import { EVENT_VALUES, ROLE_VALUES, type Values } from './refused-values.ts';

const FILE = 'templates/cloudformation/gitops-reloader.yaml';
const ROLE_FILE = 'templates/cloudformation/describe-role.yaml';
const ROLES = 'arn:aws:iam::444455556666:role/a,arn:aws:iam::777788889999:role/b';
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:on-call';
const plain = evaluateTemplate(FILE);
const full = evaluateTemplate(FILE, {
  Name: 'acme',
  CloudTrailRule: 'true',
  CustomerKey: 'true',
  SecretNames: 'prod/*',
  DescribeRoleArns: ROLES,
  ServiceRoleName: 'reloader',
  AlarmTopicArn: TOPIC,
});
const GIVEN = {
  ServiceRoleArn: 'arn:aws:iam::111122223333:role/reloader',
  ExternalId: 'acme-rotation',
  Regions: 'eu-west-1,eu-central-1',
};
const role = evaluateTemplate(ROLE_FILE, GIVEN);
const SQS = 'arn:aws:sqs:eu-west-1:111122223333';
const RULE = 'arn:aws:events:eu-west-1:111122223333:rule';

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

function properties(stack: Stack, name: string): Properties {
  return stack.resources[name]?.Properties ?? {};
}

function statements(policy: unknown): readonly Statement[] {
  const { Version, Statement } = policy as { readonly Version: string; readonly Statement: readonly Statement[] };
  expect(Version).toBe('2012-10-17');
  return Statement;
}

function ofType(stack: Stack, type: string): readonly (readonly [string, Resource])[] {
  return Object.entries(stack.resources).filter(([, { Type }]) => Type === type);
}

test('every name resolves, with and without each option, and nothing is declared for nothing', () => {
  for (const option of ['CloudTrailRule', 'CustomerKey']) evaluateTemplate(FILE, { [option]: 'true' });
  evaluateTemplate(FILE, { DescribeRoleArns: ROLES });
  for (const stack of [full, role]) {
    const declared = [...Object.keys(stack.parameters), ...Object.keys(stack.conditions)];
    expect(declared.filter((name) => !stack.used.has(name))).toEqual([]);
  }
  expect(Object.values(full.conditions)).not.toContain(false);
  expect(Object.values(plain.conditions)).not.toContain(true);
});

test('a name that does not resolve is seen', () => {
  expect(() => evaluateTemplate(FILE, { Nmae: 'x' })).toThrow('no parameter Nmae');
  expect(() => evaluateTemplate(ROLE_FILE)).toThrow('no value for');
});

test('by default: one rule, three queues, and no key', () => {
  expect(ofType(plain, 'AWS::Events::Rule').map(([name]) => name)).toEqual(['LabelRule']);
  expect(ofType(plain, 'AWS::SQS::Queue').map(([name]) => name)).toEqual(['Queue', 'DeadLetters', 'RuleDeadLetters']);
  expect(ofType(plain, 'AWS::KMS::Key')).toEqual([]);
  for (const [, queue] of ofType(plain, 'AWS::SQS::Queue')) {
    expect(queue.Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 });
    expect(queue.Properties).not.toHaveProperty('KmsMasterKeyId');
  }
});

test('a customer key: on every queue, with both actions for EventBridge, and readable by the service', () => {
  const key = 'arn:aws:kms:eu-west-1:111122223333:key/of-the-queues';
  for (const [, queue] of ofType(full, 'AWS::SQS::Queue')) {
    expect(queue.Properties).toMatchObject({ KmsMasterKeyId: key });
    expect(queue.Properties).not.toHaveProperty('SqsManagedSseEnabled');
  }
  expect(statements(properties(full, 'QueueKey')['KeyPolicy'])).toMatchObject([
    { Effect: 'Allow', Action: 'kms:*', Principal: { AWS: 'arn:aws:iam::111122223333:root' } },
    {
      Effect: 'Allow',
      Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
    },
  ]);
});

test('what cannot be handled goes to the dead letters, and only from this queue', () => {
  expect(properties(full, 'Queue')).toMatchObject({
    QueueName: 'acme',
    RedrivePolicy: { deadLetterTargetArn: `${SQS}:acme-dead-letters` },
  });
  expect(properties(full, 'DeadLetters')).toMatchObject({
    QueueName: 'acme-dead-letters',
    RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [`${SQS}:acme`] },
  });
});

test('what EventBridge cannot deliver goes to a dead-letter queue of its own, after all retries', () => {
  const rules = ofType(full, 'AWS::Events::Rule');
  expect(rules.map(([, { Properties }]) => Properties['Name'])).toEqual(['acme-labels', 'acme-cloudtrail']);
  for (const [, rule] of rules) {
    expect(rule.DependsOn).toEqual(['QueuePolicy', 'RuleDeadLettersPolicy']);
    expect(rule.Properties).toMatchObject({
      State: 'ENABLED',
      Targets: [
        {
          Arn: `${SQS}:acme`,
          DeadLetterConfig: { Arn: `${SQS}:acme-rule-dead-letters` },
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        },
      ],
    });
  }
});

test('only the rules of the stack may send, and nobody without TLS', () => {
  for (const stack of [plain, full]) {
    const rules = ofType(stack, 'AWS::Events::Rule').map(([, rule]) => `${RULE}/${String(rule.Properties['Name'])}`);
    for (const [queue, policy] of [
      ['Queue', 'QueuePolicy'],
      ['RuleDeadLetters', 'RuleDeadLettersPolicy'],
    ] as const) {
      const name = String(properties(stack, queue)['QueueName']);
      expect(properties(stack, policy)['Queues']).toEqual([`https://sqs.eu-west-1.amazonaws.com/111122223333/${name}`]);
      expect(statements(properties(stack, policy)['PolicyDocument'])[0]).toEqual({
        Sid: 'EventsSend',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: `${SQS}:${name}`,
        Condition: { ArnEquals: { 'aws:SourceArn': rules } },
      });
    }
  }
  const policies = ofType(plain, 'AWS::SQS::QueuePolicy');
  expect(policies.length).toBe(3);
  for (const [, policy] of policies) {
    expect(statements(policy.Properties['PolicyDocument']).at(-1)).toMatchObject({
      Effect: 'Deny',
      Principal: '*',
      Action: 'sqs:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  }
});

function facts({ Sid, Effect, Action }: Statement): unknown {
  return { Sid, Effect, Action };
}

test('the service may do what templates/iam/policy.json says, and nothing else', () => {
  const wanted = statements(JSON.parse(readFileSync('templates/iam/policy.json', 'utf8')));
  const given = statements(properties(full, 'ServicePolicy')['PolicyDocument']);
  const key = given.filter(({ Sid }) => Sid === 'ReadQueueKey');
  expect(given.filter((one) => !key.includes(one)).map(facts)).toEqual(wanted.map(facts));
  expect(key).toMatchObject([{ Effect: 'Allow', Action: 'kms:Decrypt' }]);
  expect(given.map((one) => one.Resource)).toEqual([
    `${SQS}:acme`,
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/*-??????',
    '*',
    '*',
    ROLES.split(','),
    'arn:aws:kms:eu-west-1:111122223333:key/of-the-queues',
    '*',
  ]);
  expect(properties(full, 'ServicePolicy')['Roles']).toEqual(['reloader']);
  const least = statements(properties(plain, 'ServicePolicy')['PolicyDocument']);
  expect(least.map(({ Sid }) => Sid)).toEqual([
    'ConsumeQueue',
    'DescribeSecrets',
    'ListSecrets',
    'DescribeParameters',
    'NeverReadValues',
  ]);
  expect(properties(plain, 'ServicePolicy')).not.toHaveProperty('Roles');
});

test('alarms watch both ends of every queue and rule, and are told where there is a topic', () => {
  const alarms = ofType(full, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  expect(
    alarms.map((one) => [one['AlarmName'], one['MetricName'], (one['Dimensions'] as [{ Value: string }])[0].Value]),
  ).toEqual([
    ['acme-oldest-message', 'ApproximateAgeOfOldestMessage', 'acme'],
    ['acme-held-messages', 'ApproximateNumberOfMessagesNotVisible', 'acme'],
    ['acme-dead-letters', 'ApproximateNumberOfMessagesVisible', 'acme-dead-letters'],
    ['acme-rule-dead-letters', 'ApproximateNumberOfMessagesVisible', 'acme-rule-dead-letters'],
    ['acme-labels-failed', 'FailedInvocations', 'acme-labels'],
    ['acme-labels-lost', 'InvocationsFailedToBeSentToDlq', 'acme-labels'],
    ['acme-cloudtrail-failed', 'FailedInvocations', 'acme-cloudtrail'],
    ['acme-cloudtrail-lost', 'InvocationsFailedToBeSentToDlq', 'acme-cloudtrail'],
  ]);
  for (const alarm of alarms) expect(alarm).toMatchObject({ AlarmActions: [TOPIC], OKActions: [TOPIC] });
  const silent = ofType(plain, 'AWS::CloudWatch::Alarm');
  expect(silent.length).toBe(6);
  for (const [, alarm] of silent) expect(alarm.Properties).not.toHaveProperty('AlarmActions');
});

test('the role in another account: one principal, its external id, and no value', () => {
  const given = properties(role, 'DescribeRole');
  expect(statements(given['AssumeRolePolicyDocument'])).toMatchObject([
    {
      Principal: { AWS: 'arn:aws:iam::111122223333:role/reloader' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': 'acme-rotation' } },
    },
  ]);
  const [{ PolicyDocument }] = given['Policies'] as [{ readonly PolicyDocument: unknown }];
  expect(statements(PolicyDocument)).toEqual([
    {
      Sid: 'DescribeSecrets',
      Effect: 'Allow',
      Action: 'secretsmanager:DescribeSecret',
      Resource: 'arn:aws:secretsmanager:*:111122223333:secret:*-??????',
      Condition: { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'eu-central-1'] } },
    },
    {
      Sid: 'ListSecrets',
      Effect: 'Allow',
      Action: 'secretsmanager:ListSecrets',
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'eu-central-1'] } },
    },
    {
      Sid: 'DescribeParameters',
      Effect: 'Allow',
      Action: 'ssm:DescribeParameters',
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'eu-central-1'] } },
    },
    statements(JSON.parse(readFileSync('templates/iam/policy.json', 'utf8'))).at(-1),
  ]);
});

test.each([
  [FILE, EVENT_VALUES],
  [ROLE_FILE, ROLE_VALUES],
] as const)('%s refuses what would work wrongly, and says what is wanted', (file, values) => {
  const { parameters } = evaluateTemplate(file, file === FILE ? {} : GIVEN);
  const free = Object.entries(parameters).filter(([, { AllowedValues }]) => AllowedValues === undefined);
  expect(free.map(([name]) => name).toSorted()).toEqual(values.map((one) => one.cloudFormation).toSorted());
  for (const [name, parameter] of free) {
    expect([name, parameter.ConstraintDescription]).toEqual([name, expect.stringMatching(/\w{3}/)]);
    const { good, refused } = values.find((one) => one.cloudFormation === name) as Values;
    const accepts = (value: string): boolean =>
      new RegExp(parameter.AllowedPattern ?? '').test(value) &&
      value.length >= (parameter.MinLength ?? 0) &&
      value.length <= (parameter.MaxLength ?? Number.POSITIVE_INFINITY);
    expect([name, good.filter((value) => !accepts(value))]).toEqual([name, []]);
    expect([name, refused.filter(accepts)]).toEqual([name, []]);
  }
});
