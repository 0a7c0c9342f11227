import type { PromMeter } from '../adapters/http/prom-meter.ts';
import { type StatusPage, type StatusServer, startStatusServer } from '../adapters/http/status-server.ts';
import type { StatusConfig } from '../config/config.ts';
import type { Log } from '../ports.ts';
import type { Health } from '../service/health.ts';
import { liveAnswer, type ProbeAnswer, readyAnswer } from '../service/probes/probe-answers.ts';

export interface StatusSources {
  readonly health: Health;
  readonly meter: PromMeter;
  readonly log: Log;
}

/** The meter of a service. Loaded here: commands that measure nothing need not wait for prom-client. */
export async function createServiceMeter(version: string): Promise<PromMeter> {
  const { createPromMeter } = await import('../adapters/http/prom-meter.ts');
  return createPromMeter(version);
}

/**
 * Serves `/livez`, `/readyz` and `/metrics`. Null where nobody asked for a port and the default one is taken: then the service
 * runs without. A port that the configuration names must be had.
 */
export async function serveStatus(
  { host, port, isPortNamed }: StatusConfig,
  { health, meter, log }: StatusSources,
): Promise<StatusServer | null> {
  const pages = new Map<string, () => StatusPage | Promise<StatusPage>>([
    ['/livez', () => pageOf(liveAnswer(health.silences()))],
    ['/readyz', () => pageOf(readyAnswer(health.readiness()))],
    ['/metrics', () => metricsPage(meter)],
  ]);
  const listening = await startStatusServer({ host, port, pages });
  if (listening.kind === 'listening') {
    log.info({ host, port: listening.server.port }, 'status server listening');
    return listening.server;
  }
  const { failure } = listening;
  if (isPortNamed) throw failure;
  const { code, message: reason, hint } = failure;
  log.warn({ host, port, code, reason, hint }, 'no status server');
  return null;
}

function pageOf({ status, value }: ProbeAnswer): StatusPage {
  return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(value, null, 2)}\n` };
}

async function metricsPage(meter: PromMeter): Promise<StatusPage> {
  const { contentType, text } = await meter.exposition();
  return { status: 200, contentType, body: text };
}
