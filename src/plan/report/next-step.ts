import type { BranchStanding } from './branch-standing.ts';
import type { Explanation, NextStep } from './explanation.ts';
import type { BranchLook, ShownPull } from './look.ts';
import type { RestartStanding } from './restart-standing.ts';
import { isRecorded } from './secrets/explain-entries.ts';

/** All that is known of a secret on one base branch before anybody says what is next. */
export type NextFacts = Omit<Explanation, 'next' | 'state'> & Pick<BranchLook, 'paused'>;

/** The first of these that applies. Pure: the same look, the same sentence. */
export function nextStep(facts: NextFacts): NextStep {
  return (
    ofUse(facts) ??
    ofPause(facts) ??
    ofBranch(facts) ??
    ofPush(facts) ??
    ofSecret(facts) ??
    ofRestarts(facts) ??
    ofRest(facts)
  );
}

function ofUse({ objects, possible, elsewhere, nearNames }: NextFacts): NextStep | null {
  if (objects.length > 0) return null;
  const near = nearNames.length === 0 ? null : `Did you mean ${nearNames.join(', ')}?`;
  if (possible.length > 0) {
    const sentence = `No reference names it, but ${possible.length} that cannot be resolved could: look into them, since nothing is bumped there.`;
    return { kind: 'not-proven', sentence: say(sentence, near) };
  }
  const sentence =
    elsewhere.length > 0
      ? 'Nothing that may be touched here fetches it; what spells its name means something else.'
      : 'Nobody uses it here: a rotation of it changes nothing.';
  return { kind: 'nobody-uses-it', sentence: say(sentence, near) };
}

function ofPause({ paused }: NextFacts): NextStep | null {
  return paused === null ? null : { kind: 'paused', sentence: `Nothing is written while it is paused: ${paused.hint}` };
}

function ofBranch({ proposal, objects }: NextFacts): NextStep | null {
  if (proposal === null) return null;
  const { branch, standing, pulls } = proposal;
  const isBehind = objects.some((one) => one.standing.kind === 'behind');
  const isBrought = objects.some(({ entries }) => entries.some(({ onBranch }) => onBranch !== null));
  if (standing?.kind === 'changed-by-others' && (isBehind || isBrought)) {
    return { kind: 'changed-by-others', sentence: say(`The branch ${branch} is in other hands.`, standing.hint) };
  }
  const open = pulls.find(({ state }) => state === 'open');
  if (open !== undefined) {
    return { kind: 'merge-refresh', sentence: sentenceOfOpen(open, standing, isBehind ? 'behind' : 'current') };
  }
  return standing?.kind === 'left-closed' && isBrought
    ? { kind: 'left-closed', sentence: say(standing.reason, standing.hint) }
    : null;
}

function sentenceOfOpen(
  { number, url }: ShownPull,
  standing: BranchStanding | null,
  content: 'behind' | 'current',
): string {
  const pull = `pull request #${number} (${url})`;
  if (standing?.kind === 'waiting') return say(`Confirm and merge ${pull}. ${standing.reason}`, standing.hint);
  return content === 'behind'
    ? `AWS is ahead of ${pull}: the sweep brings it up to date, and then it waits for people to merge it.`
    : `Merge ${pull}: then External Secrets Operator fetches the new version.`;
}

function ofPush({ proposal, objects }: NextFacts): NextStep | null {
  const held = objects.find((one) => one.standing.kind === 'rejected');
  if (held !== undefined) return { kind: 'rejected', sentence: say(held.standing.reason, held.standing.hint) };
  if (!objects.some((one) => one.standing.kind === 'proposed')) return null;
  if (proposal?.standing?.kind === 'waiting') {
    const { reason, hint } = proposal.standing;
    return { kind: 'open-refresh', sentence: say(`A branch brings the new version, and waits. ${reason}`, hint) };
  }
  const what =
    proposal?.standing?.kind === 'unknown'
      ? 'its pull requests could not be read.'
      : 'no open pull request shows it: the sweep opens one.';
  return { kind: 'open-refresh', sentence: `A branch brings the new version; ${what}` };
}

