import { X509Certificate } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import * as tls from 'node:tls';
import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * What certificates are checked against: the authorities that Node has by itself, and those in this file. Each call looks
 * whether the file is another one by now; one that cannot be used leaves what was there before. Throws a Failure where it
 * cannot be used at the beginning.
 */
export function trustAlso(caFile: string, more: string | null): () => tls.SecureContext {
  const known = knownAuthorities(more);
  let mark = markOf(caFile);
  let context = contextOf(caFile, known);
  return () => {
    const now = markOf(caFile);
    if (now === null || now === mark) return context;
    mark = now;
    try {
      context = contextOf(caFile, known);
    } catch {
      // Half written, or wrong: those that were trusted until now still are.
    }
    return context;
  };
}

function contextOf(caFile: string, known: readonly string[]): tls.SecureContext {
  return tls.createSecureContext({ ca: [...known, ...certificatesIn(caFile)] });
}

/** Naming any authority takes Node's own away, so they are named too; `more` is `NODE_EXTRA_CA_CERTS`, which is lost as well. */
function knownAuthorities(more: string | null): readonly string[] {
  // Node 22.15 and later: with those of the system or of the environment, where Node was told to use them.
  const { getCACertificates } = tls as { readonly getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates !== undefined) return getCACertificates('default');
  return [...tls.rootCertificates, ...(more === null ? [] : extra(more))];
}

/** Node itself only warns where this file cannot be used. */
function extra(path: string): readonly string[] {
  try {
    return certificatesIn(path);
  } catch {
    return [];
  }
}

function certificatesIn(path: string): readonly string[] {
  const found = readText(path).match(CERTIFICATE) ?? [];
  if (found.length === 0) throw unusable(path, 'it holds no certificate');
  for (const [at, text] of found.entries()) {
    if (!isCertificate(text)) throw unusable(path, `its certificate ${at + 1} is not one`);
  }
  return found;
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

function readText(path: string): string {
  try {
    // Not blocking: opening a pipe that nobody writes to would wait for ever.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(descriptor).isFile()) throw unusable(path, 'it is no file');
      const buffer = Buffer.alloc(MAX_BYTES + 1);
      const length = fill(descriptor, buffer);
      if (length > MAX_BYTES) throw unusable(path, `it is longer than ${MAX_BYTES} bytes`);
      return buffer.toString('latin1', 0, length);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw unusable(path, error instanceof Error && 'code' in error ? String(error.code) : 'unknown error');
  }
}

function fill(descriptor: number, buffer: Buffer): number {
  let length = 0;
  while (length < buffer.length) {
    const bytes = readSync(descriptor, buffer, length, buffer.length - length, length);
    if (bytes === 0) break;
    length += bytes;
  }
  return length;
}

/** Tells two contents of a file apart without reading them; null where it is not there. */
function markOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}:${found.size}:${found.mtimeMs}`;
}

function unusable(path: string, why: string): Failure {
  return new Failure(`cannot use the certificates in ${plainText(path)}: ${why}`, {
    code: 'file-unreadable',
    retry: 'never',
    hint: 'Mount the certificates of the private authority there, in PEM form.',
  });
}
