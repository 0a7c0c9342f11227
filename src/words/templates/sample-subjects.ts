import { internalFailure } from '../../domain/failure.ts';
import type { Part } from '../../domain/grouping/grouping.ts';
import { FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS } from '../../domain/policy.ts';
import { parseRepoPath } from '../../domain/repo-path.ts';
import type { Edit, Skip } from '../../plan/plan.ts';
import type { PlacedSubject } from './template-facts.ts';

const VERSION = '00000000-0000-4000-8000-000000000002';
const DIGESTS = 'payments-db=0123456789ab';

/** A proposal of each stage, small and made up: templates are tried on them. */
export function sampleSubjects(): readonly PlacedSubject[] {
  const both = { order: 'staged', settleMilliseconds: 360_000, home: HOME } as const;
  const { refresh, due, restart, skip } = samples();
  return [
    { ...both, ...BESIDES, stage: 1, plan: { edits: [refresh, due], skips: [skip] }, events: [EVENT], refreshedBy: [] },
    { ...both, stage: 2, plan: { edits: [restart], skips: [] }, events: [], refreshedBy: [12], applied: APPLIED },
  ];
}

const APPLIED: NonNullable<PlacedSubject['applied']> = {
  evidence: 'status',
  statuses: [{ context: 'kustomization/apps/0c9c2e41', commit: '0123456789abcdef0123456789abcdef01234567', at: 0 }],
};

const PART: Part = { key: 'eu', captures: [{ name: 'cluster', value: 'eu' }] };

const BESIDES = {
  part: PART,
  owners: [['@acme/platform'], ['@acme/payments', '@ana'], ['@acme/eu'], ['@ben']],
  drops: [{ secret: 'prod/payments/db', at: Date.UTC(2026, 1, 2, 23, 59) }],
};

const HOME: PlacedSubject['home'] = {
  instance: 'acme',
  repository: 'platform@main',
  base: 'main',
  branch: 'gitops-reloader/acme/prod-payments-db-01234567/refresh',
  group: 'prod/payments/db',
};

const EVENT = {
  id: '8d1c6a3e-0000-4000-8000-000000000002',
  name: 'PutSecretValue',
  time: '2026-01-02T00:00:00Z',
  actorKind: null,
};

function samples() {
  const path = parseRepoPath('clusters/eu/payments.yaml');
  if (path === null) throw internalFailure('the path of the sample is safe');
  const common = { document: 0, item: null, namespace: 'payments', path, line: 7, before: null, notes: [] };
  const refresh: Edit = {
    ...common,
    stage: 1,
    kind: 'ExternalSecret',
    name: 'payments-db',
    target: 'metadata',
    annotation: FORCE_SYNC,
    after: `prod/payments/db=${VERSION}@2026-01-02T00:00:00Z`,
    secrets: ['prod/payments/db'],
    chain: ['prod/payments/db', 'ClusterSecretStore/aws', 'ExternalSecret/payments-db', 'Secret/payments-db'],
    reason: `prod/payments/db is now at version ${VERSION}.`,
  };
  const reason = 'It consumes what payments-db writes.';
  const workload = { ...common, kind: 'Deployment', name: 'api', secrets: [], after: DIGESTS, reason };
  const chain = ['ExternalSecret/payments-db', 'Secret/payments-db', 'Deployment/api'];
  const due: Edit = { ...workload, stage: 1, target: 'metadata', annotation: RESTART_DUE, chain };
  const restarted = ['ExternalSecret/payments-db', 'Deployment/api'];
  const restart: Edit = { ...workload, stage: 2, target: 'template', annotation: SECRET_VERSIONS, chain: restarted };
  const why = {
    code: 'next-run-only',
    reason: 'A CronJob picks the new value up at its next run.',
    hint: null,
  } as const;
  const skip: Skip = { path, kind: 'CronJob', namespace: 'payments', name: 'report', ...why };
  return { refresh, due, restart, skip };
}
