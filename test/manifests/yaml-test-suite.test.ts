import { expect, test } from 'vitest';
import { countPlaces, VALID } from './yaml-test-suite.ts';

test('valid texts of the YAML test suite beside a manifest: edited exactly, or refused with a reason', () => {
  expect(countPlaces(VALID, ['the document behind'])).toEqual({
    'the document behind': { exact: 271, unjudged: 37, refused: 0 },
  });
});

test('valid texts of the YAML test suite within a manifest: edited exactly, or refused with a reason', () => {
  expect(countPlaces(VALID, ['the value before metadata'])).toEqual({
    'the value before metadata': { exact: 253, unjudged: 24, refused: 31 },
  });
});
