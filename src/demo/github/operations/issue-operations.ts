import { type Json, sample } from '../sample.ts';
import { addComment, addLabels, type Comment, type IssueEvent, mayPush, type Pull, roleOf } from '../world.ts';
import { add, labelJson } from './pull-operations.ts';
import { accountJson, date, failed, page, type Reply, type RepositoryRequest } from './replies.ts';

/** Operations that GitHub shares between issues and pull requests. */
export const ISSUE_OPERATIONS: Readonly<Record<string, (request: RepositoryRequest) => Promise<Reply> | Reply>> = {
  'GET /repos/{owner}/{repo}/issues/{issue_number}': withIssue((request, pull) => ({
    status: 200,
    body: issueJson(request, pull),
  })),
  'GET /repos/{owner}/{repo}/issues/{issue_number}/events': withIssue((request, pull) =>
    page(request, route(request, pull, 'events'), pull.events, (event) => eventJson(request, event)),
  ),
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels': withIssue((request, pull) => {
    addLabels(request.repository, pull, namesIn(request.body, 'labels'), request.actor);
    return { status: 200, body: pull.labels.map((name) => labelJson(request, name)) };
  }),
  // GitHub passes over those who cannot be assigned.
  'POST /repos/{owner}/{repo}/issues/{issue_number}/assignees': withIssue((request, pull) => {
    add(
      pull.assignees,
      namesIn(request.body, 'assignees').filter((name) => !name.startsWith('unknown')),
    );
    return { status: 201, body: issueJson(request, pull) };
  }),
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': withIssue((request, pull) =>
    page(
      request,
      route(request, pull, 'comments'),
      pull.comments.filter(({ editedAt }) => editedAt >= Date.parse(request.query.get('since') ?? date(0))),
      (comment) => commentJson(request, pull, comment),
    ),
  ),
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': withIssue((request, pull) => {
    const { repository, actor, body } = request;
    if (pull.locked && !mayPush(roleOf(repository, actor.login))) {
      return failed(403, 'Unable to create comment because issue is locked.');
    }
    const comment = addComment(repository, pull, { author: actor, body: String(body['body']) });
    return { status: 201, body: commentJson(request, pull, comment) };
  }),
};

function issueJson(request: RepositoryRequest, pull: Pull): Json {
  const { description, origin, repository } = request;
  return {
    ...sample(description, 'issue'),
    url: route(request, pull),
    html_url: `${origin}/${repository.fullName}/pull/${pull.number}`,
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: pull.body,
    user: accountJson(description, origin, pull.author),
    labels: pull.labels.map((name) => labelJson(request, name)),
    assignees: pull.assignees.map((login) => accountJson(description, origin, { login, type: 'User' })),
    comments: pull.comments.length,
    created_at: date(pull.createdAt),
    updated_at: date(pull.updatedAt),
    closed_at: pull.closedAt === null ? null : date(pull.closedAt),
    closed_by: pull.closedBy === null ? null : accountJson(description, origin, pull.closedBy),
  };
}

function eventJson({ description, origin, repository }: RepositoryRequest, event: IssueEvent): Json {
  return {
    id: event.id,
    node_id: '',
    url: `${origin}/repos/${repository.fullName}/issues/events/${event.id}`,
    actor: accountJson(description, origin, event.actor),
    event: event.event,
    commit_id: null,
    commit_url: null,
    created_at: date(event.at),
    performed_via_github_app: null,
    ...(event.label === null ? {} : { label: { name: event.label, color: 'ededed' } }),
  };
}

function commentJson(request: RepositoryRequest, pull: Pull, comment: Comment): Json {
  const { description, origin } = request;
  return {
    ...sample(description, 'issue-comment'),
    id: comment.id,
    url: `${route(request, pull, 'comments')}/${comment.id}`,
    issue_url: route(request, pull),
    body: comment.body,
    user: accountJson(description, origin, comment.author),
    created_at: date(comment.at),
    updated_at: date(comment.editedAt),
  };
}

function withIssue(answer: (request: RepositoryRequest, pull: Pull) => Reply): (request: RepositoryRequest) => Reply {
  return (request) => {
    const pull = request.repository.pulls.get(Number(request.path['issue_number']));
    return pull === undefined ? failed(404, 'Not Found') : answer(request, pull);
  };
}

function route({ origin, repository }: RepositoryRequest, pull: Pull, ...rest: readonly string[]): string {
  return [`${origin}/repos/${repository.fullName}/issues/${pull.number}`, ...rest].join('/');
}

/** The description allows names and objects with a name. */
function namesIn(body: Json, key: string): readonly string[] {
  const list = body[key];
  return (Array.isArray(list) ? list : []).map((one: unknown) =>
    typeof one === 'string' ? one : String((one as { readonly name?: unknown }).name),
  );
}
