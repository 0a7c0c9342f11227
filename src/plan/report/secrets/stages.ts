import type { ExplainedObject, ExplainedWorkload, ObjectStanding } from '../explanation.ts';
import type { RestartStanding } from '../restart-standing.ts';
import type { AppliedBy, Stage } from './secret-state.ts';

/** What an object's stages are told by. */
type StagedObject = Pick<ExplainedObject, 'standing' | 'workloads' | 'appliedBy'>;

/** Refresh, evidence, restart of one object: what is done, whose turn it is, and what has to happen for that. */
export function stagesOf(object: StagedObject): readonly Stage[] {
  const { standing, workloads } = object;
  const fed = workloads.filter(({ isBypassed }) => isBypassed !== true);
  const refresh = refreshStage(standing);
  if (fed.length === 0) return [refresh, ...NO_WORKLOAD];
  const under = inOrder(fed);
  return under === null ? [refresh, ...notBegun(object, fed)] : [refresh, evidenceStage(under), restartStage(under)];
}

function refreshStage({ kind, reason, hint }: ObjectStanding): Stage {
  const said = hint === null ? reason : `${reason} ${hint}`;
  switch (kind) {
    case 'current':
    case 'recorded':
      return stage('refresh', 'done', reason);
    case 'baseline':
      return stage('refresh', 'done', 'Nothing was rotated since its baseline, as far as is known.');
    case 'behind':
      return stage('refresh', 'next', 'The next event or reconcile proposes it.');
    case 'proposed':
      return stage('refresh', 'next', 'It comes with the merge of its pull request.');
    case 'rejected':
      return stage('refresh', 'held', said);
    case 'left-alone':
      return stage('refresh', 'none', said);
  }
}

const NO_WORKLOAD = [
  stage('evidence', 'none', 'No workload here waits for it.'),
  stage('restart', 'none', 'No workload here uses what it writes.'),
] as const;

/** Restarts that are under way, what waits for people first. */
const UNDER_WAY = [
  'rejected',
  'reverted',
  'changed-by-others',
  'left-closed',
  'proposed',
  'awaiting-status',
  'settling',
  'due',
  'unknown',
] as const satisfies readonly RestartStanding['kind'][];

function inOrder(workloads: readonly ExplainedWorkload[]): RestartStanding | null {
  const [first] = UNDER_WAY.flatMap((kind) => workloads.find(({ restart }) => restart.kind === kind) ?? []);
  return first?.restart ?? null;
}

/** Restarts whose refresh is not known to be applied. */
const NOT_APPLIED: readonly RestartStanding['kind'][] = ['settling', 'awaiting-status', 'unknown'];

function evidenceStage({ kind, reason }: RestartStanding): Stage {
  if (kind === 'unknown') return stage('evidence', 'next', 'Whether its refresh counts as applied is not known here.');
  return NOT_APPLIED.includes(kind)
    ? stage('evidence', 'next', reason)
    : stage('evidence', 'done', 'Its refresh counts as applied, or people decided.');
}

function restartStage({ kind, reason, hint, pullRequest }: RestartStanding): Stage {
  if (kind === 'proposed') return stage('restart', 'next', `Merge pull request #${pullRequest?.number ?? '?'}.`);
  if (kind === 'due') return stage('restart', 'next', 'The sweep proposes it.');
  if (NOT_APPLIED.includes(kind)) return stage('restart', 'later', 'It is proposed after that.');
  return stage('restart', 'held', hint === null ? reason : `${reason} ${hint}`);
}

/** No restart is under way: what is to come, or came already. */
function notBegun({ standing, appliedBy }: StagedObject, fed: readonly ExplainedWorkload[]): readonly Stage[] {
  const isToCome = standing.kind === 'behind' || standing.kind === 'proposed' || standing.kind === 'rejected';
  const waiting = fed.filter(({ restart }) => restart.kind === 'not-announced' || restart.kind === 'done');
  const [first] = fed;
  if (waiting.length === 0 || standing.kind === 'left-alone') {
    const reason = first?.restart.reason ?? '';
    return [stage('evidence', 'none', 'No restart waits for it.'), stage('restart', 'none', reason)];
  }
  if (isToCome) {
    return [
      stage('evidence', 'later', appliedWords(appliedBy)),
      stage('restart', 'later', 'It is announced with the refresh.'),
    ];
  }
  const isMade = waiting.some(({ restart }) => restart.kind === 'done');
  return isMade
    ? [stage('evidence', 'done', 'Its refresh counted as applied.'), stage('restart', 'done', 'It was made.')]
    : [stage('evidence', 'none', 'Nothing waits for it.'), stage('restart', 'none', 'None was announced.')];
}

function appliedWords(by: AppliedBy | null): string {
  if (by === null) return 'After the merge it has to be applied.';
  return by.kind === 'settle'
    ? `It counts as applied ${by.seconds} s after the merge.`
    : `It counts as applied ${by.delaySeconds} s after these statuses succeed: ${by.contexts.join(', ')}.`;
}

function stage(name: Stage['stage'], kind: Stage['kind'], sentence: string): Stage {
  return { stage: name, kind, sentence };
}
