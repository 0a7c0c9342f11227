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

/** Where a character that no splice replaces stands afterwards. */
export type MovedOffset = (offset: number) => number;

/** Finds moved offsets by halving: a text may have thousands of splices, and each of its values asks. Sorted splices. */
export function createMover(splices: readonly Splice[]): MovedOffset {
  let shift = 0;
  const shifts = splices.map(({ start, end, insert }) => {
    shift += insert.length - (end - start);
    return shift;
  });
  return (offset) => offset + (shifts[countUpTo(splices, offset) - 1] ?? 0);
}

/** Splices that keep off each other, as they are found. */
export interface TakenPlaces {
  /** Takes the places of splices that belong together; false, and nothing taken, when one of them touches a place taken before. */
  take(splices: readonly Splice[]): boolean;
}

/** No place is taken yet. */
export function createTakenPlaces(): TakenPlaces {
  const taken: Splice[] = [];
  const isFree = (splice: Splice): boolean => {
    const at = countUpTo(taken, splice.end);
    const before = taken[at - 1];
    return before === undefined || before.end < splice.start;
  };
  return {
    take: (splices) => {
      if (!splices.every(isFree) || sortSplices(splices) === null) return false;
      for (const splice of splices) taken.splice(countUpTo(taken, splice.start), 0, splice);
      return true;
    },
  };
}

/** How many of sorted splices begin at an offset or before it. */
function countUpTo(splices: readonly Splice[], offset: number): number {
  let [low, high] = [0, splices.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((splices[middle]?.start ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
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
