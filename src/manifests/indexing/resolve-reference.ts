import { type FindFilter, findDigest } from '../../domain/find/find-filter.ts';
import { readWritten, serviceInArn } from '../../domain/parameters/parameter-id.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { Bindings } from '../../domain/policy.ts';
import type { RepoPath } from '../../domain/repo-path.ts';
import { isUnfinishedArn, type SecretPlace } from '../../domain/secret-id.ts';
import type { Home, Resolution, ResolvedReference } from '../graph.ts';
import type { SecretReference, StoreRef } from '../objects.ts';
import { whyNotTold } from './find/find-members.ts';
import { asParameter } from './places/as-parameter.ts';
import { howToBind } from './places/how-to-bind.ts';
import {
  type FoundPlace,
  onlyPlace,
  openByNamespace,
  type PlaceClues,
  placeOfName,
  prefixAt,
  type UnknownPlace,
  whyForeign,
  whyOutside,
} from './places/secret-place.ts';
import { type FoundService, serviceOfStores } from './places/secret-service.ts';
import { isTemplated } from './templated.ts';

/** What is known of a store that an ExternalSecret names, as seen from there. */
export interface StoreContext extends PlaceClues {
  readonly unknownStore: Bindings['unknownStore'];
  /** Where the ExternalSecret stands. */
  readonly path: RepoPath;
  readonly namespace: string | null;
}

export interface ResolutionContext extends StoreContext {
  /** The kustomization whose replacements decide what it fetches; null where none does. */
  readonly filledInBy: RepoPath | null;
}

/** What a reference means: a secret, nothing of ours, or something that cannot be told, with the reason. */
export function resolveReference(reference: SecretReference, context: ResolutionContext): ResolvedReference {
  const [store] = context.stores;
  const decided = store !== undefined && context.stores.length === 1;
  const resolution = context.filledInBy === null ? resolve(reference, context) : replaced(context.filledInBy);
  const through = decided ? `${store.kind}/${store.name} (${store.path})` : null;
  return { store: through, ...asParameter(reference, resolution) };
}

/**
 * Where the names of an object are unless said otherwise: the place of its own store, else the only one allowed. What its
 * entries are, and in which order they stand, has no part in it.
 */
export function homeOf(store: StoreRef | null, context: StoreContext): Home | null {
  const only = onlyPlace(context.accounts);
  const { service } = serviceOfStores(context.stores);
  if (only !== null) return { service, isOnly: true, ...only };
  if (store === null || whyNotOurs(store, context) !== null) return null;
  const place = placeOfName(context);
  if (place.kind === 'unknown' || whyOutside(place, context.accounts) !== null) return null;
  return { account: place.account, region: place.region, service, isOnly: false };
}

/** Whatever is written here is replaced: it may become any key, in any store. */
function replaced(by: RepoPath): Resolution {
  const reason = `A Kustomize replacement fills it in: ${by}.`;
  const clue = { service: null, account: null, region: null, key: '${}' };
  return { kind: 'unresolved', code: 'templated', reason, hint: null, clue };
}

function resolve(reference: SecretReference, context: ResolutionContext): Resolution {
  // A marker that names no store has none: nobody has to know it.
  const hasNone = reference.said !== undefined && reference.store === null;
  const notOurs = hasNone ? null : whyNotOurs(reference.store, context);
  if (notOurs !== null) return notOurs;
  const found = serviceOf(reference, context);
  const place = placeOf(reference, found, context);
  const outside = whyOutside(place, context.accounts);
  if (outside !== null) return { kind: 'foreign', reason: outside };
  const prefix = prefixOf(reference, place, context);
  const key = `${prefix ?? ''}${reference.key}`;
  const clue = { service: found.clue, account: place.account, region: place.region, key };
  if (reference.find !== null) {
    return resolveFind(reference, { find: reference.find, place, prefix, clue, found });
  }
  const open = whyOpen(reference, key);
  if (open !== null) return { kind: 'unresolved', code: 'templated', clue, ...open };
  const { service, isSaid } = found;
  const written = readWritten(key, service);
  if (written === null) return { kind: 'foreign', reason: `The key is no name or ARN of ${NOUNS[service]}.` };
  if (found.trouble !== null) return { kind: 'unresolved', code: 'ambiguous-account', ...found.trouble, clue };
  if (place.kind === 'unknown') return ambiguous(place, reference, context, clue);
  if (prefix === null) return differentPrefixes(clue);
  const { account, region, by, overrides } = place;
  const ref = { service, account, region, id: key };
  return { kind: 'secret', ref, names: written.names, by, overrides, isServiceSaid: isSaid };
}

