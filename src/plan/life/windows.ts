import { Cron } from 'croner';
import type { Windows, WindowTime } from '../../domain/life/opening-policy.ts';

/** The farthest that a next window is looked for, in steps from the end of one time span to the next. */
const MOST_STEPS = 100;

/** True where pull requests may be opened at this time, epoch milliseconds. */
export function isWindowOpen(windows: Windows, at: number): boolean {
  return nextWindow(windows, at) === at;
}

/** The first time from `from` on at which pull requests may be opened; null where none is found within reach. */
export function nextWindow(windows: Windows, from: number): number | null {
  if (windows.allow.length === 0 && windows.exclude.length === 0) return from;
  const spans = spansOf(windows);
  const { last } = spans;
  // Between a time that was asked about and its answer nothing opens.
  if (last !== null && from >= last.from && (last.next === null ? from === last.from : from <= last.next)) {
    return last.next;
  }
  const next = search(spans, from);
  spans.last = { from, next };
  return next;
}

/** When the window that is open at `from` closes; null where none is, or where that is farther than one time span reaches. */
export function windowCloses(windows: Windows, from: number): number | null {
  if (!isWindowOpen(windows, from)) return null;
  const { allow, exclude } = spansOf(windows);
  const ends = [...allow.map((span) => endOf(span, from)), ...exclude.map((span) => nextStart(span, from))];
  const times = ends.filter((time) => time > from && Number.isFinite(time)).toSorted((left, right) => left - right);
  return times.find((time) => !isWindowOpen(windows, time)) ?? null;
}

interface Span {
  readonly starts: Cron;
  readonly milliseconds: number;
}

interface Spans {
  readonly allow: readonly Span[];
  readonly exclude: readonly Span[];
  /** The last question and its answer: what waits asks again and again. */
  last: { readonly from: number; readonly next: number | null } | null;
}

// Reading a pattern costs as much as asking it.
const SPANS = new WeakMap<Windows, Spans>();

function spansOf(windows: Windows): Spans {
  const known = SPANS.get(windows);
  if (known !== undefined) return known;
  const spanOf = ({ cron, durationMilliseconds }: WindowTime): Span => ({
    starts: new Cron(cron, { timezone: windows.timeZone, mode: '5-part', paused: true }),
    milliseconds: durationMilliseconds,
  });
  const spans = { allow: windows.allow.map(spanOf), exclude: windows.exclude.map(spanOf), last: null };
  SPANS.set(windows, spans);
  return spans;
}

function search({ allow, exclude }: Spans, from: number): number | null {
  let at = from;
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const blocked = Math.max(...exclude.map((span) => endOf(span, at)));
    if (blocked > at) {
      at = blocked;
      continue;
    }
    if (allow.length === 0 || allow.some((span) => endOf(span, at) > at)) return at;
    const next = Math.min(...allow.map((span) => nextStart(span, at)));
    if (next === Number.POSITIVE_INFINITY) return null;
    at = next;
  }
  return null;
}

/** When the span that began last ends; it is over where that is not after `at`. */
function endOf({ starts, milliseconds }: Span, at: number): number {
  // Spans begin on whole minutes, and only what began before the second is found.
  const [start] = starts.previousRuns(1, new Date(Math.floor(at / 1000) * 1000 + 1000));
  return start === undefined ? Number.NEGATIVE_INFINITY : start.getTime() + milliseconds;
}

function nextStart({ starts }: Span, at: number): number {
  return starts.nextRun(new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY;
}
