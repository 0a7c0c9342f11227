import type { Account, Source } from '../config.ts';

/** The account that a queue's URL names, or null. */
export function accountInUrl(queueUrl: string): string | null {
  return URL.canParse(queueUrl) ? (/^\/(\d{12})\//.exec(new URL(queueUrl).pathname)?.[1] ?? null) : null;
}

/** The accounts and regions where these queues are, each once: an allow-list for those who have written none. */
export function queueAccounts(sources: readonly Source[]): readonly Account[] {
  const regions = new Map<string, string[]>();
  for (const { queueUrl, region } of sources) {
    const account = accountInUrl(queueUrl);
    if (account === null) continue;
    const known = regions.get(account) ?? [];
    regions.set(account, known.includes(region) ? known : [...known, region]);
  }
  return [...regions].map(([id, known]) => ({ id, regions: known, role: null, additionalRoles: [], externalId: null }));
}
