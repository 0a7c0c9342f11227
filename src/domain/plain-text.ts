// Control characters, ANSI escapes, line and paragraph separators, zero-width and bidirectional marks.
// eslint-disable-next-line no-control-regex -- control characters are what it finds
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;

/**
 * A hostile text made safe for one line of a terminal, a log or a commit message: unsafe characters become visible
 * escapes, and more than `limit` characters are cut with an ellipsis.
 */
export function plainText(text: string, limit = 300): string {
  const short = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return short.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
