/** Where a text is being read, line by line. `indent` is that of the line at `at`; -1 at a document marker and at the end. */
export interface PlainLines {
  readonly text: string;
  readonly comments: { readonly offset: number; readonly text: string }[];
  at: number;
  indent: number;
  /** True once a comment stood deeper than the line below it: YAML counts it to what ended before. */
  overhangs: boolean;
}

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const HASH = 0x23;
const DASH = 0x2d;

/** Goes to the next line that holds something, from the start of a line. */
export function toContent(lines: PlainLines, from: number): void {
  const { text } = lines;
  let start = from;
  let deepest = 0;
  while (start < text.length) {
    const at = afterSpaces(text, start);
    const char = text.charCodeAt(at);
    if (char === HASH) {
      noteComment(lines, at);
      deepest = Math.max(deepest, at - start);
    } else if (char !== LINE_FEED && at < text.length) {
      lines.at = at;
      lines.indent = at === start && isMarker(text, at) ? -1 : at - start;
      lines.overhangs ||= deepest > at - start;
      return;
    }
    start = lineAfter(text, at);
  }
  lines.at = text.length;
  lines.indent = -1;
  lines.overhangs ||= deepest > 0;
}

/** The start of the next line where nothing but a comment stands on the rest of this one; null where something does. */
export function endLine(lines: PlainLines, from: number): number | null {
  const { text } = lines;
  const at = afterSpaces(text, from);
  const char = text.charCodeAt(at);
  if (char === HASH && at > from) noteComment(lines, at);
  else if (char !== LINE_FEED && at < text.length) return null;
  return lineAfter(text, at);
}

/** True for a `-` with a blank or nothing behind it: the start of an entry. */
export function isDash(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== DASH) return false;
  const next = text.charCodeAt(at + 1);
  return next === SPACE || next === LINE_FEED || at + 1 === text.length;
}

/** The offset behind the blanks at an offset. */
export function afterSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SPACE) at += 1;
  return at;
}

/** The start of the line after that of an offset, or the end of the text. */
export function lineAfter(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

function isMarker(text: string, at: number): boolean {
  return text.startsWith('---', at) || text.startsWith('...', at);
}

function noteComment({ text, comments }: PlainLines, offset: number): void {
  const end = text.indexOf('\n', offset);
  comments.push({ offset, text: text.slice(offset, end === -1 ? text.length : end) });
}
