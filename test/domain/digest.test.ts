import { expect, test } from 'vitest';
import { sha256Hex } from '../../src/domain/digest.ts';

test.each([
  ['', 64, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 64, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['abc', 12, 'ba7816bf8f01'],
])('the digest of %j in %d digits', (text, length, expected) => {
  expect(sha256Hex(text, length)).toBe(expected);
});

test('a text is taken as UTF-8', () => {
  expect(sha256Hex('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
});
