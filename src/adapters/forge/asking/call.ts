/** Every operation that is ever asked for, as GitHub's description names it. */
export const GITHUB_OPERATIONS = [
  'GET /app',
  'GET /user',
  'GET /repos/{owner}/{repo}/installation',
  'POST /app/installations/{installation_id}/access_tokens',
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
  'POST /repos/{owner}/{repo}/git/blobs',
  'POST /repos/{owner}/{repo}/git/commits',
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
  'POST /repos/{owner}/{repo}/git/trees',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/events',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/assignees',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
  'POST /repos/{owner}/{repo}/labels',
  'GET /repos/{owner}/{repo}/pulls',
  'POST /repos/{owner}/{repo}/pulls',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}',
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers',
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge',
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals',
] as const;

/** Where GitHub's other half is asked, which no REST description knows. */
export const GRAPHQL = 'POST /graphql';

export interface Call {
  readonly operation: (typeof GITHUB_OPERATIONS)[number] | typeof GRAPHQL;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What is tried, for the failure's message: "open a pull request for x". */
  readonly attempt: string;
  /** Null where several callers wait for the same answer. */
  readonly signal: AbortSignal | null;
}
