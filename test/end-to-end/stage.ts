import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labelUpdated } from '../../src/demo/aws/rotation-events.ts';
import { type ProgramProcess, startProgram } from '../../src/demo/program-process.ts';
import { type EmbeddedWorld, startWorld, WORLD, type WorldOptions } from '../../src/demo/world.ts';
import { CANARY } from './canaries.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A rotation that has happened in AWS, and the message that tells of it. */
export interface Rotation {
  readonly secret: string;
  readonly version: string;
  readonly messageId: string;
}

/** The embedded world, a folder for files, and the program as processes whose output is kept. */
export interface Stage {
  readonly world: EmbeddedWorld;
  readonly folder: string;
  /** What a process needs; every credential in it is a canary. */
  readonly environment: Readonly<Record<string, string>>;
  /** Writes a file into the stage's folder; returns its path. */
  file(name: string, content: string | Uint8Array): Promise<string>;
  /** Starts `run`; `more` is merged into `spec`, `args` are added, `environment` replaces the stage's. */
  run(
    more?: Readonly<Record<string, unknown>>,
    args?: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<ProgramProcess>;
  /** Runs any command to its end. */
  command(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** A new version of a secret (made where it is not there yet) becomes AWSCURRENT, and its event is sent. */
  rotate(secret: string): Rotation;
  /** What every process has printed, by its arguments. Waits for their end. */
  outputs(): Promise<readonly { readonly where: string; readonly text: string }[]>;
  close(): Promise<void>;
}

const SUFFIX = 'Ab3dEf';

/** Starts a stage around a repository. Nothing is gathered: every receive is a batch of its own. */
export async function startStage(
  files: ReadonlyMap<string, string | Uint8Array>,
  options: Omit<WorldOptions, 'files'> = {},
): Promise<Stage> {
  // Load is what these tests are about: none of it is to wait for a limit.
  const world = await startWorld({ limits: { open: 'none', perHour: 'none' }, ...options, files });
  world.github.addToken(CANARY.token, WORLD.bot);
  world.git.accept(CANARY.token, 'write');
  const folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-stage-'));
  const environment = {
    ...world.environment,
    GITHUB_TOKEN: CANARY.token,
    AWS_SECRET_ACCESS_KEY: CANARY.accessKey,
    AWS_SESSION_TOKEN: CANARY.sessionToken,
  };
  const started: { readonly where: string; readonly process: ProgramProcess }[] = [];
  const secrets = new Set<string>();
  let runs = 0;
  const start = (args: readonly string[], more: Readonly<Record<string, string>> = environment) => {
    const process = startProgram(args, more);
    started.push({ where: args.join(' '), process });
    return process;
  };
  const file = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  return {
    world,
    folder,
    environment,
    file,
    run: async (more = {}, args = [], own = environment) => {
      // Of its own: another process may still be about to read the last one.
      const config = await file(
        `config-${(runs += 1)}.yaml`,
        world.config({ coalesce: { window: '0s', cap: '0s' }, ...more }),
      );
      return start(['run', '--config', config, ...args], own);
    },
    command: (args, more) => start(args, more).exit,
    rotate: (secret) => {
      const version = randomUUID();
      if (!secrets.has(secret)) world.secrets.put({ name: secret, suffix: SUFFIX });
      secrets.add(secret);
      world.secrets.putVersion(secret, version);
      return { secret, version, messageId: world.sqs.send(WORLD.queue, changeBody(secret, version)) };
    },
    outputs: () =>
      Promise.all(
        started.map(async ({ where, process }) => {
          const { stdout, stderr } = await process.exit;
          return { where, text: `${stdout}\n${stderr}` };
        }),
      ),
    close: async () => {
      for (const { process } of started) process.signal('SIGKILL');
      await Promise.all(started.map(({ process }) => process.exit));
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The message that AWSCURRENT of a secret has moved; it holds a canary where the program does not look. */
export function changeBody(secret: string, version: string): string {
  const place = { account: WORLD.account, region: WORLD.region, name: secret, suffix: SUFFIX };
  return JSON.stringify({ ...labelUpdated(place, version), 'x-unknown': CANARY.body });
}
