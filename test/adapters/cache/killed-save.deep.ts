import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createFileIndexCache } from '../../../src/adapters/cache/file-index-cache.ts';
import { allOf } from '../../contracts/index-cache.ts';

const ADAPTER = new URL('../../../dist/adapters/cache/file-index-cache.js', import.meta.url).href;
const KEY = { repository: 'https://git.acme.example/apps.git', base: 'main', reading: '[]' };
const LINES = 4000;

/** Saves again and again, each time other lines, and says so before each. */
const SAVER = `
import { createFileIndexCache } from ${JSON.stringify(ADAPTER)};
const cache = createFileIndexCache({ directory: process.argv[1], code: 'one' });
for (let round = 0; ; round += 1) {
  const lines = Array.from({ length: ${LINES} }, () => String(round).padEnd(500, '.'));
  process.stdout.write('.');
  await cache.save(${JSON.stringify(KEY)}, { head: 'a'.repeat(40), lines }, new AbortController().signal);
}`;

test('a process that is killed in the middle of a save leaves one whole file, and no more than one beside it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'killed-save-'));
  const cache = createFileIndexCache({ directory, code: 'one' });
  let found = 0;
  for (let life = 0; life < 40; life += 1) {
    const args = ['--input-type=module', '-e', SAVER, directory];
    const child = spawn(process.execPath, args, { cwd: fileURLToPath(new URL('../../..', import.meta.url)) });
    for (let writes = 0; writes <= life % 4; writes += 1) await once(child.stdout, 'data');
    const end = process.hrtime.bigint() + BigInt((life % 20) * 1_000_000);
    while (process.hrtime.bigint() < end) await new Promise(setImmediate);
    child.kill('SIGKILL');
    await once(child, 'close');
    const loaded = await cache.load(KEY);
    expect(['found', 'absent']).toContain(loaded.kind);
    if (loaded.kind !== 'found') continue;
    const lines = await allOf(loaded.lines);
    expect(lines).toHaveLength(LINES);
    expect(new Set(lines).size).toBe(1);
    found += 1;
    expect((await readdir(directory)).length).toBeLessThanOrEqual(life + 2);
  }
  expect(found).toBeGreaterThan(20);
  await rm(directory, { recursive: true });
});
