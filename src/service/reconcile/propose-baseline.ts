import { internalFailure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import { parseRepoPath, type RepoPath } from '../../domain/repo-path.ts';
import { formatToken } from '../../domain/token.ts';
import { BASELINE_FILE, type BaselineEntry } from '../../manifests/baseline/baseline-entry.ts';
import { formatBaseline } from '../../manifests/baseline/format-baseline.ts';
import { type ParsedBaseline, parseBaseline } from '../../manifests/baseline/parse-baseline.ts';
import { baselineBranch } from '../../plan/reconcile/baseline/baseline-branch.ts';
import { baselineUpdate, updateDueAt } from '../../plan/reconcile/baseline/baseline-update.ts';
import type { BaselineStanding } from '../../plan/reconcile/reconcile-report.ts';
import type { PullRequest } from '../../ports.ts';
import { type BaselineSubject, baselineWords } from '../../words/reconcile/baseline-words.ts';
import { failureOf, type Outcome, outcomeOfFailure } from '../outcome.ts';
import { textReader } from '../propose/draft/draft-edits.ts';
import { type Proposal, publishPlan } from '../propose/publish-plan.ts';
import { isWithdrawn, type Withdrawal } from '../propose/pull/withdraw.ts';
import { readTip, type Tip } from '../propose/tip/own-branch.ts';
import { newestTime } from '../propose/tip/write-tip.ts';
import { readBaseline } from '../reading/read-index.ts';
import type { Moved, Round } from '../round.ts';
import { removeBranch } from '../sweep/remove-branch.ts';

/** What is known before anything is proposed. */
export interface BaselineRequest {
  /** What lacks a baseline. */
  readonly without: readonly BaselineEntry[];
  /** `asked`: by a person, who does not wait for a day to pass. */
  readonly by: 'interval' | 'asked';
}

/**
 * Brings the one pull request that records what lacks a baseline to the state that is needed: opened, added to, or taken back. People
 * who closed it have the last word.
 */
export async function proposeBaseline(round: Round, request: BaselineRequest): Promise<BaselineStanding | Moved> {
  const recorded = await readBaseline(round.snapshot);
  if (round.served.settings.baseline === 'none') return standing('off', 'spec.reconcile.baseline is none.');
  if (recorded?.kind === 'problem') return unreadable(recorded);
  try {
    return await propose(round, { ...request, recorded: recorded?.entries ?? null });
  } catch (error) {
    round.signal.throwIfAborted();
    return standingOf(outcomeOfFailure(failureOf(error)));
  }
}

interface Known extends BaselineRequest {
  readonly recorded: readonly BaselineEntry[] | null;
}

async function propose(round: Round, { without, by, recorded }: Known): Promise<BaselineStanding | Moved> {
  const { served, snapshot, signal } = round;
  const { branchPrefix: prefix, instance, base } = served.settings;
  const branch = baselineBranch({ prefix, instance, base });
  const ref = round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`);
  if (ref === undefined && without.length === 0) return COMPLETE;
  const pulls = await served.forge.list(branch, base, signal);
  const tip = await readTip(served, ref, { ref: round.base, snapshot }, signal);
  const written = isMerged(tip, pulls) ? null : await textAt(tip);
  const proposed = written === null ? [] : entriesIn(written);
  const entries = baselineUpdate({ index: round.index, without, proposed });
  if (entries === null) return takeBack(round, tip, pulls);
  if (isTurnedDown(pulls)) return rejected(pulls);
  if (by === 'interval' && written === null && served.clock.now() < updateDueAt(recorded)) return LATER;
  return publish(round, { branch, tip, pulls, written, entries, added: without, isFirst: recorded === null });
}

interface Update extends Pick<Proposal, 'branch' | 'tip' | 'pulls'> {
  /** At the tip; null where nothing of it is to be kept. */
  readonly written: string | null;
  readonly entries: readonly BaselineEntry[];
  readonly added: readonly BaselineEntry[];
  readonly isFirst: boolean;
}

async function publish(round: Round, update: Update): Promise<BaselineStanding | Moved> {
  const { branch, written, entries, added, isFirst } = update;
  const before = await textReader(round.snapshot)(PATH);
  const text = formatBaseline(entries);
  if (text === before) return FULL;
  const outcome = await publishPlan(
    round,
    proposalOf(update, { before, after: text, written }),
    wordsOf(entries, { path: BASELINE_FILE, text, added, isFirst }),
  );
  // It is no rotation: none waits behind it, and nobody merges it but a person.
  const { memory } = round.served;
  memory.waiting.delete(branch);
  memory.toMerge.delete(branch);
  return outcome.kind === 'moved' ? outcome : standingOf(outcome);
}

const PATH = pathOf(BASELINE_FILE);

function pathOf(text: string): RepoPath {
  const path = parseRepoPath(text);
  if (path === null) throw internalFailure('the path of the baseline is safe');
  return path;
}

interface Texts {
  /** On the base; null where there is none. */
  readonly before: string | null;
  readonly after: string;
  /** At the tip; null where nothing of it is to be kept. */
  readonly written: string | null;
}

function proposalOf(
  { branch, tip, pulls }: Pick<Proposal, 'branch' | 'tip' | 'pulls'>,
  { before, after, written }: Texts,
): Proposal {
  return {
    branch,
    tip,
    pulls,
    surplus: written === null || written === after ? [] : [BASELINE_FILE],
    plan: { edits: [], skips: [] },
    draft: {
      edits: [],
      files: [{ path: PATH, before, after }],
      newTexts: [{ path: PATH, text: after }],
      refused: [],
    },
    about: { objects: [], secrets: [] },
    isRecord: true,
  };
}

function wordsOf(entries: readonly BaselineEntry[], about: BaselineSubject) {
  const time = newestTime(entries.map(({ token }) => formatToken(token)));
  return { ...baselineWords(about), time, owners: [] };
}

/** Nothing lacks a baseline any more. */
async function takeBack(round: Round, tip: Tip, pulls: readonly PullRequest[]): Promise<BaselineStanding | Moved> {
  if (tip.kind !== 'ours') return COMPLETE;
  const removed = await removeBranch(round, { tip: tip.ref, pulls, why: NOTHING_LACKS });
  return removed.kind === 'moved' && removed.what === 'base' ? removed : COMPLETE;
}

const NOTHING_LACKS: Withdrawal = {
  line: 'every object on the base branch has a baseline or a version of its own by now.',
  comment: 'Every object on the base branch has a baseline or a version of its own by now, so this was withdrawn.',
};

function isMerged(tip: Tip, pulls: readonly PullRequest[]): boolean {
  return tip.kind !== 'none' && pulls.some(({ state, head }) => state === 'merged' && head === tip.ref.oid);
}

/** The newest end of it was a person's close, and nobody asked for it again or reopened it. */
export function isTurnedDown(pulls: readonly PullRequest[]): boolean {
  if (pulls.some(({ state }) => state === 'open')) return false;
  const ended = pulls.find(
    (pull) => pull.state === 'merged' || (pull.state === 'closed-by-person' && !isWithdrawn(pull)),
  );
  return ended?.state === 'closed-by-person' && !ended.isRetryAsked;
}

async function textAt(tip: Tip): Promise<string | null> {
  if (tip.kind === 'none' || tip.kind === 'foreign') return null;
  return textReader(tip.snapshot)(PATH);
}

/** What cannot be read at our tip is proposed anew. */
function entriesIn(text: string): readonly BaselineEntry[] {
  const read = parseBaseline(new TextEncoder().encode(text));
  return read.kind === 'baseline' ? read.entries : [];
}

/** Where a baseline stands that no pull request shows. */
export function standing(kind: BaselineStanding['kind'], reason: string, hint: string | null = null): BaselineStanding {
  return { kind, reason, hint, pullRequest: null };
}

/** Nothing lacks one. */
export const COMPLETE = standing('complete', 'Every object has a baseline, or a version of its own.');

/** Once a day is enough. */
export const LATER = standing(
  'later',
  'What is new since the baseline was recorded is proposed once a day at most.',
  'The command reconcile proposes it at once.',
);

const FULL = standing(
  'held',
  'The baseline holds as much as it may.',
  'Objects that have a force-sync of their own need none.',
);

/** An open pull request shows it. */
export const SHOWN = standing('proposed', 'A pull request records what has none yet.', 'Merge it.');

/** What is recorded cannot be read. */
export function unreadable({ line, reason }: Extract<ParsedBaseline, { kind: 'problem' }>): BaselineStanding {
  const place = line === null ? BASELINE_FILE : `${BASELINE_FILE}:${line}`;
  const hint = `Restore it as it was merged, or delete it: then a new one is proposed.`;
  return standing('unreadable', `${place} cannot be understood: ${plainText(reason, 300)}.`, hint);
}

/** A person closed it. */
export function rejected(pulls: readonly PullRequest[]): BaselineStanding {
  const url = pulls.find(({ state }) => state === 'closed-by-person')?.url ?? null;
  const hint = 'Reopen that pull request, or comment `/gitops-reloader retry` on it.';
  return { ...standing('rejected', 'A person closed the pull request that records it.', hint), pullRequest: url };
}

function standingOf({ kind, reason, hint, pullRequest }: Outcome): BaselineStanding {
  if (kind === 'waiting') return { kind: 'proposed', reason, hint, pullRequest };
  const isShown = kind === 'published' || kind === 'already-current';
  return isShown ? { ...SHOWN, pullRequest } : { kind: 'held', reason, hint, pullRequest };
}
