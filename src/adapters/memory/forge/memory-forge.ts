import { Failure } from '../../../domain/failure.ts';
import { lastParagraph } from '../../../domain/life/last-paragraph.ts';
import { plainText } from '../../../domain/plain-text.ts';
import type { Forge, PullRequest, PullRequestDraft } from '../../../ports.ts';
import type { MemoryForgeOptions, MemoryRules } from './memory-forge-options.ts';
import { createPeople, type MemoryPeople } from './memory-forge-people.ts';
import { mergeFactsOf } from './memory-merge-facts.ts';
import { createPullStore, type KeptPull, type PullStore } from './memory-pull-store.ts';
import { createReports, type MemoryReports } from './memory-reports.ts';

/** The forge port without a host: for models and long random runs. It keeps to the same contract as the real ones. */
export interface MemoryForge extends Forge, MemoryPeople, MemoryReports {
  /** All pull requests, oldest first, with what was asked for when they were opened. */
  pulls(): Promise<readonly MemoryPull[]>;
}

export type MemoryPull = KeptPull;

const ANY_RULES: MemoryRules = {
  methods: ['merge', 'squash', 'rebase'],
  mayAutoMerge: true,
  hasMergeQueue: false,
  mayDismiss: true,
  neededApprovals: 0,
  needsChecks: false,
};

const MAX_TITLE = 256;
const MAX_BODY = 65_536;
const HOUR = 3_600_000;
const MAX_MERGED = 5;
const MAX_UNSETTLED = 10;

/** A forge for one repository whose branches `options.head` knows. */
export function createMemoryForge(options: MemoryForgeOptions): MemoryForge {
  const store = createPullStore(options.head);
  const rules = { ...ANY_RULES, ...options.rules };
  const { delivered, report } = createReports(options);
  const method = methodOf(options);
  return {
    ...createPulls(store, options),
    ...createMerging(store, options, rules),
    ...createPeople(store, options, rules),
    report,
    delivered: (head, signal) => method('delivered', signal, () => delivered(head)),
    pulls: async () => (await store.all()).toReversed(),
  };
}

type Method = <T>(name: keyof Forge, signal: AbortSignal, act: () => Promise<T>) => Promise<T>;

function methodOf({ fault = () => null }: MemoryForgeOptions): Method {
  return async (name, signal, act) => {
    if (signal.aborted) throw stopped(name);
    raise(fault(name, 'before'));
    const result = await act();
    raise(fault(name, 'after'));
    return result;
  };
}

type Pulls = Pick<Forge, 'list' | 'open' | 'update' | 'read' | 'close' | 'remark' | 'recent' | 'unsettled'>;

function createPulls(store: PullStore, options: MemoryForgeOptions): Pulls {
  const method = methodOf(options);
  const inTurn = createTurns();
  const read = async (pull: KeptPull) => shown(pull, (await options.conflicts?.(pull)) ?? false);
  return {
    list: (branch, base, signal) =>
      method('list', signal, async () => {
        const pulls = await store.all();
        return listed(pulls.filter((pull) => pull.branch === branch && pull.base === base));
      }),
    open: (draft, signal) =>
      method('open', signal, () =>
        inTurn(async () => {
          checkSizes('open', draft);
          const already = await store.findOpen(draft.branch, draft.base);
          if (already !== undefined) return shown(store.put({ ...already, ...words(draft) }), null);
          const { length } = await store.all();
          return shown(store.put(await create(draft, length + 1, options)), null);
        }),
      ),
    update: ({ number }, draft, signal) =>
      method('update', signal, async () => {
        checkSizes('update', draft);
        const pull = await store.find(number);
        if (pull.branch === draft.branch) return shown(store.put({ ...pull, ...words(draft) }), null);
        throw rejected(`update pull request #${number}: it is not a pull request of ${plainText(draft.branch)}`);
      }),
    read: (number, signal) => method('read', signal, async () => read(await store.find(number))),
    close: (number, comment, signal) =>
      method('close', signal, async () => {
        const pull = await store.find(number);
        const state = pull.state === 'open' ? 'closed-by-bot' : pull.state;
        store.put({ ...pull, state, isAutoMerge: false, isQueued: false, comments: [...pull.comments, comment] });
      }),
    remark: (number, { key, text }, signal) =>
      method('remark', signal, async () => {
        const pull = await store.find(number);
        if (pull.isLocked) return { kind: 'refused', reason: 'its conversation is locked' };
        if (!pull.remarks.includes(key)) {
          store.put({ ...pull, remarks: [...pull.remarks, key], comments: [...pull.comments, text] });
        }
        return { kind: 'done' };
      }),
    recent: (folder, signal) =>
      method('recent', signal, async () => {
        const own = (await store.all()).filter(({ branch }) => branch.startsWith(`${folder}/`));
        const open = own.filter(({ state }) => state === 'open');
        const createdAt = own.map((pull) => pull.createdAt).filter((time) => time > options.now() - HOUR);
        return { open: open.map((pull) => shown(pull, null)), createdAt };
      }),
    unsettled: (folder, signal) =>
      method('unsettled', signal, async () => {
        const own = (await store.all()).filter(({ branch }) => branch.startsWith(`${folder}/`));
        const ended = own.filter(({ state }) => state !== 'open').slice(0, MAX_UNSETTLED);
        return ended.filter(isUnsettled).map((pull) => shown(pull, null));
      }),
  };
}

