import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MERGE_MODES } from '../../src/domain/life/merge-policy.ts';
import { URGENT } from '../../src/domain/policy.ts';
import { RETRY_COMMAND, RETRY_LABEL } from '../../src/plan/life/ended/retry-request.ts';
import { MERGE_WAITS } from '../../src/plan/life/merging.ts';
import { CONFIRM_LABEL } from '../../src/plan/life/opening.ts';
import { BASELINE_KINDS, BEHIND_STATES } from '../../src/plan/reconcile/reconcile-report.ts';
import { contextsFor } from '../../src/plan/restart/statuses/status-evidence.ts';
import { load, MINIMAL, swap } from '../config/samples.ts';
import { codes, tableRows } from './markdown.ts';

const PAGE = 'docs/operating.md';

test('who merges: every mode, in the same order', () => {
  const rows = tableRows(PAGE, '| Mode | Who | When |');
  expect(rows.map(([mode]) => mode)).toEqual(MERGE_MODES.map((mode) => `\`${mode}\``));
});

test('why nothing is merged yet: every reason, in the same order', () => {
  const rows = tableRows(PAGE, '| Why | What it waits for |');
  expect(rows.map(([why]) => why)).toEqual(MERGE_WAITS.map((why) => `\`${why}\``));
});

test('reconcile: every state of an object and of the baseline, in the same order', () => {
  const states = tableRows(PAGE, '| State | What it means |').map(([state]) => state);
  const kinds = tableRows(PAGE, '| Baseline | What it means |').map(([kind]) => kind);
  expect(states).toEqual(BEHIND_STATES.map((state) => `\`${state}\``));
  expect(kinds).toEqual(BASELINE_KINDS.map((kind) => `\`${kind}\``));
});

test('labels, commands and annotations are those that are understood', () => {
  const named = codes(readFileSync(PAGE, 'utf8')).filter((code) => /^\/?gitops-reloader(?:[:.]| retry)/.test(code));
  const known = [RETRY_COMMAND, RETRY_LABEL, CONFIRM_LABEL, `${URGENT}: "true"`];
  expect([...new Set(named)].toSorted()).toEqual(known.toSorted());
});

test('the sample of statuses is a configuration, and asks for what the templates write', () => {
  const [, sample = ''] = /```yaml\n(branches:\n[\s\S]+?)```/.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const indented = sample.replaceAll(/^(?=.)/gm, '      ');
  const [branch] = load(swap(MINIMAL, '      branches: [{base: main}]\n', indented)).repositories[0]?.branches ?? [];
  const policy = branch?.evidence ?? { statuses: [], delayMilliseconds: 0 };
  expect(contextsFor(policy, 'clusters/eu/payments/db.yaml')).toEqual(['kustomization/apps/eu']);
  expect(contextsFor(policy, 'clusters/us/payments/db.yaml')).toEqual(['continuous-delivery/us-*']);
  expect([policy.delayMilliseconds, branch?.merge.mode]).toEqual([60_000, 'bot']);
});
