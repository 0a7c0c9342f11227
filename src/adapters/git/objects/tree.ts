import type { Oid } from '../../../domain/repo-path.ts';
import { tooLarge } from '../too-large.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';

/** One line of a raw tree. The name stays bytes: names need not be UTF-8, and must come back as they were. */
export interface RawEntry {
  /** As stored: `100644`, `40000`. */
  readonly mode: string;
  readonly name: Buffer;
  readonly oid: Oid;
  /** Where the 20 bytes of the id begin. */
  readonly oidAt: number;
}

/** Longer names are on no disk that anything could be deployed from, and a few of them would fill the memory. */
const MAX_NAME_BYTES = 4096;

/** The entries of a raw tree, in its order. Throws `git-unreadable`, and `git-rejected` beyond the longest name. */
export function* readTree(data: Buffer): Generator<RawEntry> {
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(0x20, at);
    const end = endOfName(data, space);
    const oidAt = end + 1;
    const mode = data.toString('latin1', at, space);
    if (!/^[0-7]{1,6}$/.test(mode)) throw unreadableAnswer('a tree with a malformed mode');
    yield { mode, name: data.subarray(space + 1, end), oid: data.toString('hex', oidAt, oidAt + 20), oidAt };
    at = oidAt + 20;
  }
}

/** What to do with an entry: its mode as a number, and where in the tree its name begins and ends, and its id begins. */
export type VisitEntry = (mode: number, nameAt: number, nameEnd: number, oidAt: number) => void;

/** Like `readTree`, for trees by the thousands: no entry becomes an object. */
export function scanTree(data: Buffer, visit: VisitEntry): void {
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(0x20, at);
    const end = endOfName(data, space);
    const oidAt = end + 1;
    visit(modeAt(data, at, space), space + 1, end, oidAt);
    at = oidAt + 20;
  }
}

/** Where the name behind this space ends; the 20 bytes of an id follow. */
function endOfName(data: Buffer, space: number): number {
  const end = data.indexOf(0, space + 1);
  if (space === -1 || end === -1 || end + 21 > data.length) throw unreadableAnswer('a malformed tree');
  if (end - space > MAX_NAME_BYTES + 1) throw tooLarge(`a name of more than ${MAX_NAME_BYTES} bytes`);
  return end;
}

function modeAt(data: Buffer, at: number, end: number): number {
  let mode = 0;
  for (let index = at; index < end; index += 1) {
    const digit = (data[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) throw unreadableAnswer('a tree with a malformed mode');
    mode = mode * 8 + digit;
  }
  if (end === at || end - at > 6) throw unreadableAnswer('a tree with a malformed mode');
  return mode;
}

/** The mode of a folder. */
export const FOLDER = 0o40000;
/** The mode of a submodule. */
export const SUBMODULE = 0o160000;

/** True for a folder. */
export function isFolder(mode: string): boolean {
  return Number.parseInt(mode, 8) === FOLDER;
}

/** True for a submodule: its commit is in another repository. */
export function isSubmodule(mode: string): boolean {
  return Number.parseInt(mode, 8) === SUBMODULE;
}

/** True for a file that may be edited: plain or executable, also as old versions of Git wrote it. */
export function isPlainFile(mode: string): boolean {
  return mode === '100644' || mode === '100755' || mode === '100664';
}
