import { expect, test } from 'vitest';
import type { Manifest } from '../models/cluster.ts';
import { applyOrder, type FluxKustomization, runFlux } from '../models/flux.ts';
import { type HealthCheck, kstatusCheck, shippedCheck } from '../models/health.ts';
import { createSample, deployment, externalSecret, placed } from './samples.ts';

// fluxcd/pkg, ssa/sort.go: listed kinds first, then whatever is not listed, then webhooks.
test.each<[string, readonly Manifest[], readonly string[]]>([
  [
    'kinds it knows come before those it does not',
    [placed('ExternalSecret', 'a'), placed('DaemonSet', 'b'), placed('StatefulSet', 'c'), placed('Deployment', 'd')],
    ['d', 'c', 'b', 'a'],
  ],
  ['webhooks come last', [placed('MutatingWebhookConfiguration', 'a'), placed('ExternalSecret', 'b')], ['b', 'a']],
  ['definitions come in a stage of their own', [placed('ServiceAccount', 'a'), placed('ClusterRole', 'b')], ['b', 'a']],
  ['then names', [placed('Secret', 'b'), placed('Secret', 'a')], ['a', 'b']],
])('%s', (_, manifests, names) => {
  expect(applyOrder(manifests).map(({ metadata }) => metadata.name)).toEqual(names);
  expect(applyOrder(manifests.toReversed()).map(({ metadata }) => metadata.name)).toEqual(names);
});

const SECOND = 'prod/db=00000000-0000-4000-8000-000000000002@2026-03-02T09:01:30Z';

function filesAt(token: string, bump: string): ReadonlyMap<string, readonly Manifest[]> {
  return new Map([
    ['secrets/db.yaml', [externalSecret({ token })]],
    ['apps/api.yaml', [deployment('db', { bump })]],
  ]);
}

/** An ExternalSecret and a Deployment that are both bumped at once; when each is applied, in seconds after that. */
function applied(kustomizations: readonly FluxKustomization[], check: HealthCheck, latency: number) {
  const { simulation, cluster } = createSample({ latency });
  let head = { commit: 'first', files: filesAt('', '') };
  const times = new Map<string, number>();
  runFlux(
    {
      simulation,
      cluster,
      source: () => head,
      poll: () => 1000,
      applyLatency: () => 0,
      health: (manifest) => {
        const live = cluster.object(manifest.kind, manifest.metadata.name);
        return live !== null && manifest.kind === 'ExternalSecret' ? check(live) : 'Healthy';
      },
      timeout: 60_000,
      retryInterval: 20_000,
      onSynced: () => {},
    },
    kustomizations,
  );
  simulation.run(100_000);
  for (const kind of ['ExternalSecret', 'Deployment'])
    cluster.watch(kind, () => times.set(kind, simulation.now() / 1000 - 100));
  head = { commit: 'second', files: filesAt(SECOND, '2') };
  simulation.run(1_000_000);
  return [times.get('ExternalSecret'), times.get('Deployment')];
}

const ALL = [{ name: 'all', path: '', dependsOn: [], wait: true }];
const SECRETS = { name: 'secrets', path: 'secrets/', dependsOn: [], wait: true };
const APPS = { name: 'apps', path: 'apps/', dependsOn: ['secrets'], wait: false };

test.each<[string, readonly FluxKustomization[], readonly [check: HealthCheck, latency: number], readonly number[]]>([
  ['in one Kustomization they are applied at the same moment, whatever the check', ALL, [shippedCheck, 40], [1, 1]],
  ['without dependsOn nobody waits', [SECRETS, { ...APPS, dependsOn: [] }], [shippedCheck, 40], [1, 1]],
  // What depends asks again after thirty seconds, and kstatus saw the Ready of the last refresh.
  ['kstatus waits for nothing', [APPS, SECRETS], [kstatusCheck, 40], [1, 31]],
  ['without wait a check is not asked', [APPS, { ...SECRETS, wait: false }], [shippedCheck, 40], [1, 31]],
  ['healthCheckExprs that know of refreshes wait for the refresh', [APPS, SECRETS], [shippedCheck, 40], [1, 61]],
  ['also beyond the time limit, with another try', [APPS, SECRETS], [shippedCheck, 70], [1, 91]],
])('%s', (_, kustomizations, [check, latency], seconds) => {
  expect(applied(kustomizations, check, latency * 1000)).toEqual(seconds);
});
