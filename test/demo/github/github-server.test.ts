import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFaults, type Faults } from '../../../src/demo/faults.ts';
import { commitFiles } from '../../../src/demo/git/bare-repository.ts';
import { git } from '../../../src/demo/git/git-cli.ts';
import { loadDescription } from '../../../src/demo/github/description.ts';
import { type GitHubServer, startGitHub } from '../../../src/demo/github/github-server.ts';
import { primaryRateLimit } from '../../../src/demo/github/rate-limits.ts';
import { copyRepository } from '../../adapters/forge/hub.ts';

const description = loadDescription();
const ALICE = { login: 'alice', type: 'User' } as const;
const PERSON = { name: 'Dev', email: 'dev@acme.example' };
const PULLS = '/repos/acme/gitops/pulls';

let root: string;
let dir: string;
let server: GitHubServer;
let faults: Faults;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'github-test-'));
  dir = join(root, 'gitops.git');
  await copyRepository(dir);
  faults = createFaults();
  server = await startGitHub({ faults, description, gitDir: (name) => (name === 'acme/gitops' ? dir : null) });
  server.addToken('good', ALICE);
});
afterEach(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
});

describe('who asks', () => {
  test.each([
    [null, 401, 'Requires authentication'],
    ['token bad', 401, 'Bad credentials'],
    ['Basic Z29vZA==', 401, 'Requires authentication'],
    ['token good', 200, undefined],
    ['Bearer good', 200, undefined],
  ])('%s is answered %i', async (authorization, status, message) => {
    const answer = await ask('GET', '/user', { authorization });
    expect([answer.status, answer.body['message']]).toEqual([status, message]);
  });

  test('a revoked token is good for nothing', async () => {
    expect(server.accepts('good')).toBe(true);
    server.revoke('good');
    expect((await ask('GET', '/user')).status).toBe(401);
    expect(server.accepts('good')).toBe(false);
  });

  test('a repository that does not exist looks like one that is hidden', async () => {
    expect((await ask('GET', '/repos/acme/other')).status).toBe(404);
    expect(server.violations).toEqual([]);
  });
});

describe('an App', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: '1', iat: now - 30, exp: now + 500 };

  beforeEach(() => {
    server.addApp({ id: 1, slug: 'acme', publicKey, installationId: 7, repositories: ['acme/gitops'] });
  });

  test('is who its key says', async () => {
    const { status, body } = await ask('GET', '/app', { authorization: `bearer ${jwt(claims)}` });
    expect(server.violations).toEqual([]);
    expect([status, body['slug']]).toEqual([200, 'acme']);
  });

  test.each([
    ['another key', jwt(claims, {}, generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)],
    ['no signature', jwt(claims, { alg: 'none' })],
    ['a key that is a password', jwt(claims, { alg: 'HS256' })],
    ['another App', jwt({ ...claims, iss: '2' })],
    ['an end in the past', jwt({ ...claims, exp: now - 1 })],
    ['an end too far away', jwt({ ...claims, exp: now + 3600 })],
    ['a beginning in the future', jwt({ ...claims, iat: now + 600 })],
    ['no end', jwt({ iss: '1', iat: now - 30 })],
    ['nonsense', 'a.b.c'],
  ])('is refused for %s', async (_, token) => {
    expect((await ask('GET', '/app', { authorization: `bearer ${token}` })).status).toBe(401);
  });

  test('works in a repository only by an installation token', async () => {
    const own = { authorization: `bearer ${jwt(claims)}` };
    expect((await ask('GET', PULLS, own)).status).toBe(403);
    const issued = await ask('POST', '/app/installations/7/access_tokens', {
      ...own,
      body: { repositories: ['gitops'] },
    });
    const authorization = `token ${String(issued.body['token'])}`;
    expect((await ask('GET', PULLS, { authorization })).status).toBe(200);
    expect((await ask('GET', '/user', { authorization })).status).toBe(403);
    expect((await ask('GET', '/app', { authorization })).status).toBe(401);
    expect(server.violations).toEqual([]);
  });

  function jwt(payload: object, head: object = {}, key: KeyObject = pair.privateKey): string {
    const text = `${part({ alg: 'RS256', typ: 'JWT', ...head })}.${part(payload)}`;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
  }
});

