import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGitHubForge, type GitHubForge } from '../../../src/adapters/forge/github-forge.ts';
import { createLimitedFetch } from '../../../src/adapters/net/limited-fetch.ts';
import { type LoopbackServer, listenOnLoopback } from '../../../src/demo/loopback.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { draftOf, signal, TOKEN } from './hub.ts';

/** A host that answers whatever a test wants it to. */
interface Scripted {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cut?: boolean;
}

let server: LoopbackServer;
let next: (asked: { readonly method: string; readonly url: string; readonly authorization: string }) => Scripted;

beforeAll(async () => {
  server = await listenOnLoopback((request, response) => {
    const { status, body, headers, cut } = next({
      method: request.method ?? '',
      url: request.url ?? '',
      authorization: request.headers.authorization ?? '',
    });
    const length = cut === true ? { 'content-length': String(body.length + 10) } : {};
    response.writeHead(status, { 'content-type': 'application/json', ...length, ...headers });
    response.write(body);
    if (cut === true) setImmediate(() => response.destroy());
    else response.end();
    return Promise.resolve();
  });
});
afterAll(() => server.close());

const pull = {
  number: 1,
  html_url: 'https://github.com/acme/gitops/pull/1',
  state: 'open',
  merged_at: null,
  title: 't',
  body: 'b',
  labels: [],
  auto_merge: null,
  created_at: '2026-01-02T03:04:05Z',
  updated_at: '2026-01-02T03:04:05Z',
  closed_at: null,
  head: { ref: 'x', sha: 'a'.repeat(40), repo: { full_name: 'acme/gitops' } },
  base: { ref: 'main' },
};

test('the answer that the others are made from is fine', async () => {
  expect(await read(JSON.stringify(pull))).toMatchObject({ number: 1, state: 'open', head: 'a'.repeat(40) });
});

const SHAPES: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a text', 'pull'],
  ['a number', 7],
  ['a list', [pull]],
  ['an empty object', {}],
  ['another number', { ...pull, number: 2 }],
  ['a number that is none', { ...pull, number: '1' }],
  ['a negative number', { ...pull, number: -1 }],
  ['no head', { ...pull, head: null }],
  ['a head that is no commit id', { ...pull, head: { ...pull.head, sha: '--upload-pack=x' } }],
  ['an address that runs', { ...pull, html_url: 'javascript:alert(1)' }],
  ['an address that is none', { ...pull, html_url: 'x' }],
  ['an unknown state', { ...pull, state: 'half-open' }],
  ['a title that is an object', { ...pull, title: {} }],
  ['no labels', { ...pull, labels: null }],
  ['a label that is a text', { ...pull, labels: ['a'] }],
  ['a time that is none', { ...pull, created_at: 'soon' }],
  ['an end that is no time', { ...pull, merged_at: 'soon' }],
  ['no time of the last change', { ...pull, updated_at: null }],
];
test.each(SHAPES)('refuses %s for a pull request', async (_, answer) => {
  await expectFailure(read(JSON.stringify(answer)), { code: 'forge-rejected', retry: 'later' });
});

test.each([
  ['no JSON', '<html>', {}],
  ['broken JSON', '{"number":1', {}],
  ['an empty answer', '', {}],
  ['bytes', '\u0000\u0001', { 'content-type': 'application/octet-stream' }],
  ['a prototype for the number', '{"__proto__":{"number":1}}', {}],
  ['a very large number', `{"number":1${'0'.repeat(30)}}`, {}],
])('refuses %s', async (_, body, headers) => {
  await expectFailure(read(body, headers), { code: 'forge-rejected', retry: 'later' });
});

test.each([
  ['no list', '{}'],
  ['one entry of the list is wrong', JSON.stringify([pull, null])],
])('a list is refused where there is %s', async (_, body) => {
  next = () => ({ status: 200, body });
  await expectFailure(forge().list('x', 'main', signal()), { code: 'forge-rejected', retry: 'later' });
});

test('a pull request of somebody else is not taken for the one that was opened', async () => {
  for (const head of [
    { ...pull.head, ref: 'y' },
    { ...pull.head, repo: { full_name: 'eve/gitops' } },
    { ...pull.head, repo: null },
  ]) {
    next = () => ({ status: 201, body: JSON.stringify({ ...pull, head }) });
    await expectFailure(forge().open(draftOf('x'), signal()), { code: 'forge-rejected', retry: 'later' });
  }
});

test('a pull request of another number is not taken for the one that was updated', async () => {
  const open = await read(JSON.stringify(pull));
  for (const answer of [{ ...pull, number: 2 }, { ...pull, head: { ...pull.head, repo: null } }, [], null]) {
    next = () => ({ status: 200, body: JSON.stringify(answer) });
    const updated = forge().update(open, draftOf('x', { title: 'newer' }), signal());
    await expectFailure(updated, { code: 'forge-rejected', retry: 'later' });
  }
});

