import { isAncestor } from '../branches.ts';
import { autoMergeOf } from '../merging/merge-state.ts';
import { type Json, sample } from '../sample.ts';
import { addPull, close, findOpen, fitsBase, keepHead, type Pull, reopen } from '../world.ts';
import {
  accountJson,
  date,
  failed,
  invalid,
  page,
  type Reply,
  type RepositoryRequest,
  repositoryJson,
} from './replies.ts';

/** Operations on pull requests. */
export const PULL_OPERATIONS: Readonly<Record<string, (request: RepositoryRequest) => Promise<Reply> | Reply>> = {
  'GET /repos/{owner}/{repo}/pulls': list,
  'POST /repos/{owner}/{repo}/pulls': create,
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': (request) =>
    withPull(request, async (pull) => ({ status: 200, body: await wholePullJson(request, pull) })),
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}': (request) => withPull(request, (pull) => update(request, pull)),
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers': (request) =>
    withPull(request, (pull) => requestReviewers(request, pull)),
};

/** A pull request in GitHub's form. */
function pullJson(request: RepositoryRequest, pull: Pull, form: 'pull-request' | 'pull-request-simple'): Json {
  const { description, origin, repository } = request;
  const account = (login: string) => accountJson(description, origin, { login, type: 'User' });
  const side = (fullName: string, ref: string, sha: string) => {
    const owner = fullName.split('/')[0] ?? '';
    const user = accountJson(description, origin, { login: owner, type: 'Organization' });
    return { label: `${owner}:${ref}`, ref, sha, user, repo: repositoryJson(description, origin, fullName) };
  };
  const autoMerge = autoMergeOf(repository, pull);
  const merged = { merged: pull.mergedAt !== null, merged_by: pull.mergedBy && account(pull.mergedBy.login) };
  return {
    ...sample(description, form),
    ...(form === 'pull-request' ? { ...merged, comments: pull.comments.length } : {}),
    url: `${origin}/repos/${repository.fullName}/pulls/${pull.number}`,
    html_url: `${origin}/${repository.fullName}/pull/${pull.number}`,
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: pull.body === '' ? null : pull.body,
    draft: pull.draft,
    locked: pull.locked,
    auto_merge: autoMerge && {
      enabled_by: account(autoMerge.by.login),
      merge_method: autoMerge.method,
      commit_title: `${pull.title} (#${pull.number})`,
      commit_message: '',
    },
    user: accountJson(description, origin, pull.author),
    head: side(pull.headRepository, pull.branch, pull.head),
    base: side(repository.fullName, pull.base, pull.baseHead),
    created_at: date(pull.createdAt),
    updated_at: date(pull.updatedAt),
    closed_at: pull.closedAt === null ? null : date(pull.closedAt),
    merged_at: pull.mergedAt === null ? null : date(pull.mergedAt),
    merge_commit_sha: pull.mergeCommit,
    labels: pull.labels.map((name) => labelJson(request, name)),
    assignees: pull.assignees.map(account),
    requested_reviewers: pull.reviewers.map(account),
    requested_teams: pull.teamReviewers.map((slug) => ({ ...sample(description, 'team'), name: slug, slug })),
  };
}

/** Only a single pull request tells whether it fits its base. */
async function wholePullJson(request: RepositoryRequest, pull: Pull): Promise<Json> {
  const body = pullJson(request, pull, 'pull-request');
  if (pull.state === 'closed') return body;
  const mergeable = await fitsBase(request.repository, pull);
  return { ...body, mergeable, mergeable_state: mergeable ? 'clean' : 'dirty' };
}

/** A label in the form that pull requests and issues share. */
export function labelJson({ origin, repository }: RepositoryRequest, name: string): Json {
  const url = `${origin}/repos/${repository.fullName}/labels/${encodeURIComponent(name)}`;
  const label = repository.labels.get(name) ?? { color: 'ededed', description: '' };
  return { id: 1, node_id: '', url, name, ...label, default: false };
}

function list(request: RepositoryRequest): Reply {
  const { repository, query } = request;
  const state = query.get('state') ?? 'open';
  const base = query.get('base');
  const head = query.get('head');
  const found = [...repository.pulls.values()].filter(
    (pull) =>
      (state === 'all' || pull.state === state) && (base === null || pull.base === base) && matchesHead(pull, head),
  );
  const descending = (query.get('direction') ?? 'desc') === 'desc';
  const sorted = found.toSorted((left, right) =>
    descending ? right.number - left.number : left.number - right.number,
  );
  const json = (pull: Pull) => pullJson(request, pull, 'pull-request-simple');
  return page(request, `/repos/${repository.fullName}/pulls`, sorted, json);
}

