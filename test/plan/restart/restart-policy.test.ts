import { expect, test } from 'vitest';
import { RESTART_DEFAULTS, RESTART_DUE, type RestartPolicy, SECRET_VERSIONS } from '../../../src/domain/policy.ts';
import { parseToken, versionsDigest } from '../../../src/domain/token.ts';
import type { Plan } from '../../../src/plan/plan.ts';
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
  workload,
} from '../repository.ts';

const NOW = Date.parse('2026-01-20T10:00:00.5Z');
const TOKEN = '1 ExternalSecret/x: token db=2@2';
const D2 = versionsDigest(parseToken(tok('db=2@2')) ?? []);
const DUE = `x=${D2}`;
const OWN = 'gitops-reloader.dev';
const STAKATER = 'reloader.stakater.com/auto';

type Spec = Parameters<typeof es>[2];

function withX(text: string, x: Spec = {}): Files {
  return { 'a/x.yaml': es('x', ['db'], x), 'a/z.yaml': text };
}

function ask(restart: Partial<RestartPolicy> = {}, scope: Partial<Scope> = {}): Ask {
  return { wishes: [moved('db')], truth: { db: 2 }, scope: { ...scope, restart: { ...RESTART_DEFAULTS, ...restart } } };
}

function notesOf({ edits }: Plan): readonly string[] {
  return edits.flatMap(({ kind, name, notes }) => notes.map(({ code }) => `${kind}/${name}: ${code}`));
}

/** Another key of a workload's spec, on a line of its own. */
function spec(text: string, line: string): string {
  return text.replace('\nspec:\n', `\nspec:\n  ${line}\n`);
}

// ---------------------------------------------------------------------------------------------------------------------
// Which use of a Secret counts

const volume = { volumes: [{ name: 'v', secret: { secretName: 'x' } }] };
const mounts = (mount: object) => ({ ...volume, containers: [{ name: 'm', volumeMounts: [{ name: 'v', ...mount }] }] });
const ENV = { containers: [{ name: 'm', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'x', key: 'k' } } }] }] };

test.each<[RestartPolicy['on'], object, boolean]>([
  [['env', 'envFrom', 'volumes'], mounts({}), true],
  [['env', 'envFrom'], mounts({}), false],
  [['env', 'envFrom'], mounts({ subPath: 'k' }), true],
  [['env', 'envFrom'], { ...mounts({}), ...ENV }, true],
  [['envFrom', 'volumes'], ENV, false],
  [['env'], ENV, true],
  [['volumes'], { containers: [{ name: 'm', envFrom: [{ secretRef: { name: 'x' } }] }] }, false],
])('restart.on %j: %j restarts: %j', (on, pod, expected) => {
  const last = expected ? `1 Deployment/w: due ${DUE}` : 'Deployment/w: use-not-selected';
  check(withX(workload('Deployment', 'w', [], { pod })), ask({ on }), [TOKEN, last]);
});

// ---------------------------------------------------------------------------------------------------------------------
// Annotations of single objects

function annotated(kind: string, annotations: Readonly<Record<string, string>>): string {
  return workload(kind, 'w', ['x'], { annotations });
}

function ordered(value: string | null): Readonly<Record<string, string>> {
  return value === null ? {} : { [`${OWN}/order`]: value };
}

const ANNOUNCED = `1 Deployment/w: due ${DUE}`;
const AT_ONCE = `1 Deployment/w: template versions ${DUE}`;

test.each<[Scope['order'], string | null, string | null, string | null]>([
  // The branch's order, the ExternalSecret's, the workload's, and what becomes of the workload.
  ['staged', null, null, ANNOUNCED],
  ['refreshOnly', null, null, null],
  ['staged', 'refreshOnly', null, 'Deployment/w: refresh-only'],
  ['staged', 'together', null, AT_ONCE],
  ['refreshOnly', 'staged', null, ANNOUNCED],
  ['together', 'staged', null, ANNOUNCED],
  ['staged', null, 'refreshOnly', 'Deployment/w: refresh-only'],
  ['staged', null, 'together', AT_ONCE],
  ['refreshOnly', null, 'staged', ANNOUNCED],
  ['staged', 'together', 'staged', ANNOUNCED],
  ['together', 'refreshOnly', 'staged', ANNOUNCED],
  // Nothing here says who deploys it.
  ['gated', null, null, ANNOUNCED],
  ['staged', 'gated', null, ANNOUNCED],
  ['together', null, 'gated', ANNOUNCED],
  ['gated', 'refreshOnly', null, 'Deployment/w: refresh-only'],
])('order %s, of the ExternalSecret %s, of the workload %s', (order, theirs, own, expected) => {
  const files = withX(annotated('Deployment', ordered(own)), { annotations: ordered(theirs) });
  check(files, ask({}, { order }), [TOKEN, ...(expected === null ? [] : [expected])]);
});

