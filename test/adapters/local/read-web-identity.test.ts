import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readWebIdentity, type WebIdentityPlaces } from '../../../src/adapters/local/read-web-identity.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { tempFolder } from './temp-folder.ts';

const ROLE = 'arn:aws:iam::111122223333:role/reader';
const OTHER = 'arn:aws-cn:iam::444455556666:role/team/other';
const NOTHING: WebIdentityPlaces = { folder: null, tokenFile: null, role: null };

afterEach(() => {
  delete process.env['AWS_WEB_IDENTITY_TOKEN_FILE'];
  delete process.env['AWS_ROLE_ARN'];
});

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await tempFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

async function refusal(places: WebIdentityPlaces): Promise<string> {
  const error: unknown = await readWebIdentity(places).catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error('it was read');
  return `${error.code}: ${error.message}`;
}

test('what is mounted wins over what EKS injects, file by file', async () => {
  const folder = await folderWith({ token: 'mounted\n', 'role-arn': `${ROLE}\n` });
  const injected = await folderWith({ token: 'injected' });
  process.env['AWS_WEB_IDENTITY_TOKEN_FILE'] = join(injected, 'token');
  process.env['AWS_ROLE_ARN'] = OTHER;
  const empty = await tempFolder();
  expect(await readWebIdentity({ ...NOTHING, folder })).toEqual({ token: 'mounted', role: ROLE });
  expect(await readWebIdentity({ ...NOTHING, folder: empty })).toEqual({ token: 'injected', role: OTHER });
  expect(await readWebIdentity({ ...NOTHING, folder: join(empty, 'none') })).toEqual({
    token: 'injected',
    role: OTHER,
  });
  expect(await readWebIdentity({ ...NOTHING, folder: injected })).toEqual({ token: 'injected', role: OTHER });
  expect(await readWebIdentity(NOTHING)).toEqual({ token: 'injected', role: OTHER });
});

test('what the configuration names wins over both', async () => {
  const folder = await folderWith({ token: 'mounted', 'role-arn': ROLE, named: 'named' });
  const places = { folder, tokenFile: join(folder, 'named'), role: OTHER };
  expect(await readWebIdentity(places)).toEqual({ token: 'named', role: OTHER });
});

test('a token that was replaced is seen at the next call', async () => {
  const folder = await folderWith({ token: 'one', 'role-arn': ROLE });
  expect(await readWebIdentity({ ...NOTHING, folder })).toMatchObject({ token: 'one' });
  await writeFile(join(folder, 'token'), 'two');
  expect(await readWebIdentity({ ...NOTHING, folder })).toMatchObject({ token: 'two' });
});

test('what is missing or no role is said with its places, and never with the token', async () => {
  const folder = await folderWith({ token: 'topsecret' });
  expect(await refusal(NOTHING)).toBe(
    'config-invalid: found no token of a service account: looked at AWS_WEB_IDENTITY_TOKEN_FILE',
  );
  expect(await refusal({ ...NOTHING, folder })).toBe(
    `config-invalid: found no role for the service account: looked at ${folder}/role-arn and AWS_ROLE_ARN`,
  );
  process.env['AWS_ROLE_ARN'] = 'arn:aws:iam::1:user/x';
  expect(await refusal({ ...NOTHING, folder })).toBe(
    'config-invalid: the environment variable AWS_ROLE_ARN holds no ARN of an IAM role',
  );
  await writeFile(join(folder, 'role-arn'), 'topsecret');
  expect(await refusal({ ...NOTHING, folder })).toBe(
    `config-invalid: the file ${folder}/role-arn holds no ARN of an IAM role`,
  );
  await writeFile(join(folder, 'role-arn'), '');
  expect(await refusal({ ...NOTHING, folder })).toContain('file-unreadable: the credential file');
});
