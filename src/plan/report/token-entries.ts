import { indexedAs, meantBy } from '../../domain/find/token-slot.ts';
import { parseToken, serviceOf, type Token, type TokenEntry, type TokenHome } from '../../domain/token.ts';
import type { NamedSecret } from '../../manifests/query-index.ts';

/** The entries of a token that stand for a secret. `home`: where the object's secrets live; null where nothing tells. */
export function entriesOf(token: Token, secret: NamedSecret, home: TokenHome | null): readonly TokenEntry[] {
  return token.filter((entry) => {
    const { account, region } = entry.account === null || entry.region === null ? (home ?? secret) : entry;
    const { service, name } = indexedAs(meantBy(entry), serviceOf(entry, home));
    if (service !== secret.service) return false;
    return account === secret.account && region === secret.region && secret.names.includes(name);
  });
}

/**
 * The versions of a secret among texts as `key=version`: none twice, in order. A key without a place may stand for another
 * secret of this name in the same group: nothing in a pull request tells them apart.
 */
export function versionsNamed(names: Iterable<string>, secret: NamedSecret): readonly string[] {
  const tokens = [...names].map((name) => parseToken(`${name}@1970-01-01T00:00:00Z`) ?? []);
  const single = tokens.flatMap((token) => (token.length === 1 ? token : []));
  return [...new Set(entriesOf(single, secret, null).map(({ version }) => version))].toSorted();
}
