/** The offset at which the line with this offset begins; a byte order mark is no part of the line. */
export function lineStart(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return start === 0 && text.startsWith('\ufeff') ? 1 : start;
}

/** The offset behind the line's last character, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset);
  if (feed === -1) return text.length;
  return feed > offset && text[feed - 1] === '\r' ? feed - 1 : feed;
}

/** The line break of the line with this offset; the previous line's where it has none; a line feed where there is none. */
export function lineBreak(text: string, offset: number): '\n' | '\r\n' {
  const feed = text.indexOf('\n', offset);
  const near = feed === -1 ? text.lastIndexOf('\n') : feed;
  return near > 0 && text[near - 1] === '\r' ? '\r\n' : '\n';
}

/**
 * The column, from 0, of a key in a block map; null unless nothing but spaces and list dashes stands before it, since
 * only then is it known which indentation a sibling key needs.
 */
export function blockColumn(text: string, offset: number): number | null {
  const before = text.slice(lineStart(text, offset), offset);
  return /^ *(?:- +)*$/.test(before) ? before.length : null;
}

/**
 * Where new lines go that shall follow the line with this offset: at the start of the next line, but behind comments
 * indented deeper than `column`, since those belong to what stands before.
 */
export function placeAfter(text: string, offset: number, column: number): number {
  let place = nextLine(text, offset);
  let look = place;
  while (look < text.length) {
    const line = text.slice(look, lineEnd(text, look));
    const indent = line.search(/[^ ]/);
    look = nextLine(text, look);
    if (line.trim() === '') continue;
    if (line[indent] !== '#' || indent <= column) break;
    place = look;
  }
  return place;
}

/** The offset at which the next line begins, or the end of the text. */
function nextLine(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset);
  return feed === -1 ? text.length : feed + 1;
}
