/** What one work may do beside the others, and what only in its turn. */
export interface Turn {
  /** Resolves when all works before this one are done: what follows is done in their order. */
  come(): Promise<void>;
  /** Carried out together with what the other works hand over, before anybody's turn; the result is told in its turn. */
  together<T>(act: () => Promise<T>): Promise<T>;
}

/** Of work that is alone: it is always its turn. */
export const ALONE: Turn = { come: () => Promise.resolve(), together: (act) => act() };

interface Begun<T> {
  readonly done: Promise<T>;
  /** What it hands over before its turn; undefined where it only waits, or has come to its end. */
  readonly act: (() => Promise<void>) | undefined;
  readonly letCome: () => void;
}

/**
 * Begins works one after the other, each as far as its first wait for its turn; carries out together what they hand over; and
 * ends them one after the other in the same order. No two works run at the same time but for what they hand over. `onDone` is
 * told of each result in order; after one for which it says `end` no other comes to its turn. Works must not reject.
 */
export async function inTurn<T>(
  works: readonly ((turn: Turn) => Promise<T>)[],
  onDone: (result: T, at: number) => 'go on' | 'end',
): Promise<'go on' | 'end'> {
  const begun: Begun<T>[] = [];
  for (const work of works) begun.push(await begin(work));
  await Promise.all(begun.flatMap(({ act }) => (act === undefined ? [] : [act()])));
  for (const [at, { done, letCome }] of begun.entries()) {
    letCome();
    if (onDone(await done, at) === 'end') return 'end';
  }
  return 'go on';
}

const NOTHING = (): void => undefined;

/** Resolves once the work waits for its turn, or is done. */
async function begin<T>(work: (turn: Turn) => Promise<T>): Promise<Begun<T>> {
  let act: Begun<T>['act'];
  let letCome = NOTHING;
  let park = NOTHING;
  let hasWaited: 'no' | 'yes' = 'no';
  const parked = new Promise<void>((resolve) => {
    park = resolve;
  });
  const turn = new Promise<void>((resolve) => {
    letCome = resolve;
  });
  const wait = async () => {
    hasWaited = 'yes';
    park();
    await turn;
  };
  const done = work({
    come: wait,
    together: async <R>(first: () => Promise<R>) => {
      if (hasWaited === 'yes') return first();
      const handed = new Promise<R>((resolve, reject) => {
        act = () => first().then(resolve, reject);
      });
      // Its failure is told in its turn, and to its own work alone.
      handed.catch(() => undefined);
      await wait();
      return handed;
    },
  });
  await Promise.race([parked, done]);
  return { done, act, letCome };
}
