import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { GitOptions } from '../../../../src/adapters/git/git-workspace.ts';
import { oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import { writePack } from '../../../../src/adapters/git/objects/pack-write.ts';
import { FLUSH, packet } from '../../../../src/adapters/git/protocol/pkt-line.ts';
import { draftOn, expectFailure } from '../../../contracts/workspace.ts';
import { MAIN, NEVER, type Transport } from '../git-world.ts';
import {
  type Act,
  ADVERTISEMENT,
  endlessly,
  packAnswer,
  refsAnswer,
  startHostileHost,
  startRawHost,
} from './hostile-host.ts';
import { blobOf, commitOf, onOid, packOf, treeOf, whole } from './hostile-packs.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

type Expected = Readonly<Record<string, unknown>>;
type Limits = GitOptions['limits'];
type Script = Parameters<typeof startHostileHost>[0];

const FILE = blobOf('a: 1\n');
const ROOT = treeOf(['100644', 'a.yaml', oidOf(FILE)]);
const COMMIT = commitOf(ROOT);
const TIP = oidOf(COMMIT);
const HONEST = packAnswer(writePack([FILE, ROOT, COMMIT]));
const BASE = { name: MAIN, oid: TIP };
const JUNK = Buffer.alloc(64 * 1024, 'x');

const UNREADABLE = { code: 'git-unreadable', retry: 'later' };
const UNREACHABLE = { code: 'git-unreachable', retry: 'later' };
const REJECTED = { code: 'git-rejected', retry: 'never' };

const endless: Act = (response) => void endlessly(response, JUNK);
const endlessProgress: Act = (response) =>
  void endlessly(response, packet(Buffer.concat([Buffer.from([2]), JUNK.subarray(0, 65_000)])));
const progress: Act = (response) => {
  const timer = setInterval(() => response.write(packet('\u0002counting\r')), 5);
  response.once('close', () => clearInterval(timer));
};
const cutAfter = (bytes: Buffer, count: number) => packAnswer(bytes.subarray(0, count));
const BANDS = packAnswer(writePack([FILE, ROOT, COMMIT]));

const FETCHES: readonly (readonly [what: string, act: Act, expected: Expected])[] = [
  ['nothing', Buffer.alloc(0), UNREADABLE],
  ['a flush', FLUSH, UNREADABLE],
  ['a page', Buffer.from('<html>'), UNREADABLE],
  ['a length that is none', Buffer.from('00zz'), UNREADABLE],
  ['a length of three', Buffer.concat([Buffer.from('0003'), BANDS]), UNREADABLE],
  ['a packet that is cut', Buffer.from('fff0\u0001PACK'), UNREADABLE],
  ['bands that are cut', BANDS.subarray(0, -30), UNREADABLE],
  ['no band', Buffer.concat([packet('packfile\n'), packet(writePack([FILE])), FLUSH]), UNREADABLE],
  ['half a pack', cutAfter(writePack([FILE, ROOT, COMMIT]), 60), UNREADABLE],
  ['a pack without the commit', packAnswer(writePack([FILE, ROOT])), UNREADABLE],
  ['a pack without the tree', packAnswer(writePack([FILE, COMMIT])), UNREADABLE],
  ['a pack without the file', packAnswer(writePack([ROOT, COMMIT])), UNREADABLE],
  ['another commit', packAnswer(writePack([FILE, ROOT, commitOf(treeOf())])), UNREADABLE],
  ['a thin pack on nothing', packAnswer(packOf([whole(COMMIT), onOid('1'.repeat(40), Buffer.from([1]))])), UNREADABLE],
  ['packets of one byte', Buffer.alloc(800_000, packet('\u0001x')), UNREADABLE],
  ['flushes and nothing else', Buffer.alloc(800_000, FLUSH), UNREADABLE],
  [
    'what unfolds to a gigabyte, were it unfolded',
    (response) => void response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(1_000_000))),
    UNREADABLE,
  ],
  ['progress without end, and no pack', endlessProgress, REJECTED],
  // One transport gives up at the first byte, the other at the last one that it takes.
  ['junk without end', endless, {}],
  ['a cut connection', (response) => void response.write('0', () => response.destroy()), UNREACHABLE],
  ['an error in the middle', Buffer.concat([BANDS.subarray(0, -4), packet('\u0003out of memory\u001b[31m')]), {}],
];

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-git-upload-pack-advertisement\r\n';

