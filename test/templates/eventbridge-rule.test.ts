import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiCall, labelMoved, serviceEvent } from '../events/sample-events.ts';
import { matches, type Pattern } from './aws/event-pattern.ts';

const rule = JSON.parse(readFileSync('templates/eventbridge/rule.json', 'utf8')) as Pattern;

function check(event: unknown, expected: boolean): void {
  expect(matches(rule, event)).toBe(expected);
}

test('a label that moved, whichever', () => {
  check(labelMoved(), true);
  check(labelMoved({}, { labelUpdated: 'canary' }), true);
});
test('a new value through the API', () => {
  for (const name of ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage', 'CreateSecret']) {
    check(apiCall(name), true);
  }
});
test('the end of a rotation, good or bad', () => {
  for (const name of ['RotationSucceeded', 'RotationFailed', 'RotationAbandoned']) check(serviceEvent(name), true);
  check(serviceEvent('ReplicationSucceeded'), true);
  check(serviceEvent('RotationStarted'), false);
});
test('reads are left out, our own among them', () => {
  for (const name of ['GetSecretValue', 'DescribeSecret', 'ListSecrets', 'BatchGetSecretValue', 'TagResource']) {
    check(apiCall(name), false);
  }
});
test('failed calls are left out', () => check(apiCall('PutSecretValue', { errorCode: 'AccessDenied' }), false));
test('other sources are left out', () => {
  check(labelMoved({ source: 'acme.custom' }), false);
  check(apiCall('PutSecretValue', { eventSource: 'ssm.amazonaws.com' }), false);
  check({}, false);
});

test('every sample event that asks for a look at a secret gets through', () => {
  const index = JSON.parse(readFileSync('fixtures/events/index.json', 'utf8')) as {
    readonly vectors: readonly {
      readonly file: string;
      readonly form: string;
      readonly expect: { readonly kind?: string; readonly action?: string };
    }[];
  };
  // The one that AWS's page prints without eventSource: the real record has it.
  const trimmed = 'ct_put_secret_value_2024_trimmed_as_printed.json';
  const wanted = index.vectors.filter(
    ({ form, expect: { kind, action } }) => form === 'eventbridge' && kind === 'secret' && action === 'reconcile',
  );
  const lost = wanted.filter(
    ({ file }) => !matches(rule, JSON.parse(readFileSync(join('fixtures/events', file), 'utf8'))),
  );
  expect(wanted.length).toBeGreaterThan(15);
  expect(lost.map(({ file }) => file)).toEqual([trimmed]);
});
