import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { FULL, MINIMAL, swap } from './samples.ts';

function problems(text: string): readonly string[] {
  const loaded = loadConfig(text, 'c.yaml');
  return loaded.kind === 'problems' ? loaded.problems.map(formatProblem) : ['it loads'];
}

function check(text: string, expected: readonly string[]): void {
  expect(problems(text)).toEqual(expected);
}

const DEEP = 'c.yaml: the file is nested deeper than 40 levels';

describe('texts that are no config', () => {
  test('nothing', () =>
    check('', ['c.yaml:1:1: the file is not a mapping (begin with apiVersion: gitops-reloader.dev/v1alpha1)']));
  test('a list', () =>
    check('- a', ['c.yaml:1:1: the file is not a mapping (begin with apiVersion: gitops-reloader.dev/v1alpha1)']));
  test('two documents of our own', () =>
    check(`${MINIMAL}---\n${MINIMAL}`, [
      'c.yaml:16:1: a second document of our own format begins here (keep one: only those of ESO Reloader may be several)',
    ]));
  test('very many documents', () => check('---\n'.repeat(30_000), ['c.yaml: the file holds more than 50 documents']));
  test('a tab', () =>
    check('spec:\n\taws: 1', ['c.yaml:2:1: not valid YAML: Tabs are not allowed as indentation (indent with spaces)']));
  test('an open quote, and nothing of what is quoted', () => {
    const shown = problems(swap(MINIMAL, '{env: GITHUB_TOKEN}', '"ghp_topsecret')).join('\n');
    expect(shown).toMatch(/^c\.yaml:\d+:\d+: not valid YAML: /);
    expect(shown).not.toContain('topsecret');
  });
  test('nothing is quoted, whatever the parser says of it', () => {
    const texts = [
      'a: "\\Ubad5ec7e7"',
      'a: "\\xs3"',
      '%s3cret x\n---\na: 1',
      '%YAML s3cret\n---\na: 1',
      'a: !<!s3cret> b',
      'a: !s3cret!',
      'a: !s3cret!x b',
      'a: |s3cret\n  b',
      'a: @s3cret',
    ];
    for (const text of texts) {
      const shown = problems(text).join('\n');
      expect(shown).toMatch(/not valid YAML: \w/);
      expect(shown).not.toMatch(/s3|bad5ec/);
    }
  });
  test('a tag', () =>
    check(swap(MINIMAL, '{name: acme}', '{name: !env acme}'), ['c.yaml:3:18: not valid YAML: Unresolved tag']));
  test('a key that is a list', () =>
    check(swap(MINIMAL, '{name: acme}', '{name: acme, [a, b]: c}'), [
      'c.yaml:3:11: metadata has a key that is not a text',
    ]));
  test('an alias', () =>
    check(swap(swap(MINIMAL, 'kind: Config', 'kind: &k Config'), '{name: acme}', '{name: *k}'), [
      'c.yaml:3:18: aliases are not supported (write the value out)',
    ]));
});

describe('texts that want to exhaust us', () => {
  test('a long one', () => check('#'.repeat(131_073), ['c.yaml: the file is longer than 131072 characters']));
  test('open brackets', () => check('['.repeat(131_072), [DEEP]));
  test('closed brackets', () => check(`a: ${'['.repeat(5000)}${']'.repeat(5000)}`, [DEEP]));
  test('mappings in a line', () => check('{a: '.repeat(32_000), [DEEP]));
  test('lists in a line', () => check(`${'- '.repeat(60_000)}a`, [DEEP]));
  test('explicit keys in a line', () => check(`${'? '.repeat(60_000)}a`, [DEEP]));
  test('indentation', () => check(Array.from({ length: 300 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'), [DEEP]));
  test('an alias bomb', () => {
    const levels = Array.from({ length: 9 }, (_, at) => `b${at + 1}: &b${at + 1} [${`*b${at}, `.repeat(9)}]`);
    const shown = problems(`b0: &b0 [x]\n${levels.join('\n')}\n${MINIMAL}`);
    expect(shown[0]).toBe('c.yaml:2:10: aliases are not supported (write the value out)');
    expect(shown.length).toBe(81);
  });
  test('tens of thousands of keys, most of them wrong', () => {
    const keys = Array.from({ length: 12_000 }, (_, at) => `k${at}: 1`).join('\n');
    expect(problems(`${MINIMAL}${keys}`).length).toBe(100);
  });
});

test('a name in the file cannot write to the terminal', () => {
  const shown = problems(swap(MINIMAL, '{name: acme}', '{name: acme, "\\e[2J\\u202eevil": 1}')).join('\n');
  expect(shown).toContain('metadata.\\u{1b}[2J\\u{202e}evil');
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      expect(['config', 'problems']).toContain(loadConfig(text, 'c.yaml').kind);
    }),
    { numRuns: 100 },
  );
});

test('a config with a piece cut out or doubled is read or refused, and never throws', () => {
  fc.assert(
    fc.property(fc.nat(FULL.length), fc.nat(60), fc.boolean(), (start, length, twice) => {
      const piece = FULL.slice(start, start + length);
      const text = FULL.slice(0, start) + (twice ? piece + piece : '') + FULL.slice(start + length);
      const loaded = loadConfig(text, 'c.yaml');
      if (loaded.kind === 'problems') expect(loaded.problems.length).toBeGreaterThan(0);
      else expect(loaded.config.sources.length).toBe(1);
    }),
    { numRuns: 60 },
  );
});
