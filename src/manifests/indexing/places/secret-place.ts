import type { AllowedAccount, PathBinding, StoreBinding } from '../../../domain/policy.ts';
import { isRegionName, type SecretPlace } from '../../../domain/secret-id.ts';
import type { PlaceSource } from '../../graph.ts';
import type { Placed, StoreFacts } from '../../objects.ts';
import { isTemplated } from '../templated.ts';
import { namedService } from './secret-service.ts';

/** Everything besides the key that may say where a secret is. */
export interface PlaceClues {
  /** Stores that may be meant, each with another meaning; empty when none is in the repository. */
  readonly stores: readonly Placed<StoreFacts>[];
  /** What the configuration says of the store, in each namespace that the object may have (see `FindBindings`). */
  readonly storeBindings: readonly (StoreBinding | null)[];
  /** What the configuration says of the object's file. */
  readonly pathBinding: PathBinding | null;
  readonly accounts: readonly AllowedAccount[];
}

/** Where a secret is, with who says so; or what is known of it, and why that is not enough. */
export type FoundPlace =
  | {
      readonly kind: 'place';
      readonly account: string;
      readonly region: string;
      readonly by: PlaceSource;
      /** Where manifests of the store have it, if a binding says otherwise. */
      readonly overrides: readonly SecretPlace[];
    }
  | UnknownPlace;

/** What is known of a place all the same. */
export interface UnknownPlace {
  readonly kind: 'unknown';
  readonly account: string | null;
  readonly region: string | null;
  /** What leaves it open. */
  readonly open: 'account' | 'region' | 'stores' | 'namespace';
  readonly reason: string;
}

/** Account and region as far as somebody says them. */
interface SaidPlace {
  readonly account: string | null;
  readonly region: string | null;
}

/**
 * Where a bare name is: what the configuration binds the store to, else what the store's manifest says, else what it binds
 * the file to, else the only place allowed. Each fills in what those before it leave open; none is a guess.
 */
export function placeOfName(clues: PlaceClues): FoundPlace {
  const places = clues.storeBindings.map((binding) => (binding === null ? unbound(clues) : bound(binding, clues)));
  const [first = unbound(clues)] = places;
  if (places.every((place) => samePlace(place, first))) return first;
  return openByNamespace(places);
}

/** The store is bound in some namespaces, and nothing says which one it is in. */
export function openByNamespace(places: readonly FoundPlace[]): UnknownPlace {
  return {
    kind: 'unknown',
    account: common(places.map(({ account }) => account)),
    region: common(places.map(({ region }) => region)),
    open: 'namespace',
    reason: 'spec.repositories[].stores binds its store by namespace, and nothing says in which one it is.',
  };
}

/** Why the configuration does not allow this place, as far as it is known; null when it does. */
export function whyOutside({ account, region }: SaidPlace, accounts: readonly AllowedAccount[]): string | null {
  if (account !== null && accounts.every(({ id }) => id !== account)) {
    return `Account ${account} is not among the allowed ones.`;
  }
  const regions = account === null ? accounts.flatMap((one) => one.regions) : regionsOf(account, accounts);
  if (region === null || regions.includes(region)) return null;
  return `Region ${region} is not allowed${account === null ? '' : ` for account ${account}`}.`;
}

/** The one place that is allowed at all; null where there are several. */
export function onlyPlace(accounts: readonly AllowedAccount[]): SecretPlace | null {
  const known = ONLY.get(accounts);
  if (known !== undefined) return known;
  const only = findOnly(accounts);
  ONLY.set(accounts, only);
  return only;
}

// Every object asks, and the configuration stays the same.
const ONLY = new WeakMap<readonly AllowedAccount[], SecretPlace | null>();

function findOnly(accounts: readonly AllowedAccount[]): SecretPlace | null {
  const places = accounts.flatMap(({ id, regions }) => regions.map((region) => ({ account: id, region })));
  const [first] = places;
  if (first === undefined) return null;
  return places.every((place) => place.account === first.account && place.region === first.region) ? first : null;
}

/** Why a store cannot hold a secret of ours; null when it can. A service that is not said yet is taken for the usual one. */
export function whyForeign({ kind, name, aws }: StoreFacts): string | null {
  if (aws === null) return `${kind} ${name} is no AWS store.`;
  if (aws.service === '' || namedService(aws.service) !== null || isTemplated(aws.service)) return null;
  return `${kind} ${name} reads ${aws.service}, neither SecretsManager nor ParameterStore.`;
}

