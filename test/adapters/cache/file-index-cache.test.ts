import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { assert, asyncProperty, integer, nat, tuple } from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileIndexCache } from '../../../src/adapters/cache/file-index-cache.ts';
import { READING_PACKAGES, READING_ROOMS, readingCode } from '../../../src/adapters/cache/reading-code.ts';
import { MOST_BYTES } from '../../../src/adapters/cache/sealed-file.ts';
import type { IndexCache } from '../../../src/ports.ts';
import { allOf, describeIndexCache } from '../../contracts/index-cache.ts';
import { expectFailure } from '../../contracts/workspace.ts';
import { IMPORT_TABLE } from '../../import-table.ts';

const NEVER = new AbortController().signal;
const HEAD = 'a'.repeat(40);
const KEY = { repository: 'https://git.acme.example/apps.git', base: 'main', reading: '[]' };
const LINES = Array.from({ length: 40 }, (_, at) => JSON.stringify([at, 'grüße']));

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'index-cache-'));
});
afterEach(() => rm(root, { recursive: true }));

describeIndexCache('index cache in a directory', async () => {
  const folder = await mkdtemp(join(root, 'contract-'));
  const directory = join(folder, 'made', 'when needed');
  return {
    cache: createFileIndexCache({ directory }),
    another: () => createFileIndexCache({ directory }),
    // A file stands where the directory was. Root may write anywhere: a mode would not do.
    whileBroken: async (act) => {
      await rename(directory, `${directory}-aside`);
      await writeFile(directory, '');
      await act();
      await rm(directory);
      await rename(`${directory}-aside`, directory);
    },
    damage: async () => {
      for (const name of await readdir(directory)) await writeFile(join(directory, name), 'x', { flag: 'a' });
    },
    close: async () => undefined,
  };
});

/** A cache that has saved `LINES`, and its file. */
async function saved() {
  const cache = createFileIndexCache({ directory: root, code: 'one' });
  await cache.save(KEY, { head: HEAD, lines: LINES }, NEVER);
  const [name = '', ...others] = await readdir(root);
  expect(others).toEqual([]);
  return { cache, file: join(root, name) };
}

/** What was loaded: its kind with its reason, or what it holds. */
async function load(cache: IndexCache) {
  const found = await cache.load(KEY);
  return found.kind === 'found' ? allOf(found.lines) : found;
}

test('only its owner may read the file, whose name says nothing', async () => {
  const { file } = await saved();
  expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
  expect(basename(file)).toMatch(/^[0-9a-f]{32}\.index$/);
});

test('however it is cut short, nothing of it is used', async () => {
  const { cache, file } = await saved();
  const whole = await readFile(file);
  const ends = Array.from({ length: 50 }, (_, at) => Math.floor((whole.length * at) / 50));
  for (const end of [...ends, whole.length - 73, whole.length - 72, whole.length - 1]) {
    await writeFile(file, whole.subarray(0, end));
    expect(await load(cache)).toMatchObject({ kind: 'broken' });
  }
  await writeFile(file, whole);
  expect(await load(cache)).toEqual(LINES);
});

test('whatever byte of it is changed, nothing of it is used', async () => {
  const { cache, file } = await saved();
  const whole = await readFile(file);
  const positions = tuple(nat(whole.length - 1), integer({ min: 1, max: 255 }));
  await assert(
    asyncProperty(positions, async ([at, by]) => {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ by;
      await writeFile(file, damaged);
      expect(await load(cache)).toMatchObject({ kind: 'broken' });
    }),
    { numRuns: 200 },
  );
});

test('another program, and another format, is said to be foreign', async () => {
  const { cache, file } = await saved();
  const newer = createFileIndexCache({ directory: root, code: 'two' });
  expect(await load(newer)).toEqual({ kind: 'foreign', reason: 'another version of the program made it' });
  await seal(file, (await readFile(file, 'utf8')).replace('"format":1', '"format":2'));
  expect(await load(cache)).toEqual({ kind: 'foreign', reason: 'another version of the program made it' });
});

test('a file that was put under another name is not taken for its own', async () => {
  const { cache, file } = await saved();
  await cache.save({ ...KEY, base: 'other' }, { head: HEAD, lines: ['other'] }, NEVER);
  const other = (await readdir(root)).find((name) => name !== basename(file)) ?? '';
  await rename(join(root, other), file);
  expect(await load(cache)).toEqual({ kind: 'foreign', reason: 'it is of another base branch' });
});

