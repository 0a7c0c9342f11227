import type { Commit } from '../branches.ts';
import type { Description } from '../description.ts';
import type { Account, Caller, Identities } from '../identities.ts';
import { type Json, sample } from '../sample.ts';
import type { RepositoryState } from '../world.ts';

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that was found valid. */
export interface ApiRequest {
  readonly description: Description;
  readonly identities: Identities;
  /** This server's own address. */
  readonly origin: string;
  readonly caller: Caller;
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Json;
}

/** A request about a repository that its caller may see. */
export interface RepositoryRequest extends ApiRequest {
  readonly repository: RepositoryState;
  readonly actor: Account;
}

const DOCUMENTATION = 'https://docs.github.com/rest';

/** A failure in GitHub's shape. */
export function failed(status: number, message: string, errors?: readonly Json[]): Reply {
  const details = errors === undefined ? {} : { errors };
  return { status, body: { message, ...details, documentation_url: DOCUMENTATION, status: String(status) } };
}

/** `Validation Failed`, as GitHub words the errors of a resource. */
export function invalid(...errors: readonly Json[]): Reply {
  return failed(422, 'Validation Failed', errors);
}

/** One page of a list, with GitHub's `link` header. */
export function page<T>(request: ApiRequest, route: string, items: readonly T[], json: (item: T) => Json): Reply {
  const size = Math.min(Math.max(Number(request.query.get('per_page') ?? 30), 1), 100);
  const number = Math.max(Number(request.query.get('page') ?? 1), 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (target: number, name: string) => {
    const query = new URLSearchParams(request.query);
    query.set('page', String(target));
    return `<${request.origin}${route}?${query.toString()}>; rel="${name}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev'), link(1, 'first')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
  ];
  const headers = links.length === 0 ? {} : { link: links.join(', ') };
  return { status: 200, body: items.slice((number - 1) * size, number * size).map(json), headers };
}

/** An account in the short form that most answers hold. */
export function accountJson(description: Description, origin: string, account: Account): Json {
  const { login, type } = account;
  // A bot's login has brackets: `stale[bot]`.
  const path = encodeURIComponent(login);
  return {
    ...sample(description, 'simple-user'),
    login,
    type,
    url: `${origin}/users/${path}`,
    html_url: `${origin}/${path}`,
  };
}

/** A repository in one of the description's forms; pull requests hold the plain one. */
export function repositoryJson(
  description: Description,
  origin: string,
  fullName: string,
  form: 'repository' | 'full-repository' = 'repository',
): Json {
  const [owner = '', name = ''] = fullName.split('/');
  return {
    ...sample(description, form),
    name,
    full_name: fullName,
    owner: accountJson(description, origin, { login: owner, type: 'Organization' }),
    url: `${origin}/repos/${fullName}`,
    html_url: `${origin}/${fullName}`,
  };
}

/** A commit as the Git database shows it. */
export function commitJson(
  { description, origin, repository }: Pick<RepositoryRequest, 'description' | 'origin' | 'repository'>,
  commit: Commit,
): Json {
  const url = (kind: string, oid: string) => `${origin}/repos/${repository.fullName}/git/${kind}/${oid}`;
  return {
    ...sample(description, 'git-commit'),
    sha: commit.oid,
    url: url('commits', commit.oid),
    html_url: `${origin}/${repository.fullName}/commit/${commit.oid}`,
    author: personJson(commit.author),
    committer: personJson(commit.committer),
    // GitHub leaves the last line break out.
    message: commit.message.replace(/\n$/, ''),
    tree: { sha: commit.tree, url: url('trees', commit.tree) },
    parents: commit.parents.map((oid) => ({ sha: oid, url: url('commits', oid), html_url: url('commits', oid) })),
  };
}

function personJson({ name, email, time }: Commit['author']): Json {
  return { name, email, date: date(time * 1000) };
}

/** UTC, to the second, as GitHub writes times. */
export function date(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
