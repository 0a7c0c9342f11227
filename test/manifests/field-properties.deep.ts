import { expect, test } from 'vitest';
import { checkFieldEdits } from './field-edits.ts';

test('20,000 manifests: no field is set wrongly, and few are refused', () => {
  const { edited, refused } = checkFieldEdits(20_000);
  console.log({ edited, refused });
  expect(edited / (edited + refused)).toBeGreaterThan(0.6);
});
