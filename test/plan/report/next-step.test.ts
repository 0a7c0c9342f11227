import { expect, test } from 'vitest';
import type { Explanation, NextStep, ObjectStanding } from '../../../src/plan/report/explanation.ts';
import type { ShownPull } from '../../../src/plan/report/look.ts';
import { type NextFacts, nextStep } from '../../../src/plan/report/next-step.ts';
import type { RestartStanding } from '../../../src/plan/report/restart-standing.ts';
import { secretStanding } from '../../../src/plan/report/secrets/secret-standing.ts';
import type { SecretState } from '../../../src/plan/report/secrets/secret-state.ts';
import { stagesOf } from '../../../src/plan/report/secrets/stages.ts';
import { repoPath, t } from '../repository.ts';

const SHOWN = { path: 'db.yaml', line: 1, kind: 'ExternalSecret', namespace: 'app', name: 'db' };
const DESCRIBED: Explanation['aws'] = {
  kind: 'described',
  versions: [],
  seenAt: t(1),
  deleted: false,
  replication: null,
};

const FACTS: NextFacts = {
  secret: { service: 'secretsmanager', account: '111122223333', region: 'eu-west-1', names: ['a'] },
  aws: DESCRIBED,
  objects: [],
  possible: [],
  elsewhere: [],
  proposal: null,
  otherProposals: [],
  nearNames: [],
  paused: null,
};

const pull = (state: ShownPull['state']): ShownPull => ({ number: 7, url: 'https://x/7', state, names: [] });

function using(
  kind: ObjectStanding['kind'],
  restart: RestartStanding['kind'] = 'done',
  onBranch: string | null = null,
): Explanation['objects'] {
  const standing = { kind, code: null, reason: `It is ${kind}.`, hint: null };
  const made: RestartStanding = {
    kind: restart,
    reason: `It is ${restart}.`,
    hint: null,
    until: null,
    pullRequest: restart === 'proposed' ? pull('open') : null,
  };
  const workload = { ...SHOWN, kind: 'Deployment', name: 'api', restart: made, restartDue: null, restartMade: null };
  const entry = { label: 'AWSCURRENT', inGit: null, baseline: null, onBranch, inAws: null, isEqual: null };
  return [
    {
      ...SHOWN,
      chain: [],
      references: [],
      entries: [entry],
      standing,
      workloads: [workload],
      appliedBy: null,
      stages: [],
    },
  ];
}

type BranchKind = NonNullable<NonNullable<Explanation['proposal']>['standing']>['kind'];

function on(kind: BranchKind | null, pulls: readonly ShownPull[] = []): Explanation['proposal'] {
  const standing = kind === null ? null : { kind, reason: `It is ${kind}.`, hint: 'Do it.' };
  return { branch: 'b', part: null, tip: 'ours', author: 'Ada', pulls, rejected: [], merged: [], standing };
}

const POSSIBLE = { ...SHOWN, path: repoPath('x.yaml'), code: 'find-reference', reason: 'r', hint: null } as const;

