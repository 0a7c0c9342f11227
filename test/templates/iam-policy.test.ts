import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string;
}

const { Version, Statement: statements } = JSON.parse(readFileSync('templates/iam/policy.json', 'utf8')) as {
  readonly Version: string;
  readonly Statement: readonly Statement[];
};

function actions(effect: Statement['Effect']): readonly string[] {
  return statements
    .filter((one) => one.Effect === effect)
    .flatMap((one) => one.Action)
    .toSorted();
}

/**
 * The operations that the AWS adapters send, read from their source: `new DescribeSecretCommand(`. SQS asks the permission of the
 * single call for its batch form.
 */
function sentOperations(): readonly string[] {
  const files = readdirSync('src/adapters', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const sent = files.flatMap((name) => {
    const text = readFileSync(join('src/adapters', name), 'utf8');
    const [, client = ''] = /'@aws-sdk\/client-(sqs|ssm|secrets-manager)'/.exec(text) ?? [];
    const service = client.replace('-', '');
    return [...text.matchAll(/new (\w+)Command\(/g)].map((match) => `${service}:${match[1]?.replace(/Batch$/, '')}`);
  });
  return [...new Set(sent)].toSorted();
}

test('it allows exactly what is sent, and assuming the roles of the accounts', () => {
  expect(sentOperations()).toContain('secretsmanager:DescribeSecret');
  expect(actions('Allow')).toEqual([...sentOperations(), 'sts:AssumeRole'].toSorted());
});

test('reading a value is denied, everywhere', () => {
  expect(actions('Deny')).toEqual([
    'secretsmanager:BatchGetSecretValue',
    'secretsmanager:GetSecretValue',
    'ssm:GetParameter',
    'ssm:GetParameterHistory',
    'ssm:GetParameters',
    'ssm:GetParametersByPath',
  ]);
  expect(statements.filter((one) => one.Effect === 'Deny').map((one) => one.Resource)).toEqual(['*']);
});

test('no allowed action and no allowed resource is open', () => {
  const allowed = statements.filter((one) => one.Effect === 'Allow');
  expect(Version).toBe('2012-10-17');
  expect(actions('Allow').filter((action) => action.includes('*'))).toEqual([]);
  const open = allowed.filter((one) => !/^arn:aws:(sqs|secretsmanager|iam):/.test(one.Resource));
  // AWS knows these actions for no single secret; the region is all that can be said.
  const anywhere = { Resource: '*', Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } };
  expect(open).toMatchObject([
    { Action: 'secretsmanager:ListSecrets', ...anywhere },
    { Action: 'ssm:DescribeParameters', ...anywhere },
  ]);
  expect(new Set(statements.map((one) => one.Sid)).size).toBe(statements.length);
});

test('a secret whose name merely begins alike is not described: the random suffix is spelled out', () => {
  const describe = statements.find((one) => one.Action === 'secretsmanager:DescribeSecret');
  expect(describe?.Resource).toMatch(/-\?{6}$/);
});
