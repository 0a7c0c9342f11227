import { plainText } from '../../domain/plain-text.ts';
import { parseToken } from '../../domain/token.ts';
import { decodeText } from '../reading/decode-text.ts';
import { type BaselineEntry, baselineKey, isKeepable } from './baseline-entry.ts';
import { ENTRY_BEGINS, HEADER, MAX_BASELINE_BYTES, MAX_BASELINE_OBJECTS } from './format-baseline.ts';

export type ParsedBaseline =
  | { readonly kind: 'baseline'; readonly entries: readonly BaselineEntry[] }
  /** `reason` completes "it cannot be understood". */
  | { readonly kind: 'problem'; readonly line: number | null; readonly reason: string };

const FIELDS = ['path', 'kind', 'namespace', 'name', 'token'] as const;

/**
 * Reads a baseline, as hostile as any other file: exactly the lines that we write, with comments and empty lines between them.
 * All or nothing, since half a baseline would take the other half for new. Never throws.
 */
export function parseBaseline(bytes: Uint8Array): ParsedBaseline {
  if (bytes.length > MAX_BASELINE_BYTES) return problem(null, `it is larger than ${MAX_BASELINE_BYTES} bytes`);
  const decoded = decodeText(bytes);
  if (decoded.kind !== 'text') return problem(null, 'it is not UTF-8');
  const lines = decoded.text
    .split(/\r?\n/)
    .map((text, at) => ({ text: text.trimEnd(), line: at + 1 }))
    .filter(({ text }) => text !== '' && !text.trimStart().startsWith('#'));
  for (const [at, wanted] of HEADER.entries()) {
    const found = lines[at];
    if (at === HEADER.length - 1 && found?.text === `${wanted} []` && lines.length === HEADER.length) return EMPTY;
    if (found?.text !== wanted) return problem(found?.line ?? null, `here must be: ${wanted}`);
  }
  return entriesOf(lines.slice(HEADER.length));
}

const EMPTY: ParsedBaseline = { kind: 'baseline', entries: [] };

interface Line {
  readonly text: string;
  readonly line: number;
}

function entriesOf(lines: readonly Line[]): ParsedBaseline {
  if (lines.length > MAX_BASELINE_OBJECTS) return problem(null, `it has more than ${MAX_BASELINE_OBJECTS} objects`);
  const entries = new Map<string, BaselineEntry>();
  for (const { text, line } of lines) {
    const entry = entryOf(text);
    if (typeof entry === 'string') return problem(line, entry);
    const key = baselineKey(entry);
    if (entries.has(key)) return problem(line, `${plainText(`${entry.kind} ${entry.name}`, 100)} is named twice`);
    entries.set(key, entry);
  }
  return { kind: 'baseline', entries: [...entries.values()] };
}

/** One entry, or why it is none. */
function entryOf(text: string): BaselineEntry | string {
  if (!text.startsWith(ENTRY_BEGINS)) return `an object is one line that begins with "${ENTRY_BEGINS}{"`;
  const fields = fieldsOf(text.slice(ENTRY_BEGINS.length));
  if (fields === null) return 'what follows the dash is no JSON object';
  const unknown = Object.keys(fields).find((key) => !FIELDS.some((known) => known === key));
  if (unknown !== undefined) return `it has an unknown key, ${plainText(unknown, 40)}`;
  const { path, kind, namespace, name, token: written } = fields;
  if (typeof path !== 'string' || typeof kind !== 'string' || typeof name !== 'string') return NO_TEXT;
  if (namespace !== null && typeof namespace !== 'string') return NO_TEXT;
  const token = typeof written === 'string' ? parseToken(written) : null;
  if (token === null) return 'token is none of ours';
  const entry = { path, kind, namespace, name, token };
  return isKeepable(entry) ? entry : 'a name in it is empty or too long';
}

const NO_TEXT = 'path, kind and name are texts, and namespace one or null';

function fieldsOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function problem(line: number | null, reason: string): ParsedBaseline {
  return { kind: 'problem', line, reason };
}
