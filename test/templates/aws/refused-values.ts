/** What nobody may pass to the templates, by the parameter of each: as CloudFormation has it, and as Terraform has it. */
export interface Values {
  readonly cloudFormation: string;
  readonly terraform: string;
  readonly good: readonly string[];
  readonly refused: readonly string[];
}

const ROLE = 'arn:aws:iam::111122223333:role/gitops-reloader-describe';
const NAMES: Values = {
  cloudFormation: 'SecretNames',
  terraform: 'secret_names',
  good: ['*', 'prod/*', 'rds!db-0f', 'a.b@c+d=e_f-g'],
  refused: [
    '',
    'prod/* ',
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x',
    '${aws:username}',
    'a'.repeat(513),
  ],
};
const ROLE_NAMES = ['gitops-reloader', 'a+b=c,d.e@f_g-h'];

/** For the rules, the queue and the policy. */
export const EVENT_VALUES: readonly Values[] = [
  {
    cloudFormation: 'Name',
    terraform: 'name',
    good: ['gitops-reloader', 'G', `a${'9'.repeat(49)}`],
    refused: ['', '-a', '9a', 'a b', 'a_b', 'a/b', 'a\n', '${name}', 'ä', 'a'.repeat(51)],
  },
  NAMES,
  {
    cloudFormation: 'ServiceRoleName',
    terraform: 'service_role_name',
    good: ['', ...ROLE_NAMES],
    refused: [ROLE, 'a b', 'a/b', 'a'.repeat(65)],
  },
  {
    cloudFormation: 'AlarmTopicArn',
    terraform: 'alarm_topic_arn',
    good: ['', 'arn:aws:sns:eu-west-1:111122223333:on-call', 'arn:aws-us-gov:sns:us-gov-west-1:111122223333:x_1'],
    refused: [
      'on-call',
      ' ',
      'arn:aws:sqs:eu-west-1:111122223333:x',
      'arn:aws:sns:eu-west-1:1111:x',
      'arn:aws:sns:eu-west-1:111122223333:x.fifo',
    ],
  },
  {
    cloudFormation: 'DescribeRoleArns',
    terraform: 'describe_role_arns',
    good: [ROLE, 'arn:aws-cn:iam::111122223333:role/path/x'],
    refused: [
      '*',
      'arn:aws:iam::*:role/x',
      'arn:aws:iam::111122223333:role/*',
      'arn:aws:iam::111122223333:user/x',
      'gitops-reloader-describe',
    ],
  },
];

/** For the role in another account. */
export const ROLE_VALUES: readonly Values[] = [
  NAMES,
  {
    cloudFormation: 'ServiceRoleArn',
    terraform: 'service_role_arn',
    good: ['arn:aws:iam::111122223333:role/gitops-reloader'],
    refused: ['', '*', 'arn:aws:iam::111122223333:root', 'arn:aws:iam::111122223333:role/*', '111122223333'],
  },
  {
    cloudFormation: 'ExternalId',
    terraform: 'external_id',
    good: ['acme-rotation', 'a:b/c=d,e@f.'],
    refused: ['', 'short', 'with a space', 'line\nbreaks', 'a'.repeat(1225)],
  },
  {
    cloudFormation: 'Regions',
    terraform: 'regions',
    good: ['eu-west-1', 'us-gov-west-1', 'ap-southeast-12'],
    refused: ['', '*', 'eu-*', 'EU-WEST-1', 'eu-west-1a', 'eu'],
  },
  {
    cloudFormation: 'RoleName',
    terraform: 'role_name',
    good: ROLE_NAMES,
    refused: ['', 'a b', 'a/b', 'a'.repeat(65)],
  },
];
