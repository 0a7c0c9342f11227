import type { Comment } from '../../parse-documents.ts';
import { MARKER_WORD } from './parse-marker.ts';

/** A comment that is meant as a marker, or text that looks like one where no marker can be. */
export interface MeantMarker {
  readonly offset: number;
  /** The JSON; null where the text is no comment of its own. */
  readonly json: string | null;
}

const LIKE_A_MARKER = /\{\s{0,8}"?\$gitops-reloader\b/g;

/**
 * Everything in a text that is meant as a marker, in order. A comment that has the JSON behind other words is meant as one, too;
 * a line that is commented out, or prose that only names the word, is not.
 */
export function meantMarkers(text: string, comments: readonly Comment[]): readonly MeantMarker[] {
  const marked = comments.filter((one) => one.text.includes(MARKER_WORD));
  const found = marked.flatMap((one) => {
    const like = one.text.search(LIKE_A_MARKER);
    const json = /^#+\s*(\{.*)$/s.exec(one.text)?.[1] ?? null;
    if (json !== null) return [{ offset: one.offset, json: json.trimEnd() }];
    return like === -1 || ownsItsLine(text, one.offset) ? [] : [{ offset: one.offset, json: one.text.slice(1) }];
  });
  const stray = [...text.matchAll(LIKE_A_MARKER)].flatMap(({ index }) =>
    marked.some((one) => index >= one.offset && index < one.offset + one.text.length)
      ? []
      : [{ offset: index, json: null }],
  );
  return [...found, ...stray].toSorted((left, right) => left.offset - right.offset);
}

/** True where nothing but blanks stands before a comment on its line. */
function ownsItsLine(text: string, offset: number): boolean {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).trim() === '';
}
