import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CheckoutLimits, readCheckout } from '../../../src/adapters/local/read-checkout.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { formatProblem } from '../../../src/domain/problem.ts';
import { tempFolder } from './temp-folder.ts';

const signal = new AbortController().signal;

async function put(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

async function listing(folder: string, limits: Partial<CheckoutLimits> = {}): Promise<readonly string[]> {
  const { snapshot, problems } = await readCheckout(folder, signal, limits);
  return [...snapshot.entries.map((entry) => `${entry.mode} ${entry.path}`), ...problems.map(formatProblem)];
}

async function content(folder: string, path: string, limits: Partial<CheckoutLimits> = {}): Promise<string> {
  const { snapshot } = await readCheckout(folder, signal, limits);
  const entry = snapshot.entries.find((one) => one.path === path);
  return Buffer.from(await snapshot.read(entry?.oid ?? '')).toString('utf8');
}

async function failure(act: Promise<unknown>): Promise<string> {
  const error: unknown = await act.catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error('no failure');
  return `${error.code}: ${error.message}`;
}

function git(folder: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...identity, '-C', folder, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

async function repository(): Promise<{ readonly folder: string; readonly head: string }> {
  const folder = await put(await tempFolder(), { 'a.yaml': 'a' });
  git(folder, 'init', '-q');
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'one');
  return { folder, head: git(folder, 'rev-parse', 'HEAD') };
}

async function check(folder: string, expected: string | null): Promise<void> {
  const { head, snapshot } = await readCheckout(folder, signal);
  expect(head).toBe(expected);
  expect(snapshot.commit).toBe(expected ?? '0'.repeat(40));
}

describe('listing', () => {
  test('files in the order of Git, with their modes, without .git', async () => {
    const folder = await put(await tempFolder(), {
      'b.yaml': 'b',
      'a/z.yaml': 'z',
      'a.yaml': 'a',
      'run.sh': '#',
      '.git/config': 'x',
      '.github/CODEOWNERS': '*',
      'ü/日.yaml': 'u',
    });
    await chmod(join(folder, 'run.sh'), 0o755);
    expect(await listing(folder)).toEqual([
      '100644 .github/CODEOWNERS',
      '100644 a.yaml',
      '100644 a/z.yaml',
      '100644 b.yaml',
      '100755 run.sh',
      '100644 ü/日.yaml',
    ]);
    expect(await content(folder, 'ü/日.yaml')).toBe('u');
  });

  test('an empty folder, and one that is named through a link', async () => {
    const folder = await put(await tempFolder(), { 'real/a.yaml': 'a' });
    await mkdir(join(folder, 'empty'));
    await symlink('real', join(folder, 'link'));
    expect(await listing(join(folder, 'empty'))).toEqual([]);
    expect(await listing(join(folder, 'link'))).toEqual(['100644 a.yaml']);
  });

  test('links are entries and are never followed', async () => {
    const folder = await put(await tempFolder(), { 'repo/a.yaml': 'a', 'outside/secret.yaml': 's' });
    const repo = join(folder, 'repo');
    await symlink('../outside', join(repo, 'folder'));
    await symlink('../outside/secret.yaml', join(repo, 'file.yaml'));
    await symlink('.', join(repo, 'loop'));
    await symlink('nowhere', join(repo, 'dangling'));
    expect(await listing(repo)).toEqual([
      '100644 a.yaml',
      '120000 dangling',
      '120000 file.yaml',
      '120000 folder',
      '120000 loop',
    ]);
    expect(await failure(content(repo, 'file.yaml'))).toBe(
      'file-unreadable: could not read file.yaml: it is not a regular file',
    );
  });

  test('nested repositories are entries and are not entered', async () => {
    const folder = await put(await tempFolder(), { 'sub/.git': 'gitdir: x', 'sub/a.yaml': 'a', 'own/.git/HEAD': 'x' });
    expect(await listing(folder)).toEqual(['160000 own', '160000 sub']);
  });

  test('names that are not UTF-8 or no sound path are left out and said', async () => {
    const folder = await tempFolder();
    await writeFile(Buffer.concat([Buffer.from(`${folder}/a`), Buffer.from([0xff])]), 'x');
    await writeFile(join(folder, 'b\\c'), 'x');
    await writeFile(join(folder, 'd\u001b[2J'), 'x');
    expect((await listing(folder)).toSorted()).toEqual([
      '.: left out a�: its name is not plain UTF-8',
      '.: left out b\\c: its name is not plain UTF-8',
      '.: left out d\\u{1b}[2J: its name is not plain UTF-8',
    ]);
  });

  test('pipes are said and not opened', async () => {
    const folder = await tempFolder();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await listing(folder)).toEqual(['pipe: neither a file nor a folder']);
  });

  test('bounds', async () => {
    const folder = await put(await tempFolder(), { 'a/b/c.yaml': 'c', 'd.yaml': 'dddd' });
    expect(await listing(folder, { maxDepth: 1 })).toEqual(['100644 d.yaml', 'a/b: deeper than 1 folders']);
    expect(await failure(listing(folder, { maxEntries: 1 }))).toBe('input-invalid: the folder holds more than 1 files');
    const { snapshot, tooLarge } = await readCheckout(folder, signal, { maxFileBytes: 3 });
    expect([snapshot.entries.map(({ path }) => path), tooLarge]).toEqual([['a/b/c.yaml'], ['d.yaml']]);
    expect(await content(folder, 'd.yaml', { maxFileBytes: 4 })).toBe('dddd');
  });

  test('no folder', async () => {
    const folder = await put(await tempFolder(), { a: 'a' });
    expect(await failure(readCheckout(join(folder, 'none'), signal))).toBe(
      `file-unreadable: could not open the folder ${folder}/none: ENOENT`,
    );
    expect(await failure(readCheckout(join(folder, 'a'), signal))).toBe(`file-unreadable: ${folder}/a is not a folder`);
  });

  test('an aborted one stops', async () => {
    await expect(readCheckout(await tempFolder(), AbortSignal.abort())).rejects.toThrow('aborted');
  });

  test('a file that becomes a link, or whose folder does, is not read through it', async () => {
    const folder = await put(await tempFolder(), { 'repo/a/b.yaml': 'b', 'outside/b.yaml': 'secret' });
    const repo = join(folder, 'repo');
    const { snapshot } = await readCheckout(repo, signal);
    const read = () => failure(snapshot.read(snapshot.entries[0]?.oid ?? ''));
    await rm(join(repo, 'a/b.yaml'));
    await symlink('../../outside/b.yaml', join(repo, 'a/b.yaml'));
    expect(await read()).toContain('it was replaced while the checkout was read');
    await rename(join(repo, 'a'), join(folder, 'away'));
    await symlink('../outside', join(repo, 'a'));
    expect(await read()).toContain('it was replaced while the checkout was read');
    await rm(join(repo, 'a'));
    expect(await read()).toBe('file-unreadable: could not read a/b.yaml: ENOENT');
  });
});

