import { isAlias, isScalar, type ParsedNode, type Scalar } from 'yaml';
import type { EditableText } from '../parse-documents.ts';
import { isSurelyText, type Refusal, refuse } from './annotation-edit.ts';
import { colonOf, isShared, type ParsedPair } from './map-access.ts';
import { lineStart } from './text/source-lines.ts';
import type { Splice } from './text/splice.ts';

const STRING_TAG = 'tag:yaml.org,2002:str';

/** The splices that give an existing annotation its new value; none when it already has it. */
export function replacePair(source: EditableText, pair: ParsedPair, value: string): readonly Splice[] | Refusal {
  const node = pair.value;
  const colon = colonOf(pair);
  if (node === null || colon === null) return refuse('the annotation has no value', 'Write a value behind it.');
  const splices = replaceValue(source, node, value);
  if ('kind' in splices || node.range[0] < node.range[1] || splices.length === 0) return splices;
  return [{ start: colon + 1, end: colon + 1, insert: ` "${value}"` }];
}

/** The splices that give an existing value its new one; where it is empty and not quoted, right where it would stand. */
export function replaceValue(source: EditableText, node: ParsedNode, value: string): readonly Splice[] | Refusal {
  if (isAlias(node)) return replaceAlias(node.source, node.range, value);
  if (!isScalar(node)) return refuse('the annotation is not a text', 'Replace it by a quoted text.');
  const fault = checkProperties(source, node);
  if (fault !== null) return fault;
  if (isCurrent(node, value)) return [];
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') return replaceBlock(source.text, node, value);
  const [start, end] = node.range;
  if (start < end) return [{ start, end, insert: quote(node, value) }];
  if (node.anchor !== undefined || node.tag !== undefined) {
    return refuse('the annotation is empty but for an anchor or tag', 'Write a value behind it.');
  }
  // Blanks before a comment stay between it and the value.
  const line = lineStart(source.text, start);
  const at = line + source.text.slice(line, start).trimEnd().length;
  return [{ start: at, end: at, insert: ` "${value}"` }];
}

function replaceAlias(name: string, [start, end]: readonly number[], value: string): readonly Splice[] | Refusal {
  // Readers disagree on where the name of an alias with other characters ends.
  if (start === undefined || end === undefined || !/^[A-Za-z0-9_-]+$/.test(name)) {
    return refuse('the annotation is an alias', 'Replace the alias by a quoted text.');
  }
  return [{ start, end, insert: `"${value}"` }];
}

function checkProperties(source: EditableText, node: ParsedNode & Scalar): Refusal | null {
  if (isShared(source, node)) {
    return refuse('the annotation has an anchor that is used elsewhere', 'Write its value out where its alias stands.');
  }
  if (node.tag !== undefined && node.tag !== STRING_TAG) {
    return refuse('the annotation has a tag', 'Remove the tag: annotations are texts.');
  }
  if (node.source?.includes('{{') === true) {
    return refuse('the annotation is filled in by a template', 'Let the template write it, or remove the annotation.');
  }
  return null;
}

function isCurrent(node: Scalar.Parsed, value: string): boolean {
  if (node.value !== value) return false;
  return node.type !== 'PLAIN' || node.tag === STRING_TAG || isSurelyText(value);
}

function quote(node: Scalar.Parsed, value: string): string {
  return node.type === 'QUOTE_SINGLE' && !value.includes("'") ? `'${value}'` : `"${value}"`;
}

/** From the header to the end of the last line with content; blank lines behind it stay. */
function replaceBlock(text: string, node: Scalar.Parsed, value: string): readonly Splice[] | Refusal {
  const [start, nodeEnd] = node.range;
  const written = text.slice(start, nodeEnd);
  if (/^[^\n]*#/.test(written)) {
    return refuse('a comment stands behind the block indicator', 'Move the comment to a line of its own.');
  }
  const content = written.trimEnd();
  const rest = /^[ \t]*/.exec(written.slice(content.length))?.[0] ?? '';
  return [{ start, end: start + content.length + rest.length, insert: `"${value}"` }];
}
