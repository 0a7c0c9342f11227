// Control characters (ANSI escapes begin with one), line and paragraph separators, lone surrogates, and everything that
// shows as nothing or turns its neighbours round: soft hyphens, zero-width and bidirectional marks, fillers, tags.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A hostile text made safe for one line of a terminal, a log or a commit message: unsafe characters become visible
 * escapes, and more than `limit` characters are cut with an ellipsis.
 */
export function plainText(text: string, limit = 300): string {
  const short = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return short.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
