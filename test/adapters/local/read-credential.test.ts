import { execFileSync } from 'node:child_process';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readCredential, readWord } from '../../../src/adapters/local/read-credential.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { CredentialPlace } from '../../../src/domain/policy.ts';
import { tempFolder } from './temp-folder.ts';

async function refusal(place: CredentialPlace): Promise<string> {
  const error: unknown = await readCredential(place).catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error('it was read');
  return `${error.code} ${error.retry}: ${error.message}`;
}

async function written(content: string | Uint8Array): Promise<CredentialPlace & { kind: 'file' }> {
  const path = join(await tempFolder(), 'token');
  await writeFile(path, content);
  return { kind: 'file', path };
}

test('a file, without the line break at its end', async () => {
  expect(await readCredential(await written('ghs_abc\n'))).toBe('ghs_abc');
  expect(await readCredential(await written('-----BEGIN\nab\n-----END\r\n\n'))).toBe('-----BEGIN\nab\n-----END');
});

test('a mounted secret is reached through links, and a new one is seen at once', async () => {
  const folder = await tempFolder();
  await mkdir(join(folder, '..1'));
  await mkdir(join(folder, '..2'));
  await writeFile(join(folder, '..1/token'), 'old');
  await writeFile(join(folder, '..2/token'), 'new');
  await symlink('..1', join(folder, '..data'));
  await symlink('..data/token', join(folder, 'token'));
  const place: CredentialPlace = { kind: 'file', path: join(folder, 'token') };
  expect(await readCredential(place)).toBe('old');
  await symlink('..2', join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  expect(await readCredential(place)).toBe('new');
});

test('what cannot be read is refused with its place, never with its content', async () => {
  const folder = await tempFolder();
  expect(await refusal({ kind: 'file', path: join(folder, 'none') })).toBe(
    `file-unreadable never: could not read the credential file ${folder}/none: ENOENT`,
  );
  expect(await refusal({ kind: 'file', path: folder })).toContain('is no file, or longer than 65536 bytes');
  const empty = await written(' \n');
  expect(await refusal(empty)).toBe(`file-unreadable never: the credential file ${empty.path} is empty`);
  const binary = await written(Buffer.from([0x73, 0xff, 0xfe]));
  expect(await refusal(binary)).toBe(`file-unreadable never: the credential file ${binary.path} is not UTF-8 text`);
  const long = await refusal(await written('topsecret'.repeat(8000)));
  expect(long).toContain('longer than 65536 bytes');
  expect(long).not.toContain('topsecret');
});

test('what is sent as one word is one, or refused with its place: no request with it could ever be sent', async () => {
  expect(await readWord(await written('ghs_abc\n'))).toBe('ghs_abc');
  for (const content of ['ghs_abc\ntopsecret', 'ghs_abc topsecret', 'ghs_ä€topsecret']) {
    const place = await written(content);
    await expect(readWord(place)).rejects.toMatchObject({
      code: 'config-invalid',
      message: `the credential in the file ${place.path} is not one word of ASCII characters`,
    });
  }
});

test('a pipe that nobody writes to and a device do not hang it', async () => {
  const path = join(await tempFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  expect(await refusal({ kind: 'file', path })).toContain('is no file');
  expect(await refusal({ kind: 'file', path: '/dev/zero' })).toContain('is no file');
});

test('an environment variable, read at each call', async () => {
  const place: CredentialPlace = { kind: 'env', name: 'GITOPS_RELOADER_TEST_TOKEN' };
  onTestFinished(() => {
    delete process.env['GITOPS_RELOADER_TEST_TOKEN'];
  });
  const empty = 'config-invalid never: the environment variable GITOPS_RELOADER_TEST_TOKEN is empty';
  expect(await refusal(place)).toBe(empty);
  process.env['GITOPS_RELOADER_TEST_TOKEN'] = ' one ';
  expect(await readCredential(place)).toBe('one');
  process.env['GITOPS_RELOADER_TEST_TOKEN'] = 'two';
  expect(await readCredential(place)).toBe('two');
  process.env['GITOPS_RELOADER_TEST_TOKEN'] = '  ';
  expect(await refusal(place)).toBe(empty);
});
