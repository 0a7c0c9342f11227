import { Failure } from '../../domain/failure.ts';
import { readWritten } from '../../domain/parameters/parameter-id.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { SecretService, WrittenSecret } from '../../domain/secret-id.ts';
import type { BranchExplanation } from '../../plan/report/explanation.ts';
import type { AskedSecret } from '../../plan/truth/named-secret.ts';
import { explainOnCheckout, explainOnHosts } from '../../wire/report-on.ts';
import { explainText } from '../../words/explain-text.ts';
import type { Console } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadServedConfig } from '../load-config-file.ts';

export interface ExplainOptions {
  readonly config?: readonly string[];
  readonly repo?: string;
  readonly service?: SecretService;
  readonly account?: string;
  readonly region?: string;
  readonly label?: string;
  readonly repository?: string;
  readonly base?: string;
  readonly json?: boolean;
}

const PATIENCE_MILLISECONDS = 300_000;

/**
 * `explain SECRET`: who uses it, what Git and AWS have, and what happens next. Exit code 1 when something could not be looked
 * at, 2 when nobody can tell which secret is meant.
 */
export async function explainCommand(id: string, options: ExplainOptions, console: Console): Promise<ExitCode> {
  const written = checked(id, options);
  const { service = null, account = null, region = null, label = null } = options;
  const asked: AskedSecret = { id, service, account, region, label };
  const branches =
    options.repo === undefined
      ? await onHosts(asked, options, console)
      : await onCheckout(options.repo, asked, written, console);
  const report = { version: 1, secret: id, branches };
  console.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : explainText(branches));
  return exitCodeOf(branches);
}

function checked(id: string, { service, config, repo, repository, base }: ExplainOptions): WrittenSecret {
  const written =
    readWritten(id, service ?? 'secretsmanager') ?? (service === undefined ? readWritten(id, 'ssm') : null);
  if (written === null)
    throw wrong(
      `"${plainText(id)}" is no ${service === 'ssm' ? 'parameter' : 'secret'} name or ARN`,
      'Give a name, or an ARN of Secrets Manager or Parameter Store.',
    );
  if ((config === undefined) === (repo === undefined)) {
    throw wrong('explain needs exactly one of --config and --repo', 'Example: explain prod/db --repo .');
  }
  if (repo !== undefined && (repository !== undefined || base !== undefined)) {
    throw wrong('--repository and --base choose a configured branch', 'Leave them out, or give --config FILE.');
  }
  return written;
}

async function onHosts(
  asked: AskedSecret,
  options: ExplainOptions,
  console: Console,
): Promise<readonly BranchExplanation[]> {
  const { config } = await loadServedConfig(options.config ?? [], console);
  const selection = { repository: options.repository ?? null, base: options.base ?? null };
  return explainOnHosts(config, selection, asked, AbortSignal.timeout(PATIENCE_MILLISECONDS));
}

/** What a person named stands in for an allow-list; else the accounts and regions of the ARN, or of the repository itself. */
async function onCheckout(
  folder: string,
  asked: AskedSecret,
  written: WrittenSecret,
  console: Console,
): Promise<readonly BranchExplanation[]> {
  const account = asked.account ?? written.account;
  const region = asked.region ?? written.region;
  const { explained, notes } = await explainOnCheckout(folder, asked, {
    asked: { accounts: account === null ? [] : [account], regions: region === null ? [] : [region] },
    signal: new AbortController().signal,
    progress: (done, all) => console.progress(`reading ${done} of ${all} files`),
  });
  console.progress('');
  for (const note of notes) console.note(note);
  return [explained];
}

function exitCodeOf(branches: readonly BranchExplanation[]): ExitCode {
  if (branches.some(({ unclear }) => unclear !== null)) return EXIT.usage;
  return branches.every(({ troubles }) => troubles.length === 0) ? EXIT.ok : EXIT.failed;
}

function wrong(message: string, hint: string): Failure {
  return new Failure(message, { code: 'input-invalid', retry: 'never', hint });
}
