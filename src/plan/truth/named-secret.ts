import { readWritten } from '../../domain/parameters/parameter-id.ts';
import type { AllowedAccount } from '../../domain/policy.ts';
import {
  fullArnSuffix,
  SECRET_SERVICES,
  type SecretPlace,
  type SecretService,
  secretKey,
  type WrittenSecret,
} from '../../domain/secret-id.ts';
import type { Index } from '../../manifests/graph.ts';
import { namersIn } from '../../manifests/query-index.ts';
import type { Wish } from './wish.ts';

export interface AskedSecret {
  /** A name, a full ARN or a partial ARN. */
  readonly id: string;
  /** Null: its ARN says it, or the repository. */
  readonly service: SecretService | null;
  readonly account: string | null;
  readonly region: string | null;
  /** Null looks at every label. */
  readonly label: string | null;
}

export type NamedWish =
  | { readonly kind: 'wish'; readonly wish: Wish }
  | { readonly kind: 'problem'; readonly message: string; readonly hint: string };

/**
 * The secret that a person named: its service, account and region come from the ARN, from the person, or from the only
 * place this repository fetches that name from. A bare name that means several secrets is a problem, never a guess.
 */
export function namedSecret(index: Index, asked: AskedSecret, accounts: readonly AllowedAccount[]): NamedWish {
  const services = servicesOf(asked);
  const [likeliest] = services;
  if (likeliest === undefined) return noSecret(asked);
  const account = likeliest.written.account ?? asked.account;
  const region = likeliest.written.region ?? asked.region;
  const places = services
    .flatMap(({ service, written }) => placesOf(index, service, written.names))
    .filter((place) => [null, place.account].includes(account) && [null, place.region].includes(region));
  if (places.length > 1) return severalPlaces(asked.id, places);
  const place = places[0] ?? { service: likeliest.service, ...firstPlace(accounts, account, region) };
  const { names } = services.find(({ service }) => service === place.service)?.written ?? likeliest.written;
  return namedWish(place, names, asked);
}

interface ReadAs {
  readonly service: SecretService;
  readonly written: WrittenSecret;
}

/** The services whose identifier the text can be; the likeliest first. */
function servicesOf({ id, service }: AskedSecret): readonly ReadAs[] {
  const possible = service === null ? SECRET_SERVICES : [service];
  return possible.flatMap((one) => {
    const written = readWritten(id, one);
    return written === null ? [] : [{ service: one, written }];
  });
}

function noSecret({ id, service }: AskedSecret): NamedWish {
  return {
    kind: 'problem',
    message: `"${id}" is no ${service === 'ssm' ? 'parameter' : 'secret'} name or ARN`,
    hint: 'Give a name, or an ARN of Secrets Manager or Parameter Store.',
  };
}

function firstPlace([first]: readonly AllowedAccount[], account: string | null, region: string | null): SecretPlace {
  return { account: account ?? first?.id ?? '', region: region ?? first?.regions[0] ?? '' };
}

function namedWish(place: Place, names: readonly string[], { id, label }: AskedSecret): NamedWish {
  const suffix = fullArnSuffix(id);
  return { kind: 'wish', wish: { ...place, names, suffix, kind: 'label', label, moved: true } };
}

interface Place extends SecretPlace {
  readonly service: SecretService;
}

function severalPlaces(id: string, places: readonly Place[]): NamedWish {
  const isMixed = new Set(places.map(({ service }) => service)).size > 1;
  const list = places.map(({ service, account, region }) => `${account}/${region}${isMixed ? ` (${service})` : ''}`);
  return {
    kind: 'problem',
    message: `${id} is fetched from several places: ${list.join(', ')}`,
    hint: `Give ${isMixed ? '--service, ' : ''}--account and --region, or the ARN.`,
  };
}

/** Every secret that the index fetches, looked at without a claim that it moved. */
export function everySecret(index: Pick<Index, 'externalSecrets' | 'restartSources'>): readonly Wish[] {
  const wishes = new Map<string, Wish>();
  for (const { references } of namersIn(index)) {
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

function placesOf(index: Index, service: SecretService, names: readonly string[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { references } of namersIn(index)) {
    for (const { resolution } of references) {
      if (resolution.kind !== 'secret' || resolution.ref.service !== service) continue;
      if (!resolution.names.some((name) => names.includes(name))) continue;
      const { account, region } = resolution.ref;
      places.set(`${account}/${region}`, { service, account, region });
    }
  }
  return [...places].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, place]) => place);
}
