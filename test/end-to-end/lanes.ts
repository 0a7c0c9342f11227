import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitFiles } from '../../src/demo/git/bare-repository.ts';
import type { ProgramProcess } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { leaks } from './canaries.ts';
import { repositoryOf } from './manifests.ts';
import { type Rotation, type Stage, startStage } from './stage.ts';
import { proposedOnce, traceOf, untilDeleted } from './traces.ts';

/** A place in the life of a message, named by the request that the program has under way there. */
export interface Step {
  readonly name: string;
  readonly at: keyof Stage['world']['faults'];
  readonly operation: RegExp;
}

const ADA = { name: 'Ada Reviewer', email: 'ada@acme.example' };
export const PUSHING: Step = { name: 'pushing', at: 'git', operation: /^POST git-receive-pack$/ };
const ASKING = 'asking what may be pushed';
/** In this order: only a process that has handled nothing yet meets the host. */
export const ALL_STEPS: readonly Step[] = [
  { name: 'meeting the Git host', at: 'git', operation: /^GET info\/refs git-upload-pack$/ },
  { name: 'receiving', at: 'sqs', operation: /^ReceiveMessage$/ },
  { name: 'listing refs', at: 'git', operation: /^POST git-upload-pack$/ },
  { name: 'fetching', at: 'git', operation: /^POST git-upload-pack$/ },
  { name: 'describing the secret', at: 'secrets', operation: /^DescribeSecret$/ },
  {
    name: 'listing pull requests',
    at: 'github',
    operation: /^GET \/repos\/\{owner\}\/\{repo\}\/pulls$/,
  },
  { name: ASKING, at: 'git', operation: /^GET info\/refs git-receive-pack$/ },
  PUSHING,
  {
    name: 'opening the pull request',
    at: 'github',
    operation: /^POST \/repos\/\{owner\}\/\{repo\}\/pulls$/,
  },
  {
    name: 'reading it back',
    at: 'github',
    operation: /^GET \/repos\/\{owner\}\/\{repo\}\/pulls\/\{pull_number\}$/,
  },
  { name: 'deleting the message', at: 'sqs', operation: /^DeleteMessageBatch$/ },
];

/** A world and a process of its own, side by side with other lanes. */
export interface Lane {
  readonly stage: Stage;
  /** Each case stops the process that the one before has started, and starts the next one to see what is left. */
  program: ProgramProcess;
  rotations: number;
  /** How many rotations come at once. */
  readonly load: number;
}

/** Cases of one lane run in their order. */
export function lane(
  name: string,
  cases: (lane: () => Lane) => void,
  { load, args }: { readonly load: number; readonly args: readonly string[] } = { load: 1, args: [] },
): void {
  describe(name, { concurrent: true }, () => {
    let started: Lane;
    beforeAll(async () => {
      const stage = await startStage(repositoryOf(Array.from({ length: 20 * load }, (_, at) => `prod/s${at + 1}`)));
      started = { stage, program: await stage.run({}, args), rotations: 0, load };
    });
    afterAll(() => started.stage.close());
    cases(() => started);
    test.sequential('none of this shows a credential or a message, or asks for a value', async () => {
      started.program.signal('SIGKILL');
      expect(await leaks(started.stage)).toEqual([]);
      expect(started.stage.world.github.violations).toEqual([]);
    });
  });
}

/** Rotations during which `act` runs when the program first reaches the step; and the program's exit code. */
export async function reach(
  on: Lane,
  step: Step,
  act: () => Promise<void>,
): Promise<{ rotation: Rotation; rotations: readonly Rotation[]; code: number | null }> {
  const { stage, program } = on;
  const { world } = stage;
  const rotations: Rotation[] = [];
  const send = () => {
    while (rotations.length < on.load) {
      on.rotations += 1;
      rotations.push(stage.rotate(`prod/s${on.rotations}`));
    }
  };
  // A commit makes it fetch; the first request of a fetch lists the refs.
  if (step.name === 'fetching') {
    const files = new Map([[`docs/${on.rotations}.md`, 'fetch me\n']]);
    const commit = { branch: WORLD.base, files, message: 'Docs\n', person: ADA, time: 1_767_300_000 + on.rotations };
    await commitFiles(world.repository.dir, commit);
    world.faults.git.plan(step.operation, { kind: 'before', act: async () => undefined });
  }
  // Who has pushed before asks only once the host is not what it was.
  const asking = step.name === ASKING;
  if (asking) world.faults.git.plan(PUSHING.operation, { kind: 'answer', status: 404 });
  // A poll is under way all the time: the message is sent when the one that is meant has begun.
  const receiving = step.name === 'receiving';
  const before = async () => {
    if (receiving) send();
    if (asking) world.faults.git.clear();
    await act();
  };
  world.faults[step.at].plan(step.operation, { kind: 'before', act: before });
  if (!receiving) send();
  const { code } = await program.exit;
  const [rotation] = rotations;
  if (rotation === undefined) throw new Error(`${step.name} was not reached`);
  return { rotation, rotations, code };
}

/** The next process finds whatever is left: in the end there is one commit and one pull request, and nothing waits. */
export async function checkNextFinishes(on: Lane, rotation: Rotation, args: readonly string[] = []): Promise<void> {
  on.program = await on.stage.run({}, args);
  on.stage.world.sqs.advance(121_000);
  await untilDeleted(on.stage, rotation);
  expect(await traceOf(on.stage, rotation)).toEqual(proposedOnce(rotation));
}

/** Nobody waits for the answer any more; the request is carried out all the same. */
export async function killed(program: ProgramProcess): Promise<void> {
  program.signal('SIGKILL');
  await program.exit;
}

/** The request under way is neither answered nor carried out. */
export async function lost(program: ProgramProcess): Promise<never> {
  await program.exit;
  throw new Error('the request is lost');
}
