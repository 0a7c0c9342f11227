import { expect, test } from 'vitest';
import { PINS } from '../../src/domain/policy.ts';
import { tableRows } from './markdown.ts';

const PAGE = 'docs/pins.md';

test('pins: every one, in the same order', () => {
  const rows = tableRows(PAGE, '| Pin | What each bump writes besides the token |');
  expect(rows.map(([pin]) => pin)).toEqual(PINS.map((pin) => `\`${pin}\``));
});
