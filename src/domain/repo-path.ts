/** A path inside a repository: relative, `/`-separated, normalised, contained. Made only by {@link parseRepoPath}. */
export type RepoPath = string & { readonly __brand: 'RepoPath' };

// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const CONTROL = /[\u0000-\u001f\u007f\\]/;

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

function isRepoPath(text: string): text is RepoPath {
  if (text === '' || text.length > 4096 || CONTROL.test(text)) return false;
  return !text.split('/').some((segment) => segment === '' || segment === '.' || segment === '..');
}
