import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { GitHubAuth } from '../../../../src/adapters/forge/identity/github-identity.ts';
import { Failure } from '../../../../src/domain/failure.ts';
import { ALICE, draftOf, type Hub, openHub, signal } from '../hub.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PUBLIC = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const PKCS1 = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const PKCS8 = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const OTHER = generateKeyPairSync('rsa', { modulusLength: 1024 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const ISSUE = /access_tokens$/;
const UNEXPECTED = { kind: 'answer', status: 500, body: { message: 'not expected' } } as const;

test('an App knows its own remarks, and nobody else can imitate them', () =>
  withApp({}, async (hub) => {
    await hub.push('x', 'Bump');
    const forge = hub.forge({ auth: app() });
    const { number } = await forge.open(draftOf('x'), signal());
    const stranger = { login: 'other[bot]', type: 'Bot' } as const;
    await hub.people.commentAs(number, '<!-- gitops-reloader:head-moved -->\nx', stranger);
    for (const _ of [1, 2]) await forge.remark(number, { key: 'head-moved', text: 'Why.' }, signal());
    expect((await hub.people.pulls())[0]?.comments.map(({ author }) => author.login)).toEqual([
      stranger.login,
      'acme-gitops[bot]',
    ]);
  }));

test('an App opens and reads pull requests, and pushes as itself', () =>
  withApp({}, async (hub) => {
    await hub.push('x', 'Bump');
    const forge = hub.forge({ auth: app() });
    const { number } = await forge.open(draftOf('x', { labels: ['rotation'] }), signal());
    expect(await hub.people.pulls()).toMatchObject([
      { author: { login: 'acme-gitops[bot]', type: 'Bot' }, labels: ['rotation'] },
    ]);
    await hub.people.closeAs(number, { login: 'acme-gitops[bot]', type: 'Bot' });
    expect((await forge.read(number, signal())).state).toBe('closed-by-bot');
    await hub.people.reopenAs(number, ALICE);
    await hub.people.closeAs(number, ALICE);
    expect((await forge.read(number, signal())).state).toBe('closed-by-person');
    const { username, password } = await forge.gitCredentials();
    expect(username).toBe('x-access-token');
    expect(hub.server.accepts(password)).toBe(true);
  }));

test('an App knows auto-merge that it turned on, and not what a user of its name did', () =>
  withApp({}, async (hub) => {
    const head = await hub.push('x', 'Bump');
    await hub.people.setRules({ neededApprovals: 1 });
    const forge = hub.forge({ auth: app() });
    const { number } = await forge.open(draftOf('x'), signal());
    const wish = { method: 'squash', head } as const;
    expect(await forge.autoMerge(number, wish, signal())).toEqual({ kind: 'done' });
    expect(await forge.mergeFacts(number, signal())).toMatchObject({ isAutoMerge: true, isAutoMergeOurs: true });
    for (const other of [
      { login: 'acme-gitops', type: 'User' },
      { login: 'other[bot]', type: 'Bot' },
    ] as const) {
      await hub.people.setAutoMergeAs(number, other, true);
      expect(await forge.mergeFacts(number, signal())).toMatchObject({ isAutoMerge: true, isAutoMergeOurs: false });
    }
  }));

test('without its number the installation is found by the repository', () =>
  withApp({}, async (hub) => {
    const forge = hub.forge({ auth: app({ installationId: null }) });
    expect(await forge.list('x', 'main', signal())).toEqual([]);
  }));

test('a key in either form, with real or with escaped line breaks', () =>
  withApp({}, async (hub) => {
    for (const key of [PKCS1, PKCS8, PKCS1.replaceAll('\n', String.raw`\n`)]) {
      const forge = hub.forge({ auth: app({ privateKey: () => Promise.resolve(key) }) });
      expect(await forge.list('x', 'main', signal())).toEqual([]);
    }
  }));

