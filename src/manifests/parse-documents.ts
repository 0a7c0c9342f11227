import type { Document, LineCounter, Tags } from 'yaml';
import { plainText } from '../domain/plain-text.ts';
import type { UnreadableCode } from './objects.ts';
import { type ComposedDocument, composePlain } from './parse/compose-plain.ts';
import { composeStream, type ParseOptions, type Stream } from './parse/compose-stream.ts';
import { findTemplatedPlain } from './parse/template-braces.ts';
import { findUnknownAlias } from './parse/unknown-alias.ts';

/** A comment, from its `#` on. */
export interface Comment {
  readonly offset: number;
  readonly text: string;
}

/** A text's YAML documents with their source offsets, or why nothing in the text can be trusted. */
export type ParsedText =
  | {
      readonly kind: 'documents';
      readonly documents: readonly ComposedDocument[];
      readonly lineCounter: LineCounter;
      readonly comments: readonly Comment[];
    }
  | {
      readonly kind: 'unreadable';
      readonly code: UnreadableCode;
      readonly message: string;
      /** From 1; null where the whole text is meant. */
      readonly line: number | null;
    };

/** Why a text cannot be read. */
export type UnreadableText = Extract<ParsedText, { readonly kind: 'unreadable' }>;

/** A parsed text with what an exact edit needs besides: source tokens on the nodes, comments and aliases. */
export interface EditableText {
  readonly kind: 'editable';
  readonly text: string;
  readonly documents: readonly Document.Parsed[];
  readonly lineCounter: LineCounter;
  readonly comments: readonly string[];
  readonly commentOffsets: readonly number[];
  readonly aliases: ReadonlySet<string>;
}

/** The longest text that is parsed, in bytes of UTF-8. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;

// What YAML forbids in a stream: controls but tab, line feed, carriage return and next line; halves of surrogate pairs.
// eslint-disable-next-line no-control-regex -- control characters are what it finds
const NOT_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|\p{Cs}/u;

// Files joined end to end carry one here. Readers differ: to some it is nothing, to others the first character of a key.
const LATER_BYTE_ORDER_MARK = /(?<=[\n\r])\ufeff/u;

/** Quadratic and unbounded features stay off: duplicate keys are looked for where they matter, values are never built. */
export const READING_OPTIONS = {
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
  keepSourceTokens: false,
  merge: true,
  resolveKnownTags: false,
} as const;

// Collections that the parser would rebuild (and whose values it would judge): to readers of manifests they are maps and lists.
const REBUILT: ReadonlySet<string> = new Set(['omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`));

/**
 * Parses every YAML (or JSON) document of a text. All or nothing: one error, template braces, an alias without anchor,
 * a forbidden or misplaced character or a size beyond the limits makes the whole text unreadable. Never throws.
 */
export function parseDocuments(text: string): ParsedText {
  const plain = isText(text) ? composePlain(text) : null;
  if (plain !== null) return { kind: 'documents', ...plain };
  const source = parse(text, READING_OPTIONS);
  if (source.kind === 'unreadable') return source;
  const { documents, lineCounter, comments, commentOffsets } = source;
  const placed = comments.map((comment, at) => ({ offset: commentOffsets[at] ?? 0, text: comment }));
  return { kind: 'documents', documents, lineCounter, comments: placed };
}

/** {@link parseDocuments} for the editor, as readers of one version of YAML understand it (where no directive says another). */
export function parseEditable(text: string, version: '1.1' | '1.2' = '1.2'): EditableText | UnreadableText {
  return parse(text, { ...READING_OPTIONS, version, customTags: withoutRebuilt, keepSourceTokens: true });
}

function withoutRebuilt(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || !REBUILT.has(tag.tag));
}

function parse(text: string, options: ParseOptions): EditableText | UnreadableText {
  if (isTooLong(text)) return unreadable('too-large', 'the file is larger than 1 MiB', null);
  const control = NOT_TEXT.exec(text);
  if (control !== null) {
    return unreadable('not-text', 'a character that YAML does not allow', lineAt(text, control.index));
  }
  const mark = LATER_BYTE_ORDER_MARK.exec(text);
  if (mark !== null) {
    return unreadable('not-text', 'a byte order mark below the first line: remove it', lineAt(text, mark.index));
  }
  const stream = composeStream(text, options);
  if (stream.excess !== null) return unreadable('too-large', stream.excess.message, stream.excess.line);
  const fault = findFault(stream);
  if (fault !== null) {
    return unreadable(fault.code, fault.message, stream.lineCounter.linePos(fault.offset).line);
  }
  const { documents, lineCounter, notes } = stream;
  const { comments, commentOffsets, aliases } = notes;
  return { kind: 'editable', text, documents, lineCounter, comments, commentOffsets, aliases };
}

interface Fault {
  readonly code: UnreadableCode;
  readonly message: string;
  readonly offset: number;
}

function findFault(stream: Stream): Fault | null {
  const { flowBraces, plainBraces } = stream.notes;
  if (flowBraces !== null) return templateFault(flowBraces);
  const errors = [...stream.strayErrors, ...stream.documents.flatMap((document) => document.errors)];
  const [first] = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (first !== undefined) {
    if (plainBraces !== null) return templateFault(plainBraces);
    return { code: 'not-yaml', message: plainText(first.message, 200), offset: first.pos[0] };
  }
  for (const document of stream.documents) {
    const templated = plainBraces === null ? null : findTemplatedPlain(document);
    if (templated !== null) return templateFault(templated);
    const alias = stream.notes.aliases.size === 0 ? null : findUnknownAlias(document);
    if (alias !== null) {
      return { code: 'not-yaml', message: 'an alias whose anchor is not defined before it', offset: alias };
    }
  }
  return null;
}

function templateFault(offset: number): Fault {
  return { code: 'helm-template', message: 'template braces outside quotes: not a plain manifest', offset };
}

function unreadable(code: UnreadableCode, message: string, line: number | null): UnreadableText {
  return { kind: 'unreadable', code, message, line };
}

function isTooLong(text: string): boolean {
  if (text.length > MAX_MANIFEST_BYTES) return true;
  return text.length * 3 > MAX_MANIFEST_BYTES && new TextEncoder().encode(text).length > MAX_MANIFEST_BYTES;
}

function isText(text: string): boolean {
  return !isTooLong(text) && !NOT_TEXT.test(text) && !LATER_BYTE_ORDER_MARK.test(text);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
