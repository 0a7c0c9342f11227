import { parse } from '@cdktn/hcl2json';
import { expect, test } from 'vitest';
import { evaluateTemplate, type Stack } from './evaluate-template.ts';
import { type Block, type Module, readModule, referencesIn } from './read-module.ts';

const FOLDER = 'templates/terraform';
const ROLE_FOLDER = `${FOLDER}/describe-role`;
const REQUIRED = {
  service_role_arn: 'arn:aws:iam::111122223333:role/reloader',
  external_id: 'acme-rotation',
  regions: ['eu-west-1'],
};
const ALARM_OF_RULES = 'aws_cloudwatch_metric_alarm.rule';
const events = await readModule(FOLDER);
const role = await readModule(ROLE_FOLDER);
const stack = evaluateTemplate('templates/cloudformation/gitops-reloader.yaml', {
  CloudTrailRule: 'true',
  CustomerKey: 'true',
  DescribeRoleArns: 'arn:aws:iam::444455556666:role/a',
});
const roleStack = evaluateTemplate('templates/cloudformation/describe-role.yaml', {
  ServiceRoleArn: REQUIRED.service_role_arn,
  ExternalId: REQUIRED.external_id,
  Regions: REQUIRED.regions.join(','),
});

test('every name that is used is declared, and every one that is declared is used', () => {
  for (const { variables, locals, blocks, outputs } of [events, role]) {
    const declared = [
      ...Object.keys(variables).map((name) => `var.${name}`),
      ...Object.keys(locals).map((name) => `local.${name}`),
      ...Object.keys(blocks),
    ];
    const used = referencesIn([blocks, locals, outputs]);
    expect(used.filter((name) => !declared.includes(name))).toEqual([]);
    expect(declared.filter((name) => !used.includes(name) && !name.startsWith('aws_'))).toEqual([]);
  }
});

test('a file that does not parse is seen, with its line', async () => {
  await expect(parse('main.tf', 'resource "aws_sqs_queue" {\n')).rejects.toThrow(/main\.tf:1/);
});

test('every variable says what it is for, and those of free text are validated', () => {
  for (const { variables } of [events, role]) {
    for (const [name, variable] of Object.entries(variables)) {
      expect([name, variable]).toEqual([name, expect.objectContaining({ nullable: false })]);
      expect([name, variable['description']]).toEqual([name, expect.stringMatching(/^[A-Z].{10,}\.$/)]);
      expect([name, Array.isArray(variable['validation'])]).toEqual([name, variable['type'] !== '${bool}']);
    }
  }
});

test('both refuse by the same patterns', () => {
  for (const [{ variables }, { parameters }] of [
    [events, stack],
    [role, roleStack],
  ] as const) {
    const patterns = Object.values(parameters).flatMap(({ AllowedPattern = [] }) => AllowedPattern);
    const own = Object.values(variables).flatMap(({ validation = [] }) => validation as readonly Block[]);
    // A list of CloudFormation's that is left out holds one empty text.
    const wanted = patterns.map((pattern) => pattern.replace(/^\^\$\|(?=.*:role)/, ''));
    const found = own.map(({ condition }) => /regex\("([^"]*)"/.exec(String(condition))?.[1]);
    expect(new Set(found)).toEqual(new Set(wanted));
  }
});

/** A name of CloudFormation in Terraform's spelling. */
function snake(name: string): string {
  const words = name.replace('CloudTrail', 'Cloudtrail').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_');
  return words.toLowerCase();
}

function checkSame({ variables, outputs }: Module, { parameters, outputs: given }: Stack): void {
  const defaults = Object.entries(variables).map(([name, variable]) => [name, JSON.stringify(variable['default'])]);
  const wanted = Object.entries(parameters).map(([name, { Type, Default, AllowedValues }]) => {
    if (Type === 'CommaDelimitedList') return [snake(name), Default === '' ? '[]' : undefined];
    return [snake(name), AllowedValues === undefined ? JSON.stringify(Default) : Default];
  });
  expect(Object.fromEntries(defaults)).toEqual(Object.fromEntries(wanted));
  expect(new Set(Object.keys(outputs))).toEqual(new Set(Object.keys(given).map(snake)));
}

test('both take the same parameters with the same defaults, and give the same outputs', () => {
  checkSame(events, stack);
  checkSame(role, roleStack);
});

