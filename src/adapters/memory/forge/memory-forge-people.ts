import type { PullRequest } from '../../../ports.ts';
import type { MemoryForgeOptions, MemoryRules } from './memory-forge-options.ts';
import type { KeptPull, PullStore } from './memory-pull-store.ts';

/** What people, and other bots, do to the pull requests of the forge in memory. */
export interface MemoryPeople {
  closeAs(number: number, who: 'person' | 'bot'): Promise<void>;
  /** False where GitHub would refuse: merged, another one is open, or its branch is gone or was made anew. */
  reopen(number: number): Promise<boolean>;
  /** Only marks it as merged: moving the base branch is the caller's part. */
  markMerged(number: number): Promise<void>;
  /** Asks for what it brought again, as someone who may write or who may not. */
  askRetry(number: number, who: 'writer' | 'reader'): Promise<void>;
  /** Takes the retry label off again. */
  takeBackRetry(number: number): Promise<void>;
  label(number: number, label: string): Promise<void>;
  unlabel(number: number, label: string): Promise<void>;
  /** Approves the commit that is at its head now. */
  approve(number: number, by: string): Promise<void>;
  requestChanges(number: number): Promise<void>;
  setChecks(number: number, checks: KeptPull['checks']): Promise<void>;
  setDraft(number: number, isDraft: boolean): Promise<void>;
  /** A person has the forge merge it as soon as it may. */
  setAutoMerge(number: number, isOn: boolean): Promise<void>;
  /** False where there is no merge queue. */
  queue(number: number): Promise<boolean>;
  lock(number: number): Promise<void>;
}

/** The people of one repository. */
export function createPeople(store: PullStore, { head, now }: MemoryForgeOptions, rules: MemoryRules): MemoryPeople {
  const change = async (number: number, to: (pull: KeptPull) => Partial<KeptPull>) => {
    const pull = await store.find(number);
    store.put({ ...pull, ...to(pull) });
  };
  const changeOpen = (number: number, to: (pull: KeptPull) => Partial<KeptPull>) =>
    change(number, (pull) => (pull.state === 'open' ? to(pull) : {}));
  return {
    closeAs: (number, who) =>
      changeOpen(number, () => ({ state: `closed-by-${who}`, isAutoMerge: false, isQueued: false })),
    reopen: async (number) => {
      const pull = await store.find(number);
      const other = await store.findOpen(pull.branch, pull.base);
      const isClosed = pull.state === 'closed-by-person' || pull.state === 'closed-by-bot';
      // A branch that was made anew meanwhile shows something else.
      const isSame = (await head(pull.branch))?.oid === pull.head;
      if (!isClosed || other !== undefined || !isSame) return false;
      store.put({ ...pull, state: 'open', isRetryAsked: false });
      return true;
    },
    markMerged: (number) => changeOpen(number, () => ({ state: 'merged', mergedAt: now() })),
    askRetry: (number, who) => change(number, (pull) => ({ isRetryAsked: pull.isRetryAsked || mayAsk(pull, who) })),
    takeBackRetry: (number) => change(number, () => ({ isRetryAsked: false })),
    label: (number, label) => change(number, (pull) => ({ labels: [...new Set([...pull.labels, label])].toSorted() })),
    unlabel: (number, label) => change(number, (pull) => ({ labels: pull.labels.filter((one) => one !== label) })),
    approve: (number, by) =>
      changeOpen(number, (pull) => ({
        isRejectedInReview: false,
        approvals: [...pull.approvals.filter((one) => one.by !== by), { by, commit: pull.head }],
      })),
    requestChanges: (number) => changeOpen(number, () => ({ isRejectedInReview: true })),
    setChecks: (number, checks) => changeOpen(number, () => ({ checks })),
    setDraft: (number, isDraft) => changeOpen(number, () => ({ isDraft })),
    setAutoMerge: (number, isAutoMerge) => changeOpen(number, () => ({ isAutoMerge, isAutoMergeOurs: false })),
    queue: async (number) => {
      await changeOpen(number, () => ({ isQueued: rules.hasMergeQueue }));
      return rules.hasMergeQueue;
    },
    lock: (number) => change(number, () => ({ isLocked: true })),
  };
}

/** What is still open can be merged: only after its end is there anything to ask for. */
function mayAsk({ state }: Pick<PullRequest, 'state'>, who: 'writer' | 'reader'): boolean {
  return who === 'writer' && state !== 'open';
}
