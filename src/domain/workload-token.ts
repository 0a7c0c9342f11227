/**
 * What a workload's annotations hold (`restart-due` and `secret-versions`): for each ExternalSecret that feeds it, the
 * digest of the versions in that ExternalSecret's token. It names no AWS secret.
 */
export type WorkloadToken = ReadonlyMap<string, string>;

const ENTRY = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)=([0-9a-f]{12})$/;

/** The annotation's value: `<ExternalSecret name>=<12 hex digits>`, sorted by name, separated by one space. */
export function formatWorkloadToken(token: WorkloadToken): string {
  return [...token]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, digest]) => `${name}=${digest}`)
    .join(' ');
}

/** Reads an annotation's value; null when it is absent or not ours. */
export function parseWorkloadToken(value: string | null): WorkloadToken | null {
  if (value === null || value === '') return null;
  const token = new Map<string, string>();
  for (const text of value.split(' ')) {
    const match = ENTRY.exec(text);
    if (match?.[1] === undefined || match[3] === undefined || token.has(match[1])) return null;
    token.set(match[1], match[3]);
  }
  return token;
}
