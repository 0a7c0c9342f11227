import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commitFiles } from '../../src/demo/git/bare-repository.ts';
import { waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { canariesIn, leaks } from './canaries.ts';
import { externalSecret, repositoryOf } from './manifests.ts';
import { type Stage, startStage } from './stage.ts';
import { logOf, proposedOnce, traceOf, untilDeleted } from './traces.ts';

const PERSON = { name: 'Ana', email: 'ana@acme.example' };
const SECRETS = Array.from({ length: 30 }, (_, at) => `prod/app-${at}`);

/** One life: until its index is read, and what it said of that. */
async function live(stage: Stage, directory: string, during: () => Promise<unknown> = async () => undefined) {
  const process = await stage.run({ cache: { directory }, sweep: { interval: '200ms' } }, ['--log-level', 'debug']);
  await waitUntil('the index is read', () => logOf(process).some(({ msg }) => msg === 'index read'));
  await during();
  process.signal('SIGTERM');
  expect((await process.exit).code).toBe(0);
  const lines = logOf(process);
  const { files, fromCache, read } = lines.find(({ msg }) => msg === 'index read') ?? {};
  return { files, fromCache, read, kept: lines.filter(({ msg }) => msg === 'index kept').length, lines };
}

test('what one process has read the next one knows, whatever becomes of the file', async () => {
  const stage = await startStage(repositoryOf(SECRETS));
  try {
    const directory = join(stage.folder, 'cache');
    expect(await live(stage, directory)).toMatchObject({ files: 31, fromCache: 0, read: 31, kept: 1 });
    const [name = ''] = await readdir(directory);
    const file = join(directory, name);
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    const whole = await readFile(file);

    const rotation = stage.rotate('prod/app-7');
    const second = await live(stage, directory, () => untilDeleted(stage, rotation));
    expect(second).toMatchObject({ files: 31, fromCache: 31, read: 0, kept: 0 });
    expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));

    const files = new Map([['apps/new.yaml', externalSecret('new', 'prod/new')]]);
    const commit = { branch: WORLD.base, files, message: 'Mine\n', person: PERSON, time: 1_800_000_000 };
    await commitFiles(stage.world.repository.dir, commit);
    expect(await live(stage, directory)).toMatchObject({ files: 32, fromCache: 31, read: 1, kept: 1 });

    whole[100] = (whole[100] ?? 0) ^ 1;
    await writeFile(file, whole);
    const damaged = await live(stage, directory);
    expect(damaged).toMatchObject({ files: 32, fromCache: 0, read: 32, kept: 1 });
    expect(damaged.lines.filter(({ msg }) => msg === 'the kept index is not used')).toMatchObject([
      { reason: 'its digest does not fit its content' },
    ]);
    expect(await live(stage, directory)).toMatchObject({ fromCache: 32, read: 0 });

    expect(canariesIn(await readFile(file, 'utf8'))).toEqual([]);
    expect(await leaks(stage)).toEqual([]);
  } finally {
    await stage.close();
  }
});

test('a directory that cannot be had is one warning, and the service goes on', async () => {
  const stage = await startStage(repositoryOf(['prod/one']));
  try {
    const blocked = await stage.file('blocked', 'a file');
    await mkdir(join(stage.folder, 'other'));
    const rotation = stage.rotate('prod/one');
    const life = await live(stage, join(blocked, 'cache'), () => untilDeleted(stage, rotation));
    expect(life.lines.filter(({ msg, level }) => msg === 'the index is not kept' && level === 'warn')).toHaveLength(1);
    expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
  } finally {
    await stage.close();
  }
});
