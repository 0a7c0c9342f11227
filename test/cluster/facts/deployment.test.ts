import { expect, test } from 'vitest';
import { type Pod, runDeployments } from '../models/deployment.ts';
import { createSample, deployment, externalSecret } from './samples.ts';

/** A Deployment whose pods take ten seconds to start, and what every pod had at its start. */
function createWorkload() {
  const sample = createSample();
  const starts: string[] = [];
  const onStart = ({ template, values }: Pod) => {
    const bump = template.metadata?.annotations?.['bump'] ?? '';
    starts.push(`${sample.simulation.now() / 1000}s ${bump} v${values.map(({ version }) => version).join()}`);
  };
  const deployments = runDeployments({ ...sample, startLatency: () => 10_000, onStart });
  return { ...sample, deployments, starts };
}

test('pods start one after the other, each with the value of its own moment, and keep it', () => {
  const { simulation, cluster, aws, deployments, starts } = createWorkload();
  cluster.apply(externalSecret());
  cluster.apply(deployment('db', { bump: 'a' }));
  simulation.run(15_000);
  aws.rotate('prod/db');
  cluster.apply(externalSecret({ token: '1' }));
  simulation.run(60_000);
  expect(starts).toEqual(['10s a v1', '20s a v2']);
  expect(deployments.pods('api').map(({ values }) => values[0]?.version)).toEqual([1, 2]);
});

test('an annotation of its own restarts nothing, one of its pods does', () => {
  const { simulation, cluster, deployments, starts } = createWorkload();
  cluster.apply(externalSecret());
  cluster.apply(deployment('db', { bump: 'a' }));
  simulation.run(60_000);
  cluster.apply(deployment('db', { bump: 'a', note: 'restart-due' }));
  simulation.run(120_000);
  expect(starts).toHaveLength(2);
  cluster.apply(deployment('db', { bump: 'b', note: 'restart-due' }));
  simulation.run(131_000);
  expect(deployments.isRolledOut('api')).toBe(false);
  simulation.run(180_000);
  expect(starts.slice(2)).toEqual(['130s b v1', '140s b v1']);
  expect(deployments.isRolledOut('api')).toBe(true);
});

test('pods whose Secret is missing wait for it, while the old ones run', () => {
  const { simulation, cluster, deployments, starts } = createWorkload();
  cluster.apply(externalSecret());
  cluster.apply(deployment('db', { bump: 'a' }));
  simulation.run(60_000);
  cluster.apply(deployment('db-2', { bump: 'b' }));
  simulation.run(120_000);
  expect(deployments.pods('api')).toHaveLength(2);
  expect(starts).toHaveLength(2);
  cluster.apply(externalSecret({ spec: { target: { name: 'db-2' } } }));
  simulation.run(180_000);
  expect(starts.slice(2)).toEqual(['120s b v1', '130s b v1']);
});

test('a rollout that is overtaken starts no more pods; a drained node starts them by the template that they had', () => {
  const { simulation, cluster, deployments, starts } = createWorkload();
  cluster.apply(externalSecret());
  cluster.apply(deployment('db', { bump: 'a' }));
  simulation.run(60_000);
  cluster.apply(deployment('db', { bump: 'b' }));
  simulation.run(65_000);
  cluster.apply(deployment('db', { bump: 'c' }));
  simulation.run(100_000);
  expect(starts.slice(2)).toEqual(['75s c v1', '85s c v1']);
  deployments.drain('api');
  simulation.run(120_000);
  expect(starts.slice(4)).toEqual(['110s c v1', '110s c v1']);
});
