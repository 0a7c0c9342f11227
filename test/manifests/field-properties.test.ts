import { expect, test } from 'vitest';
import { checkFieldEdits } from './field-edits.ts';

test('a field is set exactly, for another reader and by bytes, and set twice is set once', () => {
  const { edited } = checkFieldEdits(120);
  expect(edited).toBeGreaterThan(60);
});
