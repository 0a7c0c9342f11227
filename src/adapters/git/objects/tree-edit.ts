import { Failure, internalFailure } from '../../../domain/failure.ts';
import { plainText } from '../../../domain/plain-text.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import type { CommitDraft } from '../../../ports.ts';
import { type GitObject, oidOf } from './git-object.ts';
import { isFolder, isPlainFile, type RawEntry, readTree } from './tree.ts';

export interface EditedTree {
  readonly oid: Oid;
  /** The new objects: blobs, then the trees on the way to them. */
  readonly objects: readonly GitObject[];
  /** The mode of every file of the draft, as stored, by its path. */
  readonly modes: ReadonlyMap<string, string>;
}

interface Edit {
  readonly path: string;
  readonly segments: readonly string[];
  readonly blob: Oid;
  /** Whether its file is in the tree already. */
  readonly file: 'edited' | 'new';
}

type TreeDraft = Pick<CommitDraft, 'files' | 'newFiles'>;

interface Build {
  readonly read: (oid: Oid) => Buffer;
  readonly trees: GitObject[];
  readonly modes: Map<string, string>;
}

/**
 * The tree `root` with other contents in existing files, and with new files. On the way to each file only the 20 bytes of an
 * id are replaced, or one line is added: modes, order and every other name stay as they are. `read` gives the bytes of a tree.
 */
export function editTree(root: Oid, draft: TreeDraft, read: (oid: Oid) => Buffer): EditedTree {
  const files = [...draft.files, ...(draft.newFiles ?? [])];
  if (new Set(files.map(({ path }) => path)).size !== files.length) throw internalFailure('a draft names a file once');
  const blobs = files.map((file): GitObject => ({ type: 'blob', data: Buffer.from(file.text, 'utf8') }));
  const edits = blobs.map((blob, at): Edit => {
    const path = files[at]?.path ?? '';
    return { path, segments: path.split('/'), blob: oidOf(blob), file: at < draft.files.length ? 'edited' : 'new' };
  });
  const build: Build = { read, trees: [], modes: new Map() };
  const oid = edits.length === 0 ? root : editFolder(Buffer.from(read(root)), edits, build);
  const all = new Map([...blobs, ...build.trees].map((object) => [oidOf(object), object]));
  return { oid, objects: [...all.values()], modes: build.modes };
}

function editFolder(data: Buffer, edits: readonly Edit[], build: Build): Oid {
  const entries = [...readTree(data)];
  const lines: TreeLine[] = [];
  for (const name of new Set(edits.map(({ segments }) => segments[0] ?? ''))) {
    const inside = edits.filter(({ segments }) => segments[0] === name);
    const entry = findEntry(entries, name);
    if (entry === null) lines.push(newLine(name, inside, build));
    else data.set(Buffer.from(editEntry(entry, inside, build), 'hex'), entry.oidAt);
  }
  const tree: GitObject = { type: 'tree', data: insertLines(data, entries, lines) };
  build.trees.push(tree);
  return oidOf(tree);
}

function findEntry(entries: readonly RawEntry[], name: string): RawEntry | null {
  const bytes = Buffer.from(name, 'utf8');
  const [entry, second] = entries.filter((one) => one.name.equals(bytes));
  if (second !== undefined) throw namedTwice(name);
  return entry ?? null;
}

function namedTwice(name: string): Failure {
  return new Failure(`could not edit ${plainText(name, 200)}: its folder names it twice`, {
    code: 'git-rejected',
    retry: 'never',
    hint: 'Repair the repository: git fsck names the folder.',
  });
}

function editEntry(entry: RawEntry, edits: readonly Edit[], build: Build): Oid {
  const [first] = edits;
  if (first === undefined) throw internalFailure('a folder to be edited has an edit');
  if (first.segments.length === 1) {
    if (first.file === 'new') throw internalFailure('a new file takes the place of nothing');
    if (edits.length > 1 || !isPlainFile(entry.mode)) throw internalFailure('only plain files are edited');
    build.modes.set(first.path, entry.mode);
    return first.blob;
  }
  if (!isFolder(entry.mode)) throw internalFailure('an edited file lies in folders only');
  return editFolder(Buffer.from(build.read(entry.oid)), below(edits), build);
}

/** A line of a tree that is not in it yet. */
interface TreeLine {
  readonly order: Buffer;
  readonly bytes: Buffer;
}

/** A new file, or a new folder with everything in it. */
function newLine(name: string, edits: readonly Edit[], build: Build): TreeLine {
  const [first] = edits;
  if (first === undefined || edits.some(({ file }) => file === 'edited')) {
    throw internalFailure('an edited file exists in the parent commit');
  }
  const isFile = first.segments.length === 1;
  if (isFile && edits.length > 1) throw internalFailure('a new file is no folder');
  if (isFile) build.modes.set(first.path, '100644');
  const oid = isFile ? first.blob : editFolder(Buffer.alloc(0), below(edits), build);
  const bytes = Buffer.concat([Buffer.from(`${isFile ? '100644' : '40000'} ${name}\0`), Buffer.from(oid, 'hex')]);
  return { order: sortKey(Buffer.from(name, 'utf8'), isFile ? 'file' : 'folder'), bytes };
}

/** Each line before the first one that Git sorts behind it. */
function insertLines(data: Buffer, entries: readonly RawEntry[], lines: readonly TreeLine[]): Buffer {
  const sorted = lines.toSorted((left, right) => Buffer.compare(left.order, right.order));
  const parts: Buffer[] = [];
  let at = 0;
  for (const { order, bytes } of sorted) {
    const next = entries.find((entry) => {
      return Buffer.compare(sortKey(entry.name, isFolder(entry.mode) ? 'folder' : 'file'), order) > 0;
    });
    const end = next === undefined ? data.length : next.oidAt - next.name.length - next.mode.length - 2;
    parts.push(data.subarray(at, end), bytes);
    at = end;
  }
  return Buffer.concat([...parts, data.subarray(at)]);
}

/** Git sorts a folder as if its name ended in a slash. */
function sortKey(name: Buffer, kind: 'file' | 'folder'): Buffer {
  return kind === 'folder' ? Buffer.concat([name, Buffer.from('/')]) : name;
}

function below(edits: readonly Edit[]): readonly Edit[] {
  return edits.map((edit) => ({ ...edit, segments: edit.segments.slice(1) }));
}
