import { whyNotMerge } from '../merging/branch-rules.ts';
import type { Method, Review } from '../merging/merge-rules.ts';
import { type Json, sample } from '../sample.ts';
import { mergePull, type Pull } from '../world.ts';
import { accountJson, date, failed, type Reply, type RepositoryRequest } from './replies.ts';

/** Operations that bring a pull request into its base, or keep it out. */
export const MERGE_OPERATIONS: Readonly<Record<string, (request: RepositoryRequest) => Promise<Reply> | Reply>> = {
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge': (request) => withPull(request, (pull) => merge(request, pull)),
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals': (request) =>
    withPull(request, (pull) => dismiss(request, pull)),
};

async function merge({ repository, body, actor }: RepositoryRequest, pull: Pull): Promise<Reply> {
  const method = (body['merge_method'] ?? 'merge') as Method;
  if (typeof body['sha'] === 'string' && body['sha'] !== pull.head) {
    return failed(409, 'Head branch was modified. Review and try the merge again.');
  }
  const reason = await whyNotMerge(repository, pull, method);
  if (reason !== null) return failed(405, reason);
  const sha = await mergePull(repository, pull, { actor, method });
  if (sha === null) return failed(405, 'Pull Request is not mergeable');
  return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
}

function dismiss(request: RepositoryRequest, pull: Pull): Reply {
  const { repository, actor, path, body } = request;
  const { rules, reviews } = repository.merging;
  const review = reviews.get(pull.number)?.find(({ id }) => id === Number(path['review_id']));
  if (review === undefined) return failed(404, 'Not Found');
  if (rules.mayDismiss !== null && !rules.mayDismiss.includes(actor.login)) {
    return failed(403, 'Must have admin rights to Repository.');
  }
  if (review.state === 'DISMISSED') return failed(422, 'Can not dismiss a dismissed pull request review');
  review.state = 'DISMISSED';
  return { status: 200, body: reviewJson(request, pull, { ...review, body: String(body['message']) }) };
}

function reviewJson({ description, origin, repository }: RepositoryRequest, pull: Pull, review: Review): Json {
  return {
    ...sample(description, 'pull-request-review'),
    id: review.id,
    user: accountJson(description, origin, review.author),
    body: review.body,
    state: review.state,
    commit_id: review.commit,
    submitted_at: date(review.at),
    html_url: `${origin}/${repository.fullName}/pull/${pull.number}#pullrequestreview-${review.id}`,
    pull_request_url: `${origin}/repos/${repository.fullName}/pulls/${pull.number}`,
  };
}

function withPull(request: RepositoryRequest, answer: (pull: Pull) => Promise<Reply> | Reply): Promise<Reply> | Reply {
  const pull = request.repository.pulls.get(Number(request.path['pull_number']));
  return pull === undefined ? failed(404, 'Not Found') : answer(pull);
}
