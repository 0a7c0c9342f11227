import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import { writePack } from '../../../../src/adapters/git/objects/pack-write.ts';
import { packet } from '../../../../src/adapters/git/protocol/pkt-line.ts';
import { type Act, packAnswer, startHostileHost } from './hostile-host.ts';
import { blobOf, commitOf, entry, packOf, treeOf, whole } from './hostile-packs.ts';

const MEGABYTE = 1_000_000;
const COMMIT = commitOf(treeOf(['100644', 'a.yaml', '1'.repeat(40)]));
const TRANSPORTS = {
  direct: ['git-workspace.js', 'createGitWorkspace'],
  isomorphic: ['isomorphic/isomorphic-workspace.js', 'createIsomorphicWorkspace'],
} as const;
type Transport = keyof typeof TRANSPORTS;

// In a process of its own: what the test runner keeps is no matter of ours.
const CHILD = `
const [url, oid, rounds, file, create] = process.argv.slice(1);
const adapter = await import(file);
const workspace = await adapter[create]({ url, credentials: async () => null, cacheDir: null });
const never = new AbortController().signal;
const codes = new Set();
const attempt = () => workspace.snapshot({ name: 'refs/heads/main', oid }, never).catch((error) => codes.add(error.code));
await attempt();
gc();
const before = process.memoryUsage().rss;
for (let round = 0; round < Number(rounds); round += 1) await attempt();
gc();
const { rss } = process.memoryUsage();
await workspace.close();
console.log(JSON.stringify({ codes: [...codes], grown: rss - before, peak: process.resourceUsage().maxRSS * 1024 }));
`;

async function attack(
  transport: Transport,
  fetch: Act,
  rounds: number,
): Promise<{ codes: string[]; grown: number; peak: number }> {
  const host = await startHostileHost({ fetch: [fetch], tip: oidOf(COMMIT) });
  try {
    const [file, create] = TRANSPORTS[transport];
    const adapter = pathToFileURL(resolve('dist/adapters/git', file)).href;
    const call = [host.url, oidOf(COMMIT), `${rounds}`, adapter, create];
    const args = ['--expose-gc', '--input-type=module', '-e', CHILD, ...call];
    return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
  } finally {
    await host.close();
  }
}

const BOTH = ['direct', 'isomorphic'] as const;

test.each(BOTH)('%s: packs without their trees, always others, leave no memory taken', async (transport) => {
  let sent = 0;
  const junk: Act = (response) => {
    sent += 1;
    const blobs = Array.from({ length: 20 }, (_, at) => blobOf(`${sent} ${at} `.padEnd(MEGABYTE, 'x')));
    response.end(packAnswer(writePack([COMMIT, ...blobs])));
  };
  const { codes, grown } = await attack(transport, junk, 25);
  expect(codes).toEqual(['git-unreadable']);
  expect(sent).toBe(26);
  expect(grown).toBeLessThan(150 * MEGABYTE);
});

test.each(BOTH)('%s: an object that says it is huge, and one that is, cost little', async (transport) => {
  const says = packAnswer(packOf([whole(COMMIT), entry(3, 2 ** 40, Buffer.from('x'))]));
  const is = packAnswer(packOf([whole(COMMIT), entry(3, 10, Buffer.alloc(400 * MEGABYTE))]));
  for (const pack of [says, is]) {
    const { codes, peak } = await attack(transport, pack, 3);
    expect(codes).toEqual(['git-unreadable']);
    expect(peak).toBeLessThan(250 * MEGABYTE);
  }
});

test.each(BOTH)('%s: packets of one byte cost no more than their bytes', async (transport) => {
  const { codes, peak } = await attack(transport, Buffer.alloc(60 * MEGABYTE, packet('\u0001x')), 2);
  expect(codes).toEqual(['git-unreadable']);
  expect(peak).toBeLessThan(350 * MEGABYTE);
});
