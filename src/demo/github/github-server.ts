import type { IncomingMessage, ServerResponse } from 'node:http';
import { createFaults, dropConnection, type FaultEffect, type Faults } from '../faults.ts';
import { type LoopbackServer, listenOnLoopback } from '../loopback.ts';
import { type Description, loadDescription, type Match } from './description.ts';
import { answerGraphQl, type GraphQlExchange, graphQlName, isGraphQl } from './graphql/graphql-endpoint.ts';
import { type Account, type Caller, createIdentities, type GitHubApp, type Identities } from './identities.ts';
import { GIT_OPERATIONS } from './operations/git-operations.ts';
import { HOST_OPERATIONS, REPOSITORY_OPERATIONS } from './operations/host-operations.ts';
import { ISSUE_OPERATIONS } from './operations/issue-operations.ts';
import { MERGE_OPERATIONS } from './operations/merge-operations.ts';
import { PULL_OPERATIONS } from './operations/pull-operations.ts';
import { type ApiRequest, failed, type Reply } from './operations/replies.ts';
import { createPeople, type People } from './people.ts';
import type { Json } from './sample.ts';
import { createRepositoryState, followBranches, type RepositoryState } from './world.ts';

/**
 * Folder `github`: GitHub's REST API as far as this product asks for it. Every request and every answer is checked against
 * GitHub's own description; branches and commits are those of real bare repositories.
 */
export interface GitHubServer extends LoopbackServer {
  /** Requests that GitHub's description does not allow, and own answers that it does not: empty when all is well. */
  readonly violations: readonly string[];
  addToken(token: string, account: Account): void;
  revoke(token: string): void;
  addApp(app: GitHubApp): void;
  /** True for a token that is good now: for the Git server beside this one. */
  accepts(token: string): boolean;
  /** How often each operation was asked for, by its name in the description. */
  readonly calls: ReadonlyMap<string, number>;
  /** What people do in the browser, in a repository `owner/name`. */
  people(fullName: string): People;
}

export interface GitHubServerOptions {
  /** Operations are named as in the description: `POST /repos/{owner}/{repo}/pulls`. */
  readonly faults?: Faults;
  /** Where the bare repository `owner/name` lies; null when there is none. */
  readonly gitDir: (fullName: string) => string | null;
  /** How long an installation token lives; an hour when left out. */
  readonly tokenSeconds?: number;
  /** Its clock, epoch milliseconds; the system's when left out. Tokens end by the system's. */
  readonly now?: () => number;
  /** Loaded when left out; servers may share one, its schemas are compiled once. */
  readonly description?: Description;
  /** What GitHub's GraphQL schema has against an exchange; nothing when left out: that schema is for tests. */
  readonly checkGraphQl?: (exchange: GraphQlExchange) => readonly string[];
}

interface World {
  readonly description: Description;
  readonly identities: Identities;
  readonly faults: Faults;
  readonly violations: string[];
  readonly calls: Map<string, number>;
  readonly now: () => number;
  readonly checkGraphQl: (exchange: GraphQlExchange) => readonly string[];
  readonly repository: (fullName: string) => RepositoryState | null;
  /** One thing at a time: what people do and what requests do never interleave. */
  readonly exclusive: <T>(act: () => Promise<T>) => Promise<T>;
}

const OPERATIONS = {
  ...REPOSITORY_OPERATIONS,
  ...GIT_OPERATIONS,
  ...PULL_OPERATIONS,
  ...ISSUE_OPERATIONS,
  ...MERGE_OPERATIONS,
};
/** Starts a GitHub on loopback. */
export async function startGitHub(options: GitHubServerOptions): Promise<GitHubServer> {
  const { faults = createFaults(), tokenSeconds = 3600, description = loadDescription(), now = Date.now } = options;
  const identities = createIdentities(tokenSeconds);
  const world: World = {
    description,
    identities,
    faults,
    violations: [],
    calls: new Map(),
    now,
    checkGraphQl: options.checkGraphQl ?? (() => []),
    repository: createRepositories(options.gitDir, now),
    exclusive: createQueue(),
  };
  const server = await listenOnLoopback((request, response, body) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
    return serve(world, { request, response, url, body });
  });
  return {
    ...server,
    violations: world.violations,
    calls: world.calls,
    addToken: (token, account) => identities.addToken(token, account),
    revoke: (token) => identities.revoke(token),
    addApp: (app) => identities.addApp(app),
    accepts: (token) => identities.caller(`token ${token}`).kind !== 'nobody',
    people: (fullName) => createPeople(() => expectRepository(world, fullName), world.exclusive),
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly body: Buffer;
}

async function serve(world: World, exchange: Exchange): Promise<void> {
  const { request, url, response } = exchange;
  if (isGraphQl(request.method ?? '', url.pathname)) {
    const operation = graphQlName(parseBody(exchange.body));
    return serveCounted(world, operation, response, () => world.exclusive(() => carryOutGraphQl(world, exchange)));
  }
  // GitHub Enterprise has its API below a path.
  const match = world.description.match(request.method ?? 'GET', url.pathname.replace(/^\/api\/v3/, ''));
  if (match === null) {
    world.violations.push(`${request.method ?? ''} ${url.pathname}: no such operation`);
    send(response, failed(404, 'Not Found'));
    return;
  }
  return serveCounted(world, match.operation, response, () => answer(world, match, exchange));
}

