import { expect, test } from 'vitest';
import { explainWorkloads } from '../../../src/plan/report/explain-workloads.ts';
import { everything } from '../../../src/plan/scope.ts';
import { es, indexOf, workload } from '../repository.ts';

const STANDING = { kind: 'baseline', code: null, reason: '', hint: null } as const;

test('a workload that gets a generated Secret is shown, and not as one that is fed', () => {
  const index = indexOf({
    'base/kustomization.yaml': 'resources: [es.yaml, api.yaml]',
    'base/es.yaml': es('db', ['prod/db']),
    'base/api.yaml': workload('Deployment', 'api', ['db']),
    'local/kustomization.yaml': 'resources: [../base]\nsecretGenerator: [{name: db, namespace: app, literals: [a=b]}]',
    'prod/kustomization.yaml': 'resources: [../base]',
  });
  const facts = { index, scope: everything('staged'), due: new Map(), skips: [] };
  const shown = index.externalSecrets.flatMap((user) => explainWorkloads({ user, standing: STANDING }, facts));
  expect(shown.map(({ inOverlay, isBypassed, restart }) => [inOverlay, isBypassed === true, restart.kind])).toEqual([
    ['prod/kustomization.yaml', false, 'not-announced'],
    ['local/kustomization.yaml', true, 'left-alone'],
  ]);
  expect(shown[1]?.restart.reason).toContain('generated-secret: It names Secret db');
});
