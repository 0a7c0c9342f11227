import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as othersRun } from 'node:timers/promises';
import { Failure } from '../../domain/failure.ts';
import type { IndexKey, KeptIndex, LoadedIndex } from '../../domain/kept/kept-index.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { IndexCache } from '../../ports.ts';
import { readingCode } from './reading-code.ts';
import { readSealed } from './sealed-file.ts';
import { tryFolder, writeSealed } from './write-sealed.ts';

/** Of the file, not of what is in it. */
const FORMAT = 1;

/**
 * Folder `cache`: what was read of repositories, in a directory. It knows nothing of what the lines say; it proves that they
 * are the ones that this program, as it is now, has written for this key.
 */
export interface FileCacheOptions {
  readonly directory: string;
  /** Left out: that of the program that runs. */
  readonly code?: string;
}

/** One file for each repository and base. Nothing is read or made before it is used. */
export function createFileIndexCache({ directory, code: given }: FileCacheOptions): IndexCache {
  let known = given;
  const code = () => (known ??= readingCode());
  return {
    place: directory,
    load: (key) => load(join(directory, nameOf(key)), key, code),
    save: async (key, kept, signal) => {
      const name = nameOf(key);
      await attempt(join(directory, name), signal, () =>
        writeSealed(join(directory, name), withHeader(headerOf(key, code()), kept), signal),
      );
    },
    probe: () => attempt(directory, null, () => tryFolder(directory)),
  };
}

/** What a kept index must agree in with who loads it. */
type Header = Readonly<Record<'code' | 'repository' | 'base' | 'reading', string>> & { readonly format: number };

function headerOf({ repository, base, reading }: IndexKey, code: string): Header {
  return { format: FORMAT, code, repository, base, reading };
}

const DIFFERENCES: Readonly<Record<keyof Header, string>> = {
  format: 'another version of the program made it',
  code: 'another version of the program made it',
  repository: 'it is of another repository',
  base: 'it is of another base branch',
  reading: 'it was made under another configuration',
};

function* withHeader(header: Header, { head, lines }: KeptIndex): Generator<string, void, undefined> {
  yield JSON.stringify({ ...header, head });
  yield* lines;
}

async function load(path: string, key: IndexKey, code: () => string): Promise<LoadedIndex> {
  const sealed = await readSealed(path);
  if (sealed.kind !== 'whole') return sealed;
  const lines = sealed.lines[Symbol.iterator]();
  try {
    const wanted = headerOf(key, code());
    const found = JSON.parse(lines.next().value ?? '') as Partial<Header & { readonly head: string }> | null;
    const keys = Object.keys(DIFFERENCES) as (keyof Header)[];
    const differs = keys.find((name) => found?.[name] !== wanted[name]);
    if (differs !== undefined) return { kind: 'foreign', reason: DIFFERENCES[differs] };
    if (typeof found?.head !== 'string') return { kind: 'broken', reason: 'it names no commit' };
    return { kind: 'found', head: found.head, lines: inTurns({ [Symbol.iterator]: () => lines }) };
  } catch (error) {
    return { kind: 'broken', reason: `it cannot be told what it is of: ${codeOf(error)}` };
  }
}

/** Other work goes on after so many characters. */
const TURN = 128 * 1024;

async function* inTurns(lines: Iterable<string>): AsyncGenerator<string, void, undefined> {
  let read = 0;
  for (const line of lines) {
    if (read >= TURN) {
      read = 0;
      await othersRun();
    }
    read += line.length;
    yield line;
  }
}

/** As long as any repository's, and of no character that a file system minds. */
function nameOf({ repository, base }: IndexKey): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([repository, base]))
    .digest('hex');
  return `${digest.slice(0, 32)}.index`;
}

async function attempt(place: string, signal: AbortSignal | null, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = signal?.aborted === true ? 'stopped' : codeOf(error);
    throw new Failure(`${plainText(place)} cannot be written: ${why}`, {
      code: 'file-unwritable',
      retry: 'later',
      hint: 'Look at the folder spec.cache.directory: it must be writable and have room. Without it every start reads all files anew.',
      cause: error,
    });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
