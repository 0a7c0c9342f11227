import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git, gitWithInput } from '../git/git-cli.ts';
import type { Signature } from './branches.ts';

/** One line of a new tree. `oid` null takes the file out. */
export interface TreeLine {
  readonly path: string;
  readonly mode: string;
  readonly oid: string | null;
}

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
  /** As it stands in the commit; null for none. */
  readonly signature: string | null;
}

/** The type of an object, or null where there is none. */
export async function typeOf(dir: string, oid: string): Promise<string | null> {
  if (!/^[0-9a-f]{40}$/.test(oid)) return null;
  return git(dir, ['cat-file', '-t', oid]).then(
    (type) => type.trim(),
    () => null,
  );
}

/** Stores a blob that no tree names yet. */
export async function writeBlob(dir: string, content: Buffer): Promise<string> {
  return (await gitWithInput(dir, ['hash-object', '-w', '-t', 'blob', '--stdin'], content)).trim();
}

/** A tree made by Git's own index: on top of `base`, where there is one. Null where Git does not take a line. */
export async function writeTree(dir: string, base: string | null, lines: readonly TreeLine[]): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'github-index-'));
  const env = { GIT_INDEX_FILE: join(folder, 'index') };
  try {
    if (base !== null) await git(dir, ['read-tree', base], env);
    const input = lines.map(({ path, mode, oid }) =>
      oid === null ? `0 ${'0'.repeat(40)}\t${path}\0` : `${mode} ${oid}\t${path}\0`,
    );
    await gitWithInput(dir, ['update-index', '--add', '-z', '--index-info'], input.join(''), env);
    return (await git(dir, ['write-tree'], env)).trim();
  } catch {
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Stores a commit that no ref names. */
export async function writeCommit(dir: string, commit: NewCommit): Promise<string> {
  const signature = commit.signature === null ? [] : [`gpgsig ${commit.signature.split('\n').join('\n ')}`];
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map((oid) => `parent ${oid}`),
    `author ${personLine(commit.author)}`,
    `committer ${personLine(commit.committer)}`,
    ...signature,
  ];
  const text = `${head.join('\n')}\n\n${commit.message}`;
  return (await gitWithInput(dir, ['hash-object', '-w', '-t', 'commit', '--stdin'], text)).trim();
}

function personLine({ name, email, time }: Signature): string {
  return `${name} <${email}> ${time} +0000`;
}