/** A policy as both templates can be compared: who, what, and under which conditions. */
function statementsOf({ blocks }: Module, document: string): readonly unknown[] {
  const block = blocks[`data.aws_iam_policy_document.${document}`] ?? {};
  expect(block['version']).toBe('2012-10-17');
  const { statement: dynamic = [] } = (block['dynamic'] ?? {}) as { readonly statement?: readonly Block[] };
  const all = [
    ...((block['statement'] ?? []) as readonly Block[]),
    ...dynamic.flatMap(({ content }) => content as readonly Block[]),
  ];
  return all
    .map(({ sid, effect, actions, principals = [], condition = [] }) => ({
      sid,
      effect,
      actions,
      principals: (principals as readonly Block[]).map(({ type }) => type),
      conditions: (condition as readonly Block[]).map(({ test: operator, variable }) => [operator, variable]),
    }))
    .toSorted((one, other) => String(one.sid).localeCompare(String(other.sid)));
}

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Principal?: string | Readonly<Record<string, unknown>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function statementsOfStack(policy: unknown): readonly unknown[] {
  return (policy as { readonly Statement: readonly Statement[] }).Statement.map(
    ({ Sid, Effect, Action, Principal = {}, Condition = {} }) => ({
      sid: Sid,
      effect: Effect,
      actions: [Action].flat(),
      principals: typeof Principal === 'string' ? [Principal] : Object.keys(Principal),
      conditions: Object.entries(Condition).flatMap(([operator, variables]) =>
        Object.keys(variables).map((variable) => [operator, variable]),
      ),
    }),
  ).toSorted((one, other) => one.sid.localeCompare(other.sid));
}

test('both have the same policies', () => {
  const policyOf = (name: string): unknown => stack.resources[name]?.Properties['PolicyDocument'];
  expect(statementsOf(events, 'service')).toEqual(statementsOfStack(policyOf('ServicePolicy')));
  expect(statementsOf(events, 'queue')).toEqual(statementsOfStack(policyOf('QueuePolicy')));
  expect(statementsOf(events, 'dead_letters')).toEqual(statementsOfStack(policyOf('DeadLettersPolicy')));
  expect(statementsOf(events, 'rule_dead_letters')).toEqual(statementsOfStack(policyOf('RuleDeadLettersPolicy')));
  expect(statementsOf(events, 'key')).toEqual(statementsOfStack(stack.resources['QueueKey']?.Properties['KeyPolicy']));
  const { AssumeRolePolicyDocument, Policies } = roleStack.resources['DescribeRole']?.Properties ?? {};
  const [inline] = Policies as readonly [{ readonly PolicyDocument: unknown }];
  expect(statementsOf(role, 'trust')).toEqual(statementsOfStack(AssumeRolePolicyDocument));
  expect(statementsOf(role, 'describe')).toEqual(statementsOfStack(inline.PolicyDocument));
});

/** Whom each statement names, on what, and the values of its conditions, as they are written. */
function namesIn({ blocks }: Module, document: string): Readonly<Record<string, readonly unknown[]>> {
  const block = blocks[`data.aws_iam_policy_document.${document}`] ?? {};
  const { statement: dynamic = [] } = (block['dynamic'] ?? {}) as { readonly statement?: readonly Block[] };
  const all = [block['statement'] as readonly Block[], ...dynamic.map(({ content }) => content as readonly Block[])];
  return Object.fromEntries(
    all
      .flat()
      .map(({ sid, principals = [], resources = [], condition = [] }) => [
        String(sid),
        [
          (principals as readonly Block[]).flatMap(({ identifiers }) => identifiers),
          resources,
          ...(condition as readonly Block[]).map(({ values }) => values),
        ],
      ]),
  );
}