test('of several that feed a workload, the safest order that restarts at all', () => {
  const orders = ['together', 'refreshOnly', 'staged'].map((order) => ({ annotations: { [`${OWN}/order`]: order } }));
  const made = (...which: readonly number[]) => {
    const secrets = which.map((at) => es(`x${at}`, ['db'], orders[at]));
    const files = {
      'x.yaml': secrets.join('---\n'),
      'w.yaml': workload(
        'Deployment',
        'w',
        which.map((at) => `x${at}`),
      ),
    };
    const { edits, skips } = planOf(files, ask()).plan;
    return [
      ...edits.filter(({ kind }) => kind === 'Deployment').map(({ target }) => target),
      ...skips.map(({ code }) => code),
    ];
  };
  expect([made(0), made(0, 1), made(0, 2), made(1, 2), made(1)]).toEqual([
    ['template'],
    ['template'],
    ['metadata'],
    ['metadata'],
    ['refresh-only'],
  ]);
});

test('restart "false", on the workload or on what feeds it', () => {
  const off = { [`${OWN}/restart`]: 'false' };
  check(withX(annotated('Deployment', off)), ask(), [TOKEN, 'Deployment/w: restart-off']);
  check(withX(workload('Deployment', 'w', ['x']), { annotations: off }), ask(), [TOKEN, 'Deployment/w: refresh-only']);
});

test('what cannot be understood is shown with its line, and the object left alone', () => {
  const wrong = { [`${OWN}/order`]: 'stagd' };
  const { plan } = planOf(withX(annotated('Deployment', wrong)), ask());
  expect(plan.skips).toMatchObject([
    { code: 'wrong-annotation', hint: 'It must be staged, gated, refreshOnly, together.' },
  ]);
  expect(plan.skips[0]?.reason).toContain(`${OWN}/order (a/z.yaml:7)`);
  check(withX('', { annotations: wrong }), ask(), ['ExternalSecret/x: wrong-annotation']);
});

test('a restart that is due is held by what was written since', () => {
  const due = { [RESTART_DUE]: DUE };
  const codes = (more: Readonly<Record<string, string>>, x: Spec = {}) =>
    lines(planRestart(indexOf(withX(annotated('Deployment', { ...due, ...more }), x)), everything('staged'), NOW));
  expect(codes({})).toEqual([`2 Deployment/w: template versions ${DUE}`]);
  expect(codes({ [`${OWN}/restart`]: 'false' })).toEqual(['Deployment/w: restart-off']);
  expect(codes({ [`${OWN}/order`]: 'refreshOnly' })).toEqual(['Deployment/w: refresh-only']);
  expect(codes({ [`${OWN}/order`]: 'x' })).toEqual(['Deployment/w: wrong-annotation']);
  expect(codes({ [STAKATER]: 'true' })).toEqual(['Deployment/w: reloader']);
  expect(codes({}, { annotations: { [`${OWN}/order`]: 'refreshOnly' } })).toEqual(['Deployment/w: refresh-only']);
});

// ---------------------------------------------------------------------------------------------------------------------
// Stakater Reloader

test('what Stakater Reloader restarts is left to it, or restarted twice with a note', () => {
  const files = withX(annotated('Deployment', { [STAKATER]: 'true' }));
  check(files, ask(), [TOKEN, 'Deployment/w: reloader']);
  const { plan } = check(files, ask({ whenReloader: 'both' }), [TOKEN, ANNOUNCED]);
  expect(notesOf(plan)).toEqual(['Deployment/w: restarts-twice']);
  check(withX(workload('Deployment', 'w', ['x'])), ask({ reloader: 'autoAll' }), [TOKEN, 'Deployment/w: reloader']);
});

test('the Secret has the annotations that its ExternalSecret gives it', () => {
  const searching = annotated('Deployment', { 'reloader.stakater.com/search': 'true' });
  const match = { 'reloader.stakater.com/match': 'true' };
  const left = [TOKEN, 'Deployment/w: reloader'];
  check(withX(searching), ask(), [TOKEN, ANNOUNCED]);
  check(withX(searching, { annotations: match }), ask(), left);
  check(withX(searching, { spec: { target: { template: { metadata: { annotations: match } } } } }), ask(), left);
  check(withX(searching, { annotations: match, spec: { target: { template: {} } } }), ask(), [TOKEN, ANNOUNCED]);
});

