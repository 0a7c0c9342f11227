import { expect, test } from 'vitest';
import type { WorkloadFacts } from '../../src/manifests/objects.ts';
import { reloads } from '../../src/manifests/reading/workload/stakater-reloader.ts';
import { readText } from './repository.ts';

type Annotations = Readonly<Record<string, string>>;

interface Case {
  readonly kind?: string;
  readonly own?: Annotations;
  readonly template?: Annotations;
  /** Of the Secret `db`. */
  readonly secret?: Annotations;
  readonly mode?: 'annotated' | 'autoAll';
}

const S = 'reloader.stakater.com';

function check({ kind = 'Deployment', own = {}, template = {}, secret = {}, mode = 'annotated' }: Case): boolean {
  const apiVersion = kind === 'Rollout' ? 'argoproj.io/v1alpha1' : kind === 'CronJob' ? 'batch/v1' : 'apps/v1';
  const metadata = { name: 'w', annotations: own };
  const text = JSON.stringify({
    apiVersion,
    kind,
    metadata,
    spec: { template: { metadata: { annotations: template } } },
  });
  const workload = readText(text).objects.find((one): one is WorkloadFacts => one.type === 'workload');
  if (workload === undefined) throw new Error('no workload');
  return reloads(workload, { name: 'db', annotations: new Map(Object.entries(secret)) }, mode);
}

test.each<[boolean, string, Case]>([
  [false, 'nothing', {}],
  [true, 'auto', { own: { [`${S}/auto`]: 'true' } }],
  [true, 'auto, as Go reads it', { own: { [`${S}/auto`]: 'T' } }],
  [false, 'auto, as Go does not read it', { own: { [`${S}/auto`]: 'yes' } }],
  [true, 'typed auto', { own: { [`secret.${S}/auto`]: 'true' } }],
  [false, 'auto of another type', { own: { [`configmap.${S}/auto`]: 'true' } }],
  [true, 'a name in a list', { own: { [`secret.${S}/reload`]: 'api, db' } }],
  [true, 'a pattern', { own: { [`secret.${S}/reload`]: 'd.*' } }],
  [false, 'a pattern matches whole names', { own: { [`secret.${S}/reload`]: 'd' } }],
  [true, 'but not around a bar', { own: { [`secret.${S}/reload`]: 'd|x' } }],
  [false, 'a broken pattern', { own: { [`secret.${S}/reload`]: '(' } }],
  [true, 'beside a broken pattern', { own: { [`secret.${S}/reload`]: '(,db' } }],
  [false, 'what RE2 does not know', { own: { [`secret.${S}/reload`]: '(?=db)db' } }],
  [false, 'a list of another type', { own: { [`configmap.${S}/reload`]: 'db' } }],
  [false, 'a list beyond all measure', { own: { [`secret.${S}/reload`]: `${'x,'.repeat(4000)}db` } }],
  [false, 'search alone', { own: { [`${S}/search`]: 'true' } }],
  [true, 'search and match', { own: { [`${S}/search`]: 'true' }, secret: { [`${S}/match`]: 'true' } }],
  [false, 'match alone', { secret: { [`${S}/match`]: 'true' } }],
  [false, 'an ignored Secret', { own: { [`${S}/auto`]: 'true' }, secret: { [`${S}/ignore`]: 'true' } }],
  [false, 'an excluded Secret', { own: { [`${S}/auto`]: 'true', [`secrets.exclude.${S}/reload`]: 'api, db' } }],
  [true, 'exclusion is by exact name', { own: { [`${S}/auto`]: 'true', [`secrets.exclude.${S}/reload`]: 'd.*' } }],
  [true, 'on the pod template', { template: { [`${S}/auto`]: 'true' } }],
  [false, 'the workload before its template', { own: { [`${S}/auto`]: 'false' }, template: { [`${S}/auto`]: 'true' } }],
  [
    true,
    'exclusion does not hide the template',
    { own: { [`secrets.exclude.${S}/reload`]: 'x' }, template: { [`${S}/auto`]: 'true' } },
  ],
  [true, 'all', { mode: 'autoAll' }],
  [false, 'all, but not this one', { mode: 'autoAll', own: { [`${S}/auto`]: 'false' } }],
  [false, 'all, but not for Secrets', { mode: 'autoAll', own: { [`secret.${S}/auto`]: 'false' } }],
  [true, 'all, and an empty value says nothing', { mode: 'autoAll', own: { [`${S}/auto`]: '' } }],
  [false, 'all, but Rollouts only where they are annotated', { mode: 'autoAll', kind: 'Rollout' }],
  [true, 'an annotated Rollout', { kind: 'Rollout', own: { [`${S}/auto`]: 'true' } }],
  [false, 'a kind that it does not restart', { kind: 'CronJob', own: { [`${S}/auto`]: 'true' } }],
])('%j: %s', (expected, _, one) => {
  expect(check(one)).toBe(expected);
});
