import { matchesGlob } from '../repo-path.ts';

/** A path pattern that captures parts of what it matches: `clusters/{cluster}/**`. Made only by {@link readPathPattern}. */
export interface PathPattern {
  readonly text: string;
  readonly segments: readonly Segment[];
}

/** What one segment of a pattern matches; `any` matches any number of segments, none included. */
type Segment =
  | { readonly kind: 'any' }
  | { readonly kind: 'glob'; readonly glob: string }
  | { readonly kind: 'capture'; readonly before: string; readonly name: string; readonly after: string };

export interface Capture {
  readonly name: string;
  readonly value: string;
}

const NAME = /^[a-z][a-z0-9-]{0,29}$/;
const SEGMENT = /^([^{}*?]*)\{([^{}]*)\}([^{}*?]*)$/;

/** Why a text is no pattern with captures, as far as its braces tell; null where it is one. */
export function whyNoCaptures(text: string): string | null {
  const names = text
    .split('/')
    .flatMap((segment) => (/[{}]/.test(segment) ? [SEGMENT.exec(segment)?.[2] ?? null] : []));
  if (names.length === 0) return 'name what tells the parts apart in braces, as in clusters/{cluster}/**';
  if (names.includes(null)) return 'a segment has one capture, with no * and no ? beside it, as in env-{env}';
  const wrong = names.some((name) => name === null || !NAME.test(name));
  if (wrong) return 'a capture is named by lower-case letters, digits and hyphens, as in {cluster}';
  return new Set(names).size < names.length ? 'two captures have one name' : null;
}

/** A pattern as the configuration has it; null where its braces are wrong. */
export function readPathPattern(text: string): PathPattern | null {
  if (whyNoCaptures(text) !== null) return null;
  return { text, segments: text.split('/').map(readSegment) };
}

function readSegment(text: string): Segment {
  const [whole, before = '', name = '', after = ''] = SEGMENT.exec(text) ?? [];
  if (whole !== undefined) return { kind: 'capture', before, name, after };
  return text === '**' ? { kind: 'any' } : { kind: 'glob', glob: text };
}

/**
 * What a pattern captures of a path, in the pattern's order; null where it does not match. `**` takes as little as it can. No
 * worse than pattern times path: a hostile path cannot hang it.
 */
export function capturesOf({ segments }: PathPattern, path: string): readonly Capture[] | null {
  const parts = path.split('/');
  const failed = new Set<number>();
  const match = (at: number, from: number): readonly Capture[] | null => {
    const segment = segments[at];
    if (segment === undefined) return from === parts.length ? [] : null;
    const place = at * (parts.length + 1) + from;
    if (failed.has(place)) return null;
    const found = segment.kind === 'any' ? (match(at + 1, from) ?? later(at, from)) : taken(segment, at, from);
    if (found === null) failed.add(place);
    return found;
  };
  const later = (at: number, from: number) => (from < parts.length ? match(at, from + 1) : null);
  const taken = (segment: Exclude<Segment, { readonly kind: 'any' }>, at: number, from: number) => {
    const part = parts[from];
    const own = part === undefined ? null : captureIn(segment, part);
    const rest = own === null ? null : match(at + 1, from + 1);
    return own === null || rest === null ? null : [...own, ...rest];
  };
  return match(0, 0);
}

/** What a segment captures of one segment of a path; null where it does not match. */
function captureIn(segment: Exclude<Segment, { readonly kind: 'any' }>, part: string): readonly Capture[] | null {
  if (segment.kind === 'glob') return matchesGlob(segment.glob, part) ? [] : null;
  const { before, name, after } = segment;
  const isLonger = part.length > before.length + after.length;
  if (!isLonger || !part.startsWith(before) || !part.endsWith(after)) return null;
  return [{ name, value: part.slice(before.length, part.length - after.length) }];
}

/** Texts that a pattern may have to match: short and long ones in each place that it leaves open. */
function samplesOf({ segments }: PathPattern): readonly string[] {
  return [0, 1, 2, 5].flatMap((depth) =>
    ['x', 'a-long-word.of-no-meaning'].map((word) =>
      segments
        .flatMap((segment) => {
          if (segment.kind === 'any') return Array.from({ length: depth }, () => word);
          if (segment.kind === 'glob') return [segment.glob.replaceAll('*', word).replaceAll('?', 'x')];
          return [`${segment.before}${word}${segment.after}`];
        })
        .join('/'),
    ),
  );
}

/** True where an earlier pattern takes whatever a later one could match: the later one is never asked. */
export function isShadowed(earlier: PathPattern, later: PathPattern): boolean {
  return samplesOf(later).every((sample) => sample === '' || capturesOf(earlier, sample) !== null);
}

/** True where no path can match both a pattern and a glob. False where nobody can tell. */
export function neverMeets({ segments }: PathPattern, glob: string): boolean {
  const others = glob.split('/');
  const seen = new Set<string>();
  const meets = (at: number, other: number): boolean => {
    const place = `${at} ${other}`;
    if (seen.has(place)) return false;
    seen.add(place);
    const [segment, text] = [segments[at], others[other]];
    if (segment === undefined) return others.slice(other).every((one) => one === '**');
    if (segment.kind === 'any') return meets(at + 1, other) || (text !== undefined && meets(at, other + 1));
    if (text === '**') return meets(at, other + 1) || meets(at + 1, other);
    return text !== undefined && mayBeAlike(segment, text) && meets(at + 1, other + 1);
  };
  return !meets(0, 0);
}

function mayBeAlike(segment: Exclude<Segment, { readonly kind: 'any' }>, text: string): boolean {
  const isOpen = /[*?]/.test(text);
  if (segment.kind === 'capture') return isOpen || captureIn(segment, text) !== null;
  return isOpen ? /[*?]/.test(segment.glob) || matchesGlob(text, segment.glob) : matchesGlob(segment.glob, text);
}
