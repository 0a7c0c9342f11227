import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFaults } from '../../../src/demo/faults.ts';
import { commitFiles, repositoryDir } from '../../../src/demo/git/bare-repository.ts';
import { git } from '../../../src/demo/git/git-cli.ts';
import { type GitServer, startGitServer } from '../../../src/demo/git/git-server.ts';

const PERSON = { name: 'Ada', email: 'ada@acme.example' };
const TIME = 1_700_000_000;
const FILES = new Map<string, string | Uint8Array>([
  ['a b/"quoted" é.yaml', 'text\n'],
  ['bytes', Buffer.from([0, 255, 10])],
]);

const folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-peer-'));
const faults = createFaults();
const server = await startGitServer({ faults });
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const create = (name: string, on: GitServer = server) =>
  on.createRepository(name, { files: FILES, branch: 'trunk', person: PERSON, time: TIME });

/** What the git program itself says, or how it fails. */
async function asGit(args: readonly string[], password = ''): Promise<string> {
  const header = `http.extraHeader=Authorization: Basic ${Buffer.from(`x:${password}`).toString('base64')}`;
  return git(folder, ['-c', header, ...args]).catch((error: Error) => error.message);
}

test('the git program clones, commits and pushes', async () => {
  const { url, dir } = await create('acme/peer');
  await asGit(['clone', '--quiet', url, 'peer']);
  const work = join(folder, 'peer');
  expect(await git(work, ['ls-files', '-z'])).toBe('a b/"quoted" é.yaml\0bytes\0');
  expect(await git(work, ['status', '--porcelain'])).toBe('');
  const who = ['-c', 'user.name=Bob', '-c', 'user.email=bob@acme.example'];
  await git(work, [...who, 'commit', '--quiet', '--allow-empty', '-m', 'By git']);
  await git(work, ['push', '--quiet', 'origin', 'trunk']);
  expect(await git(dir, ['log', '-1', '--format=%an: %s', 'trunk'])).toBe('Bob: By git\n');
});

test('the same files make the same commit', async () => {
  const tips = [];
  for (const name of ['one', 'two']) tips.push(await git((await create(name)).dir, ['rev-parse', 'trunk']));
  expect(tips[0]).toBe(tips[1]);
});

test('a person changes, adds and removes files; the executable bit stays', async () => {
  const { dir } = await create('person');
  await git(dir, ['read-tree', 'trunk']);
  const blob = (await git(dir, ['rev-parse', 'trunk:bytes'])).trim();
  await git(dir, ['update-index', '--cacheinfo', `100755,${blob},bytes`]);
  const tree = (await git(dir, ['write-tree'])).trim();
  const identity = ['-c', 'user.name=x', '-c', 'user.email=x@y'];
  const commit = (await git(dir, [...identity, 'commit-tree', tree, '-p', 'trunk', '-m', 'exec'])).trim();
  await git(dir, ['update-ref', 'refs/heads/trunk', commit]);
  const files = new Map([
    ['bytes', 'new\n'],
    ['new.yaml', 'n\n'],
    ['a b/"quoted" é.yaml', null],
  ]);
  const oid = await commitFiles(dir, { branch: 'trunk', files, message: 'Change\n', person: PERSON, time: TIME });
  expect(await git(dir, ['ls-tree', '-r', '--format=%(objectmode) %(path)', oid])).toBe(
    '100755 bytes\n100644 new.yaml\n',
  );
  expect(await git(dir, ['log', '-1', '--format=%P %an %at', 'trunk'])).toBe(`${commit} Ada ${TIME}\n`);
  const other = await commitFiles(dir, {
    branch: 'new/branch',
    files: new Map([['x', 'x']]),
    message: 'm\n',
    person: PERSON,
    time: TIME,
  });
  expect(await git(dir, ['rev-list', '--count', other])).toBe('1\n');
});

test('a protected branch declines pushes, says why, and can be opened again', async () => {
  const { url, dir } = await create('guarded');
  await asGit(['clone', '--quiet', url, 'guarded']);
  const work = join(folder, 'guarded');
  await server.protectBranch('guarded', 'trunk', 'Only by pull request; $(touch pwned)');
  const push = () =>
    asGit(['-C', work, 'push', '--quiet', '--force', 'origin', 'HEAD^{tree}:refs/tags/x', 'HEAD:trunk', 'HEAD:other']);
  await commitFiles(dir, { branch: 'trunk', files: new Map([['x', 'x']]), message: 'm\n', person: PERSON, time: TIME });
  expect(await push()).toContain('Only by pull request; $(touch pwned)');
  expect((await git(dir, ['for-each-ref', '--format=%(refname:short)'])).split('\n')).toContain('other');
  await server.unprotectBranches('guarded');
  await push();
  expect(await git(dir, ['rev-parse', 'trunk'])).toBe(await git(work, ['rev-parse', 'HEAD']));
});

test('passwords: none, wrong, for reading, for writing, revoked', async () => {
  const closed = await startGitServer({ faults });
  const { url } = await create('acme/closed', closed);
  const list = (password: string) => asGit(['ls-remote', url], password);
  expect(await list('')).toContain('refs/heads/trunk');
  closed.accept('reader', 'read');
  closed.accept('writer', 'write');
  expect(await list('')).toContain('fail');
  expect(await list('wrong')).toContain('fail');
  expect(await list('reader')).toContain('refs/heads/trunk');
  await asGit(['clone', '--quiet', url, 'closed'], 'reader');
  const push = (password: string) => asGit(['-C', join(folder, 'closed'), 'push', 'origin', 'trunk:new'], password);
  expect(await push('reader')).toContain('403');
  await push('writer');
  expect(await list('reader')).toContain('refs/heads/new');
  closed.revoke('reader');
  expect(await list('reader')).toContain('fail');
  await closed.close();
  expect(existsSync(closed.root)).toBe(false);
});

test('planned faults are met by operation, and the traffic is written down', async () => {
  const { url } = await create('faulty');
  faults.plan(/^GET info\/refs git-upload-pack$/, { kind: 'answer', status: 503 });
  expect(await asGit(['ls-remote', url])).toContain('503');
  expect(await asGit(['ls-remote', url])).toContain('refs/heads/trunk');
  expect(server.traffic.at(-1)).toMatchObject({ operation: 'POST git-upload-pack' });
  expect(server.traffic.at(-1)?.sent).toBeGreaterThan(40);
});

test('names that lead elsewhere make no repository', async () => {
  for (const name of ['', '..', '../x', 'a/../b', '/a', 'a/b/c', 'a.git', 'a.git/b', '.hidden', '-x', 'a b', 'a\0']) {
    expect(() => repositoryDir('/root', name)).toThrow('no repository name');
    await expect(create(name)).rejects.toThrow('no repository name');
  }
  await expect(server.protectBranch('one', '$(x)', 'r')).rejects.toThrow('no branch');
});

test('a folder that was given is not removed', async () => {
  const given = await startGitServer({ faults, root: folder });
  await given.close();
  expect(existsSync(folder)).toBe(true);
});
