import { expect, test } from 'vitest';
import { countPlaces, EVERY_PLACE, INVALID, VALID } from './yaml-test-suite.ts';

test('valid texts of the YAML test suite in every place: edited exactly, or refused with a reason', () => {
  expect(countPlaces(VALID, EVERY_PLACE)).toEqual({
    'the document before': { exact: 269, unjudged: 39, refused: 0 },
    'the document behind': { exact: 271, unjudged: 37, refused: 0 },
    'the value before metadata': { exact: 253, unjudged: 24, refused: 31 },
    'the value behind metadata': { exact: 253, unjudged: 24, refused: 31 },
    'the last annotation': { exact: 251, unjudged: 24, refused: 33 },
    'the value inside the annotation': { exact: 70, unjudged: 0, refused: 238 },
  });
});

test('invalid texts: no exception, and nothing that another reader takes for something else', () => {
  const edited = Object.values(countPlaces(INVALID, EVERY_PLACE)).map(({ exact, unjudged }) => exact + unjudged);
  expect(edited).toEqual([2, 2, 9, 9, 8, 6]);
});
