import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProgram, waitUntil } from '../../src/demo/program-process.ts';

const FILES = 400;
const EDITED = /^ {4}force-sync: "prod\/n\d+=sha256-[0-9a-f]{16}@[^"]+"$/m;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-write-'));
  for (let n = 0; n < FILES; n += 1) await writeFile(join(folder, `${n}.yaml`), manifest(n));
});
afterEach(() => rm(folder, { recursive: true }));

function manifest(n: number): string {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: n${n}
spec:
  secretStoreRef: {name: elsewhere}
  data: [{secretKey: x, remoteRef: {key: prod/n${n}}}]
`;
}

/** How many files are edited: each is as it was, or wholly new. */
async function countEdited(): Promise<number> {
  let edited = 0;
  for (let n = 0; n < FILES; n += 1) {
    const text = await readFile(join(folder, `${n}.yaml`), 'utf8');
    if (text === manifest(n)) continue;
    expect(text.replace(EDITED, '').replace('  annotations:\n\n', '')).toBe(manifest(n));
    edited += 1;
  }
  return edited;
}

async function leftOvers(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !/^\d+\.yaml$/.test(name));
}

/** Sends the signal once this file is written; files are written in the order of their names. */
async function interrupt(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL', file: number): Promise<number | null> {
  const program = startProgram(['plan', '--repo', folder, '--all', '--write'], {});
  const path = join(folder, `${file}.yaml`);
  await waitUntil('the file is written', async () => (await readFile(path, 'utf8')) !== manifest(file));
  program.signal(signal);
  return (await program.exit).code;
}

async function finish(): Promise<void> {
  const { code, stderr } = await startProgram(['plan', '--repo', folder, '--all', '--write'], {}).exit;
  expect([code, stderr]).toEqual([0, expect.stringContaining('file(s) written')]);
  expect([await countEdited(), await leftOvers()]).toEqual([FILES, []]);
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s: each file is whole, and nothing is left beside them', async (signal) => {
  const code = await interrupt(signal, 0);
  expect([code === 0 || code === 1, await leftOvers()]).toEqual([true, []]);
  expect(await countEdited()).toBeGreaterThan(0);
  await finish();
});

test.each([0, 100, 15, 2, 30])(
  'SIGKILL at file %s: each is whole, and the next run leaves nothing behind',
  async (file) => {
    await interrupt('SIGKILL', file);
    expect(await countEdited()).toBeGreaterThan(0);
    await finish();
  },
);
