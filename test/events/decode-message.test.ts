import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage } from '../../src/events/decode-message.ts';
import { ARN, apiCall, decodeOne, labelMoved, serviceEvent, tell } from './sample-events.ts';

const REFUSED = 'unparseable - no reject';

/** Every event of the vectors: as it is, or taken out of its SQS message. */
const bodies = readdirSync('fixtures/events')
  .filter(
    (name) =>
      name.endsWith('.json') && !['index.json', 'disagreements.json'].includes(name) && !name.startsWith('seq_'),
  )
  .map((name) => {
    const text = readFileSync(`fixtures/events/${name}`, 'utf8');
    const value = JSON.parse(text) as { readonly Body?: string };
    return value.Body ?? text;
  });

function check(body: string, expected: string): void {
  expect(tell(decodeOne(body))).toBe(expected);
  expect(Object.keys(Object.prototype)).toEqual([]);
}

test('a source that is not ours never acts', () => {
  for (const source of ['com.example', 'aws.secretsmanager ', 'AWS.SecretsManager', 'aws.secretsmanager.evil', '']) {
    check(JSON.stringify(labelMoved({ source })), 'ignored - no ignore');
    check(JSON.stringify(apiCall('PutSecretValue', {}, { source })), 'ignored - no ignore');
  }
  for (const eventSource of ['s3.amazonaws.com', 'ssm.amazonaws.com', 'secretsmanager.amazonaws.com.evil', '']) {
    check(JSON.stringify(apiCall('PutSecretValue', { eventSource })), 'ignored - no ignore');
  }
});

test('an unknown detail-type of Secrets Manager never acts', () => {
  for (const type of ['AWS Secrets Manager Secret Label Updated', 'secret label updated', '', 'Anything']) {
    check(JSON.stringify(labelMoved({ 'detail-type': type })), 'ignored - no ignore');
  }
});

test('a detail that is no object is refused', () => {
  for (const detail of ['oops', null, 42, [], [labelMoved()], true]) {
    check(JSON.stringify(labelMoved({ detail })), REFUSED);
    check(JSON.stringify(apiCall('x', {}, { detail })), REFUSED);
  }
});

test('an operation without a name is refused', () => {
  for (const eventName of [null, 42, '', ['PutSecretValue'], {}]) {
    check(JSON.stringify(apiCall('x', { eventName })), REFUSED);
  }
});

test('a megabyte and a byte is refused, whatever it holds', () => {
  const event = JSON.stringify(labelMoved());
  check(event + ' '.repeat(1_048_576 - event.length), 'secret - yes reconcile');
  check(event + ' '.repeat(1_048_577 - event.length), REFUSED);
});

