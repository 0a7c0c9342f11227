// What a secret's name may consist of, but for `=`: in a text that could not be parsed that is more likely an assignment.
const NAME_CHARACTER = /[A-Za-z0-9/_+.@-]/;
const RANDOM_SUFFIX = /^-[A-Za-z0-9]{6}(?![A-Za-z0-9/_+.@-])/;

/**
 * True when a text names a secret: the name stands there and is no part of a longer one. In an ARN the six random
 * characters may follow, and of a parameter it has its own spelling.
 */
export function namesSecret(text: string, name: string): boolean {
  if (name === '') return false;
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? '';
    const after = text.slice(at + name.length, at + name.length + 8);
    const inArn = text.startsWith(':secret:', at - ':secret:'.length);
    if (
      (!NAME_CHARACTER.test(before) || isParameter(text, name, at)) &&
      (!NAME_CHARACTER.test(after[0] ?? '') || (inArn && RANDOM_SUFFIX.test(after)))
    ) {
      return true;
    }
  }
  return false;
}

/** An ARN has `:parameter/` before a parameter's name, and leaves out the slash that a name begins with. */
function isParameter(text: string, name: string, at: number): boolean {
  const prefix = name.startsWith('/') ? ':parameter' : ':parameter/';
  return at >= prefix.length && text.startsWith(prefix, at - prefix.length);
}