const BOT = 'refs/heads/bot';
const report = (...lines: readonly string[]) => Buffer.concat([...lines.map((line) => packet(`${line}\n`)), FLUSH]);
const PUSHES: readonly (readonly [what: string, act: Act, expected: Expected])[] = [
  ['done', report('unpack ok', `ok ${BOT}`), { kind: 'done' }],
  ['nothing', Buffer.alloc(0), { kind: 'unknown' }],
  ['of another branch', report('unpack ok', 'ok refs/heads/other'), { kind: 'unknown' }],
  ['without end', endless, { kind: 'unknown' }],
  ['never', (response) => void response.write('0'), { kind: 'unknown' }],
  ['409', (response) => void response.writeHead(409).end(), { kind: 'unknown' }],
  ['422', (response) => void response.writeHead(422).end(), { kind: 'unknown' }],
  ['a race', report('unpack ok', `ng ${BOT} TF401028: updated by another client`), { kind: 'moved' }],
  ['a rule', report('unpack ok', `ng ${BOT} hook declined`), { kind: 'refused', reason: 'hook declined' }],
  [
    'words nobody knows',
    report('unpack ok', `ng ${BOT} qu\u001bux`),
    { kind: 'unknown', reason: 'the host refused it in unknown words: qu\\u{1b}ux' },
  ],
];

const TRICKS = ['..', '.', '', '/etc/passwd', '../../etc/passwd', 'a/b', Buffer.from([0xff]), 'x'.repeat(4096)];

