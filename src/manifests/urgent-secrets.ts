import { RE2JS } from 're2js';
import type { FindFilter } from '../domain/find/find-filter.ts';
import { URGENT } from '../domain/policy.ts';
import { type SecretPlace, secretKey } from '../domain/secret-id.ts';
import type { Index } from './graph.ts';
import { fitsName } from './indexing/find/find-members.ts';
import type { NamedSecret } from './query-index.ts';

/** Whether one of a secret's names fits one of these RE2 patterns, anywhere in it. A pattern that RE2 refuses fits nothing. */
export function urgentByName(patterns: readonly string[]): (names: readonly string[]) => boolean {
  const compiled = patterns.flatMap((pattern) => tryCompile(pattern));
  return (names) => compiled.some((pattern) => names.some((name) => pattern.matcher(name).find()));
}

interface UrgentSecrets {
  /** Of secrets, under every name they can have. */
  readonly keys: ReadonlySet<string>;
  readonly finds: readonly (SecretPlace & { readonly find: FindFilter })[];
}

// An index never changes, and every change is asked about.
const URGENT_IN = new WeakMap<Index, UrgentSecrets>();

/** True for a secret that an ExternalSecret with the annotation fetches, or may find by its name. */
export function isUrgentIn(index: Index, { service, account, region, names }: NamedSecret): boolean {
  const { keys, finds } = URGENT_IN.get(index) ?? urgentSecrets(index);
  if (names.some((name) => keys.has(secretKey({ service, account, region, name })))) return true;
  if (service !== 'secretsmanager') return false;
  const here = finds.filter((one) => one.account === account && one.region === region);
  return here.some(({ find }) => names.some((name) => fitsName(find, name)));
}

function urgentSecrets(index: Index): UrgentSecrets {
  const urgent = index.externalSecrets.filter(({ object }) => object.annotations.get(URGENT) === 'true');
  const resolved = urgent.flatMap(({ references }) => references);
  const keys = resolved.flatMap(({ resolution }) =>
    resolution.kind === 'secret' ? resolution.names.map((name) => secretKey({ name, ...resolution.ref })) : [],
  );
  const finds = resolved.flatMap(({ reference: { find }, resolution }) =>
    resolution.kind === 'secret' && find !== null ? [{ ...resolution.ref, find }] : [],
  );
  const found = { keys: new Set(keys), finds };
  URGENT_IN.set(index, found);
  return found;
}

function tryCompile(pattern: string): readonly RE2JS[] {
  try {
    return [RE2JS.compile(pattern)];
  } catch {
    return [];
  }
}