function serveCounted(world: World, operation: string, response: ServerResponse, act: () => Promise<Reply>) {
  world.calls.set(operation, (world.calls.get(operation) ?? 0) + 1);
  response.setHeader('date', new Date(world.now()).toUTCString());
  return serveUnder(world.faults.take(operation), response, act);
}

async function serveUnder(
  effect: FaultEffect | null,
  response: ServerResponse,
  act: () => Promise<Reply>,
): Promise<void> {
  if (effect === null) return send(response, await act());
  switch (effect.kind) {
    case 'answer':
      return send(response, effect);
    case 'drop':
      return dropConnection(response);
    case 'drop-after-effect':
      await act();
      return dropConnection(response);
    case 'before':
      await effect.act();
      return send(response, await act());
    case 'after': {
      const late = await act();
      await effect.act();
      return send(response, late);
    }
    case 'partly':
      return send(response, await act());
    default:
      return effect satisfies never;
  }
}

async function answer(world: World, match: Match, exchange: Exchange): Promise<Reply> {
  return checked(world, match, await world.exclusive(() => carryOut(world, match, exchange)));
}

async function carryOut(world: World, match: Match, { request, url, body }: Exchange): Promise<Reply> {
  const caller = world.identities.caller(request.headers.authorization);
  if (caller.kind === 'nobody') return failed(401, caller.message);
  const json = parseBody(body);
  const problems = world.description.checkRequest(match, url.searchParams, json);
  if (problems.length > 0) {
    world.violations.push(...problems.map((problem) => `${match.operation}: ${problem}`));
    return failed(422, `Invalid request.\n\n${problems.join('\n')}`);
  }
  const { description, identities } = world;
  const { path } = match;
  const asked: ApiRequest = {
    description,
    identities,
    origin: url.origin,
    caller,
    path,
    query: url.searchParams,
    body: (json ?? {}) as Json,
  };
  const host = HOST_OPERATIONS[match.operation];
  if (host !== undefined) return host(asked);
  return onRepository(world, match, asked);
}

async function onRepository(world: World, match: Match, asked: ApiRequest): Promise<Reply> {
  const { caller, path } = asked;
  const act = OPERATIONS[match.operation];
  if (act === undefined) {
    world.violations.push(`${match.operation}: this server does not carry it out`);
    return failed(404, 'Not Found');
  }
  if (caller.kind === 'app' || caller.kind === 'nobody') return failed(403, 'Resource not accessible by integration');
  const repository = world.repository(`${path['owner'] ?? ''}/${path['repo'] ?? ''}`);
  if (repository === null || !sees(caller, repository.fullName)) return failed(404, 'Not Found');
  await followBranches(repository);
  return act({ ...asked, repository, actor: caller.account });
}

async function carryOutGraphQl(world: World, { request, body }: Exchange): Promise<Reply> {
  const caller = world.identities.caller(request.headers.authorization);
  if (caller.kind === 'nobody') return failed(401, caller.message);
  if (caller.kind === 'app') return failed(403, 'Resource not accessible by integration');
  const repository = async (fullName: string) => {
    const found = world.repository(fullName);
    if (found === null || !sees(caller, found.fullName)) return null;
    await followBranches(found);
    return found;
  };
  const { reply, exchange } = await answerGraphQl(parseBody(body), { actor: caller.account, repository });
  const problems = exchange === null ? ['not understood'] : world.checkGraphQl(exchange);
  world.violations.push(...problems.map((problem) => `GraphQL: ${problem}`));
  return reply;
}

/** What GitHub would never answer is a defect of this server, and must not pass for GitHub's word. */
function checked(world: World, { operation }: Match, reply: Reply): Reply {
  const problems = world.description.checkAnswer(operation, reply.status, reply.body);
  if (problems.length === 0) return reply;
  world.violations.push(...problems.map((problem) => `${operation}: own answer ${reply.status}: ${problem}`));
  return failed(500, 'Server Error');
}

function sees(caller: Extract<Caller, { account: Account }>, fullName: string): boolean {
  if (caller.kind === 'account' || caller.repositories === null) return true;
  return caller.repositories.some((one) => one === fullName || one === `*/${fullName.split('/')[1] ?? ''}`);
}

function expectRepository(world: World, fullName: string): RepositoryState {
  const repository = world.repository(fullName);
  if (repository === null) throw new Error(`there is no repository ${fullName}`);
  return repository;
}

function createRepositories(gitDir: GitHubServerOptions['gitDir'], now: World['now']): World['repository'] {
  const repositories = new Map<string, RepositoryState>();
  return (fullName) => {
    const key = fullName.toLowerCase();
    const known = repositories.get(key);
    if (known !== undefined) return known;
    const dir = gitDir(fullName);
    if (dir === null) return null;
    const created = createRepositoryState(fullName, dir, now);
    repositories.set(key, created);
    return created;
  };
}

function createQueue(): World['exclusive'] {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act, act);
    last = next;
    return next;
  };
}

/** Undefined for an empty body; a text where it is no JSON, which no schema allows. */
function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return body.toString('utf8');
  }
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  const limits = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-resource': 'core' };
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...limits, ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
