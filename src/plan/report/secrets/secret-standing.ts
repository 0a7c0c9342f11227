import type { BranchStanding } from '../branch-standing.ts';
import type { ExplainedWorkload, NextStep } from '../explanation.ts';
import type { ShownPull } from '../look.ts';
import { type NextFacts, nextStep } from '../next-step.ts';
import { isRecorded } from './explain-entries.ts';
import type { SecretStanding, SecretState } from './secret-state.ts';

/**
 * Where a secret stands, by the very step that comes next: nothing else decides. While a base is paused it stands where it would
 * stand without.
 */
export function secretStanding(facts: NextFacts): SecretStanding {
  const { kind } = nextStep({ ...facts, paused: null });
  const { state, pullRequest = null, next } = STANDINGS[kind](facts);
  const isOurs = facts.paused !== null && OURS.includes(kind);
  return { state, pullRequest, next: isOurs ? 'nothing while it is paused' : next };
}

/** What this service does next, and does not while it is paused. */
const OURS: readonly NextStep['kind'][] = [
  'wait-for-event',
  'open-refresh',
  'restart-due',
  'settling',
  'awaiting-status',
  'baseline',
];

interface Standing {
  readonly state: SecretState;
  readonly pullRequest?: ShownPull | null;
  readonly next: string;
}

const STANDINGS: Readonly<Record<NextStep['kind'], (facts: NextFacts) => Standing>> = {
  'nobody-uses-it': () => ({ state: 'unused', next: 'nothing: nobody uses it here' }),
  'not-proven': () => ({ state: 'not-proven', next: 'resolve the references that could name it' }),
  // Looked at as if it were not.
  paused: () => ({ state: 'held', next: 'nothing while it is paused' }),
  'changed-by-others': ({ proposal }) => ({
    state: 'blocked',
    pullRequest: openOf(proposal?.pulls),
    next: 'merge or delete its branch',
  }),
  'merge-refresh': ofOpen,
  'left-closed': ({ proposal }) => {
    const pullRequest = proposal?.pulls.find(({ state }) => state === 'closed-by-bot') ?? null;
    return { state: 'held', pullRequest, next: `reopen ${named(pullRequest)}` };
  },
  rejected: turnedDown,
  'open-refresh': ({ proposal }) => ({ state: 'waiting', next: waitOf(proposal?.standing ?? null) }),
  'secret-unreadable': unreadable,
  'wait-for-event': () => ({ state: 'behind', next: 'an event or reconcile proposes it' }),
  'merge-restart': (facts) => {
    const pullRequest = restartOf(facts, 'proposed')?.restart.pullRequest ?? null;
    return { state: 'restart', pullRequest, next: `merge ${named(pullRequest)}, which restarts` };
  },
  'restart-held': (facts) => {
    const held = ['changed-by-others', 'left-closed', 'rejected', 'reverted'] as const;
    const [first] = held.flatMap((kind) => restartOf(facts, kind) ?? []);
    const pullRequest = first?.restart.pullRequest ?? null;
    return { state: 'held', pullRequest, next: `its restart is ${first?.restart.kind ?? 'held'}` };
  },
  'restart-due': () => ({ state: 'restart', next: 'the sweep proposes the restart' }),
  settling: (facts) => {
    const until = restartOf(facts, 'settling')?.restart.until ?? null;
    return { state: 'restart', next: until === null ? 'the refresh settles' : `settles until ${until}` };
  },
  'awaiting-status': () => ({ state: 'restart', next: 'a status says that it was applied' }),
  'never-bumped': ({ objects }) => ({ state: 'no-effect', next: objects[0]?.standing.code ?? 'never bumped' }),
  baseline: atBaseline,
  'not-compared': () => ({ state: 'not-compared', next: 'ask AWS' }),
  nothing: () => ({ state: 'current', next: 'nothing' }),
};

function ofOpen({ proposal, objects }: NextFacts): Standing {
  const pullRequest = openOf(proposal?.pulls);
  const pull = named(pullRequest);
  if (proposal?.standing?.kind === 'waiting')
    return { state: 'waiting', pullRequest, next: `confirm and merge ${pull}` };
  const isBehind = objects.some(({ standing }) => standing.kind === 'behind');
  return { state: 'proposed', pullRequest, next: isBehind ? `the sweep brings ${pull} up to date` : `merge ${pull}` };
}

function waitOf(standing: BranchStanding | null): string {
  if (standing?.kind === 'unknown') return 'pull requests could not be read';
  if (standing?.waits === undefined) return 'the sweep opens its pull request';
  const { why, until } = standing.waits;
  return until === null ? why : `${why}, until ${until}`;
}

function turnedDown({ objects, proposal }: NextFacts): Standing {
  const held = objects.find(({ standing }) => standing.kind === 'rejected');
  const isReverted = held?.standing.code === 'reverted';
  const versions = new Set(held?.entries.map(({ inAws }) => inAws));
  const all = (isReverted ? proposal?.merged : proposal?.rejected) ?? [];
  const pullRequest = (all.find(({ version }) => versions.has(version)) ?? all[0])?.pullRequest ?? null;
  const pull = named(pullRequest);
  return isReverted
    ? { state: 'reverted', pullRequest, next: `a new version, or retry on ${pull}` }
    : { state: 'rejected', pullRequest, next: `a new version, or reopen ${pull}` };
}

function unreadable({ aws }: NextFacts): Standing {
  if (aws.kind === 'absent') return { state: 'absent', next: 'make it in AWS, or mend the key' };
  if (aws.kind === 'denied') return { state: 'denied', next: 'let us describe it' };
  return { state: 'deleted', next: 'restore it in AWS' };
}

/** An object whose baseline is recorded is compared by that. */
function atBaseline({ objects, aws }: NextFacts): Standing {
  if (objects.some((object) => object.standing.kind === 'baseline' && !isRecorded(object.entries))) {
    return { state: 'no-baseline', next: 'record its baseline' };
  }
  return aws.kind === 'described' ? { state: 'current', next: 'nothing' } : { state: 'not-compared', next: 'ask AWS' };
}

function restartOf({ objects }: NextFacts, kind: ExplainedWorkload['restart']['kind']): ExplainedWorkload | null {
  return objects.flatMap(({ workloads }) => workloads).find(({ restart }) => restart.kind === kind) ?? null;
}

function openOf(pulls: readonly ShownPull[] | undefined): ShownPull | null {
  return pulls?.find(({ state }) => state === 'open') ?? null;
}

function named(pull: ShownPull | null): string {
  return pull === null ? 'its pull request' : `#${pull.number}`;
}