test('what no list of events, comments or pull requests may be', async () => {
  const closed = JSON.stringify({ ...pull, state: 'closed', closed_at: '2026-01-02T03:04:05Z' });
  for (const body of ['null', '{}', '"x"', '7']) {
    next = ({ url }) => ({ status: 200, body: url.endsWith('/pulls/1') ? closed : body });
    await expectFailure(forge().read(1, signal()), { code: 'forge-rejected', retry: 'later' });
    await expectFailure(forge().remark(1, { key: 'x', text: 'x' }, signal()), { code: 'forge-rejected' });
    await expectFailure(forge().recent('own', signal()), { code: 'forge-rejected', retry: 'later' });
    await expectFailure(forge().unsettled('own', signal()), { code: 'forge-rejected', retry: 'later' });
  }
});

test('of however many ended ones ten are looked into, each once', async () => {
  const ended = { ...pull, state: 'closed', closed_at: '2026-01-02T03:04:05Z', head: { ...pull.head, ref: 'own/x' } };
  const many = Array.from({ length: 1000 }, (_, at) => ({ ...ended, number: (at % 500) + 1 }));
  const asked: string[] = [];
  next = ({ url }) => {
    asked.push(url);
    const date = { date: 'Fri, 02 Jan 2026 03:05:00 GMT' };
    return { status: 200, body: url.includes('/events') ? '[]' : JSON.stringify(many), headers: date };
  };
  expect(await forge().unsettled('own', signal())).toHaveLength(10);
  expect(asked).toHaveLength(11);
});

test('entries of a list that make no sense are passed over', async () => {
  const merged = { ...pull, state: 'closed', merged_at: '2026-01-02T03:04:05Z', closed_at: '2026-01-02T03:04:05Z' };
  const later = { ...merged, updated_at: '2026-02-02T03:04:05Z', labels: [{ name: 'gitops-reloader:retry' }] };
  const nonsense = JSON.stringify([null, 1, 'x', [], {}, { event: 'closed' }, { user: {}, body: {} }]);
  next = ({ url }) => {
    if (url.endsWith('/pulls/1')) return { status: 200, body: JSON.stringify(later) };
    return { status: 200, body: url.includes('/git/commits/') ? '{"message":"m"}' : nonsense };
  };
  expect(await forge().read(1, signal())).toMatchObject({ state: 'merged', headMessage: 'm', isRetryAsked: false });
  expect(await forge().remark(1, { key: 'x', text: 'x' }, signal())).toEqual({ kind: 'done' });
});

test('a login leads to no other address, and what it may do is a text', async () => {
  const asked: string[] = [];
  const merged = { ...pull, state: 'closed', merged_at: '2026-01-02T03:04:05Z', closed_at: '2026-01-02T03:04:05Z' };
  const time = { created_at: '2026-01-03T00:00:00Z', updated_at: '2026-01-03T00:00:00Z' };
  const logins = ['..', '../../user', 'a/b', 'a?x', '', '-', 'x'.repeat(200), '\u202e', 'wendy'];
  const comments = logins.map((login) => {
    return { user: { login, type: 'User' }, body: '/gitops-reloader retry', ...time };
  });
  let permission: unknown = { permission: 'admin' };
  next = ({ url }) => {
    asked.push(url);
    if (url.endsWith('/pulls/1'))
      return { status: 200, body: JSON.stringify({ ...merged, updated_at: time.updated_at }) };
    if (url.includes('/git/commits/')) return { status: 200, body: '{"message":"m"}' };
    if (url.includes('/comments')) return { status: 200, body: JSON.stringify(comments) };
    return { status: 200, body: url === '/user' ? '{"login":"us"}' : JSON.stringify(permission) };
  };
  expect((await forge().read(1, signal())).isRetryAsked).toBe(true);
  const lookedUp = asked.filter((url) => url.includes('collaborators') || url.includes('permission'));
  expect(lookedUp).toEqual(['/repos/acme/gitops/collaborators/wendy/permission']);
  for (permission of [null, [], {}, { permission: true }]) {
    await expectFailure(forge().read(1, signal()), { code: 'forge-rejected', retry: 'later' });
  }
  permission = { permission: 'toString' };
  expect((await forge().read(1, signal())).isRetryAsked).toBe(false);
});

