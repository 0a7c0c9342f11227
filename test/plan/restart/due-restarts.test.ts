import { expect, test } from 'vitest';
import { RESTART_DUE, SECRET_VERSIONS } from '../../../src/domain/policy.ts';
import { parseToken, versionsDigest } from '../../../src/domain/token.ts';
import { parseWorkloadToken } from '../../../src/domain/workload-token.ts';
import { planRestart } from '../../../src/plan/restart/due-restarts.ts';
import { everything, type Scope } from '../../../src/plan/scope.ts';
import {
  type Ask,
  applied,
  check,
  es,
  type Files,
  indexOf,
  lines,
  moved,
  planOf,
  tok,
  v,
  workload,
} from '../repository.ts';

const DB: Ask = { wishes: [moved('db')], truth: { db: 2 } };
const NOW = Date.parse('2026-01-20T10:00:00Z');
const TOKEN = '1 ExternalSecret/x: token db=2@2';

/** What a workload token says of a token in short: `digest('db=2@2')`. */
function digest(text: string): string {
  return versionsDigest(parseToken(tok(text)) ?? []);
}

const D2 = digest('db=2@2');

/** The ExternalSecret `x` for the secret `db`, and whatever consumes it. */
function withX(...workloads: readonly string[]): Files {
  return { 'a/x.yaml': es('x', ['db']), ...Object.fromEntries(workloads.map((text, at) => [`a/z${at}.yaml`, text])) };
}

// ---------------------------------------------------------------------------------------------------------------------
// Stage one

test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'])(
  'staged announces a %s on its own metadata',
  (kind) => {
    const { plan } = check(withX(workload(kind, 'w', ['x'])), DB, [TOKEN, `1 ${kind}/w: due x=${D2}`]);
    expect(plan.edits[1]).toMatchObject({ target: 'metadata', secrets: ['111122223333:eu-west-1:db'] });
  },
);

test('staged leaves the pod template alone: applied, nothing rolls out', () => {
  const files = withX(workload('Deployment', 'w', ['x'], { template: { [SECRET_VERSIONS]: 'x=000000000000' } }));
  const after = applied(files, planOf(files, DB).plan.edits);
  expect(templates(after)).toEqual(templates(files));
});

function templates(files: Files): readonly unknown[] {
  return indexOf(files).workloads.map(({ templateAnnotations }) => [...templateAnnotations]);
}

test('an earlier announcement is replaced', () => {
  const due = { annotations: { [RESTART_DUE]: 'x=000000000000' } };
  const { plan } = planOf(withX(workload('Deployment', 'w', ['x'], due)), DB);
  expect(plan.edits[1]).toMatchObject({ annotation: RESTART_DUE, before: 'x=000000000000', after: `x=${D2}` });
});

test('an announcement that is there already is said, not made', () => {
  const due = { annotations: { [RESTART_DUE]: `x=${D2}` } };
  check(withX(workload('Deployment', 'w', ['x'], due)), DB, [TOKEN, 'Deployment/w: already-current']);
});

test('refreshOnly touches no workload and speaks of none', () => {
  const files = withX(workload('Deployment', 'w', ['x']), workload('CronJob', 'c', ['x']));
  check(files, { ...DB, scope: { order: 'refreshOnly' } }, [TOKEN]);
});

test('together changes the pod template at once, and nothing on its metadata', () => {
  check(withX(workload('Deployment', 'w', ['x'])), { ...DB, scope: { order: 'together' } }, [
    TOKEN,
    `1 Deployment/w: template versions x=${D2}`,
  ]);
});

test('together moves an earlier restart-due along, so that stage two has nothing left to do', () => {
  const due = { annotations: { [RESTART_DUE]: 'x=000000000000' } };
  const files = withX(workload('Deployment', 'w', ['x'], due));
  const ask: Ask = { ...DB, scope: { order: 'together' } };
  const { plan } = check(files, ask, [
    TOKEN,
    `1 Deployment/w: due x=${D2}`,
    `1 Deployment/w: template versions x=${D2}`,
  ]);
  expect(planRestart(indexOf(applied(files, plan.edits)), everything('staged'), NOW).edits).toEqual([]);
});

test.each([
  ['CronJob', 'next-run-only'],
  ['Job', 'next-run-only'],
])('a %s is reported, not touched', (kind, code) => {
  for (const order of ['staged', 'together'] as const) {
    check(withX(workload(kind, 'w', ['x'])), { ...DB, scope: { order } }, [TOKEN, `${kind}/w: ${code}`]);
  }
});

