import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeFile } from '../../src/events/decode-file.ts';
import { apiCall, decodeOne, serviceEvent } from './sample-events.ts';

interface Index {
  readonly vectors: readonly { readonly file: string; readonly form: string }[];
}

const FOLDER = 'fixtures/events';
const GOLDEN = `${FOLDER}/reasons.txt`;
const index = JSON.parse(readFileSync(`${FOLDER}/index.json`, 'utf8')) as Index;
const files = index.vectors.filter(({ form }) => form !== 'sequence').map(({ file }) => file);

/** Every sample message, what is done about it, and the sentence that says why. `UPDATE=1` rewrites it. */
test('the reasons are those that people have read', () => {
  const text = files
    .flatMap((file) => {
      const results = decodeFile(readFileSync(`${FOLDER}/${file}`, 'utf8'));
      return results.map(({ action, reason }) => `${file}\n  ${action}: ${reason}\n`);
    })
    .join('');
  if (process.env['UPDATE'] === '1') writeFileSync(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, 'utf8'));
});

test('what is not acted on is told in one sentence', () => {
  for (const file of files) {
    for (const { action, reason } of decodeFile(readFileSync(`${FOLDER}/${file}`, 'utf8'))) {
      if (action === 'reconcile') continue;
      expect(reason).toMatch(/^[A-Z][ -~]{20,250}\.$/);
      expect(reason.slice(0, -1)).not.toMatch(/[.!?] |\.\.|undefined|null|\[object/);
    }
  }
});

test.each([
  [apiCall('PutSecretValue', { requestParameters: null }), 'so nothing can be looked up'],
  [serviceEvent('RotationFailed'), 'CloudTrail says why'],
  [apiCall('PutSecretValue', { errorCode: 'AccessDenied' }), 'the call failed, so nothing changed'],
  [apiCall('FrobnicateSecret'), 'does not know'],
  [apiCall('PutSecretValue', {}, { account: '444455556666' }), 'from another account'],
])('%#: the reason holds what matters', (event, part) => {
  expect(decodeOne(event).reason).toContain(part);
});
