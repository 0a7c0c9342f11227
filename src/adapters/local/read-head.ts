import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { type Oid, parseRepoPath } from '../../domain/repo-path.ts';
import { readBytes } from './read-bytes.ts';

const OID = /^[0-9a-f]{40}$/;
const MAX_SMALL = 4096;
const MAX_PACKED_REFS = 32 * 1024 * 1024;

/**
 * The commit that a checkout stands on, read from Git's files: the `git` program, which a repository's own configuration can
 * make run anything, is not started. Null where it cannot be told.
 */
export async function readHead(folder: string): Promise<Oid | null> {
  const gitFolder = await findGitFolder(folder);
  if (gitFolder === null) return null;
  const head = await readText(join(gitFolder, 'HEAD'), MAX_SMALL);
  if (head === null || OID.test(head)) return head;
  const name = head.startsWith('ref: ') ? parseRepoPath(head.slice('ref: '.length)) : null;
  if (name === null || !name.startsWith('refs/')) return null;
  const shared = await findSharedFolder(gitFolder);
  const loose = (await readText(join(gitFolder, name), MAX_SMALL)) ?? (await readText(join(shared, name), MAX_SMALL));
  if (loose !== null) return OID.test(loose) ? loose : null;
  return findPacked(await readText(join(shared, 'packed-refs'), MAX_PACKED_REFS), name);
}

/** `.git` itself, or where the `.git` file of a work tree points. */
async function findGitFolder(folder: string): Promise<string | null> {
  const path = join(folder, '.git');
  const stat = await lstat(path).catch(() => null);
  if (stat?.isDirectory() === true) return path;
  if (stat?.isFile() !== true) return null;
  const pointer = await readText(path, MAX_SMALL);
  return pointer?.startsWith('gitdir: ') === true ? resolve(folder, pointer.slice('gitdir: '.length)) : null;
}

/** Where the branches of all work trees are. */
async function findSharedFolder(gitFolder: string): Promise<string> {
  const shared = await readText(join(gitFolder, 'commondir'), MAX_SMALL);
  if (shared === null || shared === '') return gitFolder;
  return isAbsolute(shared) ? shared : resolve(gitFolder, shared);
}

function findPacked(packed: string | null, name: string): Oid | null {
  const line = packed?.split('\n').find((one) => one.endsWith(` ${name}`)) ?? '';
  const oid = line.slice(0, line.length - name.length - 1);
  return OID.test(oid) ? oid : null;
}

/** A small regular file without the line break at its end; null for everything else, links included. */
async function readText(path: string, limit: number): Promise<string | null> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const bytes = (await handle.stat()).isFile() ? await readBytes(handle, limit) : null;
      return bytes === null ? null : Buffer.from(bytes).toString('utf8').trimEnd();
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