test('a seal that fits garbage does not make it an index', async () => {
  const { cache, file } = await saved();
  for (const text of [
    '',
    '\n',
    'x\n',
    'null\n',
    '[]\n',
    '{"format":1}\n',
    '\0'.repeat(1000),
    '{"__proto__":{"format":1}}\n',
  ]) {
    await seal(file, text);
    expect(['broken', 'foreign']).toContain((await cache.load(KEY)).kind);
  }
});

/** Writes a text with the digest that fits it. */
async function seal(file: string, text: string): Promise<void> {
  const content = text.replace(/sha256 [0-9a-f]{64}\n$/, '');
  await writeFile(file, `${content}sha256 ${createHash('sha256').update(content).digest('hex')}\n`);
}

test('what is no plain file is not opened as one, and is replaced; a folder is left alone', async () => {
  const { cache, file } = await saved();
  const elsewhere = join(root, 'elsewhere');
  await rename(file, elsewhere);
  await symlink(elsewhere, file);
  const noFile = { kind: 'broken', reason: 'it is no plain file' };
  expect(await load(cache)).toEqual(noFile);
  await cache.save(KEY, { head: HEAD, lines: ['new'] }, NEVER);
  expect(await load(cache)).toEqual(['new']);
  expect(await readFile(elsewhere, 'utf8')).toContain('grüße');
  await rm(file);
  execFileSync('mkfifo', [file]);
  expect(await load(cache)).toEqual(noFile);
  await rm(file);
  await mkdir(file);
  expect(await load(cache)).toEqual(noFile);
  await expectFailure(cache.save(KEY, { head: HEAD, lines: [] }, NEVER), { code: 'file-unwritable', retry: 'later' });
  expect((await readdir(root)).toSorted()).toEqual([basename(file), 'elsewhere'].toSorted());
});

test('a file of another user, and one that is too large, is not read', async () => {
  const { cache, file } = await saved();
  if (process.getuid?.() === 0) {
    await chown(file, 1, 1);
    expect(await load(cache)).toEqual({ kind: 'broken', reason: 'it belongs to another user' });
    await chown(file, 0, 0);
  }
  await truncate(file, MOST_BYTES + 1);
  expect(await load(cache)).toEqual({ kind: 'broken', reason: 'it is too large' });
});

test('what dead processes left is removed, what living ones write and what is not ours is left', async () => {
  const { cache } = await saved();
  const [dead, living] = [`.gitops-reloader-${randomUUID()}.tmp`, `.gitops-reloader-${randomUUID()}.tmp`];
  for (const name of [dead, living, 'notes.tmp', '.gitops-reloader-x.tmp']) await writeFile(join(root, name), '');
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const name of [dead, 'notes.tmp', '.gitops-reloader-x.tmp']) await utimes(join(root, name), longAgo, longAgo);
  await cache.save(KEY, { head: HEAD, lines: [] }, NEVER);
  const left = (await readdir(root)).filter((name) => !name.endsWith('.index'));
  expect(left.toSorted()).toEqual([living, '.gitops-reloader-x.tmp', 'notes.tmp'].toSorted());
});

function* endingBadly() {
  yield 'x'.repeat(100_000);
  throw new Error('no more');
}

test('lines that cannot be made leave the old file and nothing else; a place that can hold no folder is said', async () => {
  const { cache } = await saved();
  await expectFailure(cache.save(KEY, { head: HEAD, lines: endingBadly() }, NEVER), { code: 'file-unwritable' });
  expect(await load(cache)).toEqual(LINES);
  expect(await readdir(root)).toHaveLength(1);
  const full = createFileIndexCache({ directory: '/dev/full/index' });
  await expectFailure(full.probe(), { code: 'file-unwritable' });
});

test('the digest of the code covers all that the rooms may use', () => {
  expect(readingCode()).toMatch(/^[0-9a-f]{64}$/);
  const { rooms = [], packages = [] } = IMPORT_TABLE['manifests'] ?? {};
  expect(['manifests', ...rooms]).toEqual(READING_ROOMS);
  expect(packages).toEqual(READING_PACKAGES);
  expect(IMPORT_TABLE['domain']).toEqual({ rooms: [], packages: [] });
});
