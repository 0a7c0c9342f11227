import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startProgram } from '../../src/demo/program-process.ts';
import { projectFiles } from './markdown.ts';

const readme = readFileSync('README.md', 'utf8');
const ci = readFileSync('.ci/run', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .flatMap((match) => (match[1] ?? '').trim().split('\n'))
  .flatMap((line) => line.split(' && '));
const npm = commands.filter((command) => command.startsWith('npm '));
const node = commands.filter((command) => command.startsWith('node dist/main.js '));

test('every command is one that is tried: by .ci/run, or below', () => {
  expect(commands.filter((command) => !npm.includes(command) && !node.includes(command))).toEqual([]);
  expect(node.length).toBeGreaterThanOrEqual(2);
  const tried = [
    'npm ci',
    ...[...ci.matchAll(/^(?:tests|step '[^']+' npm run --silent) ([\w:]+)$/gm)].map((match) => `npm run ${match[1]}`),
  ];
  const plain = npm.map((command) => command.replace(' --silent', '').replace(/^npm test$/, 'npm run test'));
  expect(plain.filter((command) => !tried.includes(command))).toEqual([]);
});

test.each(node)('%s', async (command) => {
  const [, , ...args] = command.split(' ');
  const { code, stdout } = await startProgram(args, {}).exit;
  expect([code, stdout.length > 20]).toEqual([0, true]);
});

test('every script that a text or .ci/run names exists', () => {
  const texts = projectFiles()
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(name, 'utf8'));
  const named = [...texts, ci].flatMap((text) =>
    [...text.matchAll(/npm run (?:--silent )?([a-z][\w:]*)/g)].map((match) => match[1] ?? ''),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
