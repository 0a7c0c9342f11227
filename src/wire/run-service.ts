import { once } from 'node:events';
import { hostname } from 'node:os';
import type { StatusServer } from '../adapters/http/status-server.ts';
import { createLog, type LogLevel } from '../adapters/local/pino-log.ts';
import { createSystemClock } from '../adapters/local/system-clock.ts';
import type { Config } from '../config/config.ts';
import type { Problem } from '../domain/problem.ts';
import { urgentByName } from '../manifests/urgent-secrets.ts';
import type { Clock, Log, Meter } from '../ports.ts';
import { beginCounters } from '../service/begin-counters.ts';
import { consume, type StopSignals } from '../service/consume/consume.ts';
import { createLane } from '../service/consume/lane.ts';
import { createHealth, type Dependency, type Health } from '../service/health.ts';
import { keepIndex } from '../service/reading/keep-index.ts';
import { keepSwept } from '../service/sweep/keep-swept.ts';
import { type Connections, connect } from './connect.ts';
import { createServiceMeter, serveStatus } from './serve-status.ts';
import { tellSigning } from './signing/tell-signing.ts';
import { tellUses } from './uses/tell-uses.ts';

/** What the program is told about itself, beside the configuration. */
export interface ProgramFacts {
  /** Of log lines. */
  readonly level: LogLevel;
  readonly version: string;
  /** Of the configuration; logged once each. */
  readonly notices: readonly Problem[];
}

/**
 * Consumes every configured queue until `stopping` is aborted; resolves when everything received has come to its end, or
 * was given back after `abort`. Log lines go to standard error. Rejects with a `Failure` only where the configuration cannot be
 * carried out at all.
 */
export async function runService(
  config: Config,
  { level, version, notices }: ProgramFacts,
  signals: StopSignals,
): Promise<void> {
  const log = createLog({ level });
  const clock = createSystemClock();
  const meter = await createServiceMeter(version);
  await tellSigning(config, log);
  const connections = await connect(config, log, meter);
  const health = createHealth(config.paused ? [] : dependenciesOf(connections), clock, meter);
  const { instance } = config;
  let status: StatusServer | null = null;
  tellNotices(notices, log);
  tellUses(config, connections.net, log);
  try {
    tellOfStop(signals.stopping, health);
    status = await serveStatus(config.status, { health, meter, log });
    log.info({ instance, queues: config.sources.length, branches: connections.branches.length }, 'started');
    const service = { config, log, meter, connections, clock, health };
    await (config.paused ? rest(service, signals) : serve(service, signals));
  } finally {
    await connections.close();
    // Last: probes are answered as long as anything is under way.
    await status?.close();
  }
  log.info({ instance }, 'stopped');
}

function tellNotices(notices: readonly Problem[], log: Log): void {
  for (const { file, line, column, message, hint } of notices) {
    const place = [file, line, column].filter((part) => part !== null).join(':');
    log.warn({ place, reason: message, hint }, 'noted in the configuration');
  }
}

interface Service {
  readonly config: Config;
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly connections: Connections;
  readonly health: Health;
}

function dependenciesOf({ branches, inboxes }: Connections): readonly Dependency[] {
  return [
    ...inboxes.map(({ inbox }): Dependency => ({ kind: 'queue', name: inbox.name })),
    ...branches.map(({ name }): Dependency => ({ kind: 'repository', name })),
  ];
}

/** From the signal on it is not ready, whatever is still brought to its end. */
function tellOfStop(stopping: AbortSignal, health: Health): void {
  if (stopping.aborted) health.stopping();
  else stopping.addEventListener('abort', () => health.stopping(), { once: true });
}

/** Every queue, every lane and every sweep, until they are stopped. */
async function serve({ config, connections, ...common }: Service, signals: StopSignals): Promise<void> {
  const { branches, inboxes } = connections;
  const { clock, health } = common;
  beginCounters(
    common.meter,
    inboxes.map(({ inbox }) => inbox.name),
    branches.map(({ name }) => name),
  );
  const coalesce = { ...config.coalesce, isUrgent: urgentByName(config.coalesce.urgent) };
  const lanes = branches.map((served) => createLane(served, health, signals.abort, coalesce));
  const { intervalMilliseconds } = config.sweep;
  await Promise.all([
    ...inboxes.map((one) => consume({ ...common, ...one, lanes }, signals)),
    ...branches.map((served) => keepSwept({ served, clock, health, intervalMilliseconds }, signals)),
    ...branches.map((served) => keepIndex(served, signals)),
    config.reconcile.isAutomatic ? reconcile({ config, connections, clock, health }, signals) : undefined,
  ]);
}

/** Its code is loaded once the first polls and lists of refs are on their way. */
async function reconcile(
  { config, connections, clock, health }: Pick<Service, 'config' | 'connections' | 'clock' | 'health'>,
  signals: StopSignals,
): Promise<void> {
  const { keepReconciled } = await import('../service/reconcile/keep-reconciled.ts');
  await Promise.all(
    connections.branches.map((served) =>
      keepReconciled({ served, clock, health, host: hostname(), ...config.reconcile }, signals),
    ),
  );
}

/** Paused: not even received, so that no message comes nearer to a dead-letter queue. */
async function rest({ config, log, meter, connections }: Service, { stopping }: StopSignals): Promise<void> {
  for (const { name } of connections.branches) meter.gauge('paused', { repository: name }, 1);
  log.warn({ instance: config.instance, hint: 'Set spec.paused to false and start again.' }, 'paused');
  if (!stopping.aborted) await once(stopping, 'abort');
}