test('depth ten thousand is refused, also within an SNS message', () => {
  const deep = [
    '['.repeat(10_000) + ']'.repeat(10_000),
    `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    '[{"a":'.repeat(10_000),
    JSON.stringify(labelMoved()).replace('"detail":', `"x":${'['.repeat(10_000)}${']'.repeat(10_000)},"detail":`),
  ];
  for (const text of deep) {
    check(text, REFUSED);
    check(JSON.stringify({ Type: 'Notification', Message: text }), REFUSED);
  }
});

test('prototype keys are keys like any other', () => {
  const event = JSON.stringify(labelMoved());
  const bare = '{"source":"aws.secretsmanager","detail-type":"Secret Label Updated"';
  check(`${bare},"__proto__":${event}}`, REFUSED);
  check(`{"__proto__":${event}}`, REFUSED);
  check(`{"constructor":{"prototype":${event}}}`, REFUSED);
  check(event.replace('{', '{"__proto__":{"polluted":true,"toString":1},'), 'secret - yes reconcile');
  check(event.replace('"detail":{', '"detail":{"__proto__":{"labelUpdated":"canary"},'), 'secret - yes reconcile');
});

test('of duplicate keys the last one counts, for the source too', () => {
  const event = JSON.stringify(labelMoved());
  check(event.replace('{', '{"source":"com.example",'), 'secret - yes reconcile');
  check(event.replace(/\}$/, ',"source":"com.example"}'), 'ignored - no ignore');
});

test('huge lists are refused at once', () => {
  check(`[${'0,'.repeat(500_000)}0]`, REFUSED);
  check(`[${'[],'.repeat(300_000)}0]`, REFUSED);
  check(JSON.stringify(labelMoved({ resources: Array.from({ length: 10_000 }, () => ARN) })), 'secret - yes reconcile');
});

test('lone surrogates come out escaped, or not at all', () => {
  const event = apiCall('Put\ud800Secret', { requestParameters: { secretId: 'x\udfff' } });
  expect(decodeOne(event)).toMatchObject({ action: 'ignore', eventName: 'Put\\u{d800}Secret' });
  check(JSON.stringify(labelMoved({ source: '\ud800' })), 'ignored - no ignore');
});

test('a hostile name is neutralised wherever it is shown', () => {
  const name = '\u001b]0;pwned\u0007\nSecret-Rotation: x=y\u202e';
  for (const event of [apiCall(name), labelMoved({ source: name }), labelMoved({ 'detail-type': name })]) {
    const one = decodeOne(event);
    expect(`${one.reason}${one.eventName}`).toMatch(/^[ -~]+$/);
    expect(one.action).toBe('ignore');
  }
});

// ---------------------------------------------------------------------------------------------------------------------
// Properties

const oddities = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    [],
    {},
    [[]],
    'AWSCURRENT',
    'aws.secretsmanager',
    ARN,
    '__proto__',
  ),
  fc.constantFrom<unknown>(ARN.replace('111122223333', '999988887777'), 'x'.repeat(3000), '\ud800', '\n', '\u202e'),
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
);

/** Puts `value` at the `index`-th place of `root`, counting every field of every depth. */
function mutate(root: unknown, index: number, value: unknown): unknown {
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const holder = node as Record<string, unknown>;
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      walk(holder[key]);
    }
  };
  const copy: unknown = structuredClone(root);
  walk(copy);
  const place = places[index % Math.max(places.length, 1)];
  if (place !== undefined) place.holder[place.key] = value;
  return copy;
}

/** What holds for every result whatsoever. */
function expectHarmless(body: string): void {
  const decoded = decodeMessage(body, 1_772_442_759_000);
  expect(decoded.length).toBeGreaterThan(0);
  expect(decoded.length).toBeLessThanOrEqual(100);
  for (const one of decoded) {
    expect(one.reason).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(one.reason.length).toBeLessThan(2500);
    expect(one.change !== null).toBe(one.action === 'reconcile');
    if (one.change === null) continue;
    expect(one.change.account).toMatch(/^\d{12}$/);
    expect(one.change.region).toMatch(/^[a-z0-9-]{1,32}$/);
    expect(one.change.id).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(one.change.names.length).toBeGreaterThan(0);
    expect(one.change.names).not.toContain('');
    expect(one.change.event.time).toSatisfy((time: string | null) => time === null || time <= '2026-03-02T09:12:39Z');
  }
}

test('any text at all is decoded without harm', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), expectHarmless), { numRuns: 200 });
});

test('any JSON at all is decoded without harm, and without effect', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expectHarmless(JSON.stringify(value));
      for (const one of decodeMessage(JSON.stringify(value), null)) expect(one.change).toBeNull();
    }),
    { numRuns: 200 },
  );
});

test('any field replaced by anything is decoded without harm', () => {
  fc.assert(
    fc.property(fc.nat(), oddities, (index, value) => {
      for (const body of bodies) {
        expectHarmless(JSON.stringify(mutate(parse(body), index, value)));
      }
    }),
    { numRuns: 50 },
  );
});

test('any field replaced by anything never makes a foreign source act', () => {
  const seeds = [labelMoved(), apiCall('PutSecretValue'), serviceEvent('RotationSucceeded')];
  fc.assert(
    fc.property(fc.nat(), oddities, fc.constantFrom('aws.ec2', 'com.example', 'x', ''), (index, value, source) => {
      for (const seed of seeds) {
        const event = { ...(mutate(seed, index, value) as object), source };
        for (const one of decodeMessage(JSON.stringify(event), null)) expect(one.change).toBeNull();
      }
    }),
    { numRuns: 200 },
  );
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
