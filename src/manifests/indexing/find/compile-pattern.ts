import { RE2JS } from 're2js';

const MAX_PATTERN_LENGTH = 2000;

// A pattern is asked about every secret that moves; compiling it costs a hundred times more than asking.
const compiled = new WeakMap<object, RE2JS | null>();

/** A pattern as RE2 reads it, kept with its `owner`; null for what RE2 refuses, and for what is too long. */
export function compilePattern(owner: object, regexp: string): RE2JS | null {
  const known = compiled.get(owner);
  if (known !== undefined) return known;
  const pattern = tryCompile(regexp);
  compiled.set(owner, pattern);
  return pattern;
}

function tryCompile(regexp: string): RE2JS | null {
  if (regexp.length > MAX_PATTERN_LENGTH) return null;
  try {
    return RE2JS.compile(regexp);
  } catch {
    return null;
  }
}
