import { inspect } from 'node:util';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { GitOptions } from '../../../src/adapters/git/git-workspace.ts';
import type { GitCredentials } from '../../../src/adapters/git/protocol/git-host.ts';
import type { HostedRepository } from '../../../src/demo/git/git-server.ts';
import { listenOnLoopback } from '../../../src/demo/loopback.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { Workspace } from '../../../src/ports.ts';
import { draftOn, expectFailure } from '../../contracts/workspace.ts';
import { type Create, MAIN, NEVER, nameOf, openGitWorld, tipOf } from './git-world.ts';

const CANARY = 'canary+token/with=odd characters';
const ENCODED = Buffer.from(`x-access-token:${CANARY}`).toString('base64');
const BOT = 'refs/heads/bot/1';

const world = await openGitWorld();
const template = await world.repository(new Map([['a.yaml', 'a\n']]));
world.server.accept(CANARY, 'write');
world.server.accept('reader', 'read');
afterAll(() => world.close());
afterEach(() => world.faults.clear());

const given = (password: string) => async (): Promise<GitCredentials> => ({ username: 'x-access-token', password });
const refs = (workspace: Workspace) => workspace.refs(['refs/'], NEVER);

async function publish(workspace: Workspace, repository: HostedRepository, text = 'b\n') {
  const parent = (await tipOf(repository.dir, MAIN)) ?? '';
  return workspace.publish({ ref: BOT, expected: null, to: draftOn(parent, { 'a.yaml': text }) }, NEVER);
}

/** The failure says nothing of the credentials, however it is printed. */
function expectNoCanary(error: unknown): void {
  const texts = [String(error), inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error)];
  if (error instanceof Error) texts.push(String(error.stack), error.message, inspect(error.cause, { depth: 20 }));
  for (const text of texts) {
    for (const secret of [CANARY, ENCODED, encodeURIComponent(CANARY), 'canary']) expect(text).not.toContain(secret);
  }
}

async function expectDenied(work: Promise<unknown>, expected: Readonly<Record<string, unknown>>): Promise<Failure> {
  const failure = await expectFailure(work, expected);
  expectNoCanary(failure);
  return failure;
}

const STATUSES: readonly (readonly [number, string, string])[] = [
  [403, 'git-denied', 'never'],
  [404, 'git-missing', 'never'],
  [400, 'git-rejected', 'never'],
  [429, 'git-unreachable', 'later'],
  [500, 'git-unreachable', 'later'],
  [503, 'git-unreachable', 'later'],
];

