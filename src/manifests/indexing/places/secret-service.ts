import type { KeepingService } from '../../../domain/secret-id.ts';
import type { Placed, StoreFacts } from '../../objects.ts';

/** Which service the stores that may be meant read, and how sure that is. */
export interface FoundService {
  readonly service: KeepingService;
  /** For what may use a secret without proof; null where it may be either. */
  readonly clue: KeepingService | null;
  /** False where nothing says it: then it is the usual one. */
  readonly isSaid: boolean;
  /** Why it cannot be told, and what to do; null where it can. */
  readonly trouble: { readonly reason: string; readonly hint: string } | null;
}

const SERVICES: Readonly<Record<string, KeepingService>> = {
  SecretsManager: 'secretsmanager',
  ParameterStore: 'ssm',
};

/** The service by its name in a store; null for any other, and for one that is not said yet. */
export function namedService(name: string): KeepingService | null {
  return Object.hasOwn(SERVICES, name) ? (SERVICES[name] ?? null) : null;
}

/** What these stores read. Where none is known, or one does not say it yet, Secrets Manager is the usual one. */
export function serviceOfStores(stores: readonly Placed<StoreFacts>[]): FoundService {
  const named = new Set(stores.map(({ aws }) => namedService(aws?.service ?? '')));
  const [only = null] = named;
  if (named.size === 1 && only !== null) return { service: only, clue: only, isSaid: true, trouble: null };
  const isMixed = named.has('secretsmanager') && named.has('ssm');
  return {
    service: 'secretsmanager',
    clue: null,
    isSaid: false,
    trouble: isMixed ? mixed(stores) : null,
  };
}

function mixed(stores: readonly Placed<StoreFacts>[]): FoundService['trouble'] {
  const paths = stores.map(({ path }) => path).join(', ');
  return { reason: `Stores of this name read different services: ${paths}.`, hint: 'Give the stores distinct names.' };
}