describe('the commit it stands on', () => {
  test('a branch, loose and packed, and a branch with a slash', async () => {
    const { folder, head } = await repository();
    await check(folder, head);
    git(folder, 'pack-refs', '--all', '--prune');
    await check(folder, head);
    git(folder, 'checkout', '-q', '-b', 'team/change');
    await check(folder, head);
  });

  test('a detached head', async () => {
    const { folder, head } = await repository();
    git(folder, 'checkout', '-q', '--detach');
    await check(folder, head);
  });

  test('a work tree beside the repository', async () => {
    const { folder } = await repository();
    const other = join(await tempFolder(), 'tree');
    git(folder, 'worktree', 'add', '-q', '-b', 'other', other);
    await writeFile(join(other, 'b.yaml'), 'b');
    git(other, 'add', '.');
    git(other, 'commit', '-q', '-m', 'two');
    const head = git(other, 'rev-parse', 'HEAD');
    await check(other, head);
    git(folder, 'pack-refs', '--all', '--prune');
    await check(other, head);
  });

  test('a work tree whose repository is named from where it lies', async () => {
    const { folder, head } = await repository();
    const other = await tempFolder();
    await put(other, { 'a.yaml': 'a', '.git': `gitdir: ${relative(other, join(folder, '.git'))}\n` });
    await check(other, head);
  });

  test('none, where ids are SHA-256', async () => {
    const folder = await put(await tempFolder(), { 'a.yaml': 'a' });
    git(folder, 'init', '-q', '--object-format=sha256');
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'one');
    await check(folder, null);
    git(folder, 'pack-refs', '--all', '--prune');
    await check(folder, null);
    git(folder, 'checkout', '-q', '--detach');
    await check(folder, null);
    expect(await listing(folder)).toEqual(['100644 a.yaml']);
  });

  test('none, where refs are kept in a reftable, whatever older files still say', async () => {
    const folder = await put(await tempFolder(), {
      'a.yaml': 'a',
      '.git/HEAD': 'ref: refs/heads/.invalid\n',
      '.git/config': '[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefstorage = reftable\n',
      '.git/refs/heads': 'this repository uses the reftable format\n',
      '.git/reftable/tables.list': '0x000000000001-0x000000000002-5b9e2a1c.ref\n',
      '.git/packed-refs': `# pack-refs with: peeled fully-peeled sorted \n${'1'.repeat(40)} refs/heads/main\n`,
    });
    await check(folder, null);
    expect(await listing(folder)).toEqual(['100644 a.yaml']);
  });

  test('none: no repository, no commit, or what nobody should follow', async () => {
    await check(await tempFolder(), null);
    const empty = await tempFolder();
    git(empty, 'init', '-q');
    await check(empty, null);
    for (const head of ['ref: ../../etc/passwd', 'ref: refs/../../x', 'ref: HEAD', 'nonsense', '', 'x'.repeat(5000)]) {
      await check(await put(await tempFolder(), { '.git/HEAD': head, 'etc/passwd': '0'.repeat(40) }), null);
    }
    const linked = await put(await tempFolder(), { 'real/HEAD': '1'.repeat(40) });
    await symlink('real', join(linked, '.git'));
    await check(linked, null);
  });

  test('a configuration that would make git run something is left alone', async () => {
    const { folder, head } = await repository();
    const mark = join(folder, 'ran');
    git(folder, 'config', 'core.fsmonitor', `touch ${mark}`);
    await check(folder, head);
    expect(await listing(folder)).toEqual(['100644 a.yaml']);
  });
});
