// What `git check-ref-format` refuses anywhere in a name: control characters, space, `~ ^ : ? * [ \`; and what UTF-8 lacks.
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\\p{Surrogate}]|\.\.|@\{|\.$/u;

/** True for a branch in full (`refs/heads/…`) that Git allows and no command reads as something else; at most 250 bytes. */
export function isSafeRefName(name: string): boolean {
  if (!name.startsWith('refs/heads/') || FORBIDDEN.test(name)) return false;
  const segments = name.split('/').slice(2);
  if (segments[0]?.startsWith('-') === true || segments.join('/') === 'HEAD') return false;
  if (new TextEncoder().encode(name).length > 250) return false;
  return segments.every((segment) => segment !== '' && !segment.startsWith('.') && !segment.endsWith('.lock'));
}
