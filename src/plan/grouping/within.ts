import { type Grouping, type Part, partOf } from '../../domain/grouping/grouping.ts';
import type { Index } from '../../manifests/graph.ts';
import { namersOf } from '../../manifests/query-index.ts';
import type { Wish } from '../truth/wish.ts';
import { groupedIndex, type User } from './group-names.ts';

/** What a plan may touch and speak of. */
export interface InPart {
  readonly user: (user: User) => boolean;
  /** By the path that is edited. */
  readonly path: (path: string) => boolean;
  /** What may use a secret without proof is spoken of in its own part; where that does not use it for certain, in all. */
  readonly possible: (wish: Wish) => (use: { readonly path: string }) => boolean;
}

const EVERYTHING: InPart = { user: () => true, path: () => true, possible: () => () => true };

/** Only what is edited in this part of an index; undefined: everything. */
export function within(index: Index, grouping: Grouping, part: Part | undefined): InPart {
  if (part === undefined || grouping.paths.length === 0) return EVERYTHING;
  const { partsOf } = groupedIndex(index, grouping);
  return {
    user: (user) => partsOf(user).some(({ key }) => key === part.key),
    path: (path) => partOf(path, grouping).key === part.key,
    possible: (wish) => {
      const used = new Set(namersOf(index, wish).flatMap((user) => partsOf(user).map(({ key }) => key)));
      return ({ path }) => {
        const { key } = partOf(path, grouping);
        return key === part.key || !used.has(key);
      };
    },
  };
}