describe('what GitHub would not do', () => {
  test('an invalid request is refused in its shape, and recorded', async () => {
    const { status, body } = await ask('POST', PULLS, { body: { head: 'x', base: 7 } });
    expect([status, String(body['message'])]).toEqual([422, 'Invalid request.\n\nbody/base must be string']);
    expect(server.violations).toEqual(['POST /repos/{owner}/{repo}/pulls: body/base must be string']);
  });

  test('a query that GitHub would pass over is recorded', async () => {
    expect((await ask('GET', `${PULLS}?branch=x`)).status).toBe(422);
    expect(server.violations).toHaveLength(1);
  });

  test('an operation that does not exist is recorded', async () => {
    expect((await ask('GET', '/repos/acme/gitops/secrets')).status).toBe(404);
    expect(server.violations).toEqual(['GET /repos/acme/gitops/secrets: no such operation']);
  });

  test('an answer of its own that GitHub would not give becomes an error, and is recorded', async () => {
    await branch('x');
    await ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } });
    // A title that is no text can only come from the inside.
    await server.people('acme/gitops').edit(1, { title: 7 as unknown as string });
    expect((await ask('GET', `${PULLS}/1`)).status).toBe(500);
    expect(server.violations).toEqual([
      'GET /repos/{owner}/{repo}/pulls/{pull_number}: own answer 200: answer/title must be string',
    ]);
  });
});

describe('pull requests', () => {
  test('are kept under their own refs, and follow their branch', async () => {
    const first = await branch('x');
    const { body } = await ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } });
    expect(body).toMatchObject({ number: 1, state: 'open', body: null, head: { sha: first, label: 'acme:x' } });
    expect(await oid('refs/pull/1/head')).toBe(first);
    const second = await commit('x', 'x', '2\n');
    expect((await ask('GET', `${PULLS}/1`)).body).toMatchObject({ head: { sha: second } });
    expect(await oid('refs/pull/1/head')).toBe(second);
  });

  test('note a forced push', async () => {
    await branch('x');
    await ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } });
    await git(dir, ['update-ref', 'refs/heads/x', 'refs/heads/main']);
    await commit('x', 'x', 'other\n');
    const [pull] = await server.people('acme/gitops').pulls();
    expect(pull?.events.map((event) => event.event)).toEqual(['head_ref_force_pushed']);
  });

  test.each([
    ['merge', 2],
    ['squash', 1],
  ] as const)('are merged by %s into a commit with %i parents', async (method, parents) => {
    await branch('x');
    await commit('main', 'b', '1\n');
    await ask('POST', PULLS, { body: { title: 'Title', body: 'Body', head: 'x', base: 'main' } });
    const sha = await server.people('acme/gitops').mergeAs(1, ALICE, method);
    expect(await oid('refs/heads/main')).toBe(sha);
    expect((await git(dir, ['ls-tree', '--name-only', sha])).split('\n')).toEqual(['a.yaml', 'b', 'x', '']);
    expect((await git(dir, ['log', '-1', '--format=%P', sha])).trim().split(' ')).toHaveLength(parents);
    const { body } = await ask('GET', `${PULLS}/1`);
    expect(body).toMatchObject({ state: 'closed', merged: true, merge_commit_sha: sha, merged_by: { login: 'alice' } });
    expect(server.violations).toEqual([]);
  });

  test('that conflict are not merged, and nothing moves', async () => {
    await git(dir, ['update-ref', 'refs/heads/x', 'refs/heads/main']);
    await commit('x', 'a.yaml', '2\n');
    const base = await commit('main', 'a.yaml', '3\n');
    await ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } });
    expect((await ask('PUT', `${PULLS}/1/merge`, { body: {} })).status).toBe(405);
    expect(await oid('refs/heads/main')).toBe(base);
    expect((await ask('GET', `${PULLS}/1`)).body).toMatchObject({ state: 'open', merged: false });
  });

  test('are not merged at a head that has moved', async () => {
    const before = await branch('x');
    await ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } });
    const after = await commit('x', 'x', '2\n');
    expect((await ask('PUT', `${PULLS}/1/merge`, { body: { sha: before } })).status).toBe(409);
    expect((await ask('PUT', `${PULLS}/1/merge`, { body: { sha: after } })).status).toBe(200);
    expect(server.violations).toEqual([]);
  });

  test('count as merged when their commits are pushed to the base', async () => {
    const head = await branch('x');
    await ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } });
    await git(dir, ['update-ref', 'refs/heads/main', head]);
    expect((await ask('GET', `${PULLS}/1`)).body).toMatchObject({ state: 'closed', merged: true });
  });

  test('are closed and opened again by an update', async () => {
    await branch('x');
    await ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } });
    expect((await ask('PATCH', `${PULLS}/1`, { body: { state: 'closed' } })).body).toMatchObject({ state: 'closed' });
    expect((await ask('PATCH', `${PULLS}/1`, { body: { state: 'open' } })).body).toMatchObject({ state: 'open' });
    await git(dir, ['update-ref', '-d', 'refs/heads/x']);
    expect((await ask('PATCH', `${PULLS}/1`, { body: { state: 'open' } })).status).toBe(422);
    expect(server.violations).toEqual([]);
  });

  test('have comments and can be looked at as issues', async () => {
    await branch('x');
    await ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } });
    const issue = '/repos/acme/gitops/issues/1';
    expect((await ask('POST', `${issue}/comments`, { body: { body: 'hello' } })).status).toBe(201);
    expect((await ask('GET', `${issue}/comments`)).body).toMatchObject([{ body: 'hello', user: { login: 'alice' } }]);
    expect((await ask('GET', issue)).body).toMatchObject({ number: 1, comments: 1, state: 'open' });
    expect(server.violations).toEqual([]);
  });

  test('are listed page by page', async () => {
    for (const name of ['x', 'y', 'z']) {
      await branch(name);
      await ask('POST', PULLS, { body: { title: name, head: name, base: 'main' } });
    }
    const first = await ask('GET', `${PULLS}?per_page=2`);
    expect(titles(first.body)).toEqual(['z', 'y']);
    expect(first.link).toContain(`${PULLS}?per_page=2&page=2>; rel="last"`);
    expect(titles((await ask('GET', `${PULLS}?per_page=2&page=2`)).body)).toEqual(['x']);
    expect(titles((await ask('GET', `${PULLS}?direction=asc&head=acme:y`)).body)).toEqual(['y']);
  });
});

