import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const isThere = spawnSync('cfn-lint', ['--version']).status === 0;
if (!isThere)
  console.warn('cfn-lint is not installed: the CloudFormation templates are not compared with AWS’s own schemas');

test.skipIf(!isThere)('cfn-lint finds nothing, hints included', () => {
  const files = ['templates/cloudformation/gitops-reloader.yaml', 'templates/cloudformation/describe-role.yaml'];
  const { status, stdout } = spawnSync('cfn-lint', ['--include-checks', 'I', '--', ...files], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