/** One after the other, as a host does it: of two at once the second finds what the first has made. */
function createTurns(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act, act);
    last = next;
    return next;
  };
}

type Merging = Pick<Forge, 'mergeFacts' | 'autoMerge' | 'merge' | 'dismissApprovals'>;

function createMerging(store: PullStore, options: MemoryForgeOptions, rules: MemoryRules): Merging {
  const method = methodOf(options);
  const inTurn = createTurns();
  const factsOf = async (pull: KeptPull) => mergeFactsOf(pull, rules, (await options.conflicts?.(pull)) ?? false);
  return {
    mergeFacts: (number, signal) => method('mergeFacts', signal, async () => factsOf(await store.find(number))),
    autoMerge: (number, wish, signal) =>
      method('autoMerge', signal, async () => {
        const pull = await store.find(number);
        if (pull.state !== 'open') return { kind: 'refused', reason: 'it is not open' };
        if (wish !== null && !rules.mayAutoMerge) return { kind: 'refused', reason: 'auto-merge is not allowed here' };
        if (wish !== null && wish.head !== pull.head) return { kind: 'refused', reason: 'its head has moved' };
        // What a person turned on stays theirs.
        store.put({ ...pull, isAutoMerge: wish !== null, isAutoMergeOurs: !pull.isAutoMerge || pull.isAutoMergeOurs });
        return { kind: 'done' };
      }),
    merge: (number, { head, method: how }, signal) =>
      method('merge', signal, () =>
        inTurn(async () => {
          const pull = await store.find(number);
          if (pull.head !== head) return { kind: 'moved' };
          if (pull.state === 'merged') return { kind: 'done' };
          const { rules: state } = await factsOf(pull);
          if (pull.state !== 'open' || state !== 'satisfied' || !rules.methods.includes(how)) {
            return { kind: 'refused', reason: 'it may not be merged' };
          }
          await options.mergeInto?.(pull, how);
          store.put({ ...pull, state: 'merged', mergedAt: options.now() });
          return { kind: 'done' };
        }),
      ),
    dismissApprovals: (number, { except }, signal) =>
      method('dismissApprovals', signal, async () => {
        const pull = await store.find(number);
        const approvals = pull.approvals.filter(({ commit }) => except !== null && commit === except);
        if (approvals.length === pull.approvals.length) return { kind: 'done' };
        if (!rules.mayDismiss) return { kind: 'refused', reason: 'reviews may not be dismissed' };
        store.put({ ...pull, approvals });
        return { kind: 'done' };
      }),
  };
}

async function create(
  draft: PullRequestDraft,
  number: number,
  { head: headOf, now }: MemoryForgeOptions,
): Promise<KeptPull> {
  const { branch, base, title, body, labels } = draft;
  const [head, baseHead] = [await headOf(branch), await headOf(base)];
  const attempt = `open a pull request for ${plainText(branch)}`;
  if (baseHead === null) throw rejected(`${attempt}: there is no branch ${plainText(base)}`);
  if (head === null) throw rejected(`${attempt}: there is no such branch`, 'later');
  if (head.oid === baseHead.oid) throw rejected(`${attempt}: no commits between it and its base`, 'later');
  return {
    number,
    url: `https://forge.invalid/pull/${number}`,
    state: 'open',
    branch,
    head: head.oid,
    base,
    title,
    body,
    labels: [...labels].toSorted(),
    isAutoMerge: false,
    createdAt: now(),
    draft,
    mergedAt: null,
    comments: [],
    remarks: [],
    headMessage: head.message,
    isRetryAsked: false,
    isDraft: draft.draft,
    isQueued: false,
    isLocked: false,
    approvals: [],
    isRejectedInReview: false,
    isAutoMergeOurs: false,
    checks: 'none',
  };
}

function isUnsettled({ state, isRetryAsked }: KeptPull): boolean {
  return state === 'closed-by-bot' || isRetryAsked;
}

/** Newest first; the older ones of many merged are not looked into. */
function listed(pulls: readonly KeptPull[]): readonly PullRequest[] {
  const merged = pulls.filter(({ state }) => state === 'merged').slice(MAX_MERGED);
  return pulls.map((pull) => {
    const pullRequest = shown(pull, null);
    return merged.includes(pull) ? { ...pullRequest, headMessage: null, isRetryAsked: false } : pullRequest;
  });
}

/** `isConflicting` null: it was not looked at. */
function shown(pull: KeptPull, isConflicting: boolean | null): PullRequest {
  const { number, url, state, branch, head, base, title, body, labels, isAutoMerge, createdAt, mergedAt } = pull;
  const isJudged = state === 'closed-by-person' || state === 'merged';
  return {
    number,
    url,
    state,
    branch,
    head,
    base,
    title,
    body,
    labels,
    isAutoMerge,
    conflict: isConflicting === null || state !== 'open' ? 'unknown' : isConflicting ? 'conflicting' : 'none',
    createdAt,
    mergedAt,
    headMessage: isJudged ? lastParagraph(pull.headMessage) : null,
    isRetryAsked: isJudged && pull.isRetryAsked,
  };
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
