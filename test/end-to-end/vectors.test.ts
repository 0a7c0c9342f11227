import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

interface Index {
  readonly vectors: readonly { readonly file: string; readonly expect: Readonly<Record<string, unknown>> }[];
}

const FIXTURES = 'fixtures/events';
const { vectors } = JSON.parse(readFileSync(join(FIXTURES, 'index.json'), 'utf8')) as Index;

function compare(...args: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [join(FIXTURES, 'compare.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { status, lines: stdout.trimEnd().split('\n') };
}

test('the built program agrees with every sample message', () => {
  const { status, lines } = compare();
  expect(lines.filter((line) => !line.startsWith('agrees'))).toEqual([
    '70 messages: 70 agree, 0 differ for a reason, 0 differ',
  ]);
  expect(status).toBe(0);
});

test('a difference is shown, with its reason where it has one; a reason that nothing needs is an error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gitops-reloader-vectors-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [first, second, third, fourth] = vectors.filter(({ file }) => file.startsWith('ct_'));
  if (first === undefined || second === undefined || third === undefined || fourth === undefined)
    throw new Error('few');
  for (const { file } of [first, second, third, fourth]) copyFileSync(join(FIXTURES, file), join(folder, file));
  const wrong = [first, second, third].map((one) => ({ ...one, expect: { ...one.expect, versionId: 'v' } }));
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ vectors: [...wrong, fourth] }));
  const disagreements = {
    [first.file]: { fields: ['versionId'], because: 'the sources say so.' },
    [second.file]: { fields: ['action'], because: 'it is about something else.' },
    [fourth.file]: { fields: ['action'], because: 'it was so once.' },
  };
  writeFileSync(join(folder, 'disagreements.json'), JSON.stringify(disagreements));

  const { status, lines } = compare(folder);
  expect(status).toBe(1);
  expect(lines.filter((line) => /^\S/.test(line)).map((line) => line.split(/ {2,}/)[0])).toEqual([
    'explained',
    'DIFFERS',
    'DIFFERS',
    'agrees',
    'unused',
    'unused',
    '4 messages: 1 agree, 1 differ for a reason, 2 differ',
  ]);
  expect(lines[2]).toBe('           because the sources say so.');
});
