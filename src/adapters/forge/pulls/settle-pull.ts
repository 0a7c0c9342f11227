import { lastParagraph } from '../../../domain/life/last-paragraph.ts';
import { plainText } from '../../../domain/plain-text.ts';
import { hasRetryLabel } from '../../../plan/life/ended/retry-request.ts';
import type { PullRequest } from '../../../ports.ts';
import { type PullFacts, readText } from '../github-answers.ts';
import { unexpectedAnswer } from '../github-failure.ts';
import { callAbout, type Repository } from '../pull-request-state.ts';
import { whoClosed } from './closed-by.ts';
import { eventsOf } from './conversation.ts';
import type { End } from './remembered.ts';
import { whetherRetryIsAsked } from './retry-asked.ts';

/** The longest commit message that is taken over, in characters from its end: the trailers stand there, one for each secret. */
const MAX_MESSAGE = 1_048_576;
/** Of more merged ones than this the older ones are not looked into. */
const MAX_MERGED = 5;

const OPEN: End = { state: 'open', headMessage: null, isRetryAsked: false };
const MERGED_LONG_AGO: End = { state: 'merged', headMessage: null, isRetryAsked: false };

/** The port's pull request, with what it came to: asked for anew. */
export async function settle(repository: Repository, facts: PullFacts, signal: AbortSignal): Promise<PullRequest> {
  return shown(facts, (await endOf(repository, facts, signal)).end);
}

/** Those of a list, newest first. What an ended one came to is asked for once, as long as nothing happens to it. */
export async function settleList(
  repository: Repository,
  { pulls, seenAt }: { readonly pulls: readonly PullFacts[]; readonly seenAt: number },
  signal: AbortSignal,
): Promise<readonly PullRequest[]> {
  const settled: PullRequest[] = [];
  let merged = 0;
  for (const facts of pulls) {
    if (facts.merged) merged += 1;
    if (facts.merged && merged > MAX_MERGED) settled.push(shown(facts, MERGED_LONG_AGO));
    else settled.push(shown(facts, await rememberedEnd(repository, { facts, seenAt }, signal)));
  }
  return settled;
}

async function rememberedEnd(
  repository: Repository,
  { facts, seenAt }: { readonly facts: PullFacts; readonly seenAt: number },
  signal: AbortSignal,
): Promise<End> {
  if (facts.open) return OPEN;
  const known = repository.remembered.end(facts);
  if (known !== undefined) return known;
  const { end, isCertain } = await endOf(repository, facts, signal);
  if (isCertain) repository.remembered.keepEnd(facts, end, seenAt);
  return end;
}

/** `isCertain` is false where a permission was missing to tell it. */
async function endOf(
  repository: Repository,
  facts: PullFacts,
  signal: AbortSignal,
): Promise<{ readonly end: End; readonly isCertain: boolean }> {
  if (facts.open) return { end: OPEN, isCertain: true };
  const { number } = facts;
  const attempt = `read who closed pull request #${number}`;
  const needsEvents = !facts.merged || hasRetryLabel(facts.labels);
  const events = needsEvents ? await eventsOf(repository, { number, attempt, signal }) : [];
  const state = facts.merged ? 'merged' : await closedBy(repository, events, signal);
  if (state === 'closed-by-bot') return { end: { state, headMessage: null, isRetryAsked: false }, isCertain: true };
  const headMessage = await messageOf(repository, facts.head, signal);
  const retry = await whetherRetryIsAsked(repository, { facts, events }, signal);
  return { end: { state, headMessage, isRetryAsked: retry === 'asked' }, isCertain: retry !== 'unknown' };
}

async function closedBy(
  repository: Repository,
  events: readonly unknown[],
  signal: AbortSignal,
): Promise<'closed-by-person' | 'closed-by-bot'> {
  const closer = whoClosed(events);
  // Where it cannot be told it counts as no person's: a rejection that nobody meant would lose a rotation.
  if (closer.kind !== 'person') return 'closed-by-bot';
  const own = await repository.ownLogin(signal);
  return own?.toLowerCase() === closer.login.toLowerCase() ? 'closed-by-bot' : 'closed-by-person';
}

/** What the port tells of it; null when the commit is gone. */
async function messageOf(repository: Repository, commit: string, signal: AbortSignal): Promise<string | null> {
  const known = repository.remembered.message(commit);
  if (known !== undefined) return known;
  const attempt = `read commit ${plainText(commit, 40)}`;
  const reply = await repository.client.attempt(
    callAbout(repository, 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
      attempt,
      signal,
      parameters: { commit_sha: commit },
    }),
  );
  if (reply.kind === 'refusal') {
    if (reply.status === 404) return null;
    throw reply.failure;
  }
  const message = readText(reply.data, 'message');
  if (message === null) throw unexpectedAnswer(attempt);
  const end = endOfMessage(message);
  repository.remembered.keepMessage(commit, end);
  return end;
}

/** The last paragraph of a commit's message. It is copied: what is cut out of a text keeps all of that text in memory. */
export function endOfMessage(message: string): string {
  return Buffer.from(lastParagraph(message.slice(-MAX_MESSAGE)), 'utf16le').toString('utf16le');
}

function shown(facts: PullFacts, end: End): PullRequest {
  const { number, url, branch, head, base, title, body, labels, isAutoMerge, conflict, createdAt } = facts;
  const mergedAt = end.state === 'merged' ? facts.mergedAt : null;
  return { number, url, branch, head, base, title, body, labels, isAutoMerge, conflict, createdAt, mergedAt, ...end };
}
