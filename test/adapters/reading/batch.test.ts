import { expect, test } from 'vitest';
import { packFacts, unpackFacts } from '../../../src/adapters/reading/batch.ts';
import type { BlobFacts } from '../../../src/manifests/objects.ts';
import { NOTHING, readBlob, unreadBlob } from '../../../src/manifests/read-blob.ts';

const SECRET = 'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: db, labels: { a: b } }\n';

const sayingOf = (text: string) => readBlob(Buffer.from(text));

/** Exactly these facts arrive on the other side; null stands for what says nothing. */
function check(facts: readonly (BlobFacts | null)[]): readonly BlobFacts[] {
  const arrived = unpackFacts(structuredClone(packFacts(facts))) ?? [];
  expect(arrived).toStrictEqual(facts.map((one) => one ?? NOTHING));
  return arrived;
}

test('what blobs say arrives exactly, at its position', () => {
  check([]);
  check([null, null]);
  check([null, sayingOf(SECRET), null, sayingOf(SECRET.replace('db', 'other')), sayingOf('kind: [ExternalSecret')]);
  check([sayingOf(SECRET.replace('a: b', '__proto__: b')), sayingOf(SECRET.replace('db', '"\\0\\u2028\\ud800"'))]);
});

test('so does what is too long to be taken apart, or was too much to be read', () => {
  const long = sayingOf(`kind: [ExternalSecret # ${'x'.repeat(300_000)}`);
  expect(long.text?.length).toBeGreaterThan(300_000);
  const unread = unreadBlob(Buffer.from(SECRET), 'reading the file takes too long');
  check([sayingOf(SECRET), long, null, unread, sayingOf(SECRET)]);
});

test('what blobs have in common is one value on the other side', () => {
  const [one, other] = check([sayingOf(SECRET), sayingOf(SECRET.replace('db', 'other'))]);
  expect(one?.objects[0]?.name).not.toBe(other?.objects[0]?.name);
  expect(one?.objects[0]?.labels).toBe(other?.objects[0]?.labels);
});

test('a line that is none is no answer', () => {
  const answer = packFacts([sayingOf(SECRET)]);
  expect(unpackFacts({ ...answer, lines: ['{}'] })).toBeNull();
});