/** Why a key is not yet the name of a secret; null where it is. No secret has an empty name, whichever is asked about. */
function whyOpen(
  reference: SecretReference,
  key: string,
): (Partial<Pick<Unresolved, 'clue'>> & Pick<Unresolved, 'reason' | 'hint'>) | null {
  if (reference.key === '') return { reason: NO_KEY, hint: FILL_IN, clue: NO_CLUE };
  if (isTemplated(key)) return { reason: `The key is filled in later: ${key}.`, hint: null };
  if (!isUnfinishedArn(key)) return null;
  const reason = `The key is an ARN without account or region: ${plainText(key, 200)}.`;
  return { reason, hint: WHOLE_ARN, clue: { ...NO_CLUE, key } };
}

const NO_KEY = 'It has no key, and nothing that is read here fills it in.';
const FILL_IN = 'Write the key out, or fill it in by a patch of each overlay.';
const WHOLE_ARN = 'Write the account (12 digits) and the region into the ARN, or use the name alone.';
const NO_CLUE = { service: null, account: null, region: null, key: '' };

const NOUNS = {
  secretsmanager: 'a secret in Secrets Manager',
  ssm: 'a parameter in Parameter Store',
} as const;

/** What the stores read; where nothing says it, an ARN does. */
function serviceOf({ kind, key, said }: SecretReference, { stores }: PlaceClues): FoundService {
  const own = said?.service ?? null;
  if (own !== null) return { service: own, clue: own, isSaid: true, trouble: null };
  const found = serviceOfStores(stores);
  const named = kind === 'key' && !found.isSaid ? serviceInArn(key) : null;
  return named === null ? found : { service: named, clue: named, isSaid: true, trouble: null };
}

interface FindFacts {
  readonly find: FindFilter;
  readonly place: FoundPlace;
  readonly prefix: string | null;
  readonly clue: Clue;
  readonly found: FoundService;
}

/** What a find finds, as one; unresolved where AWS could not tell it either, and where it is not known whom to ask. */
function resolveFind({ key }: SecretReference, facts: FindFacts): Resolution {
  const { find, place, clue, found } = facts;
  const why = whyNotListed(facts);
  const reason = `It fetches whatever matches: ${key}.`;
  if (why !== null || place.kind === 'unknown') {
    const because = why ?? (place.kind === 'unknown' ? place.reason : '');
    return {
      kind: 'unresolved',
      code: 'find',
      reason: `${reason} ${because}`,
      hint: found.trouble?.hint ?? null,
      clue,
    };
  }
  const { account, region, by, overrides } = place;
  const digest = findDigest(find);
  const ref = { service: 'find' as const, account, region, id: digest };
  return { kind: 'secret', ref, names: [digest], by, overrides, isServiceSaid: found.isSaid };
}

/** Why a list of secrets would not tell what it finds; null where it does. */
function whyNotListed({ find, found, prefix }: FindFacts): string | null {
  if (found.trouble !== null) return found.trouble.reason;
  if (found.service === 'ssm') return PARAMETERS;
  return whyNotTold(find) ?? (prefix === '' || !isByNameAlone(find) ? null : PREFIXED);
}

/** Listing what is below a path would return the values. */
const PARAMETERS = 'Parameter Store lists what a find finds only together with values.';

/** Then External Secrets Operator asks for each name it found, with the prefix of the store before it. */
const PREFIXED = 'Its store puts a prefix before each name that is found.';

function isByNameAlone({ path, tags }: FindFilter): boolean {
  return path === null && tags.length === 0;
}

