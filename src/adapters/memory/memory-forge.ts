import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { CommitInfo, Forge, PullRequest, PullRequestDraft } from '../../ports.ts';

/** The forge port without a host: for models and long random runs. It keeps to the same contract as the real ones. */
export interface MemoryForge extends Forge {
  /** All pull requests, oldest first, with what was asked for when they were opened. */
  pulls(): Promise<readonly MemoryPull[]>;
  closeAs(number: number, who: 'person' | 'bot'): Promise<void>;
  /** False where GitHub would refuse: merged, no branch, or another one is open. */
  reopen(number: number): Promise<boolean>;
  /** Only marks it as merged: moving the base branch is the caller's part. */
  merge(number: number): Promise<void>;
}

export interface MemoryPull extends Omit<PullRequest, 'headMessage'> {
  readonly draft: PullRequestDraft;
  /** Ours, oldest first. */
  readonly comments: readonly string[];
}

export interface MemoryForgeOptions {
  /** The commit at a branch's head, or null when there is no such branch. */
  readonly head: (branch: string) => Promise<Pick<CommitInfo, 'oid' | 'message'> | null>;
  /** Its clock, epoch milliseconds. */
  readonly now: () => number;
  /** What goes wrong with a call, before or after its effect; null for nothing. */
  readonly fault?: (method: keyof Forge, moment: 'before' | 'after') => Failure | null;
}

interface Kept extends MemoryPull {
  readonly headMessage: string;
}

interface Store {
  /** Newest first, after looking where the branches are now. */
  all(): Promise<readonly Kept[]>;
  find(number: number): Promise<Kept>;
  findOpen(branch: string, base: string): Promise<Kept | undefined>;
  put(pull: Kept): Kept;
}

const MAX_TITLE = 256;
const MAX_BODY = 65_536;

/** A forge for one repository whose branches `options.head` knows. */
export function createMemoryForge(options: MemoryForgeOptions): MemoryForge {
  const store = createStore(options.head);
  return { ...createMethods(store, options), ...createPeople(store, options) };
}

function createMethods(store: Store, { head, fault = () => null }: MemoryForgeOptions): Forge {
  const method = async <T>(name: keyof Forge, signal: AbortSignal, act: () => Promise<T>): Promise<T> => {
    if (signal.aborted) throw stopped(name);
    raise(fault(name, 'before'));
    const result = await act();
    raise(fault(name, 'after'));
    return result;
  };
  return {
    list: (branch, base, signal) =>
      method('list', signal, async () => {
        const pulls = await store.all();
        return pulls.filter((pull) => pull.branch === branch && pull.base === base).map(shown);
      }),
    open: (draft, signal) =>
      method('open', signal, async () => {
        checkSizes('open', draft);
        const already = await store.findOpen(draft.branch, draft.base);
        if (already !== undefined) return shown(store.put({ ...already, ...words(draft) }));
        const { length } = await store.all();
        return shown(store.put(await create(draft, length + 1, head)));
      }),
    update: (number, draft, signal) =>
      method('update', signal, async () => {
        checkSizes('update', draft);
        const pull = await store.find(number);
        if (pull.branch === draft.branch) return shown(store.put({ ...pull, ...words(draft) }));
        throw rejected(`update pull request #${number}: it is not a pull request of ${plainText(draft.branch)}`);
      }),
    read: (number, signal) => method('read', signal, async () => shown(await store.find(number))),
    close: (number, comment, signal) =>
      method('close', signal, async () => {
        const pull = await store.find(number);
        const state = pull.state === 'open' ? 'closed-by-bot' : pull.state;
        store.put({ ...pull, state, comments: [...pull.comments, comment] });
      }),
  };
}

