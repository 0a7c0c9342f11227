import type { IndexedExternalSecret, ResolvedReference } from '../../manifests/graph.ts';
import type { Obstacle } from '../plan.ts';
import { concerns, follows } from './concerns.ts';
import type { Wish } from './wish.ts';

type Namer = Pick<IndexedExternalSecret, 'references'>;

/** Why none of the references that name these secrets follows the label that moved. */
export function notFollowing({ references }: Namer, wishes: readonly Wish[]): Obstacle | null {
  const named = references.filter((reference) => wishes.some((wish) => concerns(wish, reference)));
  const moves = (reference: ResolvedReference) =>
    wishes.some((wish) => concerns(wish, reference) && follows(wish, reference));
  const [first] = named;
  if (first === undefined || named.some(moves)) return null;
  const { field, follows: followed } = first.reference;
  const isParameter = wishes.every(({ service }) => service === 'ssm');
  switch (followed.kind) {
    case 'pinned':
      return {
        code: 'pinned-version',
        reason: `${field} pins version ${followed.versionId}: a refresh would fetch the same value.`,
        hint: `Change the pin in Git, or remove it to follow ${isParameter ? 'the latest version' : 'AWSCURRENT'}.`,
      };
    case 'tags':
      return isParameter
        ? tagsOfParameter(field)
        : { code: 'follows-tags', reason: `${field} fetches the secret's tags, not its value.`, hint: null };
    case 'parameter-label':
      return {
        code: 'parameter-label',
        reason: `${field} follows the label ${followed.label} of a parameter: AWS tells which version carries it only together with values.`,
        hint: 'Remove version to follow the latest one, or pin a number.',
      };
    case 'label': {
      if (wishes.every(({ kind }) => kind === 'tags')) {
        return { code: 'other-label', reason: `${field} fetches the value; only tags changed.`, hint: null };
      }
      const moved = wishes.flatMap((wish) => (concerns(wish, first) ? (wish.label ?? []) : []));
      const labels = [...new Set(moved)].toSorted().join(', ');
      return { code: 'other-label', reason: `${field} follows ${followed.label}; ${labels} moved.`, hint: null };
    }
  }
}

function tagsOfParameter(field: string): Obstacle {
  return {
    code: 'follows-tags',
    reason: `${field} fetches the parameter's tags, not its value, and tags of parameters are not asked for.`,
    hint: 'When tags change, refresh it by hand.',
  };
}
