const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const MAX_MILLISECONDS = 30 * 24 * 3_600_000;

/** `90s`, `1h30m` → milliseconds; null for anything else, and for more than 30 days. */
export function parseDuration(text: string): number | null {
  if (!/^(\d{1,9}(ms|s|m|h)){1,4}$/.test(text)) return null;
  let total = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+)(ms|s|m|h)/g)) {
    total += Number(amount) * (UNITS.get(unit) ?? 0);
  }
  return total <= MAX_MILLISECONDS ? total : null;
}
