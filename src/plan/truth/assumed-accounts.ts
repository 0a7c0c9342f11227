import { readWritten, serviceInArn } from '../../domain/parameters/parameter-id.ts';
import type { AllowedAccount } from '../../domain/policy.ts';
import { isRegionName } from '../../domain/secret-id.ts';
import type { Facts } from '../../manifests/objects.ts';
import type { Plan, Skip } from '../plan.ts';

/** Stands for an account or region that neither the repository nor the person named. */
const UNKNOWN_ACCOUNT = '000000000000';
const UNKNOWN_REGION = 'unknown';

/** What was asked for on the command line, where no configuration lists the accounts: by hand, or by what was named. */
export interface AskedPlaces {
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

interface Place {
  readonly account: string | null;
  readonly region: string | null;
}

/**
 * The accounts to plan with where no configuration lists them: what was asked for, else what the repository's own stores
 * and the ARNs among its keys name. Only for plans on a local checkout: a running service takes accounts from its
 * configuration alone.
 */
export function assumedAccounts(objects: readonly Facts[], asked: AskedPlaces): readonly AllowedAccount[] {
  const places = objects.flatMap(placesOf);
  const accounts = asked.accounts.length === 0 ? places.flatMap(({ account }) => account ?? []) : asked.accounts;
  const named = places.flatMap(({ region }) => (region !== null && isRegionName(region) ? [region] : []));
  const regions = unique([...named, ...asked.regions], UNKNOWN_REGION);
  const assumed = accounts.length === 0 ? 'unnamed' : 'named';
  return unique(accounts, UNKNOWN_ACCOUNT).map((id) => ({ id, regions, assumed }));
}

/** The same plan; where only the number of assumed accounts left a key undecided, its hint says how to choose one. */
export function adviseAccount(plan: Plan, assumed: readonly AllowedAccount[]): Plan {
  if (assumed.length < 2) return plan;
  const ids = assumed.map(({ id }) => id).join(', ');
  const advise = (skip: Skip): Skip => {
    if (skip.code !== 'ambiguous-account' || !skip.reason.endsWith(NOTHING_SAYS)) return skip;
    return { ...skip, hint: `Give --account: the repository names ${ids}. ${skip.hint ?? ''}`.trimEnd() };
  };
  return { edits: plan.edits, skips: plan.skips.map(advise) };
}

/** As the index words it; where stores differ an account would not help. */
const NOTHING_SAYS = 'Nothing says which AWS account it is in.';

function placesOf(object: Facts): readonly Place[] {
  if (object.type === 'store') return object.aws === null ? [] : [object.aws];
  if (object.type !== 'external-secret' && object.type !== 'restart-source') return [];
  const own = object.type === 'restart-source' ? { account: null, region: object.region } : object.ownStore;
  const named = object.references.flatMap(({ kind, key, said }): readonly Place[] => {
    const place = said?.place ?? null;
    if (place !== null) return [place];
    const service = kind === 'key' ? serviceInArn(key) : null;
    const written = service === null ? null : readWritten(key, service);
    return written === null ? [] : [written];
  });
  return own === undefined ? named : [own, ...named];
}

function unique(texts: readonly string[], otherwise: string): readonly string[] {
  return texts.length === 0 ? [otherwise] : [...new Set(texts)].toSorted();
}
