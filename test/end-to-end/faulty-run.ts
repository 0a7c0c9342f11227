import { expect } from 'vitest';
import type { FaultEffect } from '../../src/demo/faults.ts';
import type { ProgramProcess } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { branchName } from '../../src/plan/group.ts';
import { repositoryOf } from './manifests.ts';
import { type Rotation, type Stage, startStage } from './stage.ts';
import { type LogLine, proposedOnce, type Trace, traceOf, untilDeleted, untilHandled } from './traces.ts';

/** What goes wrong with one server while a rotation is handled, and what the program then says and leaves behind. */
export interface Fault {
  readonly at: keyof Stage['world']['faults'];
  readonly operation: RegExp;
  readonly effect: FaultEffect;
  /** How often; left out: until the program has settled the message. */
  readonly times?: number;
  /** The outcome, and the code that its reason names. */
  readonly says: readonly [outcome: string, code?: string];
  readonly left: 'nothing' | 'commit' | 'pull request' | 'everything but the delete' | 'everything';
}

/** One process of `run` that lives through fault after fault, each with a secret of its own. */
export interface FaultyRun {
  readonly stage: Stage;
  readonly program: ProgramProcess;
  /** What will rotate next, and the branch that will carry it. */
  nextSecret(): string;
  nextBranch(): string;
  rotateNext(): Rotation;
  /** Waits until the message was handled and settled: the program polls again. */
  untilSettled(rotation: Rotation): Promise<LogLine>;
  /** Faults are over, leases and back-offs have passed: then there is one commit and one pull request, nothing waits. */
  checkRecovers(rotation: Rotation): Promise<void>;
  /** A rotation meets the fault: what is said and left, and that it recovers. */
  check(fault: Fault): Promise<void>;
  clearFaults(): void;
}

/** Longer than every lease and every first back-off, in milliseconds. */
const LONG = 121_000;

export const DROP: FaultEffect = { kind: 'drop' };
export const DROP_AFTER: FaultEffect = { kind: 'drop-after-effect' };

/** The server answers this status instead of doing anything. */
export function answer(status: number): FaultEffect {
  return { kind: 'answer', status, body: { message: 'planned' } };
}

/** Starts a stage with many secrets, and the program on it. */
export async function startFaultyRun(): Promise<FaultyRun> {
  const stage = await startStage(repositoryOf(Array.from({ length: 40 }, (_, at) => `prod/s${at + 1}`)));
  const program = await stage.run();
  const { sqs, faults } = stage.world;
  let rotations = 0;
  const nextSecret = () => `prod/s${rotations + 1}`;
  const rotateNext = () => {
    const secret = nextSecret();
    rotations += 1;
    return stage.rotate(secret);
  };
  const untilSettled = async (rotation: Rotation) => {
    const line = await untilHandled(program, rotation);
    await sqs.untilPolled(WORLD.queue);
    return line;
  };
  const clearFaults = () => {
    for (const one of Object.values(faults)) one.clear();
  };
  const checkRecovers = async (rotation: Rotation) => {
    clearFaults();
    sqs.advance(LONG);
    // A host that failed is left alone for a moment yet: what comes meanwhile is given back once more. In small steps, so that
    // the lease of what is being handled does not run out.
    await untilDeleted(stage, rotation, () => {
      if (sqs.visible(WORLD.queue) === 0) sqs.advance(5000);
    });
    expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
  };
  return {
    stage,
    program,
    nextSecret,
    nextBranch: () => branchOf(nextSecret()),
    rotateNext,
    untilSettled,
    checkRecovers,
    clearFaults,
    check: async ({ at, operation, effect, times = Number.POSITIVE_INFINITY, says, left }) => {
      faults[at].plan(operation, effect, times);
      const rotation = rotateNext();
      const line = await untilSettled(rotation);
      expect(line).toMatchObject({ outcome: says[0] });
      if (says[1] !== undefined) expect(line).toMatchObject({ reason: expect.stringContaining(`[${says[1]}]`) });
      if (says[0] !== 'published') expect(line).toMatchObject({ hint: expect.stringMatching(/^[A-Z].{10,}\.$/) });
      expect(await traceOf(stage, rotation)).toEqual(tracesOf(rotation)[left]);
      await checkRecovers(rotation);
    },
  };
}

function tracesOf(rotation: Rotation): Record<Fault['left'], Trace> {
  const end = proposedOnce(rotation);
  return {
    nothing: { commits: 0, lines: [], pulls: [], waiting: true },
    commit: { ...end, pulls: [], waiting: true },
    'pull request': { ...end, waiting: true },
    'everything but the delete': { ...end, waiting: true },
    everything: end,
  };
}

/** The branch that the program derives for a secret. */
function branchOf(secret: string): string {
  const { account, region, base } = WORLD;
  const key = `secretsmanager:${account}:${region}:${secret}`;
  return branchName({ prefix: 'gitops-reloader', instance: 'demo', base, group: { key, name: secret }, stage: 1 });
}