/** What a host that denies, fails or confuses does to a workspace. */
export function describeDenials(name: string, create: Create): void {
  const workspaceOf = (url: string, options: Partial<GitOptions> = {}) => world.workspace(url, options, create);
  const open = (url: string) => workspaceOf(url, { credentials: given(CANARY) });
  describe(name, () => {
    test('the right password reads and writes; a wrong one, and none, are denied', async () => {
      const repository = await world.copy(template);
      expect((await publish(await open(repository.url), repository)).kind).toBe('done');
      const wrong = await workspaceOf(repository.url, { credentials: given('canary-wrong') });
      await expectDenied(refs(wrong), { code: 'git-denied', retry: 'never' });
      await expectDenied(refs(await workspaceOf(repository.url)), { code: 'git-denied', retry: 'never' });
    });

    test('a token that may only read cannot push', async () => {
      const repository = await world.copy(template);
      const reader = await workspaceOf(repository.url, { credentials: given('reader') });
      expect(await refs(reader)).toHaveLength(1);
      await expectDenied(publish(reader, repository), { code: 'git-denied', retry: 'never' });
      expect(await tipOf(repository.dir, BOT)).toBe(null);
    });

    test('after a revoked token the callback is asked once more, in the middle of the work too', async () => {
      const repository = await world.copy(template);
      world.server.accept('first-token', 'write');
      const asked: (string | null)[] = [];
      let fresh = 'first-token';
      let cached = fresh;
      const workspace = await workspaceOf(repository.url, {
        credentials: async (rejected) => {
          asked.push(rejected?.password ?? null);
          if (rejected !== null) cached = fresh;
          return { username: 'x', password: cached };
        },
      });
      expect(await refs(workspace)).toHaveLength(1);
      world.server.revoke('first-token');
      world.server.accept('second-token', 'write');
      fresh = 'second-token';
      asked.length = 0;
      expect((await publish(workspace, repository)).kind).toBe('done');
      expect(asked.filter((one) => one !== null)).toEqual(['first-token']);
      world.server.revoke('second-token');
      asked.length = 0;
      await expectDenied(refs(workspace), { code: 'git-denied' });
      expect(asked).toEqual([null, 'second-token']);
    });

    test('a callback that fails', async () => {
      const own = new Failure('no key', { code: 'file-unreadable', retry: 'never', hint: 'mount it' });
      const { url } = template;
      const failing = (error: Error) => workspaceOf(url, { credentials: () => Promise.reject(error) });
      expect(await expectDenied(refs(await failing(own)), { code: 'file-unreadable' })).toBe(own);
      await expectDenied(refs(await failing(new Error(CANARY))), { code: 'git-denied', retry: 'later' });
    });

    test('a repository that is not there, and an address that is none', async () => {
      const missing = await open(`${world.server.url}/acme/none.git`);
      await expectDenied(refs(missing), { code: 'git-missing', retry: 'never' });
      const credentials = given(CANARY);
      for (const url of [
        'nonsense',
        'git@github.com:acme/x.git',
        'ssh://git@github.com/acme/x.git',
        'file:///srv/x.git',
        `https://x:${encodeURIComponent(CANARY)}@github.com/acme/x.git`,
        'https://canary@github.com/acme/x.git',
        'https://github.com/acme/x.git?token=canary',
        'https://github.com/acme/x.git#canary',
      ]) {
        await expectDenied(create({ url, credentials }), { code: 'config-invalid', retry: 'never' });
      }
    });

    test('each status of the host becomes a failure, before the push was sent', async () => {
      const repository = await world.copy(template);
      const workspace = await open(repository.url);
      for (const [status, code, retry] of STATUSES) {
        const body = `${CANARY} ${ENCODED}`;
        world.faults.plan(/receive-pack/, { kind: 'answer', status, body, headers: { 'retry-after': '17' } });
        const expected = status === 403 ? { code: 'git-unreachable' } : { code, retry };
        await expectDenied(publish(workspace, repository), { ...expected, retryAfterSeconds: 17 });
        world.faults.plan(/receive-pack/, { kind: 'answer', status, body });
        await expectDenied(publish(workspace, repository), { code, retry, retryAfterSeconds: null });
      }
      expect(await tipOf(repository.dir, BOT)).toBe(null);
    });

    test('a connection that is cut before the push, and in every part of it', async () => {
      const repository = await world.copy(template);
      const workspace = await open(repository.url);
      for (const operation of [
        /^GET info\/refs git-upload-pack$/,
        /^POST git-upload-pack$/,
        /^GET info\/refs git-receive/,
      ]) {
        world.faults.plan(operation, { kind: 'drop' });
        await expectDenied(publish(workspace, repository), { code: 'git-unreachable', retry: 'later' });
      }
      world.faults.plan(/^POST git-receive-pack$/, { kind: 'drop' });
      const lost = await publish(workspace, repository);
      expect(lost.kind).toBe('unknown');
      expectNoCanary(lost);
      world.faults.plan(/^POST git-receive-pack$/, { kind: 'answer', status: 502 });
      const oid = expect.stringMatching(/^[0-9a-f]{40}$/);
      expect(await publish(workspace, repository)).toEqual({ kind: 'unknown', reason: 'the host answered 502', oid });
      expect(await tipOf(repository.dir, BOT)).toBe(null);
      expect((await publish(workspace, repository)).kind).toBe('done');
    });

    test('a host that repeats our credentials does not get them into a reason', async () => {
      const repository = await world.copy(template);
      await world.server.protectBranch(
        nameOf(repository),
        'bot/1',
        `no: ${CANARY} ${ENCODED} \u001b[31m red \u202e ${'x'.repeat(900)}`,
      );
      const result = await publish(await open(repository.url), repository);
      expect(result.kind === 'refused' && result.reason).toMatch(
        /^hook declined: no: \*\*\* \*\*\* \\u\{1b\}\[31m red \\u\{202e\} x+…$/,
      );
      expect(JSON.stringify(result).length).toBeLessThan(600);
      expectNoCanary(result);
    });

    test('a login page, and a redirect to another host, are no repositories', async () => {
      const seen: unknown[] = [];
      const elsewhere = await listenOnLoopback(async (request, response) => {
        seen.push(request.headers.authorization);
        response.end();
      });
      const page = await listenOnLoopback(async (request, response) => {
        if (request.url?.startsWith('/login') === true)
          response.writeHead(200, { 'content-type': 'text/html' }).end(CANARY);
        else response.writeHead(302, { location: `${elsewhere.url}/x.git/info/refs?canary` }).end();
      });
      try {
        await expectDenied(refs(await open(`${page.url}/login/x.git`)), { code: 'git-rejected', retry: 'never' });
        await expectDenied(refs(await open(`${page.url}/x.git`)), { code: 'git-rejected', retry: 'never' });
        expect(seen).toEqual([]);
      } finally {
        await elsewhere.close();
        await page.close();
      }
    });

    test('a repository renamed within the host is followed, for pushes too', async () => {
      const repository = await world.copy(template);
      const target = `/${nameOf(repository)}.git/info/refs?service=`;
      for (const service of ['git-upload-pack', 'git-receive-pack']) {
        const headers = { location: target + service };
        world.faults.plan(new RegExp(`^GET info/refs ${service}$`), { kind: 'answer', status: 301, headers });
      }
      const workspace = await open(`${world.server.url}/acme/old-name.git/`);
      expect(await refs(workspace)).toHaveLength(1);
      expect((await publish(workspace, repository)).kind).toBe('done');
    });

    test('a redirect to what is no repository does not stay the address', async () => {
      const repository = await world.copy(template);
      const workspace = await open(repository.url);
      const headers = { location: '/acme/none.git/info/refs?service=git-upload-pack' };
      world.faults.plan(/^GET info\/refs/, { kind: 'answer', status: 302, headers });
      await expectDenied(refs(workspace), { code: 'git-missing', retry: 'never' });
      expect(await refs(workspace)).toHaveLength(1);
    });

    test('a host that never answers is given up', async () => {
      const silent = await listenOnLoopback(() => new Promise(() => undefined));
      const limits = { http: { totalMilliseconds: 80 } };
      const workspace = await workspaceOf(`${silent.url}/x.git`, { credentials: given(CANARY), limits });
      await expectDenied(refs(workspace), { code: 'git-unreachable', retry: 'later' });
      await silent.close();
    });

    test('a publish that is stopped after it was sent is unknown', async () => {
      const repository = await world.copy(template);
      const stop = new AbortController();
      const workspace = await open(repository.url);
      world.faults.plan(/^POST git-receive-pack$/, { kind: 'before', act: async () => stop.abort() });
      const to = draftOn((await tipOf(repository.dir, MAIN)) ?? '', { 'a.yaml': 'b\n' });
      const result = await workspace.publish({ ref: BOT, expected: null, to }, stop.signal);
      expect(result.kind).toBe('unknown');
    });
  });
}
