import type { AllowedAccount } from '../../domain/policy.ts';
import type { RepoPath } from '../../domain/repo-path.ts';
import { readWrittenSecret } from '../../domain/secret-id.ts';
import type { Resolution, ResolvedReference } from '../graph.ts';
import type { Placed, SecretReference, StoreFacts } from '../objects.ts';
import { isTemplated } from './templated.ts';

export interface ResolutionContext {
  /** Stores that the reference may mean, each with another meaning; empty when none is in the repository. */
  readonly stores: readonly Placed<StoreFacts>[];
  readonly accounts: readonly AllowedAccount[];
  /** The kustomization whose replacements decide what it fetches; null where none does. */
  readonly filledInBy: RepoPath | null;
}

type Place =
  | { readonly kind: 'place'; readonly account: string; readonly region: string; readonly assumed: boolean }
  | {
      readonly kind: 'unknown';
      readonly account: string | null;
      readonly region: string | null;
      readonly reason: string;
    };

/** What a reference means: a secret, nothing of ours, or something that cannot be told, with the reason. */
export function resolveReference(reference: SecretReference, context: ResolutionContext): ResolvedReference {
  const [store] = context.stores;
  const decided = store !== undefined && context.stores.length === 1;
  return {
    reference,
    resolution: context.filledInBy === null ? resolve(reference, context) : replaced(context.filledInBy),
    store: decided ? `${store.kind}/${store.name} (${store.path})` : null,
  };
}

/** Whatever is written here is replaced: it may become any key, in any store. */
function replaced(by: RepoPath): Resolution {
  const reason = `A Kustomize replacement fills it in: ${by}.`;
  return { kind: 'unresolved', code: 'templated', reason, clue: { account: null, region: null, key: '${}' } };
}

function resolve(reference: SecretReference, { stores, accounts }: ResolutionContext): Resolution {
  const foreign = whyAllForeign(stores);
  if (foreign !== null) return { kind: 'foreign', reason: foreign };
  const key = effectiveKey(reference, stores);
  const place = placeOf(reference, { stores, accounts });
  const outside = whyOutside(place, accounts);
  if (outside !== null) return { kind: 'foreign', reason: outside };
  const clue = { account: place.account, region: place.region, key };
  if (reference.find !== null) {
    return { kind: 'unresolved', code: 'find', reason: `It fetches whatever matches: ${reference.key}.`, clue };
  }
  if (isTemplated(key)) {
    return { kind: 'unresolved', code: 'templated', reason: `The key is filled in later: ${key}.`, clue };
  }
  const written = readWrittenSecret(key);
  if (written === null) return { kind: 'foreign', reason: 'The key is no name or ARN of a secret in Secrets Manager.' };
  if (place.kind === 'unknown') return { kind: 'unresolved', code: 'ambiguous-account', reason: place.reason, clue };
  const { account, region, assumed } = place;
  return {
    kind: 'secret',
    ref: { service: 'secretsmanager', account, region, id: key },
    names: written.names,
    assumed,
  };
}

/** A prefix stands before every key; before an ARN it would make no sense. Stores that differ have no prefix in common. */
function effectiveKey({ key }: SecretReference, stores: readonly StoreFacts[]): string {
  const prefix = stores.length === 1 ? (stores[0]?.aws?.prefix ?? '') : '';
  return key.startsWith('arn:') ? key : `${prefix}${key}`;
}

function whyAllForeign(stores: readonly StoreFacts[]): string | null {
  const reasons = stores.map((store) => whyForeign(store));
  return reasons.includes(null) ? null : (reasons[0] ?? null);
}

/** Why a store cannot hold a secret of ours; null when it can. A service that is not said yet is taken for the usual one. */
function whyForeign({ kind, name, aws }: StoreFacts): string | null {
  if (aws === null) return `${kind} ${name} is no AWS store.`;
  if (aws.service === '' || aws.service === 'SecretsManager' || isTemplated(aws.service)) return null;
  return `${kind} ${name} reads ${aws.service}, not SecretsManager.`;
}

/** Account and region: an ARN says both whatever the store's role is; else the store; else the only ones allowed. */
function placeOf(reference: SecretReference, { stores, accounts }: Omit<ResolutionContext, 'filledInBy'>): Place {
  const written = reference.kind === 'key' ? readWrittenSecret(reference.key) : null;
  if (written !== null && written.account !== null && written.region !== null) {
    return { kind: 'place', account: written.account, region: written.region, assumed: false };
  }
  if (stores.length > 1) {
    const paths = stores.map(({ path }) => path).join(', ');
    const reason = `Stores of this name differ and nothing says which is meant: ${paths}.`;
    return { kind: 'unknown', account: null, region: null, reason };
  }
  return placeOfStore(stores[0]?.aws ?? null, accounts);
}

function placeOfStore(aws: StoreFacts['aws'], accounts: readonly AllowedAccount[]): Place {
  const said = { account: aws?.account ?? null, region: literal(aws?.region ?? null) };
  const account = said.account ?? only(accounts.map(({ id }) => id));
  if (account === null) return { kind: 'unknown', ...said, reason: 'Nothing says which AWS account it is in.' };
  const region = said.region ?? only(regionsOf(account, accounts));
  if (region === null) return { kind: 'unknown', account, region, reason: 'Nothing says which AWS region it is in.' };
  return { kind: 'place', account, region, assumed: said.account === null || said.region === null };
}

/** Why the configuration does not allow this place, as far as it is known; null when it does. */
function whyOutside({ account, region }: Place, accounts: readonly AllowedAccount[]): string | null {
  if (account !== null && accounts.every(({ id }) => id !== account)) {
    return `Account ${account} is not among the allowed ones.`;
  }
  const regions = account === null ? accounts.flatMap((one) => one.regions) : regionsOf(account, accounts);
  if (region === null || regions.includes(region)) return null;
  return `Region ${region} is not allowed${account === null ? '' : ` for account ${account}`}.`;
}

function regionsOf(account: string, accounts: readonly AllowedAccount[]): readonly string[] {
  return accounts.filter(({ id }) => id === account).flatMap(({ regions }) => regions);
}

function literal(text: string | null): string | null {
  return text === null || isTemplated(text) ? null : text;
}

function only(values: readonly string[]): string | null {
  const [first = null, ...others] = new Set(values);
  return others.length === 0 ? first : null;
}
