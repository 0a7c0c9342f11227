import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { translateEsoReloader } from '../../src/config/write/translate.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { MINIMAL } from './samples.ts';

const fixture = (name: string) => readFileSync(`fixtures/eso-reloader/${name}.yaml`, 'utf8');

function translated(text: string): { readonly text: string; readonly notes: readonly string[] } {
  const result = translateEsoReloader({ file: 'eso.yaml', text });
  if (result.kind === 'problems') throw new Error(result.problems.map(formatProblem).join('\n'));
  return { text: result.text, notes: result.notices.map(formatProblem) };
}

function refused(text: string): readonly string[] {
  const result = translateEsoReloader({ file: 'c.yaml', text });
  return result.kind === 'problems' ? result.problems.map(formatProblem) : ['it was translated'];
}

function load(text: string): Config {
  const loaded = loadConfig(text, 'config.yaml');
  if (loaded.kind === 'problems') throw new Error(`${loaded.problems.map(formatProblem).join('\n')}\n${text}`);
  return loaded.config;
}

/** The translation loads without a word, and means the same in everything but the example of a repository. */
function checkRoundTrip(text: string): void {
  const result = translated(text);
  const before = load(text);
  const after = load(result.text);
  expect({ ...after, repositories: [] }).toEqual(before);
  expect(after.repositories).toHaveLength(1);
  const loaded = loadConfig(result.text, 'config.yaml');
  expect(loaded.kind === 'config' ? loaded.notices : []).toEqual(
    before.destinations.some(({ kind }) => kind === 'ExternalSecret') ? [] : [expect.anything()],
  );
}

describe('a translation means the same', () => {
  test.each(['credentials', 'service-account', 'schema'])('%s', (name) => checkRoundTrip(fixture(name)));
  test('two documents', () => checkRoundTrip(`${fixture('credentials')}---\n${fixture('service-account')}`));
  test('whatever texts it holds, and none of them is written as it is where it would deceive', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        '~',
        'null',
        'yes',
        '1e3',
        '0x1',
        '# a',
        'a: b',
        '- a',
        '*a',
        '&a',
        '!t',
        '"',
        "'",
        '|',
        '>-',
        '---',
        '...',
      ),
      fc.constantFrom(
        '\u001b[2J',
        'a\n# EXAMPLE\nb: c',
        '\u202eevil',
        '\u2028',
        '\u{e0041}',
        '__proto__',
        '\ufeff',
        '\r\n',
        ' a ',
      ),
    );
    fc.assert(
      fc.property(text, text, (key, value) => {
        const document = parseDocument(fixture('credentials'));
        document.setIn(
          ['spec', 'destinationsToWatch', 0, 'externalSecret', 'labelSelectors', 'matchLabels'],
          new Map([[key, value]]),
        );
        // As JSON, which can say every text.
        const hostile = JSON.stringify(document.toJS({ mapAsMap: true }), (_, node: unknown) =>
          node instanceof Map ? Object.fromEntries(node) : node,
        );
        checkRoundTrip(hostile);
        expect(translated(hostile).text).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 30 },
    );
  });
});

test('it says what has no equivalent, with place and advice, and marks what is an example', () => {
  const { text, notes } = translated(fixture('schema'));
  expect(notes).toContain(
    'eso.yaml:10:3: no repository is named: the one in the result is an example (fill in spec.repositories: it is marked EXAMPLE)',
  );
  expect(notes).toContain(
    'eso.yaml:48:13: spec.destinationsToWatch[2] is left out: a destination of type PushSecret has no equivalent (a PushSecret writes to AWS: gitops-reloader never bumps one)',
  );
  expect(notes.length).toBe(17);
  expect(text).toContain('  # EXAMPLE: ');
  expect(text).toContain('order: staged');
  expect(translated(fixture('credentials')).text).toContain('order: refreshOnly');
  expect(text).not.toMatch(/^[^#]*[&*][a-z]/m);
});

test('what is not a Config of ESO Reloader is refused with its place', () => {
  expect(refused(MINIMAL)).toEqual([
    'c.yaml:1:1: this document is not one of ESO Reloader (give a file whose documents are all of apiVersion reloader.external-secrets.io/v1alpha1)',
  ]);
  expect(refused(`${fixture('credentials')}---\n${MINIMAL}`)).toEqual([expect.stringMatching(/^c\.yaml:23:1: this/)]);
  expect(refused('')).toEqual([expect.stringContaining('the file is not a mapping')]);
  expect(refused('['.repeat(100_000))).toEqual(['c.yaml: the file is nested deeper than 40 levels']);
  expect(refused('---\na: 1\n'.repeat(10_000))).toEqual(['c.yaml: the file holds more than 50 documents']);
  expect(refused('---\na: 1\n'.repeat(49)).length).toBe(49);
  expect(refused(fixture('schema').replaceAll('AwsSqs', 'Webhook'))).toEqual(
    expect.arrayContaining([expect.stringContaining('no source left that can be listened to')]),
  );
});
