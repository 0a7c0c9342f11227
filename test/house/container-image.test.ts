import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEYS } from '../../src/config/keys/table.ts';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const [build = '', run = ''] = dockerfile.split(/^(?=FROM )/m).filter((stage) => stage.startsWith('FROM '));

/** What a stage copies from the repository, not from another stage. */
function copied(stage: string): readonly string[] {
  return [...stage.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) => (match[1] ?? '').split(' '));
}

test('what is copied exists and is not kept out of the build context', () => {
  const allowed = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const sources = [...copied(build), ...copied(run)].map((source) => source.replace(/^\.\//, ''));
  expect(allowed[0]).toBe('*');
  expect(sources.filter((source) => !existsSync(source))).toEqual([]);
  expect(sources.filter((source) => !allowed.includes(`!${source}`))).toEqual([]);
  expect(allowed.slice(1).filter((line) => !sources.includes(line.slice(1)))).toEqual([]);
});

test('the last stage runs as a numeric user that is not root, without a shell in between and without npm', () => {
  expect(run).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  expect(run.indexOf('\nUSER ')).toBeLessThan(run.indexOf('\nENTRYPOINT ['));
  expect(run).toMatch(/rm -rf \/usr\/local\/lib\/node_modules /);
  expect(run).not.toMatch(/^(VOLUME|CMD [^[]|ENTRYPOINT [^[])/m);
});

test('it exposes the default port of the status server, and no other', () => {
  const port = KEYS.find(({ path }) => path === 'spec.status.port');
  expect([...run.matchAll(/^EXPOSE (.+)$/gm)].map((match) => match[1])).toEqual([String(port?.default)]);
});

test('everything that npm would publish is in the image', () => {
  const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly files: readonly string[] };
  expect(files.filter((file) => !run.includes(` ./${file}\n`))).toEqual([]);
});