function ofSecret({ secret, aws, objects }: NextFacts): NextStep | null {
  const unreadable = whyUnreadable(aws, secret.service);
  if (unreadable !== null) return { kind: 'secret-unreadable', sentence: unreadable };
  if (!objects.some(({ standing }) => standing.kind === 'behind')) return null;
  const sentence =
    'AWS has another version than Git, and no branch brings it: the next event for it, or reconcile, proposes it.';
  return { kind: 'wait-for-event', sentence };
}

function whyUnreadable(aws: Explanation['aws'], service: string): string | null {
  const isParameter = service === 'ssm';
  switch (aws.kind) {
    case 'absent':
      return `AWS has no such ${isParameter ? 'parameter' : 'secret'} there: nothing is proposed until it exists, or the key, the account or the region is mended.`;
    case 'denied':
      return isParameter
        ? 'AWS denies DescribeParameters: nothing is proposed until ssm:DescribeParameters is granted.'
        : 'AWS denies DescribeSecret on it: nothing is proposed until secretsmanager:DescribeSecret is granted.';
    case 'described':
      return aws.deleted ? 'It is scheduled for deletion: nothing is proposed until it is restored in AWS.' : null;
    case 'failed':
    case 'not-asked':
      return null;
  }
}

/** What waits for people before what waits for time. */
const RESTARTS: readonly (readonly [RestartStanding['kind'], NextStep['kind']])[] = [
  ['proposed', 'merge-restart'],
  ['changed-by-others', 'restart-held'],
  ['left-closed', 'restart-held'],
  ['due', 'restart-due'],
  ['settling', 'settling'],
  ['awaiting-status', 'awaiting-status'],
  ['unknown', 'restart-due'],
  ['rejected', 'restart-held'],
  ['reverted', 'restart-held'],
];

function ofRestarts({ objects }: NextFacts): NextStep | null {
  const restarts = objects.flatMap(({ workloads }) => workloads);
  for (const [kind, next] of RESTARTS) {
    const first = restarts.find(({ restart }) => restart.kind === kind);
    if (first === undefined) continue;
    const { reason, hint, pullRequest } = first.restart;
    if (kind === 'proposed' && pullRequest !== null) {
      const sentence = `The refresh is merged; merge pull request #${pullRequest.number} (${pullRequest.url}) to restart what uses it.`;
      return { kind: next, sentence };
    }
    return { kind: next, sentence: say(`${first.kind} ${first.name} is to restart. ${reason}`, hint) };
  }
  return null;
}

function ofRest({ objects, aws }: NextFacts): NextStep {
  const bumped = objects.filter(({ standing }) => standing.kind !== 'left-alone');
  if (bumped.length === 0) {
    const sentence =
      'A rotation of it changes nothing here: everything that uses it is left alone, for the reasons above.';
    return { kind: 'never-bumped', sentence };
  }
  if (bumped.every(({ standing }) => standing.kind === 'baseline')) {
    if (bumped.every(({ entries }) => isRecorded(entries))) return { kind: 'baseline', sentence: RECORDED };
    const sentence = 'Git names no version of it yet: it is at its baseline, and the next event for it is proposed.';
    return { kind: 'baseline', sentence };
  }
  if (aws.kind !== 'described') {
    const sentence =
      'Git names a version of it; whether AWS has another is not known here. The next event for it is proposed.';
    return { kind: 'not-compared', sentence };
  }
  return { kind: 'nothing', sentence: 'Git has the version that AWS has: nothing is to be done until it moves.' };
}

const RECORDED =
  'Git names no version of it yet, and its baseline is recorded: as soon as AWS has another version it is proposed.';

function say(reason: string, hint: string | null): string {
  return hint === null ? reason : `${reason} ${hint}`;
}