/** Why a reference through this store means no secret of ours, or may mean any; null when it is to be looked at. */
function whyNotOurs(store: StoreRef | null, context: StoreContext): Resolution | null {
  const { stores, storeBindings, unknownStore } = context;
  const isBound = storeBindings.some((binding) => binding !== null);
  const reasons = stores.map((one) => whyForeign(one));
  const foreign = reasons.includes(null) ? null : (reasons[0] ?? null);
  if (foreign !== null) {
    const despite = isBound ? ' That spec.repositories[].stores binds it changes nothing.' : '';
    return { kind: 'foreign', reason: `${foreign}${despite}` };
  }
  if (stores.length > 0 || unknownStore === 'match' || !storeBindings.includes(null)) return null;
  return isBound ? boundSomewhere(store, context) : ignored(store);
}

/** The configuration says that stores which nobody knows are none of ours. */
function ignored(store: StoreRef | null): Resolution {
  if (store === null) {
    return { kind: 'foreign', reason: 'It names no store, and spec.repositories[].unknownStore is ignore.' };
  }
  const name = plainText(`${store.kind} ${store.name}`, 300);
  if (isTemplated(store.name)) {
    const clue = { service: null, account: null, region: null, key: '${}' };
    return {
      kind: 'unresolved',
      code: 'templated',
      reason: `The store is filled in later: ${name}.`,
      hint: null,
      clue,
    };
  }
  const reason = `${name} is neither in this repository nor in spec.repositories[].stores, and unknownStore is ignore.`;
  return { kind: 'foreign', reason };
}

/** A store that is bound in one namespace and means nothing of ours in others, while nothing says which it is. */
function boundSomewhere(store: StoreRef | null, { path, namespace }: StoreContext): Resolution {
  const place = openByNamespace([]);
  const clue = { service: null, account: null, region: null, key: '${}' };
  const hint = howToBind(place, { store, path, namespace });
  return { kind: 'unresolved', code: 'ambiguous-account', reason: place.reason, hint, clue };
}

/** An ARN says account and region itself, whatever the store's role is and whatever is bound. */
function placeOf(reference: SecretReference, found: FoundService, context: ResolutionContext): FoundPlace {
  const said = placeInKey(reference, found) ?? reference.said?.place ?? null;
  return said === null ? placeOfName(context) : { kind: 'place', ...said, by: 'key', overrides: [] };
}

function placeInKey({ kind, key }: SecretReference, { service }: FoundService): SecretPlace | null {
  const written = kind === 'key' ? readWritten(key, service) : null;
  if (written === null || written.account === null || written.region === null) return null;
  return { account: written.account, region: written.region };
}

/** A prefix stands before every key; before an ARN it would make no sense. */
function prefixOf({ key }: SecretReference, place: FoundPlace, { stores }: PlaceClues): string | null {
  return key.startsWith('arn:') ? '' : prefixAt(place, stores);
}

type Unresolved = Extract<Resolution, { readonly kind: 'unresolved' }>;
type Clue = NonNullable<Unresolved['clue']>;

function ambiguous(
  place: UnknownPlace,
  { store, said }: SecretReference,
  { stores, path, namespace }: ResolutionContext,
  clue: Clue,
): Resolution {
  const bind = howToBind(place, { store, path, namespace });
  const hint = said === undefined ? bind : `Give the marker "account" and "region". Otherwise: ${bind}`;
  const unknown = store !== null && stores.length === 0 && place.open !== 'namespace';
  const elsewhere = unknown ? `${plainText(`${store.kind} ${store.name}`, 300)} is not in this repository. ` : '';
  return { kind: 'unresolved', code: 'ambiguous-account', reason: `${elsewhere}${place.reason}`, hint, clue };
}

function differentPrefixes(clue: Clue): Resolution {
  const reason = 'Stores of this name put different prefixes before the key.';
  const hint = "Use the secret's full ARN as key, or give the stores distinct names.";
  return { kind: 'unresolved', code: 'ambiguous-account', reason, hint, clue };
}
