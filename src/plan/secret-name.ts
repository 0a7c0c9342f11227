import { indexedAs, meantBy } from '../domain/find/token-slot.ts';
import { keyElsewhere, serviceOf, type TokenEntry, tokenKey } from '../domain/token.ts';
import type { Home } from '../manifests/graph.ts';

/**
 * A secret's key where several objects are spoken of (plans, commits, pull requests): with account and region wherever more
 * than one place is allowed, so that namesakes are never taken for each other; with `ssm:` where it is a parameter.
 */
export function secretName(entry: TokenEntry, home: Home | null): string {
  return keyElsewhere(named(entry, home), home === null || home.isOnly ? null : home);
}

/** True when `key=version` of trailers names this entry, in either spelling: more or fewer places may have been allowed when they were written. */
export function isNamedIn(rotations: Pick<ReadonlySet<string>, 'has'>, entry: TokenEntry, home: Home | null): boolean {
  const { service, ...rest } = named(entry, home);
  // Which of the two a secret has depends on the object; a parameter is always told apart.
  const known = service === 'ssm' ? [{ ...rest, service }] : [rest, { ...rest, service: 'secretsmanager' as const }];
  const keys = known.flatMap((one) => [tokenKey(one), keyElsewhere(one, home)]);
  return keys.some((key) => rotations.has(`${key}=${entry.version}`));
}

/** True for a parameter; what a find finds is none, in whatever object it stands. */
export function isParameterEntry(entry: TokenEntry, home: Home | null): boolean {
  return indexedAs(meantBy(entry), serviceOf(entry, home)).service === 'ssm';
}

/** Outside of its object nobody knows what the object's own service is. */
function named(entry: TokenEntry, home: Home | null): TokenEntry {
  return isParameterEntry(entry, home) ? { ...entry, service: 'ssm' } : entry;
}
