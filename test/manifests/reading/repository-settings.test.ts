import { expect, test } from 'vitest';
import { parseRepositorySettings } from '../../../src/manifests/reading/repository-settings.ts';

const read = (text: string) => parseRepositorySettings(new TextEncoder().encode(text));

test.each([
  ['paused: true', true],
  ['paused: false', false],
  ['# nothing yet\n', false],
  ['', false],
  ['---\n', false],
  ['{}', false],
  ['{"paused": true}\n', true],
])('%j', (text, paused) => {
  expect(read(text)).toEqual({ kind: 'settings', paused });
});

test.each([
  ['paused: yes', /neither true nor false/],
  ['paused: "true"', /neither true nor false/],
  ['paused: {}', /neither true nor false/],
  ['paused: true\npaused: false', /paused twice/],
  ['pause: true', /unknown key, pause$/],
  ['paused: false\nlimits: {open: 5}', /unknown key, limits$/],
  ['"\\u001b[31m": 1', /unknown key, \\u\{1b\}\[31m$/],
  ['- paused', /no mapping/],
  ['true', /no mapping/],
  ['paused: [', /./],
  ['paused: true\n---\npaused: false', /more than one document/],
  ['paused: {{ .Values.paused }}', /template/],
  ['['.repeat(4096), /./],
])('%j cannot be understood', (text, reason) => {
  expect(read(text)).toEqual({ kind: 'problem', reason: expect.stringMatching(reason) as string });
});

test('bytes that are no text', () => {
  expect(parseRepositorySettings(Uint8Array.from([0xff, 0xfe, 0x00])).kind).toBe('problem');
});