/** What the stores that can be meant put before a key; null where they put different things. */
export function prefixAt(place: FoundPlace, stores: readonly StoreFacts[]): string | null {
  const ours = stores.filter((store) => whyForeign(store) === null);
  const fitting = ours.filter((store) => place.kind === 'place' && couldBeAt(store, place));
  const prefixes = (fitting.length > 0 ? fitting : ours).map(({ aws }) => aws?.prefix ?? '');
  return prefixes.length === 0 ? '' : common(prefixes);
}

/** A binding goes before the manifest: which account is asked, and by which role, is for the configuration to say. */
function bound({ account, region }: StoreBinding, { stores }: PlaceClues): FoundPlace {
  const others = stores.filter((store) => !couldBeAt(store, { account, region })).map(saidBy);
  const overrides = others.map((said) => ({ account: said.account ?? account, region: said.region ?? region }));
  return { kind: 'place', account, region, by: 'store-binding', overrides };
}

function unbound({ stores, pathBinding, accounts }: PlaceClues): FoundPlace {
  if (stores.length > 1) return amongSeveral(stores, pathBinding);
  const said = saidBy(stores[0] ?? null);
  if (said.account !== null && said.region !== null) {
    return { kind: 'place', account: said.account, region: said.region, by: 'store', overrides: [] };
  }
  const ofPath = pathBinding !== null && [null, pathBinding.account].includes(said.account) ? pathBinding : null;
  return ofPath === null ? onlyAllowed(said, accounts) : filledIn(said, ofPath);
}

/** A region counts for its own account alone: a manifest that names another account is not filled in with it. */
function filledIn({ account, region }: SaidPlace, binding: PathBinding): FoundPlace {
  const place = { account: account ?? binding.account, region: region ?? binding.region };
  return { kind: 'place', ...place, by: 'path-binding', overrides: [] };
}

function onlyAllowed(said: SaidPlace, accounts: readonly AllowedAccount[]): FoundPlace {
  const account = said.account ?? common(accounts.map(({ id }) => id));
  if (account === null) return unknown(said, 'account', 'Nothing says which AWS account it is in.');
  const region = said.region ?? common(regionsOf(account, accounts));
  const assumed = accounts.find(({ id }) => id === account)?.assumed;
  if (region !== null) return { kind: 'place', account, region, by: assumed ?? 'default', overrides: [] };
  return unknown({ account, region }, 'region', `Nothing says which region of account ${account} it is in.`);
}

/** Of stores that differ, the file's binding says which is meant, where one of them can lie there. */
function amongSeveral(stores: PlaceClues['stores'], binding: PathBinding | null): FoundPlace {
  const isOurs = stores.every((store) => whyForeign(store) === null);
  if (isOurs && binding !== null && stores.some((store) => couldBeAt(store, binding))) {
    return { kind: 'place', account: binding.account, region: binding.region, by: 'path-binding', overrides: [] };
  }
  const paths = stores.map(({ path }) => path).join(', ');
  return unknown(
    { account: null, region: null },
    'stores',
    `Stores of this name differ and nothing says which is meant: ${paths}.`,
  );
}

function unknown(known: SaidPlace, open: 'account' | 'region' | 'stores', reason: string): FoundPlace {
  return { kind: 'unknown', ...known, open, reason };
}

/** What a store's manifest says for itself; null where it leaves it open, or to be filled in later. */
function saidBy(store: StoreFacts | null): SaidPlace {
  const region = store?.aws?.region ?? null;
  return { account: store?.aws?.account ?? null, region: region !== null && isRegionName(region) ? region : null };
}

function couldBeAt(store: StoreFacts, place: SecretPlace): boolean {
  const said = saidBy(store);
  return [null, place.account].includes(said.account) && [null, place.region].includes(said.region);
}

function samePlace(left: FoundPlace, right: FoundPlace): boolean {
  return left.kind === right.kind && left.account === right.account && left.region === right.region;
}

function regionsOf(account: string, accounts: readonly AllowedAccount[]): readonly string[] {
  return accounts.filter(({ id }) => id === account).flatMap(({ regions }) => regions);
}

/** The one value of all; null where they differ. */
function common<T extends string | null>(values: readonly T[]): T | null {
  const [first = null, ...others] = new Set(values);
  return others.length === 0 ? first : null;
}
