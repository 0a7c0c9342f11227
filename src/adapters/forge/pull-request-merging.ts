import { plainText } from '../../domain/plain-text.ts';
import type { Dismissal, MergeWish } from '../../plan/life/merge-facts.ts';
import type { Allowed, Forge } from '../../ports.ts';
import { at } from './github-answers.ts';
import type { Reply } from './github-client.ts';
import { unexpectedAnswer } from './github-failure.ts';
import { askGraphQl } from './merging/ask-graphql.ts';
import {
  DISABLE_AUTO_MERGE,
  ENABLE_AUTO_MERGE,
  MERGE_FACTS,
  MERGE_FACTS_WITHOUT_QUEUE,
  MOST_REVIEWS,
} from './merging/merge-documents.ts';
import { type Actor, type PullMergeFacts, readMergeFacts, type Standing } from './merging/read-merge-facts.ts';
import { callAbout, type Repository } from './pull-request-state.ts';

/** The half of the forge port that brings a pull request into its base, or keeps it out. */
export type Merging = Pick<Forge, 'mergeFacts' | 'autoMerge' | 'merge' | 'dismissApprovals'>;

/** What an older server says of a field that it does not know. */
const UNKNOWN_QUEUE = /field '(?:isInMergeQueue|isMergeQueueEnabled)' doesn't exist/i;

const DONE: Allowed = { kind: 'done' };

/** Merging in one repository: facts and auto-merge by GraphQL, which alone has them, the rest by REST. */
export function createMerging(repository: Repository): Merging {
  return {
    mergeFacts: async (number, signal) => {
      const { facts, enabledBy } = await readFacts(repository, number, signal);
      const isAutoMergeOurs = facts.isAutoMerge && enabledBy !== null && (await isOurs(repository, enabledBy, signal));
      return { ...facts, isAutoMergeOurs };
    },
    autoMerge: (number, wish, signal) => setAutoMerge(repository, { number, wish, signal }),
    merge: (number, wish, signal) => mergeNow(repository, { number, wish, signal }),
    dismissApprovals: (number, how, signal) => dismiss(repository, { number, how, signal }),
  };
}

async function readFacts(repository: Repository, number: number, signal: AbortSignal): Promise<PullMergeFacts> {
  const attempt = `read what stands between pull request #${number} and its base`;
  const { client, owner, name } = repository;
  const variables = { owner, name, number };
  // Tokens without access to checks and commit statuses may still know the rest.
  const spare = 'statusCheckRollup';
  const ask = (document: string) => askGraphQl(client, { document, variables, attempt, signal, spare });
  const first = await ask(MERGE_FACTS);
  const knowsQueues = first.kind === 'told' || !first.reasons.some((reason) => UNKNOWN_QUEUE.test(reason));
  const reply = knowsQueues ? first : await ask(MERGE_FACTS_WITHOUT_QUEUE);
  if (reply.kind === 'refusal') throw reply.failure;
  const facts = readMergeFacts(reply.data, number, { isPartial: reply.isPartial, knowsQueues });
  if (facts === null) throw unexpectedAnswer(attempt);
  return facts;
}

/** REST's login of an App ends with `[bot]`, GraphQL's does not. */
async function isOurs(repository: Repository, { type, login }: Actor, signal: AbortSignal): Promise<boolean> {
  const own = await (type === 'Bot' ? repository.ownBot(signal) : repository.ownLogin(signal));
  return own !== null && (type === 'Bot' || type === 'User') && bareLogin(own) === bareLogin(login);
}

function bareLogin(login: string): string {
  return login.toLowerCase().replace(/\[bot\]$/, '');
}

async function setAutoMerge(
  repository: Repository,
  { number, wish, signal }: { number: number; wish: MergeWish | null; signal: AbortSignal },
): Promise<Allowed> {
  const { id, facts } = await readFacts(repository, number, signal);
  if (!facts.isOpen) return refusal('it is not open');
  if (wish === null) return turnOff(repository, { number, id, signal }, facts);
  if (facts.head !== wish.head) return refusal('its head has moved');
  // A method that a person chose stays; in the queue it is further than auto-merge would bring it.
  if (facts.isAutoMerge || facts.isQueued) return DONE;
  const mergeMethod = wish.method.toUpperCase();
  return mutate(repository, {
    field: 'enablePullRequestAutoMerge',
    document: ENABLE_AUTO_MERGE,
    variables: { pullRequestId: id, mergeMethod, expectedHeadOid: wish.head },
    attempt: `have pull request #${number} merged as soon as it may`,
    number,
    signal,
  });
}