test.each<[NextStep['kind'], string, Partial<NextFacts>]>([
  ['nobody-uses-it', 'no reference', {}],
  ['nobody-uses-it', 'a name that means something else', { elsewhere: [{ ...SHOWN, reason: 'r' }] }],
  ['not-proven', 'something could', { possible: [POSSIBLE] }],
  ['paused', 'whatever else is under way', { paused: { reason: 'R.', hint: 'H.' }, objects: using('proposed') }],
  [
    'changed-by-others',
    'its branch carries it',
    { objects: using('baseline', 'done', 'v'), proposal: on('changed-by-others') },
  ],
  [
    'changed-by-others',
    'AWS is ahead',
    { objects: using('behind'), proposal: on('changed-by-others', [pull('open')]) },
  ],
  [
    'nothing',
    'a branch in other hands that brings nothing',
    { objects: using('current'), proposal: on('changed-by-others') },
  ],
  ['merge-refresh', 'open', { objects: using('proposed'), proposal: on('open', [pull('open')]) }],
  ['merge-refresh', 'open, and AWS is ahead', { objects: using('behind'), proposal: on('open', [pull('open')]) }],
  [
    'left-closed',
    'bots',
    { objects: using('proposed', 'done', 'v'), proposal: on('left-closed', [pull('closed-by-bot')]) },
  ],
  ['nothing', 'bots closed what brings another secret', { objects: using('current'), proposal: on('left-closed') }],
  ['rejected', 'people', { objects: using('rejected'), proposal: on('rejected') }],
  ['open-refresh', 'pushed', { objects: using('proposed'), proposal: on('to-be-opened') }],
  ['open-refresh', 'pushed, and the forge is down', { objects: using('proposed'), proposal: on('unknown') }],
  ['secret-unreadable', 'absent', { objects: using('left-alone'), aws: { kind: 'absent' } }],
  ['secret-unreadable', 'denied', { objects: using('left-alone'), aws: { kind: 'denied' } }],
  [
    'secret-unreadable',
    'deleted',
    { objects: using('left-alone'), aws: { ...DESCRIBED, deleted: true, replication: null } },
  ],
  ['wait-for-event', 'behind', { objects: using('behind', 'due') }],
  ['merge-restart', 'proposed', { objects: using('current', 'proposed') }],
  ['restart-held', 'others', { objects: using('current', 'changed-by-others') }],
  ['restart-held', 'bots', { objects: using('current', 'left-closed') }],
  ['restart-held', 'people', { objects: using('current', 'rejected') }],
  ['restart-held', 'taken back', { objects: using('current', 'reverted') }],
  ['restart-due', 'settled', { objects: using('current', 'due') }],
  ['restart-due', 'on a checkout', { objects: using('recorded', 'unknown') }],
  [
    'settling',
    'what waits for people comes first',
    { objects: [...using('current', 'settling'), ...using('current', 'rejected')] },
  ],
  ['never-bumped', 'all left alone', { objects: using('left-alone', 'not-announced') }],
  ['baseline', 'no version yet', { objects: [...using('baseline'), ...using('left-alone')] }],
  ['not-compared', 'AWS was not asked', { objects: using('recorded'), aws: { kind: 'not-asked', reason: 'r' } }],
  ['not-compared', 'AWS did not answer', { objects: using('recorded'), aws: { kind: 'failed' } }],
  ['nothing', 'all is well', { objects: [...using('current'), ...using('left-alone')] }],
])('%s: %s', (kind, _, facts) => {
  const next = nextStep({ ...FACTS, ...facts });
  expect(next.kind).toBe(kind);
  expect(next.sentence).toMatch(/^[A-Z#].*[.?]$/);
  // The one word of a secret is read off the step, whatever else is known; a pause changes what is done, and not where it stands.
  const paused = { reason: 'R.', hint: 'H.' };
  const [state, whilePaused] = [facts.paused ?? null, paused].map((pause) =>
    secretStanding({ ...FACTS, ...facts, paused: pause }),
  );
  if (facts.paused === undefined) expect(STATES[kind]).toContain(state?.state);
  expect(whilePaused?.state).toBe(state?.state);
  expect(state?.next).not.toBe('');
});

const STATES: Readonly<Record<NextStep['kind'], readonly SecretState[]>> = {
  'nobody-uses-it': ['unused'],
  'not-proven': ['not-proven'],
  paused: [],
  'changed-by-others': ['blocked'],
  'merge-refresh': ['proposed', 'waiting'],
  'left-closed': ['held'],
  rejected: ['rejected', 'reverted'],
  'open-refresh': ['waiting'],
  'secret-unreadable': ['absent', 'denied', 'deleted'],
  'wait-for-event': ['behind'],
  'merge-restart': ['restart'],
  'restart-held': ['held'],
  'restart-due': ['restart'],
  settling: ['restart'],
  'awaiting-status': ['restart'],
  'never-bumped': ['no-effect'],
  baseline: ['no-baseline', 'current', 'not-compared'],
  'not-compared': ['not-compared'],
  nothing: ['current'],
};

test('while it is paused, what this service would do next is not promised', () => {
  const paused = { reason: 'R.', hint: 'H.' };
  const next = (objects: Explanation['objects']) => secretStanding({ ...FACTS, objects, paused }).next;
  expect(next(using('behind'))).toBe('nothing while it is paused');
  expect(next(using('current', 'due'))).toBe('nothing while it is paused');
  expect(next(using('current', 'proposed'))).toBe('merge #7, which restarts');
});

test.each<[string, Explanation['objects'], string]>([
  ['refreshed and restarted', using('current', 'done'), 'refresh done, evidence done, restart done'],
  ['to be refreshed', using('behind', 'done'), 'refresh next, evidence later, restart later'],
  ['rejected', using('rejected', 'not-announced'), 'refresh held, evidence later, restart later'],
  ['no effect', using('left-alone', 'not-announced'), 'refresh none, evidence none, restart none'],
  ['awaiting', using('current', 'awaiting-status'), 'refresh done, evidence next, restart later'],
  ['not known', using('recorded', 'unknown'), 'refresh done, evidence next, restart later'],
  ['rejected restart', using('current', 'rejected'), 'refresh done, evidence done, restart held'],
  ['a workload that is left alone', using('behind', 'left-alone'), 'refresh next, evidence none, restart none'],
])('stages: %s', (_, objects, expected) => {
  const [object] = objects;
  if (object === undefined) throw new Error('one is used');
  const stages = stagesOf(object);
  expect(stages.map(({ stage, kind }) => `${stage} ${kind}`).join(', ')).toBe(expected);
  for (const { sentence } of stages) expect(sentence).toMatch(/^[A-Z#].*\.$/);
  expect(
    stagesOf({ ...object, workloads: [] })
      .slice(1)
      .map(({ kind }) => kind),
  ).toEqual(['none', 'none']);
});
