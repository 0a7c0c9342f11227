import { keyElsewhere, type TokenEntry, tokenKey } from '../domain/token.ts';
import type { Home } from '../manifests/graph.ts';

/**
 * A secret's key where several objects are spoken of (plans, commits, pull requests): with account and region wherever more
 * than one place is allowed, so that namesakes are never taken for each other.
 */
export function secretName(entry: TokenEntry, home: Home | null): string {
  return keyElsewhere(entry, home === null || home.isOnly ? null : home);
}

/** True when `key=version` of trailers names this entry, in either spelling: more or fewer places may have been allowed when they were written. */
export function isNamedIn(rotations: ReadonlySet<string>, entry: TokenEntry, home: Home | null): boolean {
  const keys = [tokenKey(entry), keyElsewhere(entry, home)];
  return keys.some((key) => rotations.has(`${key}=${entry.version}`));
}
