import { afterEach, expect, test } from 'vitest';
import { createGitHost, type GitCredentials } from '../../../../src/adapters/git/protocol/git-host.ts';
import { FLUSH, packet } from '../../../../src/adapters/git/protocol/pkt-line.ts';
import type { Push } from '../../../../src/adapters/git/protocol/push/push-request.ts';
import { createPusher } from '../../../../src/adapters/git/protocol/receive-pack.ts';
import { listenOnLoopback } from '../../../../src/demo/loopback.ts';
import { NEVER } from '../git-world.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const OLD = 'a'.repeat(40);
const REF = 'refs/heads/bot';
const SERVICE = [packet('# service=git-receive-pack\n'), FLUSH];
const NONE = `${'0'.repeat(40)} capabilities^{}`;
const remove = (ref: string): Push => ({ kind: 'delete', ref, expected: OLD });
const move = (ref: string): Push => ({
  kind: 'move',
  ref,
  expected: null,
  oid: 'b'.repeat(40),
  parent: OLD,
  objects: [],
});

const inTheWay = (name: string) => ({ kind: 'refused', reason: expect.stringContaining(`${name} is in`) as string });

interface Said {
  readonly status?: number;
  readonly body?: Buffer;
}

const report = (...lines: readonly string[]) => ({
  body: Buffer.concat([...lines.map((line) => packet(`${line}\n`)), FLUSH]),
});
const lists = (capabilities: string, ...refs: readonly string[]) => ({
  body: Buffer.concat([
    ...SERVICE,
    packet(`${refs[0] ?? NONE}\0${capabilities}\n`),
    ...refs.slice(1).map(packet),
    FLUSH,
  ]),
});

/** A host that says these things of itself, and of pushes; the last one again and again. */
async function open(looks: readonly Said[], pushes: readonly Said[], passwords: readonly string[] = []) {
  const asked: string[] = [];
  const bodies: string[] = [];
  const server = await listenOnLoopback(async (request, response, body) => {
    const isPush = request.method === 'POST';
    const list = isPush ? pushes : looks;
    const number = asked.filter((one) => one === request.method).length;
    asked.push(request.method ?? '');
    if (isPush) bodies.push(`${request.headers.authorization ?? ''} ${body.toString('latin1')}`);
    const { status = 200, body: answer = FLUSH } = list[number] ?? list.at(-1) ?? {};
    const kind = isPush ? 'result' : 'advertisement';
    response.writeHead(status, { 'content-type': `application/x-git-receive-pack-${kind}` }).end(answer);
  });
  const given: (GitCredentials | null)[] = passwords.map((password) => ({ username: 'x', password }));
  let at = 0;
  const credentials = async (rejected: GitCredentials | null) => {
    if (rejected !== null) at += 1;
    return given[at] ?? null;
  };
  const host = createGitHost(new URL(`${server.url}/acme/x.git`), credentials, {});
  closers.push(
    () => server.close(),
    () => host.close(),
  );
  const pusher = createPusher(host, { values: ['ci.skip'], notTaken: () => undefined });
  return { push: (...all: readonly Push[]) => pusher.push(all, NEVER), asked, bodies };
}

test('a host that answers the question about pushes by protocol 2 lists no refs: nothing is taken for deleted', async () => {
  const second = { body: Buffer.concat([...SERVICE, packet('version 2\n'), packet('report-status\n'), FLUSH]) };
  const { push, asked } = await open([second], [report('unpack ok', `ok ${REF}`)]);
  expect(await push(remove(REF))).toMatchObject([{ kind: 'failed', failure: { code: 'git-unreadable' } }]);
  expect(asked).toEqual(['GET']);
});

test.each([
  ['ok, then ng', ['unpack ok', `ok ${REF}`, `ng ${REF} hook declined`]],
  ['ng, then ok', ['unpack ok', `ng ${REF} hook declined`, `ok ${REF}`]],
] as const)('a report that says both of one ref (%s) says nothing', async (_, lines) => {
  const { push } = await open([lists('report-status')], [report(...lines)]);
  expect(await push(move(REF))).toMatchObject([{ kind: 'unknown' }]);
});

test('a host that no longer takes push options fails once, and is asked anew', async () => {
  const looks = [lists('report-status push-options'), lists('report-status')];
  const bad = report('unpack protocol error (pack signature mismatch detected)', `ng ${REF} unpacker error`);
  const { push, bodies } = await open(looks, [bad, report('unpack ok', `ok ${REF}`)]);
  expect(await push(move(REF))).toMatchObject([{ kind: 'failed', failure: { retry: 'later' } }]);
  expect(await push(move(REF))).toMatchObject([{ kind: 'done' }]);
  expect(bodies.map((body) => body.includes('ci.skip'))).toEqual([true, false]);
});

test.each([
  ['side bands', report('unpack ok', `ok ${REF}`)],
  ['reports', { body: Buffer.alloc(0) }],
] as const)(
  'a host that no longer sends %s: what became of the push is unknown, and it is asked anew',
  async (_, bare) => {
    const looks = [lists('report-status side-band-64k'), lists('report-status', `${'b'.repeat(40)} ${REF}`)];
    const { push, asked } = await open(looks, [bare]);
    expect(await push(move(REF))).toMatchObject([{ kind: 'unknown' }]);
    expect(await push(move(REF))).toEqual([{ kind: 'done', oid: 'b'.repeat(40), isFound: true }]);
    expect(asked).toEqual(['GET', 'POST', 'GET']);
  },
);

test('a 401 in the middle of a push: the same push once more with other credentials, and no third time', async () => {
  const { push, asked, bodies } = await open(
    [lists('report-status')],
    [{ status: 401 }, report('unpack ok', `ok ${REF}`), { status: 401 }],
    ['first', 'second', 'third'],
  );
  expect(await push(move(REF))).toMatchObject([{ kind: 'done' }]);
  expect(await push(move('refs/heads/other'))).toMatchObject([{ kind: 'failed', failure: { code: 'git-denied' } }]);
  expect(asked).toEqual(['GET', 'POST', 'POST', 'POST', 'POST']);
  expect(new Set(bodies.slice(0, 2).map((body) => body.split(' ')[1])).size).toBe(2);
  expect(bodies[0]?.slice(30) === bodies[1]?.slice(30)).toBe(true);
});

test('names of refs of thousands of folders cost no more than their bytes', async () => {
  const deep = Array.from({ length: 100 }, (_, at) => `${OLD} refs/heads/${at}${'/a'.repeat(32_000)}`);
  const { push } = await open([lists('report-status', `${OLD} refs/heads/a/b`, ...deep)], [report('unpack ok')]);
  const before = process.cpuUsage();
  const results = await push(move('refs/heads/a'), move('refs/heads/a/b/c'), move('refs/heads/7'));
  const { user } = process.cpuUsage(before);
  const [first, second, third] = results;
  expect([first, second]).toMatchObject([inTheWay('refs/heads/a/b'), inTheWay('refs/heads/a/b')]);
  expect(third).toMatchObject({ kind: 'refused', reason: expect.stringContaining('refs/heads/7/a/a') as string });
  expect(user / 1000).toBeLessThan(2000);
});
