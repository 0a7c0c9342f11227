import { git } from '../../src/demo/git/git-cli.ts';
import { type ProgramProcess, waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import type { Rotation, Stage } from './stage.ts';

/** What is there of a rotation in the world: Git, GitHub and the queue. */
export interface Trace {
  /** Commits beyond the base branch that bring this version, and the lines that they change. */
  readonly commits: number;
  readonly lines: readonly string[];
  /** Pull requests that name this version, and whether each shows the commit. */
  readonly pulls: readonly string[];
  /** Whether its message is still in the queue. */
  readonly waiting: boolean;
}

/** Everything that the world holds of a rotation. */
export async function traceOf({ world }: Stage, { version }: Rotation): Promise<Trace> {
  const { dir } = world.repository;
  const own = ['--glob=refs/heads/gitops-reloader/*', '--not', WORLD.base];
  const commits = words(await git(dir, ['log', '--format=%H', '--fixed-strings', `--grep==${version}`, ...own]));
  const patches = await Promise.all(commits.map((commit) => git(dir, ['show', '--format=', '--unified=0', commit])));
  const pulls = await world.github.people(WORLD.repository).pulls();
  return {
    commits: commits.length,
    lines: patches.flatMap(changedLines).map((line) => line.replaceAll(/=[0-9a-f-]{36}@[0-9TZ:-]{20}/g, '=…')),
    pulls: pulls
      .filter(({ body }) => body.includes(`=${version}`))
      .map(({ state, head }) => `${state}${commits.includes(head) ? '' : ', of another commit'}`),
    waiting: world.sqs.bodies(WORLD.queue).some((body) => body.includes(version)),
  };
}

/** The one end every rotation of a plain ExternalSecret must come to. */
export function proposedOnce({ secret }: Rotation): Trace {
  const lines = ['+  annotations:', `+    force-sync: "${secret}=…"`];
  return { commits: 1, lines, pulls: ['open'], waiting: false };
}

/** Lines that a patch takes away or adds. */
export function changedLines(patch: string): readonly string[] {
  return patch.split('\n').filter((line) => /^[+-](?!\+\+ |-- )/.test(line));
}

export type LogLine = Readonly<Record<string, unknown>>;

/** The log lines of a process so far. */
export function logOf(process: ProgramProcess): readonly LogLine[] {
  return process.lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return [{ msg: line }];
    }
  });
}

/** Waits for the `count`-th time that a process says what became of a message. */
export async function untilHandled(process: ProgramProcess, { messageId }: Rotation, count = 1): Promise<LogLine> {
  const handled = () => logOf(process).filter((line) => line['messageId'] === messageId && 'outcome' in line);
  await waitUntil(`message ${messageId} is handled ${count} times`, () => handled().length >= count);
  return handled()[count - 1] ?? {};
}

/** Some things take 15 s: what a dead process has pushed is shown then, and what an event tells and AWS does not show may be older. */
export const LONGEST_WAIT_MILLISECONDS = 60_000;

/** Waits until the message of a rotation has left the queue; `meanwhile` is called again and again until then. */
export async function untilDeleted(
  { world }: Stage,
  { secret, version }: Rotation,
  meanwhile: () => void = () => undefined,
): Promise<void> {
  const waiting = () => world.sqs.bodies(WORLD.queue).some((body) => body.includes(version));
  await waitUntil(
    `the message of ${secret} is deleted`,
    () => {
      const isWaiting = waiting();
      if (isWaiting) meanwhile();
      return !isWaiting;
    },
    LONGEST_WAIT_MILLISECONDS,
  );
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
