import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ENVELOPES } from '../../src/events/envelopes.ts';
import { RECORD_TYPES } from '../../src/events/frame.ts';
import { SECRET_EVENTS } from '../../src/events/meaning/event-names.ts';
import { NATIVE_PLACES, RECORD_PLACES } from '../../src/events/meaning/identity.ts';
import { FAILED } from '../../src/events/meaning/judge.ts';
import { NATIVE_TYPES } from '../../src/events/meaning/parameter-event.ts';
import { PARAMETER_EVENTS } from '../../src/events/meaning/parameter-names.ts';
import { NATIVE_TYPE } from '../../src/events/meaning/secret-event.ts';
import type { Meaning, Verdict } from '../../src/events/meaning/verdict.ts';
import { LABEL_UPDATED } from '../../src/events/meaning/write-calls.ts';
import { codes, tableRows } from './markdown.ts';

const PAGE = 'docs/events.md';
const TEXT = readFileSync(PAGE, 'utf8');

interface Rule {
  readonly $or: readonly {
    readonly 'detail-type': readonly string[];
    readonly detail?: { readonly eventName: unknown };
  }[];
}

const rule = JSON.parse(readFileSync('templates/eventbridge/rule.json', 'utf8')) as Rule;
const inRule = rule.$or.flatMap(
  ({ 'detail-type': types, detail }) => (detail?.eventName ?? types) as readonly string[],
);

const READINGS = {
  'full-arn': 'full ARN',
  'full-arn-or-name': 'full ARN, or a bare name',
  written: 'as the caller wrote it: bare name, full ARN or partial ARN',
  name: 'bare name',
};

/** The word of the page's first table. */
function wordFor({ action, changed }: Verdict): string {
  if (action === 'notify') return 'notice';
  if (action === 'ignore') return 'ignored';
  return changed === 'yes' ? 'acts' : 'maybe';
}

function rowsOf(events: Iterable<readonly [string, Meaning]>): readonly (readonly string[])[] {
  return [...events].flatMap(([name, { verdicts }]) =>
    verdicts.map((verdict) => [`\`${name}\``, wordFor(verdict), verdict.says]),
  );
}

test('every event of Secrets Manager, with all that it can mean, and whether the rule lets it through', () => {
  const known = rowsOf([[NATIVE_TYPE, LABEL_UPDATED], ...SECRET_EVENTS]);
  expect(tableRows(PAGE, '| Event | To gitops-reloader | Because | In the rule |')).toEqual(
    known.map((row) => [...row, inRule.includes(codes(row[0] ?? '')[0] ?? '') ? 'yes' : 'no']),
  );
});

test('the rule lets through whatever may act, and nothing that is always ignored', () => {
  const all = new Map([[NATIVE_TYPE, LABEL_UPDATED], ...SECRET_EVENTS]);
  for (const [name, { verdicts }] of all) {
    if (verdicts.some(({ action }) => action === 'reconcile')) expect(inRule).toContain(name);
    if (verdicts.every(({ action }) => action === 'ignore')) expect(inRule).not.toContain(name);
  }
  expect(inRule.filter((name) => !all.has(name))).toEqual([]);
});

test('every operation of Parameter Store, with what it means', () => {
  expect(tableRows(PAGE, '| Operation | To gitops-reloader | Because |')).toEqual(rowsOf(PARAMETER_EVENTS));
});

test('every word is explained, and every form of an event is named', () => {
  expect(tableRows(PAGE, '| Word | Means |').map(([word]) => word)).toEqual(['acts', 'maybe', 'notice', 'ignored']);
  const named = codes(TEXT);
  for (const type of [NATIVE_TYPE, ...RECORD_TYPES, ...NATIVE_TYPES]) expect(named).toContain(type);
  expect(TEXT.replaceAll('\n', ' ')).toContain(`*${FAILED.says}*`);
});

test('every envelope, in the order in which they are tried', () => {
  const rows = tableRows(PAGE, '| Envelope | Looks like | What is done |');
  expect(rows.map(([name]) => name)).toEqual(ENVELOPES.map(({ name }) => name));
});

test('every place that names a secret, in order, and how it is read', () => {
  const places = [...NATIVE_PLACES, ...RECORD_PLACES].map(({ path, reads }) => [
    `\`${path.join('.')}\``,
    READINGS[reads],
  ]);
  expect(tableRows(PAGE, '| Place | Read as |')).toEqual([['`resources[0]`', 'full ARN'], ...places]);
});

test('the small rule is the native half of the template', () => {
  const [, block = ''] = /```json\n([\s\S]*?)```/.exec(TEXT) ?? [];
  expect(JSON.parse(block)).toEqual({
    source: ['aws.secretsmanager'],
    'detail-type': [NATIVE_TYPE],
    detail: { labelUpdated: ['AWSCURRENT'] },
  });
  expect(rule.$or[0]?.['detail-type']).toEqual([NATIVE_TYPE]);
});

test('what is chosen is always among what is listed', () => {
  const records = [
    {},
    { requestParameters: {} },
    { requestParameters: { versionStages: ['x'] } },
    { labelUpdated: 'x' },
  ];
  const more = [{ responseElements: { versionId: 'v' } }, { labelUpdated: 'AWSCURRENT' }];
  for (const { choose, verdicts } of [LABEL_UPDATED, ...SECRET_EVENTS.values(), ...PARAMETER_EVENTS.values()]) {
    for (const record of [...records, ...more]) expect(verdicts).toContain(choose(record));
  }
});
