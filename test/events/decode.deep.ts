import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFile } from '../../src/events/decode-file.ts';
import { decodeMessage } from '../../src/events/decode-message.ts';
import { changesIn } from '../../src/events/decoded.ts';
import { ARN, labelMoved } from './sample-events.ts';

/** Bytes of real events, changed at random: cut, copied, overwritten, spliced into one another. */
const texts = readdirSync('fixtures/events')
  .filter((name) => name.endsWith('.json') && !['index.json', 'disagreements.json'].includes(name))
  .map((name) => readFileSync(`fixtures/events/${name}`));

const bodies = texts.map((text) => {
  const value = JSON.parse(text.toString('utf8')) as { readonly Body?: string };
  return value.Body === undefined ? text : Buffer.from(value.Body, 'utf8');
});

type Edit = {
  readonly at: number;
  readonly length: number;
  readonly kind: 'cut' | 'copy' | 'overwrite' | 'bracket' | 'splice';
  readonly bytes: Uint8Array;
  readonly from: number;
};

const edits = fc.array(
  fc.record<Edit>({
    at: fc.nat(),
    length: fc.nat(40),
    kind: fc.constantFrom('cut', 'copy', 'overwrite', 'bracket', 'splice'),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    from: fc.nat(),
  }),
  { minLength: 1, maxLength: 6 },
);

const BRACKETS = Buffer.from('{}[]",:\\0n');

function change(seed: Buffer, edit: Edit): Buffer {
  const at = edit.at % (seed.length + 1);
  const end = Math.min(seed.length, at + edit.length);
  const piece = inserted(seed.subarray(at, end), edit);
  const rest = edit.kind === 'copy' || edit.kind === 'splice' ? at : end;
  return Buffer.concat([seed.subarray(0, at), piece, seed.subarray(rest)]);
}

function inserted(old: Buffer, edit: Edit): Uint8Array {
  switch (edit.kind) {
    case 'cut':
      return Buffer.alloc(0);
    case 'copy':
      return old;
    case 'overwrite':
      return edit.bytes;
    case 'bracket':
      return Buffer.from([BRACKETS[edit.from % BRACKETS.length] ?? 0]);
    case 'splice':
      return bodies[edit.from % bodies.length] ?? old;
  }
}

function expectHarmless(text: string): void {
  for (const decode of [(body: string) => decodeMessage(body, 1_772_442_759_000), decodeFile]) {
    const decoded = decode(text);
    expect(decoded.length > 0 && decoded.length <= 100).toBe(true);
    for (const one of decoded) {
      expect(/[\p{Cc}\p{Cf}\p{Cs}]/u.test(`${one.reason}${one.eventName ?? ''}`)).toBe(false);
      expect(one.change !== null).toBe(one.action === 'reconcile');
      if (one.change === null) continue;
      expect(/^\d{12}$/.test(one.change.account) && /^[a-z0-9-]+$/.test(one.change.region)).toBe(true);
      expect(one.change.id !== '' && one.change.names.length > 0).toBe(true);
    }
  }
}

/** Anything but the names of the two services that are listened to. */
const stranger = fc.constantFrom(
  'com.example',
  'aws.ec2',
  'aws.secretsmanager.example',
  'AWS.SECRETSMANAGER',
  '',
  null,
  7,
);
const odd = fc.constantFrom<unknown>('AWSCURRENT', '', null, 0, [], {}, [ARN], '__proto__', '{"a":[');

/** Real events, fields missing or odd, said by somebody else. */
const saidByOthers = fc.record(
  {
    source: stranger,
    'detail-type': fc.constantFrom(
      'Secret Label Updated',
      'AWS API Call via CloudTrail',
      'Parameter Store Change',
      'x',
    ),
    account: fc.oneof({ weight: 4, arbitrary: fc.constant('111122223333') }, odd),
    region: fc.oneof({ weight: 4, arbitrary: fc.constant('eu-west-1') }, odd),
    resources: fc.oneof({ weight: 4, arbitrary: fc.constant([ARN]) }, odd),
    detail: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom<unknown>(labelMoved()['detail'], { labelUpdated: 'AWSCURRENT' }) },
      odd,
    ),
    eventSource: stranger,
    eventName: fc.constantFrom('PutSecretValue', 'RotationSucceeded'),
  },
  { requiredKeys: [] },
);

/** The same in all envelopes, one in the other. */
const { wrapped } = fc.letrec<{ readonly wrapped: unknown }>((tie) => ({
  wrapped: fc.oneof(
    { maxDepth: 5 },
    { weight: 3, arbitrary: saidByOthers },
    { weight: 1, arbitrary: fc.array(tie('wrapped'), { maxLength: 3 }) },
    { weight: 1, arbitrary: tie('wrapped').map((inner) => JSON.stringify(inner)) },
    { weight: 1, arbitrary: tie('wrapped').map((inner) => ({ Type: 'Notification', Message: JSON.stringify(inner) })) },
    { weight: 1, arbitrary: tie('wrapped').map((inner) => ({ eventSource: 'aws:sqs', body: JSON.stringify(inner) })) },
    { weight: 1, arbitrary: tie('wrapped').map((inner) => ({ requestContext: {}, requestPayload: inner })) },
    { weight: 1, arbitrary: fc.array(tie('wrapped'), { maxLength: 2 }).map((Records) => ({ Records })) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('event', '__proto__', 'Sns'), tie('wrapped')) },
  ),
}));

const STRANGERS = [
  ['any text', 30_000, fc.string({ unit: 'binary', maxLength: 300 })],
  ['any JSON', 30_000, fc.jsonValue().map((value) => JSON.stringify(value))],
  ['events of others, in any envelope', 40_000, wrapped.map((value) => JSON.stringify(value))],
] as const;

test('the cases below are a hundred thousand', () => {
  expect(STRANGERS.reduce((sum, [, runs]) => sum + runs, 0)).toBe(100_000);
});

test.each(STRANGERS)('%s is decoded without harm and never acted on: %i cases', (_, numRuns, strangers) => {
  let cases = 0;
  fc.assert(
    fc.property(strangers, (text) => {
      cases += 1;
      expectHarmless(text);
      const results = [...decodeMessage(text, null), ...decodeFile(text)];
      expect(results.every((one) => changesIn(one).length === 0 && one.action !== 'reconcile')).toBe(true);
    }),
    { numRuns },
  );
  expect(cases).toBe(numRuns);
});

test('damaged events are decoded without harm', () => {
  fc.assert(
    fc.property(fc.nat(), edits, (index, list) => {
      const seed = bodies[index % bodies.length] ?? Buffer.alloc(0);
      const bytes = list.reduce(change, seed);
      expectHarmless(bytes.toString('utf8'));
      expectHarmless(JSON.stringify({ Type: 'Notification', Message: bytes.toString('latin1') }));
    }),
    { numRuns: 60_000, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  );
});

test('damaged message files are decoded without harm', () => {
  fc.assert(
    fc.property(fc.nat(), edits, (index, list) => {
      const seed = texts[index % texts.length] ?? Buffer.alloc(0);
      expectHarmless(list.reduce(change, seed).toString('utf8'));
    }),
    { numRuns: 30_000, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false },
  );
});
