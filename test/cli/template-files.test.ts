import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfigFiles } from '../../src/cli/load-config-file.ts';
import { MINIMAL, swap } from '../config/samples.ts';

const FORGE = '      forge: ';
const NAMED = swap(MINIMAL, FORGE, `      pullRequest: {bodyFile: words/body.md}\n${FORGE}`);

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'templates-'));
  mkdirSync(join(folder, 'words'));
  writeFileSync(join(folder, 'config.yaml'), NAMED);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Loads it; what was said goes to `notes`. */
async function load(notes: string[] = []) {
  const console = { out: () => undefined, note: (text: string) => notes.push(text), progress: () => undefined };
  return loadConfigFiles([join(folder, 'config.yaml')], console);
}

test('the file that a configuration names is its template', async () => {
  writeFileSync(join(folder, 'words', 'body.md'), 'Look: {{ sections.changes }}\n');
  const { config } = await load();
  expect(config.repositories[0]?.pullRequest).toMatchObject({
    body: 'Look: {{ sections.changes }}\n',
    bodyFile: 'words/body.md',
  });
});

test('a mounted file is a link, and read', async () => {
  writeFileSync(join(folder, 'mounted'), '{{ subject }}');
  symlinkSync('../mounted', join(folder, 'words', 'body.md'));
  expect((await load()).config.repositories[0]?.pullRequest.body).toBe('{{ subject }}');
});

test('what is wrong in it is told with its own file, line and column', async () => {
  writeFileSync(join(folder, 'words', 'body.md'), 'x\n  {{ subjet }}\n');
  const notes: string[] = [];
  await expect(load(notes)).rejects.toMatchObject({ code: 'config-invalid' });
  expect(notes).toEqual([`${join(folder, 'words', 'body.md')}:2:6: unknown variable subjet (did you mean subject?)`]);
});

test('a file that is not there is named', async () => {
  await expect(load()).rejects.toMatchObject({
    code: 'file-unreadable',
    message: expect.stringContaining('words/body.md') as string,
  });
});
