import { isMap, isScalar, type YAMLMap } from 'yaml';
import { plainText } from '../../domain/plain-text.ts';
import { parseDocuments } from '../parse-documents.ts';
import { decodeText } from './decode-text.ts';

/** Where a repository speaks to gitops-reloader itself, on each base branch for that branch. */
export const SETTINGS_FILE = '.gitops-reloader/config.yaml';

export type RepositorySettings =
  | { readonly kind: 'settings'; readonly paused: boolean }
  /** `reason` completes "it cannot be understood". */
  | { readonly kind: 'problem'; readonly reason: string };

/** Reads a settings file: a mapping with the one key `paused`, or nothing at all. Never throws. */
export function parseRepositorySettings(bytes: Uint8Array): RepositorySettings {
  const decoded = decodeText(bytes);
  if (decoded.kind !== 'text') return problem('it is not UTF-8');
  const parsed = parseDocuments(decoded.text);
  if (parsed.kind === 'unreadable') return problem(parsed.message);
  if (parsed.documents.length > 1) return problem('it holds more than one document');
  const contents = parsed.documents[0]?.contents ?? null;
  if (contents === null || (isScalar(contents) && contents.value === null)) return { kind: 'settings', paused: false };
  if (!isMap(contents)) return problem('it is no mapping');
  return settingsOf(contents);
}

function settingsOf({ items }: YAMLMap): RepositorySettings {
  const names = items.map(({ key }) => (isScalar(key) ? String(key.value) : ''));
  const unknown = names.find((name) => name !== 'paused');
  if (unknown !== undefined) return problem(`it has an unknown key, ${plainText(unknown, 40)}`);
  if (items.length > 1) return problem('it says paused twice');
  const value = items[0]?.value;
  if (value === undefined) return { kind: 'settings', paused: false };
  if (!isScalar(value) || typeof value.value !== 'boolean') return problem('paused is neither true nor false');
  return { kind: 'settings', paused: value.value };
}

function problem(reason: string): RepositorySettings {
  return { kind: 'problem', reason };
}
