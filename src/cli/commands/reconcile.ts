import { reconcileOnHosts } from '../../wire/reconcile-on.ts';
import { reconcileText } from '../../words/reconcile/reconcile-text.ts';
import type { Console } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadServedConfig } from '../load-config-file.ts';

export interface ReconcileOptions {
  readonly config: readonly string[];
  readonly repository?: string;
  readonly base?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const PATIENCE_MILLISECONDS = 30 * 60_000;

/** `reconcile`: compares everything with AWS once and proposes what is behind. Exit code 1 when something could not be asked. */
export async function reconcileCommand(options: ReconcileOptions, console: Console): Promise<ExitCode> {
  const { config } = await loadServedConfig(options.config, console);
  const selection = { repository: options.repository ?? null, base: options.base ?? null };
  const isLook = options.dryRun === true || config.paused;
  if (config.paused) console.note('spec.paused is true: nothing is written.');
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const branches = await reconcileOnHosts(config, selection, isLook ? 'look' : 'asked', signal);
  const report = { version: 1, instance: config.instance, dryRun: isLook, branches };
  console.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : reconcileText(branches));
  const isWhole = branches.every(
    ({ troubles, behind }) => troubles.length === 0 && behind.every(({ state }) => state !== 'later'),
  );
  return isWhole ? EXIT.ok : EXIT.failed;
}
