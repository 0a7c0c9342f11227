import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { CredentialPlace } from '../../domain/policy.ts';
import { errorCode, readBytes } from './read-bytes.ts';

const MAX_BYTES = 64 * 1024;

/**
 * The credential at this place, without white space around it. Read anew at each call, so that a replaced file takes
 * effect. A failure names the place and never what is there.
 */
export async function readCredential(place: CredentialPlace): Promise<string> {
  return place.kind === 'env' ? readEnvironment(place.name) : readFileOf(place.path);
}

/** A credential that is sent as one word, such as a token or an access key: anything else could never be sent. */
export async function readWord(place: CredentialPlace): Promise<string> {
  const text = await readCredential(place);
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  const shown =
    place.kind === 'env' ? `environment variable ${plainText(place.name)}` : `file ${plainText(place.path)}`;
  throw new Failure(`the credential in the ${shown} is not one word of ASCII characters`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Look for a line break, a blank or an unusual character in it.',
  });
}

function readEnvironment(name: string): string {
  const value = (process.env[name] ?? '').trim();
  if (value !== '') return value;
  throw new Failure(`the environment variable ${plainText(name)} is empty`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Set it, or name another place in the configuration.',
  });
}

async function readFileOf(path: string): Promise<string> {
  const shown = plainText(path);
  const bytes = await readWhole(path).catch((cause: unknown) => {
    throw unreadable(`could not read the credential file ${shown}: ${errorCode(cause)}`, cause);
  });
  if (bytes === null) throw unreadable(`the credential file ${shown} is no file, or longer than ${MAX_BYTES} bytes`);
  const text = decode(bytes)?.trim() ?? null;
  if (text === null) throw unreadable(`the credential file ${shown} is not UTF-8 text`);
  if (text === '') throw unreadable(`the credential file ${shown} is empty`);
  return text;
}

/** Symbolic links are followed: Kubernetes mounts secrets through them. Null for what is no file, or too long. */
async function readWhole(path: string): Promise<Uint8Array | null> {
  // Not blocking: opening a pipe that nobody writes to would wait for ever.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return (await handle.stat()).isFile() ? await readBytes(handle, MAX_BYTES) : null;
  } finally {
    await handle.close();
  }
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function unreadable(message: string, cause?: unknown): Failure {
  const hint = 'Check that the file is mounted where the configuration says, and readable for this user.';
  return new Failure(message, { code: 'file-unreadable', retry: 'never', hint, cause });
}
