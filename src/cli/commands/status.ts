import { statusOnHosts } from '../../wire/report-on.ts';
import { secretsTable } from '../../words/secrets-table.ts';
import { statusText } from '../../words/status-text.ts';
import type { Console } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadServedConfig } from '../load-config-file.ts';

export interface StatusOptions {
  readonly config: readonly string[];
  readonly repository?: string;
  readonly base?: string;
  readonly table?: boolean;
  /** False with `--no-aws`. */
  readonly aws?: boolean;
  readonly json?: boolean;
}

const PATIENCE_MILLISECONDS = 300_000;

/** `status`: what is under way on every served branch, or (`--table`) where each secret stands. Exit code 1 when something could not be looked at. */
export async function statusCommand(options: StatusOptions, console: Console): Promise<ExitCode> {
  const { config } = await loadServedConfig(options.config, console);
  const selection = { repository: options.repository ?? null, base: options.base ?? null };
  const how = {
    aws: options.aws === false ? 'leave' : 'ask',
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  } as const;
  const branches = await statusOnHosts(config, selection, how);
  const report = { version: 1, instance: config.instance, branches };
  const text = options.table === true ? secretsTable : statusText;
  console.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : text(branches));
  return branches.every(({ troubles }) => troubles.length === 0) ? EXIT.ok : EXIT.failed;
}
