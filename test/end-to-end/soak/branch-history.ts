import { isDeepStrictEqual } from 'node:util';
import type { CommitInfo, TreeEntry, Workspace } from '../../../src/ports.ts';
import { ROTATION, readTrailers } from '../../../src/words/trailers.ts';
import type { SoakWorld, Tip } from './soak-world.ts';

/** For so long a branch is its pusher's, milliseconds: docs/decisions.md, "Whoever pushed a branch opens its pull request". */
const HEAD_START_MILLISECONDS = 10_000;

/** What the branches went through. */
export interface Judged {
  readonly wrong: readonly string[];
  /** How often a writer took over what another one had left. */
  readonly takeOvers: number;
}

interface Step extends Tip {
  readonly commit: CommitInfo;
  /** The secret and its version. */
  readonly rotation: string;
  readonly files: readonly TreeEntry[];
}

/** The base never moves here, so a version of a branch's secret is one commit, or is taken over, and none comes after a newer one. */
export async function judgeHistory({ workspace, history }: SoakWorld): Promise<Judged> {
  const perRef = await Promise.all([...history].map(([ref, tips]) => judgeRef(workspace, ref, tips)));
  return {
    wrong: perRef.flatMap(({ wrong }) => wrong),
    takeOvers: perRef.reduce((sum, one) => sum + one.takeOvers, 0),
  };
}

async function judgeRef(workspace: Workspace, ref: string, tips: readonly Tip[]): Promise<Judged> {
  const steps = await Promise.all(tips.map((tip) => stepOf(workspace, ref, tip)));
  const wrong: string[] = [];
  let takeOvers = 0;
  for (const [at, step] of steps.entries()) {
    const before = steps[at - 1];
    if (before === undefined) continue;
    if (step.rotation < before.rotation) wrong.push(`downgraded: ${ref} to ${step.rotation}`);
    if (!steps.slice(0, at).some(({ rotation }) => rotation === step.rotation)) continue;
    if (isTakeOver(before, step)) takeOvers += 1;
    else wrong.push(`doubled: ${ref} was at ${step.rotation} again`);
  }
  return { wrong, takeOvers };
}

async function stepOf(workspace: Workspace, name: string, tip: Tip): Promise<Step> {
  const ref = { name, oid: tip.oid };
  const commit = await workspace.commit(ref, never());
  const { entries } = await workspace.snapshot(ref, never());
  return { ...tip, commit, rotation: readTrailers(commit.message, ROTATION).join(' '), files: entries };
}

/** The same commit a second later, for events of its own, in the place of what its pusher had left for as long as it had to itself. */
function isTakeOver(before: Step, after: Step): boolean {
  const [was, is] = [before, after].map(({ commit }) => ({ ...commit, message: withoutEvents(commit.message) }));
  return (
    after.at >= before.at + HEAD_START_MILLISECONDS &&
    isDeepStrictEqual(is, { ...was, oid: after.oid, time: before.commit.time + 1 }) &&
    isDeepStrictEqual(after.files, before.files)
  );
}

function withoutEvents(message: string): string {
  return message.replaceAll(/^Event-(?:Id|Name|Time): .*\n/gm, '');
}

function never(): AbortSignal {
  return new AbortController().signal;
}
