/** Gives a number from 0 to below this one. */
export type Numbers = (below: number) => number;

/** A small generator with a seed, so that a failure can be seen again. */
export function numbers(seed: number): Numbers {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const LINES = 120;

/** One of some hundred paths, up to three folders deep. */
export function pathOf(next: Numbers): string {
  const folders = Array.from({ length: next(4) }, () => `f${next(6)}`);
  return [...folders, `${['é', 'a b', 'x', "'q'"][next(4)]}-${next(30)}.yaml`].join('/');
}

/** Texts that share most lines, so that packs are full of deltas. */
export function textOf(next: Numbers): string {
  const changed = next(LINES);
  const version = next(1000);
  return Array.from({ length: LINES }, (_, line) => `line ${line} of ${line === changed ? version : 0}\n`).join('');
}
