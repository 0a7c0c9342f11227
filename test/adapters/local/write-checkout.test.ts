import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addCheckoutFile, type WriteResult, writeCheckoutFile } from '../../../src/adapters/local/write-checkout.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { parseRepoPath, type RepoPath } from '../../../src/domain/repo-path.ts';
import { tempFolder } from './temp-folder.ts';

const BEFORE = 'before: "ü"\r\n';

async function repository(): Promise<string> {
  const folder = await tempFolder();
  await mkdir(join(folder, 'a/.github/workflows'), { recursive: true });
  await mkdir(join(folder, 'outside'));
  for (const path of ['a/b.yaml', 'a/.github/workflows/ci.yaml', 'a/.gitattributes', 'outside/b.yaml']) {
    await writeFile(join(folder, path), BEFORE);
  }
  return folder;
}

function repoPath(text: string): RepoPath {
  const path = parseRepoPath(text);
  if (path === null) throw new Error('not a path');
  return path;
}

function write(folder: string, path: string, expected = BEFORE): Promise<WriteResult> {
  return writeCheckoutFile(folder, { path: repoPath(path), text: 'after\n' }, Buffer.from(expected));
}

test('a file that holds what was read is replaced, with its mode and nothing left beside it', async () => {
  const folder = await repository();
  await chmod(join(folder, 'a/b.yaml'), 0o755);
  expect(await write(folder, 'a/b.yaml')).toEqual({ kind: 'written' });
  expect(await readFile(join(folder, 'a/b.yaml'), 'utf8')).toBe('after\n');
  expect((await stat(join(folder, 'a/b.yaml'))).mode & 0o777).toBe(0o755);
  expect(await readdir(join(folder, 'a'))).toEqual(['.gitattributes', '.github', 'b.yaml']);
});

test('a file that holds anything else is left alone', async () => {
  const folder = await repository();
  for (const other of ['', 'before', `${BEFORE} `, BEFORE.slice(0, -1), BEFORE.replace('b', 'B')]) {
    expect(await write(folder, 'a/b.yaml', other)).toEqual({ kind: 'changed' });
  }
  expect(await readFile(join(folder, 'a/b.yaml'), 'utf8')).toBe(BEFORE);
  expect(await readdir(join(folder, 'a'))).toEqual(['.gitattributes', '.github', 'b.yaml']);
});

test('nothing is written through a link', async () => {
  const folder = await repository();
  await symlink('../outside', join(folder, 'a/folder'));
  await symlink('../outside/b.yaml', join(folder, 'a/file.yaml'));
  const refused = { kind: 'refused', reason: 'a symbolic link is on its path' };
  expect(await write(folder, 'a/folder/b.yaml')).toEqual(refused);
  expect(await write(folder, 'a/file.yaml')).toEqual(refused);
  expect(await readFile(join(folder, 'outside/b.yaml'), 'utf8')).toBe(BEFORE);
});

test('nothing under a .git name is written', async () => {
  const folder = await repository();
  const refused = { kind: 'refused', reason: 'nothing under a .git name is written' };
  expect(await write(folder, 'a/.github/workflows/ci.yaml')).toEqual(refused);
  expect(await write(folder, 'a/.gitattributes')).toEqual(refused);
  expect(await write(folder, '.git/config')).toEqual(refused);
  expect(await readFile(join(folder, 'a/.gitattributes'), 'utf8')).toBe(BEFORE);
});

test('a folder in place of the file is refused, a file that is not there is a failure', async () => {
  const folder = await repository();
  expect(await write(folder, 'a')).toEqual({ kind: 'refused', reason: 'it is not a regular file' });
  const error: unknown = await write(folder, 'a/none.yaml').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject({ code: 'file-unwritable', message: 'could not write a/none.yaml: ENOENT' });
});

test('what a killed process left beside the file goes, what a running one is writing stays', async () => {
  const folder = await repository();
  expect(await write(folder, 'a/b.yaml')).toEqual({ kind: 'written' });
  const mark = `.gitops-reloader-${createHash('sha256').update('b.yaml').digest('hex').slice(0, 12)}-`;
  const { pid: dead } = spawnSync(process.execPath, ['--version']);
  const stays = [`${mark}${process.ppid}.tmp`, `${mark}x.tmp`, '.gitops-reloader-000000000000-1.tmp'];
  for (const name of [`${mark}${dead}.tmp`, `${mark}${process.pid}.tmp`, ...stays]) {
    await writeFile(join(folder, 'a', name), 'half');
  }
  expect(await write(folder, 'a/b.yaml', 'after\n')).toEqual({ kind: 'written' });
  expect((await readdir(join(folder, 'a'))).toSorted()).toEqual(
    ['.gitattributes', '.github', 'b.yaml', ...stays].toSorted(),
  );
});

test('a name as long as a name can be is no obstacle, nor is a mode that allows little', async () => {
  const folder = await repository();
  const name = `${'ü'.repeat(125)}.yaml`;
  await writeFile(join(folder, name), BEFORE);
  await chmod(join(folder, name), 0o400);
  expect(await write(folder, name)).toEqual({ kind: 'written' });
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o400);
  expect((await readdir(folder)).toSorted()).toEqual(['a', 'outside', name]);
});

test('a new file is made where nothing stands, and nowhere else', async () => {
  const folder = await repository();
  const add = (path: string) => addCheckoutFile(folder, { path: repoPath(path), text: 'new\n' });
  expect(await add('a/new.yaml')).toEqual({ kind: 'written' });
  expect(await readFile(join(folder, 'a/new.yaml'), 'utf8')).toBe('new\n');
  expect((await stat(join(folder, 'a/new.yaml'))).mode & 0o111).toBe(0);
  await symlink('../outside', join(folder, 'a/folder'));
  await symlink('nowhere', join(folder, 'a/link.yaml'));
  for (const path of ['a/new.yaml', 'a/b.yaml', 'a', 'a/link.yaml'])
    expect(await add(path)).toEqual({ kind: 'changed' });
  expect((await add('a/folder/x.yaml')).kind).toBe('refused');
  expect((await add('a/.github/x.yaml')).kind).toBe('refused');
  expect(await readFile(join(folder, 'a/b.yaml'), 'utf8')).toBe(BEFORE);
  expect(await readdir(join(folder, 'outside'))).toEqual(['b.yaml']);
  const error: unknown = await add('none/x.yaml').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'file-unwritable', message: 'could not write none/x.yaml: ENOENT' });
});
