import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { projectFiles } from './markdown.ts';

/** What must not stand in any text of the project. Written so that this file does not break its own rules. */
const RULES: readonly { readonly rule: string; readonly pattern: RegExp }[] = [
  { rule: 'a home folder of somebody', pattern: /\/(?:home|Users)\/[a-z][\w.-]*\// },
  { rule: 'the home folder of root', pattern: /(?<![\w"'`.$-])[/]root\b/ },
  { rule: 'a folder of one machine', pattern: /(?<![\w"'`.)}-])\/(?:work|workspace|builds|mnt|opt\/build)\/[a-z]/ },
  { rule: 'a temporary file of one machine', pattern: /\/tmp\/[a-z][\w-]*\/[a-z]/ },
  {
    rule: 'a host of a package registry',
    pattern: /https?:\/\/(?:registry|npm|packages|artifactory|nexus|verdaccio)\.[a-z]/,
  },
  { rule: 'a registry in a package setting', pattern: /^\s*(?:registry|_authToken|always-auth)\s*=/m },
];

const BINARY = /\.(?:png|ico|gz|pack)$/;
const files = projectFiles().filter((name) => !BINARY.test(name));

test('no text names a machine or a registry', () => {
  const found = files.flatMap((name) => {
    const text = read(name);
    return RULES.filter(({ pattern }) => pattern.test(text)).map(({ rule }) => `${name}: ${rule}`);
  });
  expect(found).toEqual([]);
  expect(files.length).toBeGreaterThan(100);
});

test('every rule finds what it is meant for', () => {
  const samples = [
    `cat ${path('home', 'ada', 'notes')}`,
    `ls ${path('root')}`,
    `cd ${path('work', 'main')}`,
    `less ${path('tmp', 'brief', 'common.md')}`,
    `curl https:/${path('registry.npmjs.org', 'x')}`,
    ['registry', 'x'].join(' = '),
  ];
  expect(samples.map((sample, at) => RULES[at]?.pattern.test(sample))).toEqual(samples.map(() => true));
});

function read(name: string): string {
  try {
    return readFileSync(name, 'utf8');
  } catch {
    // Listed, and removed meanwhile.
    return '';
  }
}

function path(...parts: readonly string[]): string {
  return ['', ...parts].join('/');
}
