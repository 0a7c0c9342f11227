import { expect, test } from 'vitest';
import { LANGUAGE } from '../../src/words/templates/liquid-template.ts';
import { VARIABLES } from '../../src/words/templates/variables.ts';
import { codes, tableRows } from './markdown.ts';

const PAGE = 'docs/templates.md';

test('every variable with its properties, in the same order', () => {
  const rows = tableRows(PAGE, '| Variable | What it is | Its properties |');
  expect(rows.map(([name = '', about, properties = '']) => ({ name, about, properties: codes(properties) }))).toEqual(
    VARIABLES.map(({ name, about, properties = [], place }) => ({
      name: `\`${name}\``,
      about: place === undefined ? about : `${about} Only in a ${place}.`,
      properties,
    })),
  );
});

test('every tag and every filter', () => {
  const [tags = [], filters = []] = tableRows(PAGE, '| In a template | Allowed |').map(([, allowed = '']) =>
    codes(allowed),
  );
  expect(tags).toEqual(LANGUAGE.tags);
  expect(filters).toEqual(LANGUAGE.filters);
});