function turnOff(
  repository: Repository,
  { number, id, signal }: { number: number; id: string; signal: AbortSignal },
  { isAutoMerge, isQueued }: PullMergeFacts['facts'],
): Promise<Allowed> {
  if (isQueued) return Promise.resolve(refusal('it waits in the merge queue'));
  if (!isAutoMerge) return Promise.resolve(DONE);
  return mutate(repository, {
    field: 'disablePullRequestAutoMerge',
    document: DISABLE_AUTO_MERGE,
    variables: { pullRequestId: id },
    attempt: `turn auto-merge off for pull request #${number}`,
    number,
    signal,
  });
}

interface Mutation {
  readonly field: string;
  readonly document: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly attempt: string;
  readonly number: number;
  readonly signal: AbortSignal;
}

async function mutate(repository: Repository, mutation: Mutation): Promise<Allowed> {
  const { field, document, variables, attempt, number, signal } = mutation;
  const reply = await askGraphQl(repository.client, { document, variables, attempt, signal });
  if (reply.kind === 'refusal') return refusedBy(reply);
  if (at(reply.data, field, 'pullRequest', 'number') !== number) throw unexpectedAnswer(attempt);
  return DONE;
}

async function mergeNow(
  repository: Repository,
  { number, wish, signal }: { number: number; wish: MergeWish; signal: AbortSignal },
): ReturnType<Forge['merge']> {
  const attempt = `merge pull request #${number}`;
  const reply = await repository.client.attempt(
    callAbout(repository, 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
      attempt,
      signal,
      parameters: { pull_number: number, sha: wish.head, merge_method: wish.method },
    }),
  );
  if (reply.kind === 'answer') {
    if (at(reply.data, 'merged') !== true) throw unexpectedAnswer(attempt);
    return DONE;
  }
  if (![405, 409].includes(reply.status ?? 0)) return refusedBy(reply);
  // An answer that was lost, or a person who was quicker: what is merged cannot be merged again.
  const { isMerged, facts } = await readFacts(repository, number, signal);
  if (facts.head !== wish.head) return { kind: 'moved' };
  if (isMerged) return DONE;
  // Said of a head that GitHub's other half does not show yet, or of a base that moves just now.
  if (reply.status === 409 || /base branch was modified/i.test(reply.reasons.join('\n'))) return { kind: 'moved' };
  return refusal(wordsOf(reply));
}

async function dismiss(
  repository: Repository,
  { number, how, signal }: { number: number; how: Dismissal; signal: AbortSignal },
): Promise<Allowed> {
  const { standing } = await readFacts(repository, number, signal);
  const unwanted = standing.filter(({ commit }) => commit === null || commit !== how.except);
  for (const { review } of unwanted) {
    if (review === null) return refusal(`it has more than ${MOST_REVIEWS} reviews, or one without a number`);
    const reply = await dismissOne(repository, { number, review, why: how.why, signal });
    if (reply.kind === 'answer') continue;
    if (!isRule(reply) && reply.status !== 404) throw reply.failure;
    // Another replica, or a person, may have been quicker.
    if (!(await isGone(repository, { number, review, signal }))) return refusedBy(reply);
  }
  return DONE;
}

function dismissOne(
  repository: Repository,
  { number, review, why, signal }: { number: number; review: number; why: string; signal: AbortSignal },
): Promise<Reply> {
  return repository.client.attempt(
    callAbout(repository, 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals', {
      attempt: `take back an approval of pull request #${number}`,
      signal,
      parameters: { pull_number: number, review_id: review, message: why, event: 'DISMISS' },
    }),
  );
}

async function isGone(
  repository: Repository,
  { number, review, signal }: { number: number; review: Standing['review']; signal: AbortSignal },
): Promise<boolean> {
  const { standing } = await readFacts(repository, number, signal);
  return !standing.some((one) => one.review === review);
}

/** Whatever else is wrong is a failure. */
function refusedBy(reply: Extract<Reply, { kind: 'refusal' }>): Allowed {
  if (!isRule(reply)) throw reply.failure;
  return refusal(wordsOf(reply));
}

/** A rule or a permission stands against it: trying again does not help. A bad token stands against everything. */
function isRule({ failure, status }: Extract<Reply, { kind: 'refusal' }>): boolean {
  const { code, retry } = failure;
  return (code === 'forge-denied' || code === 'forge-rejected') && retry === 'never' && status !== 401;
}

function wordsOf({ reasons, status }: Extract<Reply, { kind: 'refusal' }>): string {
  return reasons.length === 0 ? `GitHub answered ${status ?? 'nothing'}` : plainText(reasons.join('; '));
}

function refusal(reason: string): Allowed {
  return { kind: 'refused', reason };
}
