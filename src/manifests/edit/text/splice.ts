/** Text that takes the place of the characters from `start` up to, not including, `end`. Offsets are UTF-16 units. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

/** A stretch of text, from `start` up to, not including, `end`. Never empty. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The splices in order; null when two of them touch, so that no order would be the right one. */
export function sortSplices(splices: readonly Splice[]): readonly Splice[] | null {
  const sorted = splices.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const touching = sorted.some((splice, index) => {
    const next = sorted[index + 1];
    return next !== undefined && next.start <= splice.end;
  });
  return touching ? null : sorted;
}

/** Carries out sorted splices. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const splice of splices) {
    parts.push(text.slice(from, splice.start), splice.insert);
    from = splice.end;
  }
  return parts.join('') + text.slice(from);
}

/** Where a character that no splice replaces stands afterwards. Sorted splices. */
export function movedOffset(offset: number, splices: readonly Splice[]): number {
  let moved = offset;
  for (const splice of splices) {
    if (splice.start > offset) break;
    moved += splice.insert.length - (splice.end - splice.start);
  }
  return moved;
}

/** The stretch of the new text that each sorted splice wrote. */
export function writtenSpans(splices: readonly Splice[]): readonly Span[] {
  let shift = 0;
  return splices.map((splice) => {
    const start = splice.start + shift;
    shift += splice.insert.length - (splice.end - splice.start);
    return { start, end: start + splice.insert.length };
  });
}
