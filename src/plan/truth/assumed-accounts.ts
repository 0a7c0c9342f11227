import type { AllowedAccount } from '../../domain/policy.ts';
import type { StoreFacts } from '../../manifests/objects.ts';

/** Stands for an account or region that neither the stores nor the person named. */
const UNKNOWN_ACCOUNT = '000000000000';
const UNKNOWN_REGION = 'unknown';

/**
 * The accounts to plan with where no configuration lists them: what was asked for, else what the repository's own stores
 * name. Only for plans on a local checkout: a running service takes accounts from its configuration alone.
 */
export function assumedAccounts(
  stores: readonly StoreFacts[],
  asked: { readonly account: string | null; readonly region: string | null },
): readonly AllowedAccount[] {
  const places = stores.flatMap(({ aws }) => (aws === null ? [] : [aws]));
  const accounts = asked.account === null ? places.flatMap(({ account }) => account ?? []) : [asked.account];
  const regions = [...places.flatMap(({ region }) => region ?? []), ...(asked.region === null ? [] : [asked.region])];
  return unique(accounts, UNKNOWN_ACCOUNT).map((id) => ({ id, regions: unique(regions, UNKNOWN_REGION) }));
}

function unique(texts: readonly string[], otherwise: string): readonly string[] {
  return texts.length === 0 ? [otherwise] : [...new Set(texts)].toSorted();
}
