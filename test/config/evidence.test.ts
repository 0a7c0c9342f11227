import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { load, MINIMAL, swap } from './samples.ts';

const withEvidence = (evidence: string) => swap(MINIMAL, '[{base: main}]', `[{base: main, evidence: ${evidence}}]`);

const evidence = (text: string) => load(withEvidence(text)).repositories[0]?.branches[0]?.evidence;

function problems(text: string): readonly string[] {
  const loaded = loadConfig(withEvidence(text), 'c.yaml');
  return loaded.kind === 'problems' ? loaded.problems.map(formatProblem) : [];
}

test('paths and contexts are patterns; without paths an entry is for all', () => {
  expect(evidence('{delay: 2m, statuses: [{paths: ["eu/**"], contexts: [a/b, "c/*"]}, {contexts: [d]}]}')).toEqual({
    delayMilliseconds: 120_000,
    statuses: [
      { paths: ['eu/**'], contexts: ['a/b', 'c/*'] },
      { paths: [], contexts: ['d'] },
    ],
  });
  expect(evidence('{}')).toEqual({ delayMilliseconds: 60_000, statuses: [] });
});

const AT = 'spec.repositories[0].branches[0].evidence';
const NAME = 'must be a name such as kustomization/apps/*';

test.each<[string, string, string]>([
  ['no contexts', '{statuses: [{paths: [a]}]}', `${AT}.statuses[0].contexts is missing`],
  ['an empty list', '{statuses: [{contexts: []}]}', `${AT}.statuses[0].contexts names nothing (without an entry`],
  ['a path of no pattern', '{statuses: [{paths: [/a], contexts: [b]}]}', `${AT}.statuses[0].paths[0] must be a path`],
  ['an empty name', '{statuses: [{contexts: [""]}]}', `${AT}.statuses[0].contexts[0] ${NAME}`],
  ['a name of two lines', '{statuses: [{contexts: ["a\\nb"]}]}', `${AT}.statuses[0].contexts[0] ${NAME}`],
  ['a name without end', `{statuses: [{contexts: [${'x'.repeat(256)}]}]}`, `${AT}.statuses[0].contexts[0] ${NAME}`],
  ['a typing error', '{status: []}', `unknown key ${AT}.status (did you mean statuses?)`],
  ['a delay without unit', '{delay: 60}', `${AT}.delay must be a duration`],
  [
    'very many names',
    `{statuses: [{contexts: [${Array.from({ length: 21 }, (_, at) => `c${at}`).join(', ')}]}]}`,
    `${AT}.statuses[0].contexts has more than 20 entries`,
  ],
  [
    'very many entries',
    `{statuses: [${'{contexts: [a]}, '.repeat(101)}]}`,
    `${AT}.statuses has more than 100 entries (let patterns`,
  ],
])('refused: %s', (_, text, expected) => {
  expect(problems(text).join('\n')).toContain(expected);
});