test('one Secret that Reloader does not watch is reason enough to restart', () => {
  const files = {
    'x.yaml': [es('x', ['db']), es('y', ['db'])].join('---\n'),
    'w.yaml': workload('Deployment', 'w', ['x', 'y'], { annotations: { 'secret.reloader.stakater.com/reload': 'x' } }),
  };
  const { plan } = planOf(files, ask());
  expect(plan.skips).toEqual([]);
});

// ---------------------------------------------------------------------------------------------------------------------
// Notes

test.each([
  ['Deployment', 'paused: true', ['paused']],
  ['Rollout', 'paused: true', ['paused']],
  ['StatefulSet', 'updateStrategy: {type: OnDelete}', ['on-delete']],
  ['DaemonSet', 'updateStrategy: {type: OnDelete}', ['on-delete']],
  ['StatefulSet', 'updateStrategy: {rollingUpdate: {partition: 2}}', ['partition']],
  ['Deployment', 'replicas: 0', ['no-replicas']],
  ['Deployment', 'replicas: 2', []],
])('a %s with %s is announced and restarted with %j', (kind, line, codes) => {
  const files = withX(spec(workload(kind, 'w', ['x']), line));
  const { plan } = check(files, ask(), [TOKEN, `1 ${kind}/w: due ${DUE}`]);
  const second = planRestart(indexOf(applied(files, plan.edits)), everything('staged'), NOW);
  const expected = codes.map((code) => `${kind}/w: ${code}`);
  expect([notesOf(plan), notesOf(second)]).toEqual([expected, expected]);
});

// ---------------------------------------------------------------------------------------------------------------------
// Rollouts, and kinds that only the configuration knows

const AT: Partial<RestartPolicy> = { rollout: 'restartAt' };

function stageTwo(files: Files, restart: Partial<RestartPolicy>): Plan {
  return planRestart(indexOf(files), { ...everything('staged'), restart: { ...RESTART_DEFAULTS, ...restart } }, NOW);
}

test('a Rollout restarts by its pod template', () => {
  const files = withX(workload('Rollout', 'w', ['x']));
  const { plan } = check(files, ask(), [TOKEN, `1 Rollout/w: due ${DUE}`]);
  expect(lines(stageTwo(applied(files, plan.edits), {}))).toEqual([`2 Rollout/w: template versions ${DUE}`]);
});

test('or by restartAt, never earlier than the refresh, and is then not due again', () => {
  const files = withX(spec(workload('Rollout', 'w', ['x']), 'restartAt: 2026-01-01T00:00:00Z'));
  for (const order of ['staged', 'together'] as const) {
    check(files, ask(AT, { order }), [TOKEN, `1 Rollout/w: due ${DUE}`]);
  }
  const merged = applied(files, planOf(files, ask(AT)).plan.edits);
  const second = stageTwo(merged, AT);
  expect(lines(second)).toEqual([`2 Rollout/w: versions ${DUE}`, '2 Rollout/w: restartAt 2026-01-20T10:00:01Z']);
  expect(notesOf(second)).toEqual(['Rollout/w: restart-at']);
  const restarted = applied(merged, second.edits);
  expect(restarted['a/z.yaml']).toContain('  restartAt: "2026-01-20T10:00:01Z"\n');
  expect(restarted['a/z.yaml']).toContain(`    ${SECRET_VERSIONS}: "${DUE}"\n`);
  expect(stageTwo(restarted, AT)).toEqual({ edits: [], skips: [] });
  expect(stageTwo(restarted, {})).toEqual({ edits: [], skips: [] });
});

test('a Rollout without a template of its own restarts by the one it takes, which runs no pod itself', () => {
  const ref = 'workloadRef: {apiVersion: apps/v1, kind: Deployment, name: w}';
  const rollout = (namespace: string) =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r, namespace: ${namespace}}\nspec: {replicas: 2, ${ref}}\n`;
  const driven = spec(workload('Deployment', 'w', ['x']), 'replicas: 0');
  for (const restart of [{}, AT]) {
    const { plan } = check({ ...withX(driven), 'a/r.yaml': rollout('app') }, ask(restart), [TOKEN, ANNOUNCED]);
    expect(notesOf(plan)).toEqual(['Deployment/w: read-by-rollout']);
  }
  const { plan } = planOf({ ...withX(driven), 'a/r.yaml': rollout('other') }, ask());
  expect(notesOf(plan)).toEqual(['Deployment/w: no-replicas']);
});
