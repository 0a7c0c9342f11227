/** A path inside a repository: relative, `/`-separated, normalised, contained. Made only by {@link parseRepoPath}. */
export type RepoPath = string & { readonly __brand: 'RepoPath' };

// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const CONTROL = /[\u0000-\u001f\u007f\\]/;

/** A segment that is empty, `.` or `..`. */
const DOTS_OR_NOTHING = /(?:^|\/)\.{0,2}(?:\/|$)/;

// What `git check-ref-format` refuses anywhere in a name: control characters, space, `~ ^ : ? * [ \`; and what UTF-8 lacks.
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\\p{Surrogate}]|\.\.|@\{|\.$/u;

/**
 * Checks a path once, at the door. Null for absolute paths, `.`, `..`, empty segments, back-slashes, control characters,
 * and paths over 4,096 characters.
 */
export function parseRepoPath(text: string): RepoPath | null {
  return isRepoPath(text) ? text : null;
}

/** False for what is never written: anything under a `.git…` name (Git's own, hooks, workflows, attributes). */
export function isWritablePath(path: RepoPath): boolean {
  return !path.split('/').some((segment) => segment.toLowerCase().startsWith('.git'));
}

/** The folder a path lies in; `''` for the top. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end === -1 ? '' : path.slice(0, end);
}

/** True for a branch in full (`refs/heads/…`) that Git allows and no command reads as something else; at most 250 bytes. */
export function isSafeRefName(name: string): boolean {
  if (!name.startsWith('refs/heads/') || FORBIDDEN.test(name)) return false;
  const segments = name.split('/').slice(2);
  if (segments[0]?.startsWith('-') === true || segments.join('/') === 'HEAD') return false;
  if (new TextEncoder().encode(name).length > 250) return false;
  return segments.every((segment) => segment !== '' && !segment.startsWith('.') && !segment.endsWith('.lock'));
}

/** A Git object id: 40 lower-case hex digits. */
export type Oid = string;

/** A file's new content. */
export interface RepoFile {
  readonly path: RepoPath;
  readonly text: string;
}

/** Whether a path matches a glob. No worse than pattern times path: a hostile path cannot hang it. */
export function matchesGlob(pattern: string, path: string): boolean {
  const segments = path.split('/');
  // How many path segments the pattern so far can have consumed.
  let reached: readonly number[] = [0];
  for (const part of pattern.split('/')) {
    reached = part === '**' ? onwards(reached[0], segments.length) : oneMore(part, segments, reached);
  }
  return reached.at(-1) === segments.length;
}

function isRepoPath(text: string): text is RepoPath {
  if (text === '' || text.length > 4096 || CONTROL.test(text)) return false;
  return !DOTS_OR_NOTHING.test(text);
}

/** `**` consumes any number of segments, none included. */
function onwards(first: number | undefined, end: number): readonly number[] {
  return first === undefined ? [] : Array.from({ length: end - first + 1 }, (_, more) => first + more);
}

function oneMore(part: string, segments: readonly string[], reached: readonly number[]): readonly number[] {
  return reached.flatMap((count) => {
    const segment = segments[count];
    return segment !== undefined && matchesSegment(part, segment) ? [count + 1] : [];
  });
}

/** `*` and `?` within one segment, by the two-pointer method (no backtracking beyond the last star). */
function matchesSegment(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let mark = 0;
  let index = 0;
  while (index < text.length) {
    if (pattern[at] === '*') {
      star = at;
      mark = index;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[index])) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      mark += 1;
      index = mark;
      at = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
