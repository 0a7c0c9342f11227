import { createLog } from '../adapters/local/pino-log.ts';
import type { Config } from '../config/config.ts';
import { examine, type Finding } from '../service/report/doctor.ts';

/** Tries every connection that a configuration names. Nothing is changed, no message is taken. */
export async function examineConfig(config: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  // Only now: `doctor --offline` connects to nobody.
  const { connect } = await import('./connect.ts');
  const connections = await connect(config, createLog({ level: 'error' }));
  try {
    return await examine(
      connections.inboxes.map(({ inbox }) => inbox),
      connections.branches,
      signal,
    );
  } finally {
    await connections.close();
  }
}
