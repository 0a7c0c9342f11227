import { RE2JS } from 're2js';

const MAX_PATTERN_LENGTH = 2000;

/** A pattern that matches the whole text, as in Kustomize's selectors; null for one that cannot be read. */
export function matcherOf(pattern: string): ((text: string) => boolean) | null {
  // Most are plain names, and a pattern is not for free.
  if (/^[a-z0-9A-Z-]*$/.test(pattern)) return (text) => text === pattern;
  if (pattern.length > MAX_PATTERN_LENGTH) return null;
  try {
    const compiled = RE2JS.compile(`^(?:${pattern})$`);
    return (text) => compiled.matcher(text).find();
  } catch {
    return null;
  }
}
