import type { MemoryRules } from '../../../src/adapters/memory/forge/memory-forge-options.ts';
import type { BranchSettings } from '../../../src/service/served-branch.ts';
import { readBodyTrailers } from '../../../src/words/pull/body-trailers.ts';
import { ROTATION } from '../../../src/words/trailers.ts';
import { version } from '../manifests.ts';
import { MAIN, type Process, refOf, told, type World } from '../memory-world.ts';
import { createTeamWorld, versionsAt } from '../team-world.ts';

/** One ExternalSecret `db` that fetches the secret `a`, whose version 2 is proposed by pull request #1. */
export interface Life {
  readonly world: World;
  readonly ref: string;
  /** AWS moves to a version, an event tells it, and one process handles it; its outcomes. */
  rotate(number: number): Promise<readonly string[]>;
  /** The event of a version comes once more; the outcomes. */
  repeat(number: number): Promise<readonly string[]>;
  /** A process that has just started looks after everything. */
  sweep(): Promise<void>;
  /** The base gets these files from a person. */
  change(files: Readonly<Record<string, string | null>>): string;
  /** A person's commit on the branch. */
  push(files: Readonly<Record<string, string | null>>, message?: string): string;
  /** The version of `a` on the branch, as its number; null where it has none. */
  proposed(): number | null;
  /** The same on the base. */
  merged(): number | null;
  /** Every pull request, oldest first: `#1 open 2`, with the versions that its text names. */
  pulls(): Promise<readonly string[]>;
  /** How many requests of each kind the processes have made to the forge. */
  readonly calls: Map<string, number>;
}

export const PERSON = { name: 'Ada', email: 'ada@example.com' };

export interface LifeOptions {
  readonly rules?: Partial<MemoryRules>;
  readonly settings?: Partial<BranchSettings>;
  readonly files?: Readonly<Record<string, string>>;
}

/** A world in which pull request #1 is open. */
export async function openedLife({ rules = {}, settings = {}, files = {} }: LifeOptions = {}): Promise<Life> {
  const world = createTeamWorld({ db: ['a'] }, { rules, files });
  const calls = new Map<string, number>();
  const start = (): Process =>
    world.start({
      settings,
      gate: async (call, moment) => {
        if (moment === 'before') calls.set(call, (calls.get(call) ?? 0) + 1);
      },
    });
  const handle = async () => {
    const process = start();
    await world.drain(process, 1);
    return told(process, 'outcome');
  };
  world.rotate('a', version(1));
  const life: Life = {
    world,
    ref: '',
    rotate: async (number) => {
      await world.time.pass(60_000);
      world.rotate('a', version(number));
      world.tell('a', version(number));
      return handle();
    },
    repeat: (number) => {
      world.tell('a', version(number));
      return handle();
    },
    sweep: async () => {
      await world.time.pass(60_000);
      await start().sweep();
    },
    change: (changed) => world.workspace.commitTo(MAIN, new Map(Object.entries(changed)), 'A person was here', PERSON),
    push: (changed, message = 'A person was here') =>
      world.workspace.commitTo(life.ref, new Map(Object.entries(changed)), message, PERSON),
    proposed: () => numberOf(versionsAt(world, life.ref, 'db')['a']),
    merged: () => numberOf(versionsAt(world, MAIN, 'db')['a']),
    pulls: async () =>
      (await world.forge.pulls()).map(({ number, state, body }) => {
        const names = readBodyTrailers(body, ROTATION).map((name) => numberOf(name.slice(name.indexOf('=') + 1)));
        return `#${number} ${state} ${names.join(' ')}`;
      }),
    calls,
  };
  await life.rotate(2);
  const [pull] = await world.open();
  return Object.assign(life, { ref: pull === undefined ? '' : refOf(pull) });
}

function numberOf(found: string | undefined): number | null {
  return found === undefined ? null : Number(found.slice(-12));
}
