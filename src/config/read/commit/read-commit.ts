import type { CredentialPlace } from '../../../domain/policy.ts';
import type { CommitConfig, SigningConfig } from '../../config.ts';
import { COMMIT_WAYS, SIGNATURE_FORMATS } from '../../keys/commit/commit-keys.ts';
import type { Section } from '../section.ts';
import { readSecretRef } from '../sources.ts';
import { readChoice, readSection, readSectionOrNull, readText, readTextOrNull } from '../values.ts';

/** `spec.repositories[].commit`. */
export function readCommit(repository: Section, secretsDir: string): CommitConfig {
  const commit = readSection(repository, 'commit');
  const signing = readSectionOrNull(commit, 'signing');
  return {
    author: readAuthor(readText(commit, 'author')),
    subject: readTextOrNull(commit, 'subject'),
    via: readChoice(commit, 'via', COMMIT_WAYS),
    signing: signing === null ? null : readSigning(signing, secretsDir),
  };
}

function readAuthor(text: string): { readonly name: string; readonly email: string } {
  const [name = '', email = ''] = text.slice(0, -1).split(' <');
  return { name, email };
}

function readSigning(signing: Section, secretsDir: string): SigningConfig {
  const format = readChoice(signing, 'format', SIGNATURE_FORMATS);
  const key = readPlace(signing, 'key', secretsDir);
  if (key === null) {
    const hint = 'the key itself is never written here';
    signing.report.problem(signing.offset, `${signing.shown} must have one of keyFile, keySecretRef`, hint);
  }
  return { format, key: key ?? { kind: 'file', path: '' }, passphrase: readPlace(signing, 'passphrase', secretsDir) };
}

/** A file, by its path or as a mounted secret; null where neither is there. */
function readPlace(signing: Section, what: 'key' | 'passphrase', secretsDir: string): CredentialPlace | null {
  const [file, secretRef] = [`${what}File`, `${what}SecretRef`];
  const path = readTextOrNull(signing, file);
  const ref = readSectionOrNull(signing, secretRef);
  if (signing.values.has(file) && signing.values.has(secretRef)) {
    const message = `${signing.shown} must have one of ${file}, ${secretRef}`;
    signing.report.problem(signing.offset, message, 'keep one of them');
  }
  if (ref !== null) return readSecretRef(ref, secretsDir);
  return signing.values.has(file) ? { kind: 'file', path: path ?? '' } : null;
}
