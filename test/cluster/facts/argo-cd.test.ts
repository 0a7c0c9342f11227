import { expect, test } from 'vitest';
import { runArgoCd, syncOrder, wavesOf } from '../models/argo-cd.ts';
import type { Manifest } from '../models/cluster.ts';
import { bundledCheck, type HealthCheck, shippedCheck } from '../models/health.ts';
import { createSample, deployment, externalSecret, placed } from './samples.ts';

const wave = (value: string) => ({ 'argocd.argoproj.io/sync-wave': value });
const hook = (value: string) => ({ 'argocd.argoproj.io/hook': value });

// gitops-engine, sync_tasks.go: phase, wave, kind, name; a kind that is not in the list comes last.
test.each<[string, readonly Manifest[], readonly string[]]>([
  [
    'kinds it knows come before those it does not',
    [
      placed('ExternalSecret', 'a'),
      placed('Rollout', 'b'),
      placed('StatefulSet', 'c'),
      placed('Deployment', 'd'),
      placed('DaemonSet', 'e'),
    ],
    ['e', 'd', 'c', 'a', 'b'],
  ],
  [
    'Secrets and ConfigMaps come early',
    [placed('Deployment', 'a'), placed('ConfigMap', 'b'), placed('Secret', 'c')],
    ['c', 'b', 'a'],
  ],
  ['a wave comes before kinds', [placed('Deployment', 'a'), placed('ExternalSecret', 'b', wave('-1'))], ['b', 'a']],
  ['without one it is wave 0', [placed('ExternalSecret', 'a', wave('1')), placed('ExternalSecret', 'b')], ['b', 'a']],
  ['waves are numbers', [placed('Secret', 'a', wave('10')), placed('Secret', 'b', wave('9'))], ['b', 'a']],
  [
    'a phase comes before waves',
    [placed('Job', 'a', wave('-5')), placed('Job', 'b', { ...wave('9'), ...hook('PreSync') })],
    ['b', 'a'],
  ],
  ['then names', [placed('Secret', 'b'), placed('Secret', 'a')], ['a', 'b']],
])('%s', (_, manifests, names) => {
  expect(syncOrder(manifests).map(({ metadata }) => metadata.name)).toEqual(names);
  expect(syncOrder(manifests.toReversed()).map(({ metadata }) => metadata.name)).toEqual(names);
});

test('what is in one wave is not waited for', () => {
  expect(wavesOf([placed('Deployment', 'a'), placed('ExternalSecret', 'b')])).toHaveLength(1);
  expect(wavesOf([placed('Deployment', 'a'), placed('ExternalSecret', 'b', wave('-1'))])).toHaveLength(2);
});

/** An ExternalSecret and a Deployment that are both bumped at once; when each is applied, in seconds after that. */
function applied(
  annotations: Readonly<Record<string, string>>,
  check: HealthCheck,
  latency: number,
  isDown = () => false,
) {
  const sample = createSample({ latency, isDown });
  const { simulation, cluster } = sample;
  const objects = (token: string, bump: string) => [externalSecret({ token, annotations }), deployment('db', { bump })];
  let files = new Map([['all.yaml', objects('', '')]]);
  let commit = 'first';
  const times = new Map<string, number>();
  runArgoCd({
    simulation,
    cluster,
    source: () => ({ commit, files }),
    poll: () => 1000,
    applyLatency: () => 0,
    health: (manifest) => {
      const live = cluster.object(manifest.kind, manifest.metadata.name);
      return live !== null && manifest.kind === 'ExternalSecret' ? check(live) : 'Healthy';
    },
    onSynced: () => {},
  });
  simulation.run(100_000);
  for (const kind of ['ExternalSecret', 'Deployment'])
    cluster.watch(kind, () => times.set(kind, simulation.now() / 1000 - 100));
  commit = 'second';
  files = new Map([['all.yaml', objects('prod/db=00000000-0000-4000-8000-000000000002@2026-03-02T09:01:30Z', '2')]]);
  simulation.run(1_000_000);
  return [times.get('ExternalSecret'), times.get('Deployment')];
}

test.each<[string, Readonly<Record<string, string>>, HealthCheck, readonly number[]]>([
  ['in one wave they are applied at the same moment, whatever the check', {}, shippedCheck, [1, 1]],
  ['the bundled check waits for the pause between waves alone', wave('-1'), bundledCheck, [1, 3]],
  // It is done after 31 seconds, and seen when health is looked at the next time.
  ['a check that knows of refreshes waits for the refresh', wave('-1'), shippedCheck, [1, 32]],
])('%s', (_, annotations, check, seconds) => {
  expect(applied(annotations, check, 30_000)).toEqual(seconds);
});

/** AWS gives no answer to so many reconciles after the first. */
function downFor(times: number): () => boolean {
  let asked = 0;
  return () => {
    asked += 1;
    return asked > 1 && asked <= 1 + times;
  };
}

test('a sync fails where the bundled check sees a failed refresh, and is tried again', () => {
  expect(applied(wave('-1'), bundledCheck, 1000, downFor(2))).toEqual([1, 3]);
  expect(applied(wave('-1'), bundledCheck, 1000, downFor(9))).toEqual([1, 10]);
});
