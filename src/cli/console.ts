import { readFile, stat, writeFile } from 'node:fs/promises';
import { Failure, type FailureCode } from '../domain/failure.ts';
import { plainText } from '../domain/plain-text.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Where a command reads and writes; tests give their own. */
export interface Console {
  /** The result. */
  out(text: string): void;
  /** Commentary: progress, notes, errors. */
  note(text: string): void;
  /** How far long work is; shown in place, and only where a person is watching. Empty ends it. */
  progress(text: string): void;
}

export function processConsole(): Console {
  process.stdout.on('error', endWithoutResult);
  // Where nobody can be told, nobody is.
  process.stderr.on('error', () => undefined);
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    note: (text) => {
      process.stderr.write(`${text}\n`);
    },
    progress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
    },
  };
}

/** A reader that has seen enough (`| head`) is no failure; what is under way goes on. Anything else ends with code 1. */
function endWithoutResult(error: Error): void {
  const code = 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'EPIPE') return;
  process.stderr.write(`error: cannot write the result: ${code}\n`);
  process.once('exit', () => {
    process.exitCode = EXIT.failed;
  });
}

/** Files that a person names are bounded, in bytes. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** A file that a person named, as text. Throws a `Failure` that says which file and what next. */
export async function readNamedFile(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_FILE_BYTES) throw unreadable(path, `it is larger than ${MAX_FILE_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw unreadable(path, code);
  }
}

/** Writes a file that a person named and that is not there yet; never replaces one, and follows no link to do so. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const failed = `cannot write ${plainText(path)}: `;
    if (code === 'EEXIST') {
      const hint = 'Nothing was changed. Name a file that is not there, or remove this one first.';
      throw new Failure(`${failed}it is there already`, { code: 'input-invalid', retry: 'never', hint });
    }
    const hint = 'Check that its folder is there and can be written to.';
    throw new Failure(`${failed}${code}`, { code: 'file-unwritable', retry: 'never', hint });
  }
}

const USAGE_CODES: readonly FailureCode[] = ['config-invalid', 'input-invalid', 'file-unreadable'];

/** Says what happened, where and what next; the exit code tells bad input from a failed attempt. */
export function reportFailure(failure: Failure, console: Console): ExitCode {
  console.note(`error: ${failure.message} [${failure.code}]`);
  console.note(`  next: ${failure.hint}`);
  return USAGE_CODES.includes(failure.code) ? EXIT.usage : EXIT.failed;
}

function unreadable(path: string, why: string): Failure {
  return new Failure(`cannot read ${plainText(path)}: ${why}`, {
    code: 'file-unreadable',
    retry: 'never',
    hint: 'Check the path and its permissions.',
  });
}
