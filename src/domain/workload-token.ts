import { sha256Hex } from './digest.ts';

/**
 * What a workload's annotations hold (`restart-due` and `secret-versions`): for each ExternalSecret that feeds it, the
 * digest of the versions in that ExternalSecret's token. It names no AWS secret.
 */
export type WorkloadToken = ReadonlyMap<string, string>;

const NAME = /[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/.source;
const ENTRY = new RegExp(`^(${NAME})=([0-9a-f]{12})$`);
const PLAIN_NAME = new RegExp(`^${NAME}$`);

/** An ExternalSecret's name as a workload token holds it. What Kubernetes would not take for a name becomes a digest. */
export function workloadTokenName(name: string): string {
  return PLAIN_NAME.test(name) ? name : `sha256-${sha256Hex(name, 16)}`;
}

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
    if (match?.[1] === undefined || match[2] === undefined || token.has(match[1])) return null;
    token.set(match[1], match[2]);
  }
  return token;
}
