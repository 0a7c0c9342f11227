import type { Config } from '../../../src/config/config.ts';
import { type ProgramProcess, waitUntil } from '../../../src/demo/program-process.ts';
import type { Stage } from '../stage.ts';
import { logOf } from '../traces.ts';

/** How the Git host is spoken to. */
export type Transport = Config['git']['transport'];

/** Replicas on one queue. */
export interface Crowd {
  readonly size: number;
  /** Kills one of them; resolves when it is dead. */
  kill(which: number): Promise<void>;
  /** Starts another in the place of one that is dead; resolves when it serves. */
  replace(which: number): Promise<void>;
  /** Ends all of them in peace; says what is wrong with how they ended. */
  stop(): Promise<readonly string[]>;
  /** The most deliveries of one message that any of them saw. */
  mostDeliveries(): number;
}

/** Starts so many replicas, which look for what is due twice a second. */
export async function startCrowd(stage: Stage, replicas: number, transport: Transport): Promise<Crowd> {
  const all: ProgramProcess[] = [];
  const start = async () => {
    const process = await stage.run({ sweep: { interval: '500ms' }, git: { transport, cacheDir: stage.folder } });
    all.push(process);
    await waitUntil('a replica serves', () => logOf(process).some(({ msg }) => msg === 'started'));
    return process;
  };
  const living: ProgramProcess[] = [];
  while (living.length < replicas) living.push(await start());
  return {
    size: replicas,
    kill: async (which) => {
      living[which]?.signal('SIGKILL');
      await living[which]?.exit;
    },
    replace: async (which) => {
      living[which] = await start();
    },
    stop: async () => {
      for (const process of living) process.signal('SIGTERM');
      const codes = await Promise.all(living.map(async ({ exit }) => (await exit).code));
      return codes.flatMap((code) => (code === 0 ? [] : [`a replica ended with ${code}`]));
    },
    mostDeliveries: () =>
      Math.max(...all.flatMap((process) => logOf(process).map((line) => Number(line['receiveCount'] ?? 0)))),
  };
}
