import { isDeepStrictEqual } from 'node:util';
import type { CommitInfo, TreeEntry, Workspace } from '../../../src/ports.ts';
import { eventLines, ROTATION, readEvents, readTrailers } from '../../../src/words/trailers.ts';
import { type Deed, never, type RefMove, type SoakWorld } from './soak-world.ts';

/** For so long a branch is its pusher's, milliseconds: docs/decisions.md, "Whoever pushed a branch opens its pull request". */
const HEAD_START_MILLISECONDS = 10_000;

/** What the branches went through. */
export interface Judged {
  readonly wrong: readonly string[];
  /** How often a writer took over what another one had left. */
  readonly takeOvers: number;
}

interface Step extends RefMove {
  readonly commit: CommitInfo;
  /** The secret and its version. */
  readonly rotation: string;
  readonly files: readonly TreeEntry[];
}

/**
 * The base never moves here, so a version of a branch's secret is one commit, or is taken over, and none comes after a newer one.
 * `mishaps`: what makes a writer leave a branch.
 */
export async function judgeHistory({ workspace, history }: SoakWorld, mishaps: readonly Deed[]): Promise<Judged> {
  const perRef = await Promise.all(
    [...history].map(async ([ref, moves]) =>
      judgeSteps(ref, await Promise.all(moves.map((move) => stepOf(workspace, ref, move))), mishaps),
    ),
  );
  return {
    wrong: perRef.flatMap(({ wrong }) => wrong),
    takeOvers: perRef.reduce((sum, one) => sum + one.takeOvers, 0),
  };
}

function judgeSteps(ref: string, steps: readonly Step[], mishaps: readonly Deed[]): Judged {
  const wrong: string[] = [];
  let takeOvers = 0;
  for (const [at, step] of steps.entries()) {
    const before = steps[at - 1];
    if (before === undefined) continue;
    if (step.rotation < before.rotation) wrong.push(`downgraded: ${ref} to ${step.rotation}`);
    if (!steps.slice(0, at).some(({ rotation }) => rotation === step.rotation)) continue;
    if (!isTakeOver(before, step)) wrong.push(`doubled: ${ref} was at ${step.rotation} again`);
    else if (!isLeft(before, step, mishaps))
      wrong.push(`doubled: ${ref} was taken from who was well, at ${step.rotation}`);
    else takeOvers += 1;
  }
  return { wrong, takeOvers };
}

async function stepOf(workspace: Workspace, name: string, move: RefMove): Promise<Step> {
  const ref = { name, oid: move.oid };
  const commit = await workspace.commit(ref, never());
  const { entries } = await workspace.snapshot(ref, never());
  return { ...move, commit, rotation: readTrailers(commit.message, ROTATION).join(' '), files: entries };
}

/** The same commit a second later, with what it was for and more, in the place of what another writer had for as long as it had it to itself. */
function isTakeOver(before: Step, after: Step): boolean {
  const [was, is] = [before, after].map(({ commit }) => ({ ...commit, message: withoutEvents(commit.message) }));
  return (
    after.writer !== before.writer &&
    after.at >= before.at + HEAD_START_MILLISECONDS &&
    isDeepStrictEqual(is, { ...was, oid: after.oid, time: before.commit.time + 1 }) &&
    isDeepStrictEqual(after.files, before.files) &&
    keepsEvents(before.commit, after.commit)
  );
}

/** Whoever had pushed it has died since, or a repository has failed it. */
function isLeft(before: Step, after: Step, mishaps: readonly Deed[]): boolean {
  return mishaps.some(({ writer, at }) => writer === before.writer && at >= before.at && at <= after.at);
}

function withoutEvents(message: string): string {
  return message.replaceAll(/^Event-(?:Id|Name|Time): .*\n/gm, '');
}

/** All that is named before is named after, but for what is too old among too many. */
function keepsEvents(before: CommitInfo, after: CommitInfo): boolean {
  const [was, is] = [readEvents(before.message), readEvents(after.message)];
  return isDeepStrictEqual(eventLines([...was, ...is]), eventLines(is));
}
