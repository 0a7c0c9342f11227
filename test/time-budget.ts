/** How much of something slow is tried: so often on any machine, and as long as there is time. */
export interface TimeBudget {
  readonly atLeast: number;
  readonly milliseconds: number;
}

/** Asked before each try whether it may begin: a slow machine tries less, and none is cut in the middle. */
export function openBudget({ atLeast, milliseconds }: TimeBudget): () => boolean {
  const until = performance.now() + milliseconds;
  let begun = 0;
  return () => {
    begun += 1;
    return begun <= atLeast || performance.now() < until;
  };
}