test('pulling images with it is no reason to restart, unless it is used otherwise too', () => {
  const pod = { imagePullSecrets: [{ name: 'x' }], containers: [{ name: 'main' }] };
  const both = { ...pod, volumes: [{ name: 'v', secret: { secretName: 'x' } }] };
  check(withX(workload('Deployment', 'w', [], { pod })), DB, [TOKEN, 'Deployment/w: image-pull-secret']);
  check(withX(workload('Deployment', 'w', [], { pod: both })), DB, [TOKEN, `1 Deployment/w: due x=${D2}`]);
});

test('a workload outside the scope is shown with the reason', () => {
  const ignoring = { annotations: { 'gitops-reloader.dev/ignore': 'true' } };
  check(withX(workload('Deployment', 'w', ['x'], ignoring)), DB, [TOKEN, 'Deployment/w: ignored-by-annotation']);
  const files = { ...withX(), 'b/w.yaml': workload('Deployment', 'w', ['x']) };
  check(files, { ...DB, scope: { paths: ['a/**'] } }, [TOKEN, 'Deployment/w: out-of-scope']);
  const { destinations } = everything('staged');
  const only = destinations.filter(({ kind }) => kind !== 'Deployment');
  check(withX(workload('Deployment', 'w', ['x'])), { ...DB, scope: { destinations: only } }, [
    TOKEN,
    'Deployment/w: not-selected',
  ]);
});

test('a workload of an ExternalSecret that is not bumped is left out', () => {
  const files = { 'x.yaml': es('x', ['db'], { token: tok('db=2@2') }), 'w.yaml': workload('Deployment', 'w', ['x']) };
  check(files, DB, ['ExternalSecret/x: already-current']);
});

// ---------------------------------------------------------------------------------------------------------------------
// Several ExternalSecrets for one workload

test('fed by three: one is bumped, one keeps its token, one never had one', () => {
  const files = {
    'x.yaml': es('x', ['db']),
    'y.yaml': es('y', ['api'], { token: tok('api=5@1') }),
    'z.yaml': es('z', ['web']),
    'w.yaml': workload('Deployment', 'w', ['z', 'y', 'x']),
  };
  check(files, DB, [`1 Deployment/w: due x=${D2} y=${digest('api=5@1')}`, TOKEN]);
});

test('fed by two that are bumped together: announced once, for both', () => {
  const files = {
    'a.yaml': es('a', ['db', 'api']),
    'b.yaml': es('b', ['db']),
    'w.yaml': workload('Deployment', 'w', ['b', 'a']),
  };
  const { plan } = planOf(files, { wishes: [moved('db'), moved('api')], truth: { db: 2, api: 3 } });
  const announced = plan.edits.filter(({ kind }) => kind === 'Deployment');
  expect(announced).toHaveLength(1);
  expect(announced[0]).toMatchObject({
    after: `a=${digest('api=3@3 db=2@2')} b=${D2}`,
    secrets: ['111122223333:eu-west-1:api', '111122223333:eu-west-1:db'],
    chain: ['ExternalSecret/a', 'Secret/a', 'ExternalSecret/b', 'Secret/b', 'Deployment/w'],
  });
});

test('a foreign token of another ExternalSecret counts as none', () => {
  const files = {
    'x.yaml': es('x', ['db']),
    'y.yaml': es('y', ['api'], { token: '1' }),
    'z.yaml': workload('Deployment', 'w', ['x', 'y']),
  };
  check(files, DB, [TOKEN, `1 Deployment/w: due x=${D2}`]);
});

test('two ExternalSecrets of one name that feed one workload: a bump of either one restarts it', () => {
  const merge = { target: { name: 'shared', creationPolicy: 'Merge' } };
  const files = (first: string, second: string): Files => ({
    'a/x.yaml': es('x', ['db'], { spec: merge, token: tok(first) }),
    'b/x.yaml': es('x', ['api'], { spec: merge, token: tok(second) }),
    'w.yaml': workload('Deployment', 'w', ['shared']),
  });
  const one = dueOf(files('db=1@1', 'api=1@1'), { db: 2, api: 1 });
  const other = dueOf(files('db=1@1', 'api=1@1'), { db: 1, api: 2 });
  expect([one, other].map((text) => parseWorkloadToken(text ?? null)?.size)).toEqual([1, 1]);
  expect(new Set([one, other, `x=${digest('db=1@1')}`, `x=${digest('api=1@1')}`]).size).toBe(4);
});

