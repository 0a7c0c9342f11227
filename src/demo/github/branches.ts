import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { git, identityEnvironment } from '../git/git-cli.ts';

export interface Commit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** Epoch seconds. */
  readonly time: number;
}

export interface MergeRequest {
  readonly base: string;
  readonly head: string;
  readonly method: 'merge' | 'squash' | 'rebase';
  readonly message: string;
  readonly author: Signature;
}

/** Branch heads by short name. Read from the files: it is asked for at every request, and a child process takes its time. */
export async function heads(dir: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const packed = await readFile(join(dir, 'packed-refs'), 'utf8').catch(() => '');
  for (const [, oid = '', name = ''] of packed.matchAll(/^([0-9a-f]{40}) refs\/heads\/(.+)$/gm)) found.set(name, oid);
  const folder = join(dir, 'refs', 'heads');
  for (const entry of await entriesOf(folder)) {
    if (!entry.isFile() || entry.name.endsWith('.lock')) continue;
    const file = join(entry.parentPath, entry.name);
    const oid = (await readFile(file, 'utf8').catch(() => '')).trim();
    if (/^[0-9a-f]{40}$/.test(oid)) found.set(relative(folder, file), oid);
  }
  return found;
}

/** A push may take a folder away between two looks at it: then all is looked at once more. */
async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readdir(folder, { recursive: true, withFileTypes: true });
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

/** The branch that HEAD names. */
export async function defaultBranch(dir: string): Promise<string> {
  return (await git(dir, ['symbolic-ref', '--short', 'HEAD'])).trim();
}

/** True when everything of `older` is part of `newer`. */
export async function isAncestor(dir: string, older: string, newer: string): Promise<boolean> {
  if (older === newer) return true;
  return (await unlessRefused(git(dir, ['merge-base', '--is-ancestor', older, newer]))) !== null;
}

/** A commit, or null when there is none with this id. */
export async function readCommit(dir: string, oid: string): Promise<Commit | null> {
  if (!/^[0-9a-f]{40}$/.test(oid)) return null;
  const out = await unlessRefused(git(dir, ['cat-file', 'commit', oid]));
  if (out === null) return null;
  const end = out.indexOf('\n\n');
  const headers = out.slice(0, end).split('\n');
  const values = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    oid,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: signature(values('author')[0] ?? ''),
    committer: signature(values('committer')[0] ?? ''),
    message: out.slice(end + 2),
  };
}

/** A commit and those before it with their parents, the newest first; null when there is none with this id. */
export async function history(
  dir: string,
  oid: string,
  most: number,
): Promise<readonly Pick<Commit, 'oid' | 'parents'>[] | null> {
  if (!/^[0-9a-f]{40}$/.test(oid)) return null;
  const out = await unlessRefused(git(dir, ['rev-list', '--parents', '--date-order', `--max-count=${most}`, oid]));
  const lines = out?.split('\n').filter((line) => line !== '') ?? null;
  return lines?.map((line) => line.split(' ')).map(([own = '', ...parents]) => ({ oid: own, parents })) ?? null;
}

/** Deletes a ref. */
export async function deleteRef(dir: string, ref: string): Promise<void> {
  await git(dir, ['update-ref', '-d', ref]);
}

/** Points a ref that nobody can push to at a commit. Written as a file, since it is done at every look at a pull request. */
export async function setPullRef(dir: string, number: number, oid: string): Promise<void> {
  const file = join(dir, 'refs', 'pull', String(number), 'head');
  if ((await readFile(file, 'utf8').catch(() => '')).trim() === oid) return;
  await mkdir(dirname(file), { recursive: true });
  // Two looks at once must not take each other's file away.
  const lock = `${file}.${randomUUID()}.lock`;
  await writeFile(lock, `${oid}\n`);
  await rename(lock, file);
}

/** Merges `head` into the branch `base` and moves it. The new commit, or null on a conflict. */
export async function merge(dir: string, request: MergeRequest): Promise<string | null> {
  const { base, head, method, message, author } = request;
  const tip = (await git(dir, ['rev-parse', '--verify', `refs/heads/${base}^{commit}`])).trim();
  if (method === 'rebase') return rebase(dir, { base, tip, head, committer: author });
  const merged = await unlessRefused(git(dir, ['merge-tree', '--write-tree', tip, head]));
  if (merged === null) return null;
  const parents = method === 'merge' ? ['-p', tip, '-p', head] : ['-p', tip];
  const tree = merged.trim();
  const commit = (await git(dir, ['commit-tree', tree, ...parents, '-m', message], byGitHub(author))).trim();
  await git(dir, ['update-ref', `refs/heads/${base}`, commit, tip]);
  return commit;
}

/** True when merging the two commits is without a conflict. */
export async function canMerge(dir: string, base: string, head: string): Promise<boolean> {
  return (await unlessRefused(git(dir, ['merge-tree', '--write-tree', base, head]))) !== null;
}

/** Each commit that the base does not have, made again on top of it by its own author; merges among them are left out. */
async function rebase(
  dir: string,
  { base, tip, head, committer }: { base: string; tip: string; head: string; committer: Signature },
): Promise<string | null> {
  const listed = await git(dir, ['rev-list', '--reverse', '--no-merges', `${tip}..${head}`]);
  let onto = tip;
  for (const oid of listed.split('\n').filter((line) => line !== '')) {
    const commit = await readCommit(dir, oid);
    const next = commit === null ? null : await replay(dir, { onto, commit, committer });
    if (next === null) return null;
    onto = next;
  }
  await git(dir, ['update-ref', `refs/heads/${base}`, onto, tip]);
  return onto;
}

async function replay(
  dir: string,
  { onto, commit, committer }: { onto: string; commit: Commit; committer: Signature },
): Promise<string | null> {
  const [parent = ''] = commit.parents;
  // Git looks for the merge base by itself: beside the commit stands the new base as if it came from the same parent.
  const beside = await git(dir, ['commit-tree', `${onto}^{tree}`, '-p', parent, '-m', 'beside'], byGitHub(committer));
  const merged = await unlessRefused(git(dir, ['merge-tree', '--write-tree', beside.trim(), commit.oid]));
  if (merged === null) return null;
  const author = byAuthor(commit.author, committer);
  return (await git(dir, ['commit-tree', merged.trim(), '-p', onto, '-m', commit.message], author)).trim();
}

function byAuthor(author: Signature, committer: Signature): Record<string, string> {
  const date = `${committer.time} +0000`;
  return { ...byGitHub(author), GIT_COMMITTER_DATE: date };
}

function signature(text: string): Signature {
  const [, name = '', email = '', time = '0'] = /^(.*?) ?<([^>]*)> (\d+)/.exec(text) ?? [];
  return { name, email, time: Number(time) };
}

/** Merges in the browser are committed by GitHub itself. */
function byGitHub(author: Signature): Record<string, string> {
  const committer = { GIT_COMMITTER_NAME: 'GitHub', GIT_COMMITTER_EMAIL: 'noreply@github.com' };
  return { ...identityEnvironment(author, author.time), ...committer };
}

/** Null where git ended with an error: a conflict, an object that is not there, a plain no. */
function unlessRefused(answer: Promise<string>): Promise<string | null> {
  return answer.catch(() => null);
}