function createPeople(store: Store, { head, now }: MemoryForgeOptions): Omit<MemoryForge, keyof Forge> {
  return {
    pulls: async () => (await store.all()).toReversed(),
    closeAs: async (number, who) => {
      const pull = await store.find(number);
      if (pull.state === 'open') store.put({ ...pull, state: `closed-by-${who}` });
    },
    reopen: async (number) => {
      const pull = await store.find(number);
      const other = await store.findOpen(pull.branch, pull.base);
      const closed = pull.state === 'closed-by-person' || pull.state === 'closed-by-bot';
      if (!closed || other !== undefined || (await head(pull.branch)) === null) return false;
      store.put({ ...pull, state: 'open' });
      return true;
    },
    merge: async (number) => {
      const pull = await store.find(number);
      if (pull.state === 'open') store.put({ ...pull, state: 'merged', mergedAt: now() });
    },
  };
}

function createStore(headOf: MemoryForgeOptions['head']): Store {
  const kept = new Map<number, Kept>();
  const all = async () => {
    for (const pull of [...kept.values()].filter((one) => one.state === 'open')) {
      const head = await headOf(pull.branch);
      // A branch that is gone takes its pull request with it: nobody judged the content.
      const now = head === null ? { state: 'closed-by-bot' as const } : { head: head.oid, headMessage: head.message };
      kept.set(pull.number, { ...pull, ...now });
    }
    return [...kept.values()].toReversed();
  };
  return {
    all,
    find: async (number) => {
      const pull = (await all()).find((one) => one.number === number);
      if (pull !== undefined) return pull;
      const hint = 'Check the number.';
      throw new Failure(`could not find pull request #${number}`, { code: 'forge-missing', retry: 'never', hint });
    },
    findOpen: async (branch, base) =>
      (await all()).find((pull) => pull.state === 'open' && pull.branch === branch && pull.base === base),
    put: (pull) => {
      kept.set(pull.number, pull);
      return pull;
    },
  };
}

async function create(draft: PullRequestDraft, number: number, headOf: MemoryForgeOptions['head']): Promise<Kept> {
  const { branch, base, title, body } = draft;
  const [head, baseHead] = [await headOf(branch), await headOf(base)];
  const attempt = `open a pull request for ${plainText(branch)}`;
  if (baseHead === null) throw rejected(`${attempt}: there is no branch ${plainText(base)}`);
  if (head === null) throw rejected(`${attempt}: there is no such branch`, 'later');
  if (head.oid === baseHead.oid) throw rejected(`${attempt}: no commits between it and its base`, 'later');
  const url = `https://forge.invalid/pull/${number}`;
  const { oid, message } = head;
  return {
    number,
    url,
    state: 'open',
    branch,
    head: oid,
    base,
    title,
    body,
    draft,
    mergedAt: null,
    comments: [],
    headMessage: message,
  };
}

function shown(pull: Kept): PullRequest {
  const { number, url, state, branch, head, base, title, body, mergedAt } = pull;
  const headMessage = state === 'closed-by-person' ? pull.headMessage : null;
  return { number, url, state, branch, head, base, title, body, mergedAt, headMessage };
}

function words({ title, body }: PullRequestDraft): Pick<PullRequestDraft, 'title' | 'body'> {
  return { title, body };
}

function checkSizes(what: 'open' | 'update', { title, body }: PullRequestDraft): void {
  if (title.length > MAX_TITLE) throw rejected(`${what} a pull request: its title is over ${MAX_TITLE} characters`);
  if (body.length > MAX_BODY) throw rejected(`${what} a pull request: its body is over ${MAX_BODY} characters`);
}

function rejected(attempt: string, retry: 'later' | 'never' = 'never'): Failure {
  return new Failure(`could not ${attempt}`, { code: 'forge-rejected', retry, hint: 'Read the message.' });
}

function stopped(method: keyof Forge): Failure {
  const hint = 'The work was stopped; it begins again by itself.';
  return new Failure(`could not ${method}: stopped before it began`, {
    code: 'forge-unreachable',
    retry: 'later',
    hint,
  });
}

function raise(failure: Failure | null): void {
  if (failure !== null) throw failure;
}