/** GitHub passes over a head without its owner, and answers with everything. */
function matchesHead(pull: Pull, head: string | null): boolean {
  const [, owner = '', branch = ''] = /^([^:]+):(.*)$/.exec(head ?? '') ?? [];
  return branch === '' || (pull.branch === branch && isOwnedBy(pull.headRepository, owner));
}

function isOwnedBy(fullName: string, owner: string): boolean {
  return fullName.split('/')[0]?.toLowerCase() === owner.toLowerCase();
}

async function create(request: RepositoryRequest): Promise<Reply> {
  const { repository, body, actor } = request;
  const [owner = ''] = repository.fullName.split('/');
  const branch = text(body, 'head').replace(`${owner}:`, '');
  const base = text(body, 'base');
  const refusal = await whyNotCreate(request, { branch, base });
  if (refusal !== null) return refusal;
  const pull = addPull(repository, {
    author: actor,
    branch,
    headRepository: repository.fullName,
    base,
    head: repository.branches.get(branch) ?? '',
    title: text(body, 'title'),
    body: text(body, 'body'),
    draft: body['draft'] === true,
  });
  await keepHead(repository, pull);
  return { status: 201, body: pullJson(request, pull, 'pull-request') };
}

async function whyNotCreate(
  { repository, body }: RepositoryRequest,
  { branch, base }: { branch: string; base: string },
): Promise<Reply | null> {
  const resource = 'PullRequest';
  const head = repository.branches.get(branch);
  const baseHead = repository.branches.get(base);
  if (head === undefined) return invalid({ resource, field: 'head', code: 'invalid' });
  if (baseHead === undefined) return invalid({ resource, field: 'base', code: 'invalid' });
  const tooLong = tooLongBody(body);
  if (tooLong !== null) return tooLong;
  const [owner = ''] = repository.fullName.split('/');
  if (findOpen(repository, branch, base) !== undefined) {
    return invalid({ resource, code: 'custom', message: `A pull request already exists for ${owner}:${branch}.` });
  }
  if (await isAncestor(repository.dir, head, baseHead)) {
    return invalid({ resource, code: 'custom', message: `No commits between ${base} and ${branch}` });
  }
  return null;
}

function update(request: RepositoryRequest, pull: Pull): Reply {
  const { repository, body, actor } = request;
  const tooLong = tooLongBody(body);
  if (tooLong !== null) return tooLong;
  if (body['state'] === 'open' && pull.state === 'closed' && !reopen(repository, pull, actor)) {
    return invalid({ resource: 'PullRequest', code: 'invalid', field: 'state', message: 'state cannot be changed.' });
  }
  if (body['state'] === 'closed') close(repository, pull, actor);
  if (typeof body['title'] === 'string') pull.title = body['title'];
  if (typeof body['body'] === 'string') pull.body = body['body'];
  pull.updatedAt = request.repository.now();
  return { status: 200, body: pullJson(request, pull, 'pull-request') };
}

function requestReviewers(request: RepositoryRequest, pull: Pull): Reply {
  const people = (request.body['reviewers'] ?? []) as readonly string[];
  const teams = (request.body['team_reviewers'] ?? []) as readonly string[];
  if (people.includes(pull.author.login)) return failed(422, 'Review cannot be requested from pull request author.');
  if ([...people, ...teams].some((name) => name.startsWith('unknown'))) {
    return failed(422, 'Reviews may only be requested from collaborators.');
  }
  add(pull.reviewers, people);
  add(pull.teamReviewers, teams);
  return { status: 201, body: pullJson(request, pull, 'pull-request-simple') };
}

function withPull(request: RepositoryRequest, answer: (pull: Pull) => Promise<Reply> | Reply): Promise<Reply> | Reply {
  const pull = request.repository.pulls.get(Number(request.path['pull_number']));
  return pull === undefined ? failed(404, 'Not Found') : answer(pull);
}

function tooLongBody(body: Json): Reply | null {
  const resource = 'Issue';
  if (text(body, 'title').length > 256) {
    return invalid({
      resource,
      code: 'custom',
      field: 'title',
      message: 'title is too long (maximum is 256 characters)',
    });
  }
  if (text(body, 'body').length <= 65_536) return null;
  return invalid({
    resource,
    code: 'custom',
    field: 'body',
    message: 'body is too long (maximum is 65536 characters)',
  });
}

function text(body: Json, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}

/** Adds what is not there yet. */
export function add(to: string[], names: readonly string[]): void {
  to.push(...names.filter((name) => !to.includes(name)));
}