function dueOf(files: Files, truth: Record<string, number>): string | undefined {
  const { plan } = planOf(files, { wishes: [moved('db'), moved('api')], truth });
  return plan.edits.find(({ kind }) => kind === 'Deployment')?.after;
}

test('a name that Kubernetes would refuse cannot write entries of its own', () => {
  const name = `q=${'0'.repeat(12)} w`;
  const files = { 'x.yaml': es(name, ['db']), 'w.yaml': workload('Deployment', 'w', [name]) };
  const { plan } = planOf(files, DB);
  const after = plan.edits.find(({ annotation }) => annotation === RESTART_DUE)?.after ?? null;
  expect([...(parseWorkloadToken(after)?.values() ?? [])]).toEqual([D2]);
});

test('what is announced is what stage two then carries out, once', () => {
  const files = withX(workload('Deployment', 'w', ['x']));
  const merged = applied(files, planOf(files, DB).plan.edits);
  const restart = planRestart(indexOf(merged), everything('staged'), NOW);
  expect(lines(restart)).toEqual([`2 Deployment/w: template versions x=${D2}`]);
  expect(planRestart(indexOf(applied(merged, restart.edits)), everything('staged'), NOW)).toEqual({
    edits: [],
    skips: [],
  });
});

// ---------------------------------------------------------------------------------------------------------------------
// Stage two

/** Plans stage two for one Deployment with these two annotations. */
function stageTwo(
  due: string | null,
  present: string | null,
  expected: readonly string[],
  scope: Partial<Scope> = {},
): void {
  const text = workload('Deployment', 'w', ['x'], {
    ...(due === null ? {} : { annotations: { [RESTART_DUE]: due } }),
    ...(present === null ? {} : { template: { [SECRET_VERSIONS]: present } }),
  });
  const files = { 'w.yaml': text };
  const plan = planRestart(indexOf(files), { ...everything('staged'), ...scope }, NOW);
  expect(lines(plan)).toEqual(expected);
  if (plan.edits.length === 0) return;
  expect(planRestart(indexOf(applied(files, plan.edits)), everything('staged'), NOW).edits).toEqual([]);
}

const NEW = `x=${'1'.repeat(12)}`;
const OLD = `x=${'0'.repeat(12)}`;

test('due differs, or nothing was there: restart', () => {
  stageTwo(NEW, OLD, [`2 Deployment/w: template versions ${NEW}`]);
  stageTwo(NEW, null, [`2 Deployment/w: template versions ${NEW}`]);
  stageTwo(NEW, '1', [`2 Deployment/w: template versions ${NEW}`]);
});

test('due is equal, or absent: never due', () => {
  stageTwo(NEW, NEW, []);
  stageTwo(null, OLD, []);
  stageTwo(null, null, []);
});

test.each([
  '',
  '1',
  'true',
  '2026-01-01T00:00:00Z',
  `${NEW} `,
  `"${NEW}"`,
  `${NEW}\n`,
  `db=${v(1)}@2026-01-01T00:00:00Z`,
])('the foreign value %j is shown, not copied', (value) => {
  stageTwo(value, OLD, ['Deployment/w: not-editable']);
});

test('a restart-due that a person has sorted otherwise is copied letter by letter', () => {
  const due = `y=${'1'.repeat(12)} ${NEW}`;
  stageTwo(due, OLD, [`2 Deployment/w: template versions ${due}`]);
});

test('a workload outside the scope is shown with the reason', () => {
  stageTwo(NEW, OLD, ['Deployment/w: out-of-scope'], { paths: ['elsewhere/**'] });
  stageTwo(NEW, OLD, ['Deployment/w: not-selected'], { destinations: [] });
  stageTwo(NEW, OLD, ['Deployment/w: not-selected'], { order: 'refreshOnly' });
});

test('what order together left behind is still carried out', () => {
  stageTwo(NEW, OLD, [`2 Deployment/w: template versions ${NEW}`], { order: 'together' });
});

test('a restart-due on what is not restarted is shown', () => {
  const due = { annotations: { [RESTART_DUE]: NEW } };
  const files = { 'c.yaml': workload('CronJob', 'c', ['x'], due), 'r.yaml': workload('Job', 'r', ['x'], due) };
  const plan = planRestart(indexOf(files), everything('staged'), NOW);
  expect(lines(plan)).toEqual(['CronJob/c: not-selected', 'Job/r: not-selected']);
});
