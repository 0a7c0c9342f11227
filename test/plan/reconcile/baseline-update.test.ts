import { expect, test } from 'vitest';
import { formatToken, parseToken } from '../../../src/domain/token.ts';
import type { BaselineEntry } from '../../../src/manifests/baseline/baseline-entry.ts';
import { baselineUpdate, updateDueAt } from '../../../src/plan/reconcile/baseline/baseline-update.ts';
import { joinBaseline } from '../../../src/plan/reconcile/baseline/join-baseline.ts';
import { indexOf, t, v } from '../repository.ts';

function es(name: string, key = name, namespace = 'app'): string {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: home}
  data: [{secretKey: k, remoteRef: {key: ${key}}}]
`;
}

function entry(name: string, path = `${name}.yaml`, token = `${name}=${v(1)}@${t(1)}`): BaselineEntry {
  return { path, kind: 'ExternalSecret', namespace: 'app', name, token: parseToken(token) ?? [] };
}

/** `path name token` of each entry, without times. */
function inShort(entries: readonly BaselineEntry[] | null): readonly string[] | null {
  return entries?.map(({ path, token }) => `${path} ${formatToken(token).replaceAll(/@\S+/g, '')}`) ?? null;
}

test('joined by address; what was moved keeps what it had, what is ambiguous has none', () => {
  const here = indexOf({ 'a.yaml': es('a'), 'moved/b.yaml': es('b'), 'x/c.yaml': es('c'), 'y/c.yaml': es('c') });
  const joined = joinBaseline(here, [entry('a'), entry('b'), entry('c'), entry('gone')]);
  expect([...joined.keys()].map((key) => (JSON.parse(key) as string[])[0])).toEqual(['a.yaml', 'moved/b.yaml']);
});

test("an entry whose object is there is nobody else's", () => {
  const here = indexOf({ 'a.yaml': es('a'), 'copy/a.yaml': es('a') });
  expect(joinBaseline(here, [entry('a')]).size).toBe(1);
});

test('nothing lacks one: no update, also where something is gone', () => {
  const here = indexOf({ 'a.yaml': es('a') });
  const baseline = joinBaseline(here, [entry('a'), entry('gone')]);
  expect(baselineUpdate({ index: { ...here, baseline }, without: [], proposed: [] })).toBe(null);
});

test('what is new is added, what is gone drops out, what was moved moves, what is proposed keeps its version', () => {
  const here = indexOf({ 'a.yaml': es('a'), 'moved/b.yaml': es('b'), 'new.yaml': es('new') });
  const baseline = joinBaseline(here, [entry('a'), entry('b'), entry('gone')]);
  const without = [entry('new', 'new.yaml', `new=${v(3)}@${t(3)} other=${v(3)}@${t(3)}`)];
  const update = (proposed: readonly BaselineEntry[]) =>
    inShort(baselineUpdate({ index: { ...here, baseline }, without, proposed }));
  const rest = [`a.yaml a=${v(1)}`, `moved/b.yaml b=${v(1)}`];
  expect(update([])).toEqual([...rest, `new.yaml new=${v(3)} other=${v(3)}`]);
  expect(update([entry('new', 'new.yaml', `new=${v(2)}@${t(2)}`), entry('a', 'a.yaml', `a=${v(2)}@${t(2)}`)])).toEqual([
    ...rest,
    `new.yaml new=${v(2)} other=${v(3)}`,
  ]);
});

test('a first baseline is due at once, an addition a day after what was recorded last', () => {
  expect([updateDueAt(null), updateDueAt([])]).toEqual([0, 0]);
  const late = entry('b', 'b.yaml', `b=${v(1)}@2026-03-02T10:00:00Z`);
  expect(updateDueAt([entry('a'), late])).toBe(Date.parse('2026-03-03T10:00:00Z'));
});
