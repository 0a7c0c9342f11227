import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chainUse, chainUseOf, givesCredentials } from '../../../../src/adapters/aws/environment/credential-source.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const TOKEN = { AWS_WEB_IDENTITY_TOKEN_FILE: '/t', AWS_ROLE_ARN: 'arn' };
const POD = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' };
const OFF = { AWS_EC2_METADATA_DISABLED: 'true' };

test.each([
  ['environment keys', [], KEYS],
  ['environment keys', ['web identity'], { ...KEYS, ...TOKEN }],
  ['environment keys', ['web identity', 'container'], { ...KEYS, ...TOKEN, ...POD }],
  ['profile', ['container'], { ...KEYS, ...POD, AWS_PROFILE: 'p' }],
  ['web identity', [], TOKEN],
  ['web identity', ['container'], { ...TOKEN, ...POD }],
  ['container', [], { ...POD, ...OFF }],
  ['container', [], { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/x' }],
  ['instance', [], {}],
  ['instance', [], { AWS_EC2_METADATA_DISABLED: 'false', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: '' }],
  ['none', [], { ...OFF, AWS_WEB_IDENTITY_TOKEN_FILE: '/t' }],
] as const)('%s comes first, before %s', (source, shadowed, environment) => {
  expect(chainUseOf(environment, false)).toEqual({ source, shadowed });
});

test('a default profile comes behind keys and before roles', () => {
  expect(chainUseOf(KEYS, true).source).toBe('environment keys');
  expect(chainUseOf(TOKEN, true)).toEqual({ source: 'profile', shadowed: ['web identity'] });
});

test('a profile counts where it says whence its credentials come', () => {
  expect(givesCredentials('[default]\naws_access_key_id = x\n')).toBe(true);
  expect(givesCredentials('[profile default]\r\nregion = x\r\nrole_arn=y')).toBe(true);
  expect(givesCredentials('[default]\nregion = eu-west-1\n[other]\naws_access_key_id = x')).toBe(false);
  expect(givesCredentials('aws_access_key_id = x\n[defaults]\nrole_arn = x')).toBe(false);
  expect(givesCredentials('['.repeat(100_000))).toBe(false);
});

test('the files are those that the environment names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  writeFileSync(join(folder, 'credentials'), '[default]\naws_access_key_id = x\n');
  const at = (name: string) => ({
    AWS_SHARED_CREDENTIALS_FILE: join(folder, name),
    AWS_CONFIG_FILE: join(folder, 'none'),
  });
  expect(chainUse(at('credentials')).source).toBe('profile');
  expect(chainUse({ ...at('none'), ...OFF }).source).toBe('none');
  expect(chainUse({ ...at('.'), ...OFF }).source).toBe('none');
  rmSync(folder, { recursive: true });
});