test('who is named in them: events of the rules, this account, its secrets', () => {
  const account = '${data.aws_caller_identity.current.account_id}';
  const queue =
    '${data.aws_arn.queue.partition}:secretsmanager:${data.aws_arn.queue.region}:${data.aws_arn.queue.account}';
  expect(namesIn(events, 'key')).toEqual({
    AccountDecides: [[`arn:\${data.aws_partition.current.partition}:iam::${account}:root`], ['*']],
    EventsEncrypt: [['events.amazonaws.com'], ['*'], [account]],
  });
  for (const name of ['queue', 'rule_dead_letters', 'dead_letters']) {
    const own = [`\${aws_sqs_queue.${name}.arn}`];
    const senders = { EventsSend: [['events.amazonaws.com'], own, '${local.rule_arns}'] };
    expect(namesIn(events, name)).toEqual({
      ...(name === 'dead_letters' ? {} : senders),
      OnlyTls: [['*'], own, ['false']],
    });
  }
  expect(events.locals['rule_arns']).toBe('${[for rule in aws_cloudwatch_event_rule.rule : rule.arn]}');
  expect(namesIn(events, 'service')).toEqual({
    ConsumeQueue: [[], ['${aws_sqs_queue.queue.arn}']],
    DescribeSecrets: [[], [`arn:${queue}:secret:\${var.secret_names}-??????`]],
    ListSecrets: [[], ['*'], ['${data.aws_arn.queue.region}']],
    DescribeParameters: [[], ['*'], ['${data.aws_arn.queue.region}']],
    AssumeDescribeRoles: [[], '${var.describe_role_arns}'],
    ReadQueueKey: [[], ['${local.key_arn}']],
    NeverReadValues: [[], ['*']],
  });
  expect(namesIn(role, 'trust')).toEqual({
    OnlyTheService: [['${var.service_role_arn}'], [], ['${var.external_id}']],
  });
  expect(namesIn(role, 'describe')).toEqual({
    DescribeSecrets: [
      [],
      [`arn:\${data.aws_partition.current.partition}:secretsmanager:*:${account}:secret:\${var.secret_names}-??????`],
      '${var.regions}',
    ],
    ListSecrets: [[], ['*'], '${var.regions}'],
    DescribeParameters: [[], ['*'], '${var.regions}'],
    NeverReadValues: [[], ['*']],
  });
});

test('queues, dead letters, rules and policies are wired', () => {
  const { blocks } = events;
  for (const queue of ['queue', 'dead_letters', 'rule_dead_letters']) {
    expect(blocks[`aws_sqs_queue.${queue}`]).toMatchObject({
      sqs_managed_sse_enabled: '${var.customer_key ? null : true}',
      kms_master_key_id: '${local.key_arn}',
    });
    expect(blocks[`aws_sqs_queue_policy.${queue}`]).toEqual({
      queue_url: `\${aws_sqs_queue.${queue}.id}`,
      policy: `\${data.aws_iam_policy_document.${queue}.json}`,
    });
  }
  expect(blocks['aws_sqs_queue.queue']?.['redrive_policy']).toContain('aws_sqs_queue.dead_letters.arn');
  expect(blocks['aws_cloudwatch_event_target.queue']).toMatchObject({
    arn: '${aws_sqs_queue.queue.arn}',
    dead_letter_config: [{ arn: '${aws_sqs_queue.rule_dead_letters.arn}' }],
    retry_policy: [{ maximum_event_age_in_seconds: 86_400, maximum_retry_attempts: 185 }],
    depends_on: ['${aws_sqs_queue_policy.queue}', '${aws_sqs_queue_policy.rule_dead_letters}'],
  });
});

test('both have the same alarms', () => {
  const alarms = Object.values(stack.resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => Properties);
  const ofQueues = Object.entries(events.locals['queue_alarms'] as Readonly<Record<string, Block>>);
  const ofRules = Object.entries(events.locals['rule_metrics'] as Readonly<Record<string, Block>>);
  const block = events.blocks[ALARM_OF_RULES] ?? {};
  const ofRule: Block = { ...block, periods: block['evaluation_periods'] };
  const own = [
    ...ofQueues.map(([name, one]) => [name, one] as const),
    ...['labels', 'cloudtrail'].flatMap((rule) =>
      ofRules.map(([name, one]) => [`${rule}-${name}`, { ...ofRule, ...one }] as const),
    ),
  ].map(([name, { metric, description, statistic, period, periods, threshold }]) => [
    name,
    { metric, description, statistic, period, periods, threshold },
  ]);
  const wanted = alarms.map((one) => [
    String(one['AlarmName']).replace('gitops-reloader-', ''),
    {
      metric: one['MetricName'],
      description: one['AlarmDescription'],
      statistic: one['Statistic'],
      period: one['Period'],
      periods: one['EvaluationPeriods'],
      threshold: one['Threshold'],
    },
  ]);
  expect(Object.fromEntries(own)).toEqual(Object.fromEntries(wanted));
  for (const kind of ['queue', 'rule']) {
    expect(events.blocks[`aws_cloudwatch_metric_alarm.${kind}`]).toMatchObject({
      comparison_operator: 'GreaterThanOrEqualToThreshold',
      treat_missing_data: 'notBreaching',
      alarm_actions: '${local.alarm_actions}',
      ok_actions: '${local.alarm_actions}',
    });
  }
});
