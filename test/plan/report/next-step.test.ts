import { expect, test } from 'vitest';
import type { Explanation, NextStep, ObjectStanding } from '../../../src/plan/report/explanation.ts';
import type { ShownPull } from '../../../src/plan/report/look.ts';
import { type NextFacts, nextStep } from '../../../src/plan/report/next-step.ts';
import type { RestartStanding } from '../../../src/plan/report/restart-standing.ts';
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
});
