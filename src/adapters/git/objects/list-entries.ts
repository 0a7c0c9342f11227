import type { Oid } from '../../../domain/repo-path.ts';
import type { TreeEntry } from '../../../ports.ts';
import { tooLarge } from '../too-large.ts';
import type { StoreLimits } from './object-store.ts';
import { FOLDER, scanTree } from './tree.ts';

/** As Linux takes them: longer paths are checked out by nobody. */
const MAX_PATH = 4096;
const MAX_TOTAL = 256 * 1024 * 1024;

/** What a tree holds, and where in the list each of its folders lies, so that the next list can be made from it. */
export interface Listing {
  readonly entries: readonly TreeEntry[];
  readonly root: Folder;
}

interface Folder {
  readonly oid: Oid;
  /** Where its entries begin behind those of the folder that holds it, and how many there are. */
  readonly start: number;
  readonly count: number;
  /** What the limits count. */
  readonly seen: number;
  readonly characters: number;
  readonly folders: ReadonlyMap<string, Folder>;
}

/**
 * Files, links and submodules below a tree, in Git's order. Names that are not UTF-8, and impossible ones, are left out,
 * with all below them. A folder that is as in the list `before` is not looked into, and an entry that is stays the same
 * object. Throws `git-rejected` beyond the limits.
 */
export function listEntries(
  root: Oid,
  read: (oid: Oid) => Buffer,
  limits: StoreLimits,
  before: Listing | null = null,
): Listing {
  const walk: Walk = { read, limits, before: before?.entries ?? [], entries: [], seen: 0, characters: 0 };
  const place = { path: '', depth: 0, start: 0 };
  return { entries: walk.entries, root: listFolder(walk, root, place, was(before?.root, 0)) };
}

interface Walk {
  readonly read: (oid: Oid) => Buffer;
  readonly limits: StoreLimits;
  readonly before: readonly TreeEntry[];
  readonly entries: TreeEntry[];
  seen: number;
  characters: number;
}

interface Place {
  /** With a `/` at its end, but for the root. */
  readonly path: string;
  readonly depth: number;
  /** Where the folder that holds it begins in the list. */
  readonly start: number;
}

/** The same folder in the list before, and where it began there. */
interface Was {
  readonly folder: Folder;
  readonly at: number;
}

function was(folder: Folder | undefined, start: number): Was | null {
  return folder === undefined ? null : { folder, at: start + folder.start };
}

function listFolder(walk: Walk, oid: Oid, place: Place, old: Was | null): Folder {
  if (old?.folder.oid === oid) return copyFolder(walk, old, place);
  const { entries, limits } = walk;
  if (place.depth > limits.maxDepth) throw tooLarge(`folders more than ${limits.maxDepth} deep`);
  const from = { at: entries.length, seen: walk.seen, characters: walk.characters };
  const files = old === null ? NO_FILES : filesOf(walk, old);
  const folders = new Map<string, Folder>();
  const data = walk.read(oid);
  scanTree(data, (mode, nameAt, nameEnd, oidAt) => {
    addTo(walk, 1, 0);
    const name = nameOf(data, nameAt, nameEnd);
    const path = place.path + (name ?? '');
    if (name === null || path.length > MAX_PATH) return;
    addTo(walk, 0, path.length);
    const id = data.toString('hex', oidAt, oidAt + 20);
    if (mode === FOLDER) {
      const inside = { path: `${path}/`, depth: place.depth + 1, start: from.at };
      folders.set(name, listFolder(walk, id, inside, was(old?.folder.folders.get(name), old?.at ?? 0)));
    } else entries.push(sameOrNew(files, { path, mode: modeText(mode), oid: id }));
  });
  return {
    oid,
    start: from.at - place.start,
    count: entries.length - from.at,
    seen: walk.seen - from.seen,
    characters: walk.characters - from.characters,
    folders: folders.size === 0 ? NO_FOLDERS : folders,
  };
}

const NO_FILES: ReadonlyMap<string, TreeEntry> = new Map();
const NO_FOLDERS: ReadonlyMap<string, Folder> = new Map();

function copyFolder(walk: Walk, { folder, at }: Was, { start }: Place): Folder {
  const { entries, before } = walk;
  const begins = entries.length - start;
  addTo(walk, folder.seen, folder.characters);
  for (let index = at; index < at + folder.count; index += 1) {
    const entry = before[index];
    if (entry !== undefined) entries.push(entry);
  }
  return begins === folder.start ? folder : { ...folder, start: begins };
}

/** The entries that lay in a folder itself. */
function filesOf({ before }: Walk, { folder, at }: Was): ReadonlyMap<string, TreeEntry> {
  const files = new Map<string, TreeEntry>();
  const take = (from: number, to: number) => {
    for (const entry of before.slice(from, to)) files.set(entry.path, entry);
  };
  let next = at;
  for (const inside of folder.folders.values()) {
    take(next, at + inside.start);
    next = at + inside.start + inside.count;
  }
  take(next, at + folder.count);
  return files;
}

function sameOrNew(files: ReadonlyMap<string, TreeEntry>, entry: TreeEntry): TreeEntry {
  const old = files.get(entry.path);
  return old?.oid === entry.oid && old.mode === entry.mode ? old : entry;
}

function addTo(walk: Walk, seen: number, characters: number): void {
  walk.seen += seen;
  walk.characters += characters;
  const { maxEntries } = walk.limits;
  if (walk.seen > maxEntries) throw tooLarge(`more than ${maxEntries} files and folders`);
  if (walk.characters > MAX_TOTAL) throw tooLarge(`more than ${MAX_TOTAL} characters of paths`);
}

function modeText(mode: number): string {
  return mode === 0o100644 ? '100644' : mode.toString(8).padStart(6, '0');
}

// A name that begins with a byte order mark keeps it.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function nameOf(data: Buffer, at: number, end: number): string | null {
  if (end === at || end - at > MAX_PATH) return null;
  let isPlain = true;
  for (let index = at; index < end; index += 1) {
    const byte = data[index] ?? 0;
    if (byte === 0x2f) return null;
    if (byte >= 0x80) isPlain = false;
  }
  const name = isPlain ? data.toString('latin1', at, end) : decode(data.subarray(at, end));
  return name === '.' || name === '..' ? null : name;
}

function decode(name: Buffer): string | null {
  try {
    return UTF8.decode(name);
  } catch {
    return null;
  }
}
