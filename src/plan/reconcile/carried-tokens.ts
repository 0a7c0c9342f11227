import { atHome, findEntry, parseToken, type TokenEntry, tokenKey } from '../../domain/token.ts';
import type { Home } from '../../manifests/graph.ts';
import type { BranchTip } from '../truth/beyond-base.ts';

/** What an own branch carries. */
export interface CarryingBranch extends BranchTip {
  readonly branch: string;
}

/** The own branch that carries this very version to an object, by its `objectKey`; null where none does. */
export function carrierOf(
  branches: readonly CarryingBranch[],
  { key, home }: { readonly key: string; readonly home: Home | null },
  entry: TokenEntry,
): string | null {
  for (const { branch, tokens } of branches) {
    const token = atHome(parseToken(tokens.get(key) ?? null) ?? [], home);
    if (findEntry(token, tokenKey(entry))?.version === entry.version) return branch;
  }
  return null;
}

/** The own branch that announces these versions of a restart source to a workload, by its `objectKey`; null where none does. */
export function announcerOf(
  branches: readonly CarryingBranch[],
  key: string,
  { tokenName, digest }: { readonly tokenName: string; readonly digest: string },
): string | null {
  const found = branches.find(({ sources }) => sources?.get(key)?.get(tokenName) === digest);
  return found?.branch ?? null;
}