/** What hosts that lie, stall, drown or confuse do to a transport. */
export function describeHostileAnswers([transport, create]: Transport): void {
  const isOwn = transport === 'direct';
  async function open(script: Script, limits: NonNullable<Limits> = {}) {
    const host = await startHostileHost(script);
    const workspace = await create({ url: host.url, credentials: async () => null, limits });
    closers.push(
      () => host.close(),
      () => workspace.close(),
    );
    return { host, workspace };
  }

  async function openRaw(serve: Parameters<typeof startRawHost>[0], limits: NonNullable<Limits>) {
    const host = await startRawHost(serve);
    const workspace = await create({ url: host.url, credentials: async () => null, limits });
    closers.push(
      () => host.close(),
      () => workspace.close(),
    );
    return workspace;
  }

  async function listingFails(script: Script, expected: Expected) {
    const { workspace } = await open(script);
    return expectFailure(workspace.refs(['refs/'], NEVER), expected);
  }

  describe(transport, () => {
    test.each(FETCHES)('a fetch is answered with %s: nothing of it stays', async (_, act, expected) => {
      const { host, workspace } = await open({ fetch: [act, HONEST] }, { http: { maxResponseBytes: 1_000_000 } });
      const failure = await expectFailure(workspace.snapshot(BASE, NEVER), expected);
      // eslint-disable-next-line no-control-regex -- no control character of the host's may come through
      expect([failure.hint === '', /[\u0000-\u001f]/.test(failure.message)]).toEqual([false, false]);
      expect((await workspace.snapshot(BASE, NEVER)).entries.map(({ path }) => path)).toEqual(['a.yaml']);
      expect(host.wishes.map((wish) => wish.includes('have '))).toEqual([false, false]);
    });

    test('after an honest commit a hostile one leaves the first in use', async () => {
      const next = commitOf(treeOf(['100644', 'b.yaml', oidOf(FILE)]));
      const half = packAnswer(writePack([next]));
      const { host, workspace } = await open({ fetch: [HONEST, half, half, HONEST] });
      await workspace.snapshot(BASE, NEVER);
      await expectFailure(workspace.snapshot({ name: MAIN, oid: oidOf(next) }, NEVER), UNREADABLE);
      expect((await workspace.snapshot(BASE, NEVER)).entries).toHaveLength(1);
      // isomorphic-git has taken the hostile one for whole before it was looked at: all that lay beside it is fetched anew.
      const again = isOwn ? [] : [false];
      expect(host.wishes.map((wish) => wish.includes('have '))).toEqual([false, true, false, ...again]);
    });

    test('lists of refs: without end, too many, cut, of names with control characters', async () => {
      const sent: { bytes: number }[] = [];
      await listingFails({ refs: (response) => void sent.push(endlessly(response, JUNK)) }, REJECTED);
      expect(sent[0]?.bytes).toBeLessThan(100_000_000);
      const line = packet(`${TIP} refs/heads/x\n`);
      const million = await listingFails({ refs: Buffer.alloc(line.length * 1_000_000, line) }, REJECTED);
      expect(million.message).toContain('more than 500000 refs');
      await listingFails({ refs: refsAnswer(TIP).subarray(0, -4) }, UNREADABLE);
      await listingFails({ refs: refsAnswer(TIP, 'refs/heads/\u001b[31m') }, UNREADABLE);
      await listingFails({ refs: refsAnswer(TIP.slice(1)) }, UNREADABLE);
    });

    test('a host that says of itself what cannot be read, or without end', async () => {
      await listingFails({ advertise: ADVERTISEMENT.subarray(0, -4) }, UNREADABLE);
      await listingFails({ advertise: ADVERTISEMENT.subarray(0, -6) }, UNREADABLE);
      await listingFails({ advertise: FLUSH }, UNREADABLE);
      await listingFails({ advertise: Buffer.from('<html>') }, UNREADABLE);
      await listingFails({ advertise: endless }, REJECTED);
    });

    test('hosts that drip, stall, or send heads without end are given up', async () => {
      const quick = { http: { totalMilliseconds: 150 } };
      const drip = (before: string, bytes: string) =>
        openRaw((socket) => {
          socket.write(before);
          const timer = setInterval(() => socket.write(bytes), 5);
          socket.once('close', () => clearInterval(timer));
        }, quick);
      const workspaces = [
        await drip('HTTP/1.1 200 OK\r\n', 'x-a: b\r\n'),
        await drip('', 'HTTP/1.1 100 Continue\r\n\r\n'),
        await drip(`${HEAD}content-length: 100000\r\n\r\n`, '0'),
        await drip(`${HEAD}transfer-encoding: chunked\r\n\r\n`, '1\r\n0\r\n'),
        await openRaw((socket) => void socket.write(`${HEAD}content-length: 9\r\n\r\n000`), quick),
        await openRaw(
          (socket) => void endlessly(socket, Buffer.from('HTTP/1.1 200 OK\r\nx: '.padEnd(9000, 'y'))),
          quick,
        ),
        await openRaw((socket) => void socket.end('\0\u0001\u0002 not HTTP'), quick),
      ];
      await Promise.all(workspaces.map((one) => expectFailure(one.refs(['refs/'], NEVER), UNREACHABLE)));
    });

    test('progress without end is given up, and the next one has its turn', async () => {
      const { workspace } = await open({ fetch: [progress, HONEST] }, { http: { totalMilliseconds: 1000 } });
      const first = expectFailure(workspace.snapshot(BASE, NEVER), UNREACHABLE);
      const second = workspace.snapshot(BASE, NEVER);
      await first;
      expect((await second).entries).toHaveLength(1);
    });

    test('what a host says of its history is not believed: marks in odd places, and lines about other commits', async () => {
      const marks = [FLUSH, Buffer.from('0001'), Buffer.from('0002'), packet('')];
      const lies = ['shallow-info', `shallow ${'1'.repeat(40)}`, `unshallow ${TIP}`].map((line) => packet(`${line}\n`));
      const odd = Buffer.concat([...(isOwn ? [...marks, ...lies] : []), HONEST, ...(isOwn ? marks : [])]);
      const { workspace } = await open({ fetch: [odd] });
      expect((await workspace.snapshot(BASE, NEVER)).entries.map(({ path }) => path)).toEqual(['a.yaml']);
      expect((await workspace.commit(BASE, NEVER)).parents).toEqual([]);
    });

    test('a stop ends a wait in the middle of a body', async () => {
      const stop = new AbortController();
      const stalled: Act = (response) => void response.write(BANDS.subarray(0, 40), () => stop.abort());
      const { workspace } = await open({ fetch: [stalled, HONEST] });
      await expectFailure(workspace.snapshot(BASE, stop.signal), UNREACHABLE);
      expect((await workspace.snapshot(BASE, NEVER)).entries).toHaveLength(1);
    });

    test.each(PUSHES)('a push is answered %s', async (what, push, expected) => {
      const limits = what === 'never' ? { http: { totalMilliseconds: 1500 } } : {};
      const { workspace } = await open({ fetch: [HONEST], push }, limits);
      const to = draftOn(TIP, { 'a.yaml': 'a: 2\n' });
      expect(await workspace.publish({ ref: BOT, expected: null, to }, NEVER)).toMatchObject(expected);
    });

    test.each([
      [
        'a bad moment',
        report('unpack ok', `ng ${BOT} Internal Server Error`),
        { code: 'git-rejected', retry: 'later' },
      ],
      [
        'a full disk',
        report('unpack index-pack abnormal exit', `ng ${BOT} unpacker error`),
        { code: 'git-rejected', retry: 'later' },
      ],
      ['a fault of ours', report('unpack ok', `ng ${BOT} funny refname`), { code: 'internal', retry: 'never' }],
      [
        'bad objects',
        report('unpack fsck error in packed object', `ng ${BOT} unpacker error`),
        { code: 'internal', retry: 'never' },
      ],
    ] as const)('a push is answered with %s', async (_, push, expected) => {
      const { workspace } = await open({ fetch: [HONEST], push });
      const to = draftOn(TIP, { 'a.yaml': 'a: 2\n' });
      await expectFailure(workspace.publish({ ref: BOT, expected: null, to }, NEVER), expected);
    });

    test('trees whose names lead elsewhere: left out, with all below them, and kept as they are', async () => {
      const inside = treeOf(['100644', 'inside.yaml', oidOf(FILE)]);
      const odd = TRICKS.flatMap((name) => [
        ['100644', name, oidOf(FILE)] as const,
        ['40000', name, oidOf(inside)] as const,
      ]);
      // Unsorted, too.
      const names = ['.git', '.GIT', 'git~1', '.git\u200c', 'z.yaml', 'a.yaml', '__proto__', 'con', 'x\n'];
      const root = treeOf(...odd.slice(0, -1), ...names.map((name) => ['100644', name, oidOf(FILE)] as const));
      const commit = commitOf(root);
      const { workspace } = await open({
        fetch: [packAnswer(writePack([FILE, inside, root, commit]))],
        push: report('unpack ok', `ok ${BOT}`),
      });
      const snapshot = await workspace.snapshot({ name: MAIN, oid: oidOf(commit) }, NEVER);
      const paths = snapshot.entries.map(({ path }) => path);
      expect(paths).toEqual(['x'.repeat(4096), ...names]);
      const to = draftOn(oidOf(commit), { 'a.yaml': 'a: 2\n' });
      expect((await workspace.publish({ ref: BOT, expected: null, to }, NEVER)).kind).toBe('done');
    });

    test('folders thousands deep below each other are refused', async () => {
      const trees = [ROOT];
      for (let depth = 0; depth < 2000; depth += 1) trees.push(treeOf(['40000', 'a', oidOf(trees.at(-1) ?? ROOT)]));
      const commit = commitOf(trees.at(-1) ?? ROOT);
      const { workspace } = await open({ fetch: [packAnswer(writePack([FILE, ...trees, commit])), HONEST] });
      const failure = await expectFailure(workspace.snapshot({ name: MAIN, oid: oidOf(commit) }, NEVER), REJECTED);
      expect(failure.message).toContain('folders more than 200 deep');
      expect((await workspace.snapshot(BASE, NEVER)).entries).toHaveLength(1);
    });

    test('malformed trees and commits are refused', async () => {
      const trees = [Buffer.from('100644 a'), Buffer.from('\0'.repeat(30)), Buffer.from(' a\0'.padEnd(40, 'x'))].map(
        (data) => ({ type: 'tree', data }) as const,
      );
      const commits = [
        ...trees.map((tree) => [tree, commitOf(tree)]),
        [{ type: 'commit', data: Buffer.from('tree x\n\n') }],
      ];
      for (const objects of commits as (typeof COMMIT)[][]) {
        const commit = objects.at(-1) ?? COMMIT;
        const { workspace } = await open({ fetch: [packAnswer(writePack(objects))] });
        await expectFailure(workspace.snapshot({ name: MAIN, oid: oidOf(commit) }, NEVER), UNREADABLE);
      }
    });
  });
}
