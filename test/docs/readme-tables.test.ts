import { expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { FAILURE_CODES } from '../../src/domain/failure.ts';
import { GROUP, IGNORE, ORDER, PIN, RESTART, URGENT } from '../../src/domain/policy.ts';
import { NOTE_CODES, SKIP_CODES } from '../../src/plan/plan.ts';
import { OUTCOMES } from '../../src/service/outcome.ts';
import { codes, tableRows } from './markdown.ts';

const README = 'README.md';
const SILENT = { out: () => undefined, note: () => undefined, progress: () => undefined };
const VERBS = {
  delete: 'deleted',
  leave: 'left for the dead-letter queue',
  later: 'given back',
  slow: 'given back slowly',
};

test('errors: every code, in the same order', () => {
  const rows = tableRows(README, '| Code | Meaning and next step |');
  expect(rows.map(([code]) => code)).toEqual(FAILURE_CODES.map((code) => `\`${code}\``));
  expect(rows.filter(([, meaning = '']) => !/^[A-Z].{10,}\.$/.test(meaning))).toEqual([]);
});

test('reasons to leave an object alone: every code, in the same order', () => {
  const rows = tableRows(README, '| Code | The object is left alone because |');
  expect(rows.map(([code]) => code)).toEqual(SKIP_CODES.map((code) => `\`${code}\``));
});

test('notes on edits: every code, in the same order', () => {
  const rows = tableRows(README, '| Note | What to know |');
  expect(rows.map(([code]) => code)).toEqual(NOTE_CODES.map((code) => `\`${code}\``));
});

test('annotations that people write: every one', () => {
  const rows = tableRows(README, '| Annotation | On | What it says |');
  const known = [IGNORE, ORDER, PIN, RESTART, GROUP, URGENT];
  expect(rows.map(([annotation]) => annotation)).toEqual(known.map((one) => `\`${one}\``));
});

test('outcomes: every kind, with what happens to the message', () => {
  const rows = tableRows(README, '| Outcome | The message is | Meaning |');
  const told = rows.flatMap(([kinds = '', verb]) => codes(kinds).map((kind) => `${kind}: ${verb}`));
  const known = Object.entries(OUTCOMES).map(([kind, { verb }]) => `${kind}: ${VERBS[verb]}`);
  expect(told.toSorted()).toEqual(known.toSorted());
});

test('exit codes: every code', () => {
  const rows = tableRows(README, '| Code | Meaning |');
  expect(rows.map(([code]) => Number(code))).toEqual(Object.values(EXIT));
});

test('commands: every command, and every option in its row', () => {
  const { commands } = createProgram(SILENT, () => undefined);
  const rows = tableRows(README, '| Command | What it does |').map((cells) => cells.join(' '));
  const told = rows.map((row) => ({ name: codes(row)[0]?.split(' ')[0], options: optionsIn(row) }));
  const known = commands.map((command) => ({
    name: command.name(),
    options: command.options.flatMap(({ long }) => long ?? []).toSorted(),
  }));
  expect(told).toEqual(known);
});

function optionsIn(text: string): readonly string[] {
  const found = codes(text).flatMap((code) => code.match(/--[a-z-]+/g) ?? []);
  return [...new Set(found)].toSorted();
}
