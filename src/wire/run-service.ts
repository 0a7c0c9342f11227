import { once } from 'node:events';
import { createLog, type LogLevel } from '../adapters/local/pino-log.ts';
import { createSystemClock } from '../adapters/local/system-clock.ts';
import { createMemoryMeter } from '../adapters/memory/memory-meter.ts';
import type { Config } from '../config/config.ts';
import type { Problem } from '../domain/problem.ts';
import type { Clock, Log, Meter } from '../ports.ts';
import { consume, type StopSignals } from '../service/consume/consume.ts';
import { createLane } from '../service/consume/lane.ts';
import { createHealth } from '../service/health.ts';
import { keepSwept } from '../service/sweep/keep-swept.ts';
import { type Connections, connect } from './connect.ts';

/** The most messages that are handled together: a storm becomes several batches, each with its own few commits. */
const MOST_MESSAGES = 300;

/**
 * Consumes every configured queue until `stopping` is aborted; resolves when everything received has come to its end, or
 * was given back after `abort`. Log lines go to standard error; `notices` of the configuration are among them, once each. Rejects with a `Failure` only where the configuration cannot be
 * carried out at all.
 */
export async function runService(
  config: Config,
  level: LogLevel,
  signals: StopSignals,
  notices: readonly Problem[],
): Promise<void> {
  const log = createLog({ level });
  const meter = createMemoryMeter();
  const connections = await connect(config, log, meter);
  const service = { config, log, meter, connections, clock: createSystemClock() };
  const { instance } = config;
  for (const { file, line, column, message, hint } of notices) {
    log.warn(
      { place: [file, line, column].filter((part) => part !== null).join(':'), reason: message, hint },
      'noted in the configuration',
    );
  }
  log.info({ instance, queues: config.sources.length, branches: connections.branches.length }, 'started');
  try {
    await (config.paused ? rest(service, signals) : serve(service, signals));
  } finally {
    await connections.close();
  }
  log.info({ instance }, 'stopped');
}

interface Service {
  readonly config: Config;
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly connections: Connections;
}

/** Every queue, every lane and every sweep, until they are stopped. */
async function serve({ config, log, meter, clock, connections }: Service, signals: StopSignals): Promise<void> {
  const { branches, inboxes } = connections;
  const queues = inboxes.map(({ inbox }) => ({ kind: 'queue', name: inbox.name }) as const);
  const repositories = branches.map(({ name }) => ({ kind: 'repository', name }) as const);
  const health = createHealth([...queues, ...repositories], clock, meter);
  const lanes = branches.map((served) => createLane(served, health, signals.abort));
  const coalesce = { ...config.coalesce, most: MOST_MESSAGES };
  const common = { lanes, clock, log, meter, health, coalesce };
  const { intervalMilliseconds } = config.sweep;
  await Promise.all([
    ...inboxes.map((one) => consume({ ...common, ...one }, signals)),
    ...branches.map((served) => keepSwept({ served, clock, health, intervalMilliseconds }, signals)),
  ]);
}

/** Paused: not even received, so that no message comes nearer to a dead-letter queue. */
async function rest({ config, log, meter, connections }: Service, { stopping }: StopSignals): Promise<void> {
  for (const { name } of connections.branches) meter.gauge('paused', { repository: name }, 1);
  log.warn({ instance: config.instance, hint: 'Set spec.paused to false and start again.' }, 'paused');
  if (!stopping.aborted) await once(stopping, 'abort');
}
