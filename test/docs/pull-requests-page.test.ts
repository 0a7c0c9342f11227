import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EVENTS } from '../service/life/table/events.ts';
import { STATES } from '../service/life/table/states.ts';
import { splitRow } from './markdown.ts';

const PAGE = readFileSync('docs/pull-requests.md', 'utf8');
const SECTIONS = PAGE.split(/^## /m).slice(1);

/** The rows of every table under this heading that begins `| Event |`. */
function rowsOf(section: string): readonly (readonly string[])[] {
  const lines = section.split('\n');
  const begin = lines.indexOf('| Event | What happens |');
  if (begin === -1) return [];
  const rest = lines.slice(begin + 2);
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith('|')),
    )
    .map(splitRow);
}

test('every state, in order, and no other', () => {
  const headings = SECTIONS.filter((section) => rowsOf(section).length > 0).map((section) => section.split('\n')[0]);
  expect(headings).toEqual(STATES.map(({ title }) => title));
});

test.each(STATES)('$title: what it is, and what every event does to it', ({ title, says, cells }) => {
  const section = SECTIONS.find((one) => one.startsWith(`${title}\n`)) ?? '';
  const [, paragraph = ''] = section.split('\n\n');
  expect(paragraph.replaceAll('\n', ' ')).toBe(says);
  expect(rowsOf(section)).toEqual(
    cells.map(({ events, does }) => [events.map((event) => EVENTS[event].title).join('; '), does]),
  );
});
