import { expect, test } from 'vitest';
import { versionId } from '../models/aws.ts';
import { EPOCH } from '../models/cluster.ts';
import { goDuration, resourceVersion, shouldRefresh } from '../models/should-refresh.ts';
import { createSample, externalSecret, type SampleSecret, versionIn } from './samples.ts';

// Each row is one of the table of External Secrets Operator 2.9.0, externalsecret_controller.go:1226-1279.
test.each<[string | undefined, string, readonly boolean[]]>([
  // policy, interval; does it refresh when never synced, when metadata or spec changed, when the interval elapsed
  [undefined, '1h0m0s', [true, true, true]],
  ['Periodic', '1h', [true, true, true]],
  [undefined, '0', [true, false, false]],
  ['Periodic', '0s', [true, false, false]],
  ['Periodic', '-1s', [true, false, false]],
  ['OnChange', '1h', [true, true, false]],
  ['OnChange', '0', [true, true, false]],
  ['CreatedOnce', '1h', [true, false, false]],
  ['CreatedOnce', '0', [true, false, false]],
])('%s, interval %s: first, changed, elapsed: %s', (refreshPolicy, interval, refreshes) => {
  const intervalMilliseconds = goDuration(interval);
  const synced = {
    refreshPolicy,
    intervalMilliseconds,
    resourceVersion: 'b',
    syncedResourceVersion: 'b',
    refreshTime: EPOCH,
  };
  const soon = EPOCH + 1000;
  expect([
    shouldRefresh({ ...synced, syncedResourceVersion: '', refreshTime: null }, soon),
    shouldRefresh({ ...synced, syncedResourceVersion: 'a' }, soon),
    shouldRefresh(synced, EPOCH + 3_600_001),
    shouldRefresh(synced, soon),
  ]).toEqual([...refreshes, false]);
});

test('a refresh time in the future is no reason to wait for it', () => {
  const asked = {
    refreshPolicy: 'Periodic',
    intervalMilliseconds: 1000,
    resourceVersion: 'a',
    syncedResourceVersion: 'a',
  };
  expect(shouldRefresh({ ...asked, refreshTime: EPOCH + 1 }, EPOCH)).toBe(true);
});

test.each([
  ['1h0m0s', 3_600_000],
  ['90s', 90_000],
  ['1.5m', 90_000],
  ['0', 0],
  ['-5s', -5000],
])('a duration: %s', (text, milliseconds) => {
  expect(goDuration(text)).toBe(milliseconds);
});

/** A rotation and then a change of the object, and the version in the Secret before and after. */
function changed(before: SampleSecret, after: SampleSecret): readonly (number | null)[] {
  const sample = createSample();
  sample.cluster.apply(externalSecret(before));
  sample.simulation.run(1000);
  sample.aws.rotate('prod/db');
  const first = versionIn(sample);
  sample.cluster.apply(externalSecret(after));
  sample.simulation.run(2000);
  return [first, versionIn(sample)];
}

const LAZY = { refreshPolicy: 'OnChange' };
const MADE_BY_A_PERSON = {
  data: [
    { secretKey: 'password', remoteRef: { key: 'prod/db' } },
    { secretKey: 'x', remoteRef: { key: 'y' } },
  ],
};

test.each<[string, SampleSecret, SampleSecret, number]>([
  ['any annotation refreshes', {}, { annotations: { anything: '1' } }, 2],
  ['any label refreshes', {}, { labels: { anything: '1' } }, 2],
  ['the specification refreshes', {}, { spec: MADE_BY_A_PERSON }, 2],
  ['the same object again does not', {}, {}, 1],
  ['an annotation under OnChange does', { spec: LAZY }, { spec: LAZY, token: '1' }, 2],
  [
    'with interval 0 nothing does',
    { spec: { refreshInterval: '0' } },
    { spec: { refreshInterval: '0' }, token: '1' },
    1,
  ],
  [
    'an immutable target keeps its data',
    { spec: { target: { immutable: true } } },
    { spec: { target: { immutable: true } }, token: '1' },
    1,
  ],
  [
    'a pinned version is fetched again as it was',
    { version: `uuid/${versionId(1)}` },
    { version: `uuid/${versionId(1)}`, token: '1' },
    1,
  ],
  ['another pin fetches another version', { version: `uuid/${versionId(1)}` }, { version: `uuid/${versionId(2)}` }, 2],
])('%s', (_, before, after, version) => {
  expect(changed(before, after)).toEqual([1, version]);
});

