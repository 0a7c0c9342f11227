import { defaultBranch, readCommit } from '../branches.ts';
import type { GitHubApp } from '../identities.ts';
import { type Json, sample } from '../sample.ts';
import { roleOf } from '../world.ts';
import { labelJson } from './pull-operations.ts';
import {
  type ApiRequest,
  accountJson,
  commitJson,
  date,
  failed,
  invalid,
  type Reply,
  type RepositoryRequest,
  repositoryJson,
} from './replies.ts';

/** Operations that need no repository, or that an App asks in its own name. */
export const HOST_OPERATIONS: Readonly<Record<string, (request: ApiRequest) => Promise<Reply> | Reply>> = {
  'GET /user': ({ caller, description, origin }) =>
    caller.kind === 'account'
      ? {
          status: 200,
          body: { ...sample(description, 'public-user'), ...accountJson(description, origin, caller.account) },
        }
      : failed(403, 'Resource not accessible by integration'),
  'GET /rate_limit': ({ description }) => ({ status: 200, body: sample(description, 'rate-limit-overview') }),
  'GET /app': asApp((request, app) => ({ status: 200, body: appJson(request, app) })),
  'GET /repos/{owner}/{repo}/installation': asApp((request, app) =>
    covers(app, `${request.path['owner'] ?? ''}/${request.path['repo'] ?? ''}`)
      ? { status: 200, body: installationJson(request, app) }
      : failed(404, 'Not Found'),
  ),
  'POST /app/installations/{installation_id}/access_tokens': asApp((request, app) => {
    if (Number(request.path['installation_id']) !== app.installationId) return failed(404, 'Not Found');
    const wanted = request.body['repositories'] as readonly string[] | undefined;
    const known = wanted?.map((name) => (app.repositories ?? []).find((one) => one.split('/')[1] === name));
    if (app.repositories !== null && known?.includes(undefined) === true) {
      const words =
        'There is at least one repository that does not exist or is not accessible to the parent installation.';
      return failed(422, words);
    }
    const chosen =
      app.repositories === null ? (wanted?.map((name) => `*/${name}`) ?? null) : (known ?? app.repositories);
    const { token, expiresAt } = request.identities.issue(app, chosen?.map((name) => name ?? '') ?? null);
    return {
      status: 201,
      body: { token, expires_at: date(expiresAt), permissions: {}, repository_selection: 'selected' },
    };
  }),
};

/** Operations on a repository itself. */
export const REPOSITORY_OPERATIONS: Readonly<Record<string, (request: RepositoryRequest) => Promise<Reply> | Reply>> = {
  'GET /repos/{owner}/{repo}': async ({ description, origin, repository }) => {
    const branch = await defaultBranch(repository.dir);
    const full = repositoryJson(description, origin, repository.fullName, 'full-repository');
    return { status: 200, body: { ...full, default_branch: branch } };
  },
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': async ({ description, origin, repository, path }) => {
    const commit = await readCommit(repository.dir, path['commit_sha'] ?? '');
    if (commit === null) return failed(404, 'Not Found');
    return { status: 200, body: commitJson({ description, origin, repository }, commit) };
  },
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': (request) => {
    const { description, origin, repository, path } = request;
    const login = path['username'] ?? '';
    const role = roleOf(repository, login);
    // The old words know four steps only.
    const permission = role === 'maintain' ? 'write' : role === 'triage' ? 'read' : role;
    const user = { ...accountJson(description, origin, { login, type: 'User' }), role_name: role };
    return { status: 200, body: { permission, role_name: role, user } };
  },
  'POST /repos/{owner}/{repo}/labels': (request) => {
    const { repository, body } = request;
    const name = textOf(body, 'name', '');
    if (repository.labels.has(name)) return invalid({ resource: 'Label', code: 'already_exists', field: 'name' });
    repository.labels.set(name, {
      color: textOf(body, 'color', 'ededed'),
      description: textOf(body, 'description', ''),
    });
    return { status: 201, body: labelJson(request, name) };
  },
};

function asApp(answer: (request: ApiRequest, app: GitHubApp) => Reply): (request: ApiRequest) => Reply {
  return (request) =>
    request.caller.kind === 'app'
      ? answer(request, request.caller.app)
      : failed(401, 'A JSON web token could not be decoded');
}

function covers(app: GitHubApp, fullName: string): boolean {
  return app.repositories === null || app.repositories.some((one) => one.toLowerCase() === fullName.toLowerCase());
}

function appJson({ description }: ApiRequest, { id, slug }: GitHubApp): Json {
  return { ...sample(description, 'integration'), id, slug, name: slug };
}

function installationJson({ description, origin }: ApiRequest, app: GitHubApp): Json {
  const account = accountJson(description, origin, { login: app.slug, type: 'Organization' });
  return {
    ...sample(description, 'installation'),
    id: app.installationId,
    app_id: app.id,
    app_slug: app.slug,
    account,
  };
}

function textOf(body: Json, key: string, otherwise: string): string {
  const value = body[key];
  return typeof value === 'string' ? value : otherwise;
}
