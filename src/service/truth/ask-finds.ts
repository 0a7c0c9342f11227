import type { Failure } from '../../domain/failure.ts';
import type { Index } from '../../manifests/graph.ts';
import { LIST_BEHIND, type Spoken } from '../../plan/find/found-secrets.ts';
import { type Changed, findWish, isFollowed, reachedFinds } from '../../plan/find/reached-finds.ts';
import type { HeldCopy } from '../../plan/truth/regions/replicas.ts';
import type { KnownSecret, Wish } from '../../plan/truth/wish.ts';
import { failureOf } from '../outcome.ts';
import { LIST_LAG_MILLISECONDS } from './find-reader.ts';
import type { Identified, ReceivedChange } from './identify-changes.ts';
import type { TruthReader } from './truth-reader.ts';

/** A wish for a secret, and what AWS says of it; `changed` is what asks for it. */
export interface AskedSecret {
  readonly changed: Changed;
  readonly wish: Wish;
  readonly known: KnownSecret;
}

/** What a change asks for: wishes, and why the rest of it has to wait. */
export interface AskedFor {
  readonly wishes: readonly Wish[];
  readonly held: readonly (
    | { readonly kind: 'behind' }
    | { readonly kind: 'failed'; readonly failure: Failure }
    | { readonly kind: 'copy'; readonly copy: HeldCopy }
  )[];
}

/**
 * The wishes that follow from one: itself, where some reference names the secret or no find finds it, and one for each find
 * that it reaches. Without AWS (`reader` null) nobody can tell what finds find.
 */
export async function askFinds(index: Index, reader: TruthReader | null, asked: AskedSecret): Promise<AskedFor> {
  const { changed, wish, known } = asked;
  const finds = reader === null ? [] : reachedFinds(index, changed, known);
  const results = await Promise.all(
    finds.map(async (find) => {
      try {
        const found = await reader?.find(find, []);
        const isOld = found?.kind === 'untold' && found.obstacle === LIST_BEHIND;
        return isOld ? ({ kind: 'behind' } as const) : findWish(find, wish.moved || changed.kind !== 'label');
      } catch (error) {
        return { kind: 'failed', failure: failureOf(error) } as const;
      }
    }),
  );
  const found = results.flatMap((one) => ('service' in one ? [one] : []));
  const held = results.flatMap((one) => ('service' in one ? [] : [one]));
  const isForItself = isFollowed(index, changed) || (finds.length === 0 && isAboutValue(changed));
  return { wishes: [...(isForItself ? [wish] : []), ...found], held };
}

function isAboutValue({ kind }: Changed): boolean {
  return kind === 'label' || kind === 'tags';
}

/** What the events of a batch spoke of, as AWS answered; `now` in epoch milliseconds. */
export function spokenOf(identified: ReadonlyMap<ReceivedChange, Identified>, now: number): readonly Spoken[] {
  return [...identified].flatMap(([{ sentAt }, one]): readonly Spoken[] => {
    if (one.kind !== 'wish') return [];
    const { account, region, names, suffix, service } = one.wish;
    if (service !== 'secretsmanager') return [];
    const age = now - sentAt < LIST_LAG_MILLISECONDS ? 'young' : 'old';
    return [{ account, region, names, suffix, known: one.known, age }];
  });
}

/** What an event says, with every name that AWS knows it by. */
export function changedOf({ change }: ReceivedChange, { names }: Wish): Changed {
  return { ...change, names };
}
