import { expect, test } from 'vitest';
import { createLog, LOG_LEVELS, type LogLevel } from '../../../src/adapters/local/pino-log.ts';
import type { LogFields } from '../../../src/ports.ts';

function lines(level: LogLevel, fields: LogFields, message: string): readonly string[] {
  const written: string[] = [];
  const log = createLog({ level, to: { write: (line) => void written.push(line) } });
  for (const name of LOG_LEVELS) log[name](fields, message);
  return written;
}

function levels(level: LogLevel): readonly string[] {
  return lines(level, {}, 'm').map((line) => (JSON.parse(line) as { level: string }).level);
}

function fieldsOf(fields: LogFields): unknown {
  const {
    level: _,
    time: __,
    msg: ___,
    ...rest
  } = JSON.parse(lines('error', fields, 'm')[0] ?? '') as Record<string, unknown>;
  return rest;
}

test('a line is JSON on one line with level, time, fields and message', () => {
  const [line = '', ...more] = lines('error', { branch: 'main', pr: 7, done: true, none: null }, 'published');
  expect(more).toEqual([]);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
  expect(rest).toEqual({ level: 'error', branch: 'main', pr: 7, done: true, none: null, msg: 'published' });
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('lines below the level are left out', () => {
  expect(LOG_LEVELS.map(levels)).toEqual([
    ['debug', 'info', 'warn', 'error'],
    ['info', 'warn', 'error'],
    ['warn', 'error'],
    ['error'],
  ]);
});

test('texts cannot write to the terminal, forge a line or fill the disk', () => {
  const [line = ''] = lines('error', { secret: 'a\u001b[2Jb\u202ec\n{"level":"info"}' }, 'm\u0007');
  expect(['\u001b', '\u0007', '\u202e'].filter((unsafe) => line.includes(unsafe))).toEqual([]);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(JSON.parse(line)).toMatchObject({
    secret: 'a\\u{1b}[2Jb\\u{202e}c\\u{a}{"level":"info"}',
    msg: 'm\\u{7}',
  });
  expect(lines('error', { secret: 'x'.repeat(1_000_000) }, 'm')[0]?.length).toBeLessThan(700);
  expect(fieldsOf({ list: ['a\u001bb'] })).toEqual({ list: ['a\\u{1b}b'] });
  expect(fieldsOf({ list: Array.from({ length: 52 }, () => 'a') })).toEqual({
    list: [...Array.from({ length: 50 }, () => 'a'), '… 2 more'],
  });
});

test("a field cannot take the place of the line's own keys", () => {
  expect(fieldsOf({ level: 'x', time: 'y', msg: 'z', ['__proto__']: 'p' })).toEqual({
    level_: 'x',
    time_: 'y',
    msg_: 'z',
    ['__proto__']: 'p',
  });
});
