import { expect, test } from 'vitest';
import { evaluateTemplate } from '../templates/aws/evaluate-template.ts';
import { readModule } from '../templates/aws/read-module.ts';
import { codes, tableRows } from './markdown.ts';

const rows = tableRows('README.md', '| Part | Terraform | CloudFormation |');
const told = (column: number): readonly string[] => rows.flatMap((cells) => codes(cells[column] ?? '')).toSorted();

test('what Terraform makes: every resource, once', async () => {
  const modules = await Promise.all(['templates/terraform', 'templates/terraform/describe-role'].map(readModule));
  const made = modules.flatMap(({ blocks }) => Object.keys(blocks).filter((name) => !name.startsWith('data.')));
  expect(told(1)).toEqual(made.toSorted());
});

test('what CloudFormation makes: every resource, once', () => {
  const events = evaluateTemplate('templates/cloudformation/gitops-reloader.yaml', {
    CloudTrailRule: 'true',
    CustomerKey: 'true',
  });
  const role = evaluateTemplate('templates/cloudformation/describe-role.yaml', {
    ServiceRoleArn: 'arn:aws:iam::111122223333:role/reloader',
    ExternalId: 'acme-rotation',
    Regions: 'eu-west-1',
  });
  expect(told(2)).toEqual([...Object.keys(events.resources), ...Object.keys(role.resources)].toSorted());
});
