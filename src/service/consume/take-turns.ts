import type { InboxMessage } from '../../ports.ts';

/** What became of a message, as far as those behind it in its group care. */
export type Ending = 'ended' | 'comes-back';

/** Settles a message when it is its turn, told how those before it ended. */
export type Turn = (message: InboxMessage, settle: (earlier: Ending) => Promise<Ending>) => Promise<void>;

/**
 * Lets messages of one group come to their end in the order in which they are given here, whatever order they are ready in: one
 * waits for all before it, and once one of them comes back, all behind it do. Messages without a group wait for nobody. `settle`
 * must not reject.
 */
export function takeTurns(messages: readonly InboxMessage[]): Turn {
  const last = new Map<string, Promise<Ending>>();
  const turns = new Map<InboxMessage, { readonly earlier: Promise<Ending>; readonly end: (ending: Ending) => void }>();
  for (const message of messages) {
    if (message.group === null) continue;
    const earlier = last.get(message.group) ?? Promise.resolve('ended');
    const { promise, resolve } = promiseOf<Ending>();
    last.set(message.group, promise);
    turns.set(message, { earlier, end: resolve });
  }
  return async (message, settle) => {
    const turn = turns.get(message);
    const earlier = (await turn?.earlier) ?? 'ended';
    const ending = await settle(earlier);
    turn?.end(earlier === 'comes-back' ? 'comes-back' : ending);
  };
}

function promiseOf<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const resolvers: ((value: T) => void)[] = [];
  const promise = new Promise<T>((resolve) => {
    resolvers.push(resolve);
  });
  return {
    promise,
    resolve: (value) => {
      for (const resolve of resolvers) resolve(value);
    },
  };
}
