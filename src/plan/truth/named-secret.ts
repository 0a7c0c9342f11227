import type { AllowedAccount } from '../../domain/policy.ts';
import { fullArnSuffix, readWrittenSecret, secretKey } from '../../domain/secret-id.ts';
import type { Index } from '../../manifests/graph.ts';
import type { Wish } from './wish.ts';

export interface AskedSecret {
  /** A name, a full ARN or a partial ARN. */
  readonly id: string;
  readonly account: string | null;
  readonly region: string | null;
  /** Null looks at every label. */
  readonly label: string | null;
}

export type NamedWish =
  | { readonly kind: 'wish'; readonly wish: Wish }
  | { readonly kind: 'problem'; readonly message: string; readonly hint: string };

/**
 * The secret that a person named: its account and region come from the ARN, from the person, or from the only place this
 * repository fetches that name from. A bare name that means several secrets is a problem, never a guess.
 */
export function namedSecret(index: Index, asked: AskedSecret, accounts: readonly AllowedAccount[]): NamedWish {
  const written = readWrittenSecret(asked.id);
  if (written === null) {
    return {
      kind: 'problem',
      message: `"${asked.id}" is no secret name or ARN`,
      hint: 'Give a name or a Secrets Manager ARN.',
    };
  }
  const account = written.account ?? asked.account;
  const region = written.region ?? asked.region;
  const places = placesOf(index, written.names).filter(
    (place) => (account ?? place.account) === place.account && (region ?? place.region) === place.region,
  );
  const [only, other] = places;
  if (other !== undefined && (account === null || region === null)) return severalPlaces(asked.id, places);
  const place = only ?? {
    ...firstPlace(accounts),
    ...(account === null ? {} : { account }),
    ...(region === null ? {} : { region }),
  };
  return namedWish(place, written.names, asked);
}

function firstPlace([first]: readonly AllowedAccount[]): Place {
  return { account: first?.id ?? '', region: first?.regions[0] ?? '' };
}

function namedWish(place: Place, names: readonly string[], { id, label }: AskedSecret): NamedWish {
  const suffix = fullArnSuffix(id);
  return {
    kind: 'wish',
    wish: { service: 'secretsmanager', ...place, names, suffix, kind: 'label', label, moved: true },
  };
}

interface Place {
  readonly account: string;
  readonly region: string;
}

function severalPlaces(id: string, places: readonly Place[]): NamedWish {
  const list = places.map(({ account, region }) => `${account}/${region}`).join(', ');
  return {
    kind: 'problem',
    message: `${id} is fetched from several places: ${list}`,
    hint: 'Give --account and --region, or the ARN.',
  };
}

/** Every secret that the index fetches, looked at without a claim that it moved. */
export function everySecret(index: Index): readonly Wish[] {
  const wishes = new Map<string, Wish>();
  for (const { references } of index.externalSecrets) {
    for (const { resolution } of references) {
      if (resolution.kind !== 'secret') continue;
      const { service, account, region } = resolution.ref;
      const [name = resolution.ref.id] = resolution.names;
      wishes.set(secretKey({ service, account, region, name }), {
        service,
        account,
        region,
        names: resolution.names,
        suffix: null,
        kind: 'label',
        label: null,
        moved: false,
      });
    }
  }
  return [...wishes].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, wish]) => wish);
}

function placesOf(index: Index, names: readonly string[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { references } of index.externalSecrets) {
    for (const { resolution } of references) {
      if (resolution.kind !== 'secret' || !resolution.names.some((name) => names.includes(name))) continue;
      const { account, region } = resolution.ref;
      places.set(`${account}/${region}`, { account, region });
    }
  }
  return [...places].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, place]) => place);
}
