import { internalFailure } from '../../../domain/failure.ts';
import type { Oid, RepoFile } from '../../../domain/repo-path.ts';
import { type GitObject, oidOf } from './git-object.ts';
import { isFolder, isPlainFile, type RawEntry, readTree } from './tree.ts';

export interface EditedTree {
  readonly oid: Oid;
  /** The new objects: blobs, then the trees on the way to them. */
  readonly objects: readonly GitObject[];
}

interface Edit {
  readonly segments: readonly string[];
  readonly blob: Oid;
}

/**
 * The tree `root` with other contents in existing files. Only the 20 bytes of an id are replaced on the way to each
 * file: modes, order and every other name stay as they are. `read` gives the bytes of a tree.
 */
export function editTree(root: Oid, files: readonly RepoFile[], read: (oid: Oid) => Buffer): EditedTree {
  const blobs = files.map((file): GitObject => ({ type: 'blob', data: Buffer.from(file.text, 'utf8') }));
  const edits = files.map((file, index): Edit => {
    const blob = blobs[index];
    if (blob === undefined) throw internalFailure('a blob for every file');
    return { segments: file.path.split('/'), blob: oidOf(blob) };
  });
  if (new Set(files.map((file) => file.path)).size !== files.length) throw internalFailure('a draft names a file once');
  const trees: GitObject[] = [];
  const oid = edits.length === 0 ? root : editFolder(root, edits, read, trees);
  const all = new Map([...blobs, ...trees].map((object) => [oidOf(object), object]));
  return { oid, objects: [...all.values()] };
}

function editFolder(oid: Oid, edits: readonly Edit[], read: (oid: Oid) => Buffer, trees: GitObject[]): Oid {
  const data = Buffer.from(read(oid));
  const entries = [...readTree(data)];
  for (const name of new Set(edits.map((edit) => edit.segments[0] ?? ''))) {
    const inside = edits.filter((edit) => edit.segments[0] === name);
    const entry = findEntry(entries, name);
    data.set(Buffer.from(editEntry(entry, inside, read, trees), 'hex'), entry.oidAt);
  }
  const tree: GitObject = { type: 'tree', data };
  trees.push(tree);
  return oidOf(tree);
}

function findEntry(entries: readonly RawEntry[], name: string): RawEntry {
  const bytes = Buffer.from(name, 'utf8');
  const [entry, second] = entries.filter((one) => one.name.equals(bytes));
  if (entry === undefined) throw internalFailure('an edited file exists in the parent commit');
  if (second !== undefined) throw internalFailure('an edited file is named once in its folder');
  return entry;
}

function editEntry(entry: RawEntry, edits: readonly Edit[], read: (oid: Oid) => Buffer, trees: GitObject[]): Oid {
  const [first] = edits;
  if (first === undefined) throw internalFailure('a folder to be edited has an edit');
  if (first.segments.length === 1) {
    if (edits.length > 1 || !isPlainFile(entry.mode)) throw internalFailure('only plain files are edited');
    return first.blob;
  }
  if (!isFolder(entry.mode)) throw internalFailure('an edited file lies in folders only');
  const inside = edits.map((edit) => ({ ...edit, segments: edit.segments.slice(1) }));
  return editFolder(entry.oid, inside, read, trees);
}
