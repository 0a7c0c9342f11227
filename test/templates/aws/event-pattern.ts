/** An event pattern of EventBridge. */
export type Pattern = { readonly [key: string]: Pattern | readonly unknown[] };

/** EventBridge's own matching, as far as the rules here need it: exact values, `exists`, `$or`. */
export function matches(pattern: Pattern, event: unknown): boolean {
  const fields = typeof event === 'object' && event !== null ? (event as Record<string, unknown>) : {};
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or') return (wanted as readonly Pattern[]).some((one) => matches(one, event));
    if (!Array.isArray(wanted)) return matches(wanted as Pattern, fields[key]);
    return wanted.some((value: unknown) => matchesValue(value, fields[key]));
  });
}

function matchesValue(wanted: unknown, value: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === value;
  const { exists, ...others } = wanted as { readonly exists?: unknown };
  if (typeof exists !== 'boolean' || Object.keys(others).length > 0)
    throw new Error('a matcher this test does not know');
  return exists === (value !== undefined);
}
