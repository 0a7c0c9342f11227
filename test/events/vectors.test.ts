import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeFile } from '../../src/events/decode-file.ts';
import { decodeMessage } from '../../src/events/decode-message.ts';
import type { Decoded } from '../../src/events/decoded.ts';

interface Vector {
  readonly file: string;
  readonly form: 'eventbridge' | 'sqs-message' | 'sequence';
  readonly expect: Readonly<Record<string, unknown>>;
}

interface Sequence {
  readonly events: readonly unknown[];
}

const index = JSON.parse(read('index.json')) as { readonly vectors: readonly Vector[] };

const singles = index.vectors.filter((vector) => vector.form !== 'sequence');
const sequences = index.vectors.filter((vector) => vector.form === 'sequence');

test.each(singles.map((vector) => [vector.file, vector] as const))('%s', (file, vector) => {
  const decoded = decodeFile(read(file));
  expect(decoded).toHaveLength(1);
  const [one] = decoded;
  if (one === undefined) throw new Error('no result');
  const seen = Object.fromEntries(Object.keys(vector.expect).map((key) => [key, one[key as keyof Decoded]]));
  expect(seen).toEqual(vector.expect);
  // What the vector does not mention is not there.
  if (!('secret' in vector.expect)) expect([one.secret, one.identifier, one.versionId]).toEqual([null, null, null]);
  expectSane(one);
});

test('a change is what the result shows, and names nothing besides', () => {
  for (const { file } of singles) {
    for (const one of decodeFile(read(file))) {
      if (one.kind !== 'secret' || one.action !== 'reconcile') continue;
      expect(one.change).toMatchObject({
        service: 'secretsmanager',
        account: one.secret.account,
        region: one.secret.region,
        id: one.identifier.raw,
        label: 'AWSCURRENT',
        versionId: one.versionId,
      });
      expect(one.change.names[0]).toBe(one.secret.name);
    }
  }
});

/** What each event of a sequence leads to, in order. */
const STORIES: Readonly<Record<string, readonly string[]>> = {
  'seq_delete_and_recreate.json': ['DeleteSecret ignore', 'CreateSecret reconcile'],
  'seq_eventual_consistency.json': ['native reconcile'],
  'seq_idempotent_put_no_change.json': ['PutSecretValue reconcile'],
  'seq_lambda_rotation_in_order.json': [
    'RotateSecret ignore',
    'RotationStarted ignore',
    'PutSecretValue ignore',
    'UpdateSecretVersionStage reconcile',
    'native reconcile',
    'RotationSucceeded reconcile',
  ],
  'seq_metadata_noise_only.json': [
    'TagResource ignore',
    'UpdateSecret reconcile',
    'PutResourcePolicy ignore',
    'TestRotationStarted ignore',
    'TestRotationSucceeded ignore',
  ],
  'seq_same_name_other_account_and_region.json': ['native reconcile', 'native reconcile', 'native reconcile'],
  'seq_two_quick_updates.json': ['native reconcile', 'native reconcile'],
};

test.each(Object.entries(STORIES))('%s', (file, story) => {
  expect(decodeSequence(file).map(tell)).toEqual(story);
});

test('duplicates and reversed order tell the same story, twice and backwards', () => {
  const story = STORIES['seq_lambda_rotation_in_order.json'] ?? [];
  expect(decodeSequence('seq_lambda_rotation_reversed.json').map(tell)).toEqual(story.toReversed());
  expect(decodeSequence('seq_lambda_rotation_duplicates.json').map(tell)).toEqual(story.flatMap((one) => [one, one]));
  expect(decodeSequence('seq_rollback_after_rotation.json').map(tell)).toEqual([
    ...story,
    'UpdateSecretVersionStage reconcile',
    'native reconcile',
  ]);
});

test('one name in two accounts and two Regions stays three secrets', () => {
  const changes = decodeSequence('seq_same_name_other_account_and_region.json').map((one) => one.change);
  expect(changes.map((change) => `${change?.account} ${change?.region}`)).toEqual([
    '111122223333 eu-west-1',
    '444455556666 eu-west-1',
    '111122223333 us-east-1',
  ]);
});

test('every sequence is told', () => {
  const told = [
    ...Object.keys(STORIES),
    'seq_lambda_rotation_reversed.json',
    'seq_lambda_rotation_duplicates.json',
    'seq_rollback_after_rotation.json',
  ];
  expect(sequences.map((vector) => vector.file).toSorted()).toEqual(told.toSorted());
});

function read(file: string): string {
  return readFileSync(`fixtures/events/${file}`, 'utf8');
}

function decodeSequence(file: string): readonly Decoded[] {
  const { events } = JSON.parse(read(file)) as Sequence;
  return events.flatMap((event) => decodeMessage(JSON.stringify(event), null));
}

function tell(one: Decoded): string {
  expectSane(one);
  return `${one.eventName ?? 'native'} ${one.action}`;
}

/** What holds for every result: a sentence on one line, and a change exactly where something is to be done. */
function expectSane(one: Decoded): void {
  expect(one.reason).toMatch(/^[ -~]{10,500}\.$/);
  expect(one.change !== null).toBe(one.action === 'reconcile');
}
