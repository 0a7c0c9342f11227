/** The largest message SQS delivers, in bytes of UTF-8. */
export const MAX_BODY_BYTES = 1_048_576;

/** Real events nest about ten levels deep. */
export const MAX_NESTING = 64;

/** A JSON object. Its fields are read with {@link field} only, so that inherited names mean nothing. */
export type JsonObject = Readonly<Record<string, unknown>>;

export type ReadJson =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Parses JSON from a stranger: at most `maxBytes` bytes of UTF-8 and {@link MAX_NESTING} levels, both checked before
 * parsing. A leading byte order mark is taken off. Of duplicate keys the last one counts.
 */
export function readJson(text: string, maxBytes = MAX_BODY_BYTES): ReadJson {
  if (text.length > maxBytes || new TextEncoder().encode(text).length > maxBytes) {
    return unreadable(`it is larger than ${maxBytes} bytes`);
  }
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (plain.trim() === '') return unreadable('it is empty');
  if (nestsTooDeep(plain)) return unreadable(`it nests deeper than ${MAX_NESTING} levels`);
  try {
    return { kind: 'value', value: JSON.parse(plain) };
  } catch {
    // The parser's own message quotes the text, so it is not passed on.
    return unreadable('it is not JSON');
  }
}

/** True for a JSON object; arrays and null are none. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value behind a path of own properties; undefined where the path ends early. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

/** The same as {@link field}, where only a string counts. */
export function textField(value: unknown, ...path: readonly string[]): string | null {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : null;
}

function unreadable(reason: string): ReadJson {
  return { kind: 'unreadable', reason };
}

/** Counts brackets outside strings, in one pass. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > MAX_NESTING) return true;
  }
  return false;
}