describe('the installation token', () => {
  test('is asked for once, however many need it', () =>
    withApp({}, async (hub) => {
      const forge = hub.forge({ auth: app() });
      const tokens = await Promise.all([forge.gitCredentials(), forge.gitCredentials(), forge.gitCredentials()]);
      hub.faults.plan(ISSUE, UNEXPECTED);
      expect(await forge.list('x', 'main', signal())).toEqual([]);
      expect(new Set([...tokens, await forge.gitCredentials()].map((one) => one.password)).size).toBe(1);
    }));

  test('is replaced before it runs out', () =>
    withApp({ tokenSeconds: 540 }, async (hub) => {
      const forge = hub.forge({ auth: app() });
      const first = await forge.gitCredentials();
      const second = await forge.gitCredentials();
      expect(second.password).not.toBe(first.password);
    }));

  test('is replaced once when it was taken back', () =>
    withApp({}, async (hub) => {
      const forge = hub.forge({ auth: app() });
      await forge.list('x', 'main', signal());
      const { password } = await forge.gitCredentials();
      hub.server.revoke(password);
      const both = await Promise.all([forge.list('x', 'main', signal()), forge.list('x', 'main', signal())]);
      expect(both).toEqual([[], []]);
      expect((await forge.gitCredentials()).password).not.toBe(password);
    }));

  test('is not asked for again when GitHub refuses one that it has just issued', () =>
    withApp({ tokenSeconds: 0 }, async (hub) => {
      const act = () => Promise.resolve(hub.faults.plan(ISSUE, UNEXPECTED));
      hub.faults.plan(ISSUE, { kind: 'before', act });
      await rejects(hub.forge({ auth: app() }).list('x', 'main', signal()), 'forge-denied never');
    }));

  test('is good for this repository alone', () =>
    withApp({ repositories: ['acme/gitops', 'acme/other'] }, async (hub) => {
      const { password } = await hub.forge({ auth: app() }).gitCredentials();
      const ask = (name: string) =>
        fetch(`${hub.server.url}/repos/acme/${name}`, { headers: { authorization: `token ${password}` } });
      expect([(await ask('gitops')).status, (await ask('other')).status]).toEqual([200, 404]);
    }));

  test('a failure to get one is not remembered', () =>
    withApp({}, async (hub) => {
      const forge = hub.forge({ auth: app() });
      hub.faults.plan(ISSUE, { kind: 'drop' });
      await rejects(forge.list('x', 'main', signal()), 'forge-unreachable later');
      expect(await forge.list('x', 'main', signal())).toEqual([]);
    }));
});

describe('what goes wrong', () => {
  test('a key of another App', () =>
    withApp({ publicKey: OTHER }, (hub) =>
      rejects(hub.forge({ auth: app() }).list('x', 'main', signal()), 'forge-denied never'),
    ));

  test('an App that does not exist', () =>
    withApp({}, (hub) => rejects(hub.forge({ auth: app({ appId: 2 }) }).gitCredentials(), 'forge-denied never')));

  test('a repository it is not installed on', () =>
    withApp({ repositories: ['acme/other'] }, async (hub) => {
      await rejects(hub.forge({ auth: app({ installationId: null }) }).gitCredentials(), 'forge-missing never');
      await rejects(hub.forge({ auth: app() }).gitCredentials(), 'forge-rejected never');
    }));

  test('an installation that is gone', () =>
    withApp({}, (hub) =>
      rejects(hub.forge({ auth: app({ installationId: 99 }) }).gitCredentials(), 'forge-missing never'),
    ));

  test.each(['', 'no key', '-----BEGIN RSA PRIVATE KEY-----', PUBLIC, PKCS8.slice(0, 200)])(
    'what is no private key is not shown (%#)',
    (key) =>
      withApp({}, (hub) => {
        const auth = app({ privateKey: () => Promise.resolve(key) });
        return rejects(hub.forge({ auth }).gitCredentials(), 'forge-denied never');
      }),
  );

  test('an answer without a token', () =>
    withApp({}, async (hub) => {
      for (const body of [{}, { token: '', expires_at: '2099-01-01T00:00:00Z' }, { token: 'x', expires_at: 'soon' }]) {
        hub.faults.plan(ISSUE, { kind: 'answer', status: 201, body });
        await rejects(hub.forge({ auth: app() }).gitCredentials(), 'forge-rejected later');
      }
    }));
});

interface AppWorld {
  readonly publicKey?: string;
  readonly repositories?: readonly string[];
  readonly tokenSeconds?: number;
}

async function withApp(world: AppWorld, run: (hub: Hub) => Promise<unknown>): Promise<void> {
  const { publicKey = PUBLIC, repositories = null, tokenSeconds = 3600 } = world;
  const hub = await openHub({ tokenSeconds });
  hub.server.addApp({ id: 1, slug: 'acme-gitops', publicKey, installationId: 7, repositories });
  try {
    await run(hub);
  } finally {
    await hub.close();
  }
}

function app(more: Partial<Extract<GitHubAuth, { kind: 'app' }>> = {}): GitHubAuth {
  return { kind: 'app', appId: 1, installationId: 7, privateKey: () => Promise.resolve(PKCS8), ...more };
}

async function rejects(promise: Promise<unknown>, expected: string): Promise<void> {
  const error: unknown = await promise.then(
    () => 'it went through',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  const { code, retry } = error as Failure;
  expect(`${code} ${retry}`).toBe(expected);
  const shown = inspect(error, { depth: 20, showHidden: true });
  expect(shown).not.toMatch(/ghs_|eyJ|BEGIN|MII/);
}