describe('what goes wrong', () => {
  test('a lost answer is carried out, a cut connection is not', async () => {
    await branch('x');
    faults.plan(/^POST \/repos\/\{owner\}\/\{repo\}\/pulls$/, { kind: 'drop' });
    await expect(ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } })).rejects.toThrow();
    expect(await server.people('acme/gitops').pulls()).toEqual([]);
    faults.plan(/^POST /, { kind: 'drop-after-effect' });
    await expect(ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } })).rejects.toThrow();
    expect(await server.people('acme/gitops').pulls()).toHaveLength(1);
  });

  test('something can happen just before', async () => {
    await branch('x');
    faults.plan(/^POST /, { kind: 'before', act: () => remove('x') });
    expect((await ask('POST', PULLS, { body: { title: 't', head: 'x', base: 'main' } })).status).toBe(422);
  });

  test('rate limits have the shape of a failure', async () => {
    faults.plan(/^GET /, primaryRateLimit(2_000_000_000));
    const { status, body } = await ask('GET', '/user');
    expect(status).toBe(403);
    expect(description.checkAnswer('GET /user', status, body)).toEqual([]);
  });
});

interface Asked {
  readonly authorization?: string | null;
  readonly body?: unknown;
}

async function ask(method: string, path: string, { authorization = 'token good', body }: Asked = {}) {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: authorization === null ? {} : { authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, body: json, link: answer.headers.get('link') };
}

async function branch(name: string): Promise<string> {
  await git(dir, ['update-ref', `refs/heads/${name}`, 'refs/heads/main']);
  return commit(name, name, `${createHash('sha256').update(name).digest('hex')}\n`);
}

function commit(name: string, path: string, text: string): Promise<string> {
  return commitFiles(dir, {
    branch: name,
    files: files(path, text),
    message: 'm',
    person: PERSON,
    time: 1_700_000_001,
  });
}

async function remove(name: string): Promise<void> {
  await git(dir, ['update-ref', '-d', `refs/heads/${name}`]);
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function oid(ref: string): Promise<string> {
  return (await git(dir, ['rev-parse', ref])).trim();
}

function files(path: string, text: string): Map<string, string> {
  return new Map([[path, text]]);
}

function titles(pulls: unknown): readonly string[] {
  return (pulls as readonly { title: string }[]).map((pull) => pull.title);
}
