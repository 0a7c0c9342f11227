import { type Call, GRAPHQL } from '../asking/call.ts';
import { at } from '../github-answers.ts';
import type { GitHubClient, Reply } from '../github-client.ts';
import { classifyErrors, unexpectedAnswer } from '../github-failure.ts';

/** A document, and what it is asked with. */
export interface Question {
  readonly document: string;
  readonly variables: Readonly<Record<string, string | number>>;
  readonly attempt: Call['attempt'];
  readonly signal: AbortSignal;
  /** A field without which the answer is still of use: where GitHub keeps it back it is told, and is no refusal. */
  readonly spare?: string;
}

/** What GitHub answered: hostile, and never `null` where it answered without errors. */
export interface Told {
  readonly kind: 'told';
  readonly data: unknown;
  /** The spare field was kept back. */
  readonly isPartial: boolean;
}

/** Asks by GraphQL, whose errors come in an answer of status 200, often beside a part of the data. */
export async function askGraphQl(
  client: GitHubClient,
  { document, variables, attempt, signal, spare }: Question,
): Promise<Told | Extract<Reply, { kind: 'refusal' }>> {
  const reply = await client.attempt({
    operation: GRAPHQL,
    parameters: { query: document, variables },
    attempt,
    signal,
  });
  if (reply.kind === 'refusal') return reply;
  const errors = at(reply.data, 'errors');
  const data = at(reply.data, 'data');
  if (errors !== undefined && !Array.isArray(errors)) throw unexpectedAnswer(attempt);
  const serious = (errors ?? []).filter((error) => !isAbout(error, spare));
  if (serious.length > 0) {
    const context = { attempt, stopped: signal.aborted, scrub: client.scrub };
    return { kind: 'refusal', ...classifyErrors(serious, reply.headers, context) };
  }
  if (typeof data !== 'object' || data === null) throw unexpectedAnswer(attempt);
  return { kind: 'told', data, isPartial: serious.length < (errors ?? []).length };
}

function isAbout(error: unknown, field: string | undefined): boolean {
  const path = at(error, 'path');
  const type = at(error, 'type');
  return field !== undefined && type === 'FORBIDDEN' && Array.isArray(path) && path.slice(0, 20).includes(field);
}
