import { expect, test } from 'vitest';
import { liveAnswer, readyAnswer } from '../../../src/service/probes/probe-answers.ts';

const SINCE = Date.parse('2026-03-02T09:20:00Z');

test('alive', () => expect(liveAnswer([])).toEqual({ status: 200, value: { live: true, silent: [] } }));

test('not alive: which loop, and since when', () => {
  expect(liveAnswer([{ loop: 'queue events', due: SINCE }])).toEqual({
    status: 500,
    value: { live: false, silent: [{ loop: 'queue events', due: '2026-03-02T09:20:00.000Z' }] },
  });
});

test('ready, and what does not make it unready is told all the same', () => {
  const trouble = { kind: 'repository', name: 'apps@main', since: SINCE, reason: 'no answer', hint: null } as const;
  expect(readyAnswer({ ready: true, state: 'running', troubles: [trouble] })).toEqual({
    status: 200,
    value: { ready: true, state: 'running', troubles: [{ ...trouble, since: '2026-03-02T09:20:00.000Z' }] },
  });
});

test.each(['starting', 'running', 'stopping'] as const)('not ready while %s', (state) => {
  expect(readyAnswer({ ready: false, state, troubles: [] }).status).toBe(503);
});

test('what hosts say is cut and made safe', () => {
  const hostile = `\u001b[2J\u202e${'x'.repeat(10_000)}`;
  const trouble = { kind: 'queue', name: hostile, since: SINCE, reason: hostile, hint: hostile } as const;
  const text = JSON.stringify(readyAnswer({ ready: false, state: 'running', troubles: [trouble] }).value);
  expect(text).not.toMatch(/[^\u0020-\u007e…]/);
  expect(text).not.toContain('\\u001b');
  expect(text.length).toBeLessThan(1500);
});
