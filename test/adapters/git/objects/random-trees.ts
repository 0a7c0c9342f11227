import { expect } from 'vitest';
import { git, gitBytes, gitWithInput } from '../../../../src/demo/git/git-cli.ts';
import type { HostedRepository } from '../../../../src/demo/git/git-server.ts';
import { parseRepoPath } from '../../../../src/domain/repo-path.ts';
import { draftOn } from '../../../contracts/workspace.ts';
import { commitTree, type GitWorld, MAIN, NEVER, writeBlob, writeTree } from '../git-world.ts';
import { type Numbers, numbers } from '../random-files.ts';

const BOT = 'refs/heads/bot';
// Names that sort on both sides of `/`, are not UTF-8, or look like something else to other systems.
const PARTS = [
  'a',
  'a-',
  'a.',
  'a0',
  'A',
  'é',
  '日',
  'b\\c',
  'git~1',
  ' ',
  "'q'",
  '.x',
  'z',
  Buffer.from([0x61, 0xe9]),
];
const MODES = ['100644', '100644', '100644', '100755', '120000', '160000'];

interface Written {
  readonly mode: string;
  readonly path: string;
  readonly text: string;
}

interface Made {
  readonly base: string;
  /** The paths of plain files, those of them that are UTF-8. */
  readonly files: readonly { readonly mode: string; readonly path: string }[];
}

/** Paths as bytes, one character each, none of them the folder of another. */
function pathsOf(next: Numbers, count: number): readonly string[] {
  const folders = new Set<string>();
  const files = new Set<string>();
  while (files.size < count) {
    const depth = next(20) === 0 ? 60 : next(6);
    const segments = Array.from({ length: depth + 1 }, () => {
      const parts = [PARTS[next(PARTS.length)] ?? '', `${next(9)}`].slice(next(2) === 0 ? 0 : 1);
      return Buffer.concat(parts.map((part) => Buffer.from(part))).toString('latin1');
    });
    const above = segments.slice(0, -1).map((_, at) => segments.slice(0, at + 1).join('/'));
    const path = [...segments.slice(0, -1), `${segments.at(-1)}${next(count)}`].join('/');
    if (folders.has(path) || above.some((folder) => files.has(folder))) continue;
    for (const folder of above) folders.add(folder);
    files.add(path);
  }
  return [...files];
}

async function makeRepository(repository: HostedRepository, next: Numbers, count: number): Promise<Made> {
  const { dir } = repository;
  const env = { GIT_INDEX_FILE: `${dir}/random-index` };
  const blob = await writeBlob(dir, 'a: 1\n');
  const files: { mode: string; path: string }[] = [];
  const lines = pathsOf(next, count).map((path) => {
    const mode = MODES[next(MODES.length)] ?? '';
    const bytes = Buffer.from(path, 'latin1');
    const text = bytes.toString();
    if (mode.startsWith('100') && Buffer.from(text).equals(bytes)) files.push({ mode, path: text });
    return Buffer.concat([
      Buffer.from(`${mode} ${mode === '160000' ? '1'.repeat(40) : blob}\t`),
      bytes,
      Buffer.from([0]),
    ]);
  });
  await gitWithInput(dir, ['update-index', '-z', '--index-info'], Buffer.concat(lines), env);
  const tree = (await git(dir, ['write-tree'], env)).trim();
  return { base: await commitTree(dir, MAIN, tree), files };
}

/** The tree that Git makes of the base with these files, by its index. */
async function oracle(dir: string, base: string, files: readonly Written[]) {
  const env = { GIT_INDEX_FILE: `${dir}/oracle-index` };
  await git(dir, ['read-tree', base], env);
  const lines: string[] = [];
  for (const { path, mode, text } of files) lines.push(`${mode} ${await writeBlob(dir, text)}\t${path}\0`);
  await gitWithInput(dir, ['update-index', '-z', '--index-info'], lines.join(''), env);
  return (await git(dir, ['write-tree'], env)).trim();
}

/** Edits and adds files in a random tree of `count` entries: the tree is the one that Git makes, and Git finds no fault. */
export async function playRandomTree(world: GitWorld, seed: number, count: number): Promise<void> {
  const next = numbers(seed);
  const repository = await world.repository(new Map([['x', 'x']]));
  const { dir, url } = repository;
  const { base, files } = await makeRepository(repository, next, count);
  const workspace = await world.workspace(url);
  const snapshot = await workspace.snapshot({ name: MAIN, oid: base }, NEVER);
  expect(
    snapshot.entries
      .filter(({ mode }) => mode.startsWith('100'))
      .map(({ path }) => path)
      .toSorted(),
  ).toEqual(files.map(({ path }) => path).toSorted());
  // A backslash is in no path of a draft; such names lie around what is edited.
  const editable = files.filter(({ path }) => parseRepoPath(path) !== null);
  const edited = editable.filter(() => next(editable.length) < 12).map((file, at) => ({ ...file, text: `a: ${at}\n` }));
  const added = Array.from({ length: 4 }, (_, at) => {
    const folder = (editable[next(editable.length)]?.path ?? '').split('/').slice(0, -1);
    const below = next(2) === 0 ? [] : [`new folder ${at}`, 'é'];
    return { path: [...folder, ...below, `new-${at}.yaml`].join('/'), mode: '100644', text: `new: ${at}\n` };
  });
  const draft = draftOn(base, Object.fromEntries(edited.map(({ path, text }) => [path, text])));
  const newFiles = draftOn(base, Object.fromEntries(added.map(({ path, text }) => [path, text]))).files;
  const result = await workspace.publish({ ref: BOT, expected: null, to: { ...draft, newFiles } }, NEVER);
  expect(result.kind).toBe('done');
  const tree = (await git(dir, ['rev-parse', `${BOT}^{tree}`])).trim();
  expect(tree).toBe(await oracle(dir, base, [...edited, ...added]));
  expect(await git(dir, ['fsck', '--full', '--strict', '--no-dangling'])).toBe('');
}

const withoutIds = (text: string) => text.replaceAll(/\0[^]{20}/g, '\0');

/** A folder of many files as old versions of Git wrote them: an edit changes ids and nothing else. */
export async function playOldModes(world: GitWorld, seed: number, count: number): Promise<void> {
  const next = numbers(seed);
  const { dir, url } = await world.repository(new Map([['x', 'x']]));
  const blob = await writeBlob(dir, 'a: 1\n');
  const names = Array.from({ length: count }, (_, at) => `f${String(at).padStart(6, '0')}.yaml`);
  const inner = await writeTree(
    dir,
    names.map((name) => [next(2) === 0 ? '100664' : '100644', name, blob] as const),
  );
  const base = await commitTree(dir, MAIN, await writeTree(dir, [['40000', 'old', inner]]));
  const workspace = await world.workspace(url);
  const picked = names.filter(() => next(count) < 5);
  const draft = draftOn(base, Object.fromEntries(picked.map((name) => [`old/${name}`, 'a: 2\n'])));
  await workspace.publish({ ref: BOT, expected: null, to: draft }, NEVER);
  const raw = async (commit: string) => (await gitBytes(dir, ['cat-file', 'tree', `${commit}:old`])).toString('latin1');
  expect(withoutIds(await raw(BOT)) === withoutIds(await raw(base))).toBe(true);
  const changed = (await git(dir, ['diff', '--name-only', base, BOT])).split('\n').slice(0, -1);
  expect(changed).toEqual(picked.map((name) => `old/${name}`));
}
