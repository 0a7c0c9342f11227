import type { LogFields } from '../../ports.ts';
import type { Call } from './asking/call.ts';
import type { PullFacts } from './github-answers.ts';
import type { GitHubClient } from './github-client.ts';
import type { Remembered } from './pulls/remembered.ts';

/** One repository on GitHub, as one identity sees it. */
export interface Repository {
  readonly client: GitHubClient;
  readonly owner: string;
  readonly name: string;
  /** The login that this identity acts under; null where it cannot be told. */
  readonly ownLogin: (signal: AbortSignal) => Promise<string | null>;
  /** The login of the App's bot that this identity acts as; null for a token. */
  readonly ownBot: (signal: AbortSignal) => Promise<string | null>;
  /** What need not be asked again. */
  readonly remembered: Remembered;
  /** Said once, however often it is seen. */
  readonly warnOnce: (fields: LogFields, message: string) => void;
}

/** A call about this repository. */
export function callAbout(
  repository: Repository,
  operation: Call['operation'],
  rest: Pick<Call, 'attempt' | 'signal' | 'parameters'>,
): Call {
  return { ...rest, operation, parameters: { owner: repository.owner, repo: repository.name, ...rest.parameters } };
}

/** True when the pull request's branch lies in this repository and not in a fork of the same name. */
export function isOwn(repository: Repository, facts: PullFacts): boolean {
  return facts.headRepository?.toLowerCase() === `${repository.owner}/${repository.name}`.toLowerCase();
}
