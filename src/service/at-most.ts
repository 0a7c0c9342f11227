/** Calls `act` for every item, at most `width` at a time; results in the order of the items. Rejects with the first error. */
export async function atMost<T, R>(
  width: number,
  items: readonly T[],
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: { readonly at: number; readonly result: R }[] = [];
  const waiting = [...items.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, item] = next;
      results.push({ at, result: await act(item) });
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return results.toSorted((left, right) => left.at - right.at).map(({ result }) => result);
}
