import * as fs from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetch, init, packObjects, readObject, setConfig, writeObject } from 'isomorphic-git';
import type { Oid } from '../../../domain/repo-path.ts';
import type { CommitInfo } from '../../../ports.ts';
import { parseCommit } from '../objects/commit.ts';
import { type GitObject, type ObjectType, oidOf } from '../objects/git-object.ts';
import { readPack } from '../objects/pack-read.ts';
import type { PackLimits } from '../objects/packed/unpack.ts';
import { collectPack } from '../protocol/fetch-pack.ts';
import type { GitHost } from '../protocol/git-host.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { isoFailure } from './iso-failure.ts';
import { overHost, REMOTE } from './iso-http.ts';

export type TreeCommit = CommitInfo & { readonly tree: Oid };

/** A bare repository of isomorphic-git on disk, and what of it is proved to be whole. */
export interface CommitFolder {
  readonly gitdir: string;
  /** isomorphic-git's own: without it every read opens the packs anew. */
  readonly cache: object;
  /** Commits whose trees and blobs are all here. */
  readonly commits: Map<Oid, TreeCommit>;
  /** The newest of these commits that a ref was at, by its name. */
  readonly refs: Map<string, Oid>;
  /** Trees that are here with all below them. */
  readonly trees: Map<Oid, Buffer>;
  /** True from when isomorphic-git is handed an answer until the commit in it is proved: it moves on before it has read it. */
  unproved: boolean;
}

interface FetchWish {
  readonly want: Oid;
  /** A commit that is whole in this folder: only what is new is sent, with all history in between. Null: no history. */
  readonly have: Oid | null;
  readonly limits: PackLimits;
}

/** An empty repository in a new folder below `root` that only this user may read. Rejects with `file-unwritable`. */
export async function openFolder(root: string): Promise<CommitFolder> {
  try {
    const gitdir = await mkdtemp(join(root, 'commit-'));
    await init({ fs, gitdir, bare: true });
    // isomorphic-git does not fetch without it. It names no ref of ours: commits are asked for by id, and no ref moves.
    await setConfig({ fs, gitdir, path: 'remote.origin.fetch', value: '+refs/none/*:refs/none/*' });
    return { gitdir, cache: {}, commits: new Map(), refs: new Map(), trees: new Map(), unproved: false };
  } catch (error) {
    throw isoFailure('make a folder for Git objects', error);
  }
}

/** Removes the folder with all in it. A folder that is gone already is fine. */
export async function removeFolder({ gitdir }: Pick<CommitFolder, 'gitdir'>): Promise<void> {
  await rm(gitdir, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Fetches one commit. isomorphic-git unpacks without any limit and takes a host's refusal for an empty answer, so the
 * answer is read by our own reader first.
 */
export async function fetchInto(
  folder: CommitFolder,
  host: GitHost,
  wish: FetchWish,
  signal: AbortSignal,
): Promise<void> {
  const { gitdir, cache } = folder;
  const inspect = async (body: Buffer) => {
    await readPack(collectPack(host, body, wish.want), () => null, wish.limits);
    folder.unproved = true;
  };
  // `ref` is what isomorphic-git says it has, `remoteRef` what it wants; both may be ids.
  const refs = { ref: wish.have ?? wish.want, remoteRef: wish.want, remote: 'origin', singleBranch: true, tags: false };
  const depth = wish.have === null ? { depth: 1 } : {};
  await overHost(host, { attempt: `fetch ${wish.want}`, signal, inspect }, (http) =>
    fetch({ fs, http, gitdir, cache, url: REMOTE, ...refs, ...depth }),
  );
}

/** The bytes of an object, or null where there is none of this type or it cannot be read. */
export async function readFrom(folder: CommitFolder, oid: Oid, type: ObjectType): Promise<Buffer | null> {
  const { gitdir, cache } = folder;
  try {
    const found = await readObject({ fs, gitdir, cache, oid, format: 'content' });
    return found.type === type && found.format === 'content' ? Buffer.from(found.object) : null;
  } catch {
    // Missing, cut or damaged: to the caller it is all the same, the folder is of no use.
    return null;
  }
}

/** Ids of everything that is packed in the folder. Their indexes were computed from the objects' bytes. */
export async function packedIds({ gitdir }: CommitFolder): Promise<ReadonlySet<Oid>> {
  const packs = join(gitdir, 'objects', 'pack');
  const ids = new Set<Oid>();
  for (const name of await readdir(packs)) {
    if (!name.endsWith('.idx')) continue;
    const index = await readFile(join(packs, name));
    const count = index.readUInt32BE(FANOUT_END - 4);
    for (let at = FANOUT_END; at < FANOUT_END + 20 * count; at += 20) ids.add(index.toString('hex', at, at + 20));
  }
  return ids;
}

/** In a pack index of version 2: eight bytes, then 256 counts of four bytes, then the ids. */
const FANOUT_END = 8 + 256 * 4;

/** Writes new objects and packs exactly these. Rejects where isomorphic-git names one of them otherwise than we do. */
export async function packInto(folder: CommitFolder, objects: readonly GitObject[]): Promise<Buffer> {
  const { gitdir, cache } = folder;
  const oids = objects.map(oidOf);
  try {
    for (const [index, { type, data }] of objects.entries()) {
      const written = await writeObject({ fs, gitdir, type, object: data, format: 'content' });
      if (written !== oids[index]) throw unreadableAnswer('an object that has two ids');
    }
    const { packfile } = await packObjects({ fs, gitdir, cache, oids });
    if (packfile === undefined) throw unreadableAnswer('isomorphic-git made no pack');
    return Buffer.from(packfile);
  } catch (error) {
    throw isoFailure('pack a commit', error);
  }
}

/** Takes a commit of ours, just packed here on top of a whole one, as whole. */
export function adoptCommit(folder: CommitFolder, commit: GitObject, trees: readonly GitObject[]): void {
  for (const tree of trees) folder.trees.set(oidOf(tree), tree.data);
  const oid = oidOf(commit);
  folder.commits.set(oid, parseCommit(oid, commit.data));
}