test('creationPolicy None writes nothing', () => {
  const spec = { target: { creationPolicy: 'None' } };
  expect(changed({ spec }, { spec, token: '1' })).toEqual([null, null]);
});

test('a reconcile fetches for the object as it was when it began, and its time is that start, in whole seconds', () => {
  const sample = createSample({ latency: 1500, fetch: 20_000, clockAhead: 300 });
  const { simulation, cluster, aws } = sample;
  cluster.apply(externalSecret());
  simulation.run(10_000);
  aws.rotate('prod/db');
  cluster.apply(externalSecret({ token: '1' }));
  simulation.run(22_000);
  const first = cluster.object('ExternalSecret', 'db');
  expect([versionIn(sample), first?.status.refreshTime]).toEqual([2, EPOCH + 1000]);
  // It saw the value of later, but not the change: that is still due.
  expect(first === null ? '' : resourceVersion(first)).not.toBe(first?.status.syncedResourceVersion);
  simulation.run(60_000);
  const second = cluster.object('ExternalSecret', 'db');
  expect(second?.status.refreshTime).toBe(EPOCH + 21_000);
  expect(second === null ? '' : resourceVersion(second)).toBe(second?.status.syncedResourceVersion);
});

test('a refresh that fails leaves what was asked for due, and comes by itself', () => {
  let isDown = false;
  const sample = createSample({ isDown: () => isDown });
  const { simulation, cluster, aws } = sample;
  cluster.apply(externalSecret({ spec: LAZY }));
  simulation.run(1000);
  isDown = true;
  aws.rotate('prod/db');
  cluster.apply(externalSecret({ spec: LAZY, token: '1' }));
  simulation.run(60_000);
  const failed = cluster.object('ExternalSecret', 'db')?.status;
  expect([versionIn(sample), failed?.ready, failed?.refreshTime]).toEqual([1, 'False', EPOCH]);
  isDown = false;
  simulation.run(300_000);
  expect([versionIn(sample), cluster.object('ExternalSecret', 'db')?.status.ready]).toEqual([2, 'True']);
});

test('under Periodic the new value comes without being asked for', () => {
  const sample = createSample();
  sample.cluster.apply(externalSecret({ spec: { refreshInterval: '5m' } }));
  sample.simulation.run(1000);
  sample.aws.rotate('prod/db');
  sample.simulation.run(299_000);
  expect(versionIn(sample)).toBe(1);
  sample.simulation.run(301_000);
  expect(versionIn(sample)).toBe(2);
});

test.each([
  ['Owner', 2],
  ['Orphan', null],
])('a Secret that is missing: %s', (creationPolicy, version) => {
  const sample = createSample();
  const spec = { target: { creationPolicy }, refreshPolicy: 'CreatedOnce' };
  sample.cluster.apply(externalSecret({ spec }));
  sample.simulation.run(1000);
  sample.aws.rotate('prod/db');
  sample.cluster.setSecret('db', null);
  sample.cluster.apply(externalSecret({ spec, token: '1' }));
  sample.simulation.run(2000);
  expect(versionIn(sample)).toBe(version);
});

test.each([
  ['Owner', null],
  ['Orphan', 1],
])('another target name under %s: the Secret of the old name', (creationPolicy, old) => {
  const sample = createSample();
  sample.cluster.apply(externalSecret({ spec: { target: { creationPolicy } } }));
  sample.simulation.run(1000);
  sample.aws.rotate('prod/db');
  sample.cluster.apply(externalSecret({ spec: { target: { creationPolicy, name: 'db-2' } } }));
  sample.simulation.run(2000);
  expect([versionIn(sample, 'db-2'), versionIn(sample)]).toEqual([2, old]);
});
