import { createLog, type LogLevel } from '../adapters/local/pino-log.ts';
import { createSystemClock } from '../adapters/local/system-clock.ts';
import { createMemoryMeter } from '../adapters/memory/memory-meter.ts';
import type { Config } from '../config/config.ts';
import { consume, type StopSignals } from '../service/consume/consume.ts';
import { createHealth } from '../service/health.ts';
import { keepSwept } from '../service/sweep/keep-swept.ts';
import { connect } from './connect.ts';

/** The most messages that are handled together: a storm becomes several batches, each with its own few commits. */
const MOST_MESSAGES = 300;

/**
 * Consumes every configured queue until `stopping` is aborted; resolves when everything received has come to its end, or
 * was given back after `abort`. Log lines go to standard error. Rejects with a `Failure` only where the configuration cannot be carried out at all.
 */
export async function runService(config: Config, level: LogLevel, signals: StopSignals): Promise<void> {
  const log = createLog({ level });
  const connections = await connect(config, log);
  const { branches } = connections;
  const clock = createSystemClock();
  const health = createHealth(
    [
      ...connections.inboxes.map(({ inbox }) => ({ kind: 'queue', name: inbox.name }) as const),
      ...branches.map(({ name }) => ({ kind: 'repository', name }) as const),
    ],
    clock,
    createMemoryMeter(),
  );
  log.info({ instance: config.instance, queues: config.sources.length, branches: branches.length }, 'started');
  if (config.paused) log.warn({ instance: config.instance }, 'paused: nothing is written');
  try {
    await Promise.all([
      ...connections.inboxes.map(({ inbox, visibilitySeconds }) => {
        const coalesce = { ...config.coalesce, most: MOST_MESSAGES };
        return consume({ inbox, branches, clock, log, coalesce, visibilitySeconds, paused: config.paused }, signals);
      }),
      ...(config.paused ? [] : branches).map((served) => {
        const { intervalMilliseconds } = config.sweep;
        return keepSwept({ served, clock, health, intervalMilliseconds }, signals);
      }),
    ]);
  } finally {
    await connections.close();
  }
  log.info({ instance: config.instance }, 'stopped');
}
