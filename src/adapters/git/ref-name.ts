// What `git check-ref-format` refuses anywhere in a name: control characters, space, and `~ ^ : ? * [ \`.
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$/;

/** True for a branch in full (`refs/heads/…`) that Git allows, at most 250 bytes, without lone surrogates. */
export function isSafeRefName(name: string): boolean {
  if (!name.startsWith('refs/heads/') || FORBIDDEN.test(name)) return false;
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length > 250 || bytes.toString('utf8') !== name) return false;
  const segments = name.split('/').slice(2);
  // `refs/heads/HEAD` and `refs/heads/-x` are allowed by Git, and read as something else by its commands.
  if (segments.join('/') === 'HEAD' || segments[0]?.startsWith('-') === true) return false;
  return segments.every((segment) => segment !== '' && !segment.startsWith('.') && !segment.endsWith('.lock'));
}