test('more pages than are read are refused with a word, and a false last page ends nothing', async () => {
  const recent = { ...pull, created_at: '2026-01-02T03:04:05Z', head: { ...pull.head, ref: 'own/x' } };
  const date = { date: 'Fri, 02 Jan 2026 03:05:00 GMT' };
  next = () => ({ status: 200, body: JSON.stringify([recent]), headers: { ...lastPage(999_999), ...date } });
  const { message } = await expectFailure(forge().recent('own', signal()), { code: 'forge-rejected', retry: 'later' });
  expect(message).toBe(
    'could not list the pull requests of own: there are more than 1000, which is as far as it counts',
  );
  next = () => ({ status: 200, body: JSON.stringify([recent]), headers: { ...lastPage(10), ...date } });
  expect(await forge().recent('own', signal())).toMatchObject({
    open: [{ number: 1 }],
    createdAt: [expect.any(Number)],
  });
});

test('an answer that ends too early is no answer', async () => {
  next = () => ({ status: 200, body: JSON.stringify(pull), cut: true });
  await expectFailure(forge().read(1, signal()), { code: 'forge-unreachable', retry: 'later' });
  await expectFailure(forge(globalThis.fetch).read(1, signal()), { code: 'forge-unreachable', retry: 'later' });
});

test('a host that is not there', async () => {
  const nowhere = { owner: 'acme', repository: 'gitops', baseUrl: 'http://127.0.0.1:1', auth: auth() };
  for (const fetch of [createLimitedFetch(), globalThis.fetch]) {
    const failure = createGitHubForge({ ...nowhere, fetch }).read(1, signal());
    await expectFailure(failure, { code: 'forge-unreachable', retry: 'later' });
  }
});

test('a redirect is not followed with the token', async () => {
  for (const fetch of [createLimitedFetch(), globalThis.fetch]) {
    next = () => ({ status: 307, body: '{}', headers: { location: 'https://evil.invalid/' } });
    await expectFailure(forge(fetch).open(draftOf('x'), signal()), { retry: 'never' });
  }
});

test('a host that quotes the request does not put the token into the message', async () => {
  for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) {
    next = ({ authorization }) => ({
      status,
      body: JSON.stringify({ message: `sent ${authorization}`, errors: [{ message: authorization }, authorization] }),
    });
    const failure = await expectFailure(forge().open(draftOf('x'), signal()), {});
    expect(failure.message).toContain('[redacted]');
  }
});

test('control characters and length of a message are tamed', async () => {
  const body = JSON.stringify({ message: `\u001b[31m\u202e\nred${'!'.repeat(5000)}` });
  next = () => ({ status: 400, body });
  const { message } = await expectFailure(forge().read(1, signal()), { code: 'forge-rejected' });
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  expect(message).not.toMatch(/[\u0000-\u001f\u202e]/);
  expect(message.length).toBeLessThan(500);
});

test('a token with a line break in it is never shown', async () => {
  next = () => ({ status: 200, body: '{}' });
  const broken = { kind: 'token' as const, token: () => Promise.resolve(`${TOKEN}\n${TOKEN}`) };
  for (const fetch of [createLimitedFetch(), globalThis.fetch]) {
    await expectFailure(forge(fetch, broken).read(1, signal()), {});
  }
});

test('a token that cannot be read is a failure of its own', async () => {
  const gone = { kind: 'token' as const, token: () => Promise.reject(new Error(`no ${TOKEN}`)) };
  await expectFailure(forge(globalThis.fetch, gone).read(1, signal()), { code: 'forge-denied', retry: 'never' });
  const named = new Failure('no file', { code: 'file-unreadable', retry: 'never', hint: '' });
  const unreadable = { kind: 'token' as const, token: () => Promise.reject(named) };
  await expect(forge(globalThis.fetch, unreadable).read(1, signal())).rejects.toBe(named);
});

function lastPage(page: number): { readonly link: string } {
  return { link: `<${server.url}/x?page=${page}>; rel="last"` };
}

function auth(): { kind: 'token'; token: () => Promise<string> } {
  return { kind: 'token', token: () => Promise.resolve(TOKEN) };
}

function forge(fetch = createLimitedFetch(), how = auth()): GitHubForge {
  return createGitHubForge({ owner: 'acme', repository: 'gitops', baseUrl: server.url, auth: how, fetch });
}

function read(body: string, headers: Readonly<Record<string, string>> = {}) {
  next = () => ({ status: 200, body, headers });
  return forge().read(1, signal());
}

async function expectFailure(promise: Promise<unknown>, expected: { code?: string; retry?: string }): Promise<Failure> {
  const error: unknown = await promise.then(
    () => 'it went through',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject(expected);
  expect(`${inspect(error, { depth: 20, showHidden: true })}${JSON.stringify(error)}`).not.toContain(TOKEN);
  return error as Failure;
}
