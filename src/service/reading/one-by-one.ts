/** Lets one act at a time. Resolves or rejects as `act` does; rejects with the signal's reason where that is aborted before its turn. */
export type OneByOne = <T>(act: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** Acts go in the order in which they were asked for; one that fails does not keep the next one from its turn. */
export function createOneByOne(): OneByOne {
  let earlier: Promise<unknown> = Promise.resolve();
  return (act, signal) => {
    const turn = earlier.then(() => {
      signal.throwIfAborted();
      return act();
    });
    earlier = turn.catch(() => undefined);
    return turn;
  };
}
