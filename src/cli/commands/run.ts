import { setMaxListeners } from 'node:events';
import { runService } from '../../wire/run-service.ts';
import type { Console } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadServedConfig } from '../load-config-file.ts';
import { VERSION } from '../version.ts';

export interface RunOptions {
  readonly config: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Seconds between the first signal and giving up what is under way. */
  readonly grace: number;
}

/**
 * `run`: serves until SIGTERM or SIGINT. Then no new poll begins and what was received is brought to its end; after the
 * grace period, or at a second signal, it is given back to the queue.
 */
export async function runCommand(options: RunOptions, console: Console): Promise<ExitCode> {
  const stopping = new AbortController();
  const abort = new AbortController();
  // Every request under way listens; Node takes more than ten for a leak and says so among the log lines.
  setMaxListeners(0, stopping.signal, abort.signal);
  let interrupted = false;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    interrupted = stopping.signal.aborted;
    if (interrupted) abort.abort();
    stopping.abort();
    timer ??= setTimeout(() => abort.abort(), options.grace * 1000);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  try {
    const { config, notices } = await loadServedConfig(options.config, console);
    const facts = { level: options.logLevel, version: VERSION, notices };
    await runService(config, facts, { stopping: stopping.signal, abort: abort.signal });
  } finally {
    clearTimeout(timer);
    process.off('SIGTERM', stop).off('SIGINT', stop);
  }
  return interrupted ? EXIT.interrupted : EXIT.ok;
}
