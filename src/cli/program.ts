import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { Failure, internalFailure } from '../domain/failure.ts';
import { ORDERS } from '../domain/policy.ts';
import { SECRET_SERVICES } from '../domain/secret-id.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { ExplainOptions } from './commands/explain.ts';
import type { InitOptions } from './commands/init.ts';
import type { PlanOptions } from './commands/plan.ts';
import type { ReconcileOptions } from './commands/reconcile.ts';
import type { RunOptions } from './commands/run.ts';
import type { StatusOptions } from './commands/status.ts';
import { type Console, processConsole, reportFailure } from './console.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { VERSION } from './version.ts';

/**
 * Runs the program with `argv` (as `process.argv`); resolves to its exit code. Never rejects, never exits by itself.
 * `handOver` is called once `run` listens for its signals.
 */
export async function main(
  argv: readonly string[],
  console: Console = processConsole(),
  handOver: () => void = () => undefined,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = createProgram(
    console,
    (result) => {
      code = result;
    },
    handOver,
  );
  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = error instanceof Failure ? error : internalFailure(nameOf(error));
    return reportFailure(failure, console);
  }
}

/**
 * Every command with its options; `finish` is told the exit code of the one that ran. Each command loads its own code when it is
 * typed: `decode` need not wait for the clients of AWS.
 */
export function createProgram(
  console: Console,
  finish: (code: ExitCode) => void,
  handOver: () => void = () => undefined,
): Command {
  const program = new Command('gitops-reloader')
    .description('Turns secret changes in AWS into pull requests against the GitOps repository that deploys them.')
    .version(VERSION)
    // `plan` has a --version of its own: without this the program's would win wherever it stands.
    .enablePositionalOptions()
    .showHelpAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => console.out(text), writeErr: (text) => console.note(text.trimEnd()) });
  addRun(program, console, { finish, handOver });
  addPlan(program, console, finish);
  addReports(program, console, finish);
  addReconcile(program, console, finish);
  program
    .command('decode')
    .description('say what event or SQS message files mean')
    .argument('<file...>', 'files with an SQS message or a bare event')
    .option('--json', 'print JSON')
    .action(async (files: string[], options: { json?: boolean }) => {
      const { decodeCommand } = await import('./commands/decode.ts');
      finish(await decodeCommand(files, options, console));
    });
  program
    .command('doctor')
    .description('check the configuration and every connection it names')
    .requiredOption(...CONFIG)
    .option('--offline', 'check the configuration only')
    .option('--json', 'print JSON')
    .action(async (options: DoctorOptions) => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      finish(await doctorCommand(options, console));
    });
  program
    .command('demo')
    .description('run the whole pipeline against an embedded AWS, Git host and GitHub')
    .action(async () => {
      const { demoCommand } = await import('./commands/demo.ts');
      finish(await demoCommand(console));
    });
  program
    .command('init')
    .description('print a commented configuration to begin with')
    .option('--from-eso-reloader <file>', "translate ESO Reloader's Config, and say what has no equivalent")
    .option('--output <file>', 'write it to this file, which must not be there yet')
    .option('--json', 'print JSON')
    .action(async (options: InitOptions) => {
      const { initCommand } = await import('./commands/init.ts');
      finish(await initCommand(options, console));
    });
  return program;
}

interface RunEnds {
  readonly finish: (code: ExitCode) => void;
  readonly handOver: () => void;
}

function addRun(program: Command, console: Console, { finish, handOver }: RunEnds): void {
  program
    .command('run')
    .description('consume the configured queues until stopped')
    .requiredOption(...CONFIG)
    .addOption(
      new Option('--log-level <level>', 'least level').choices(['debug', 'info', 'warn', 'error']).default('info'),
    )
    .option('--grace <seconds>', 'time to finish what was received after a stop signal', seconds, 25)
    .action(async (options: RunOptions) => {
      const { runCommand } = await import('./commands/run.ts');
      const ended = runCommand(options, console);
      handOver();
      finish(await ended);
    });
}

function addPlan(program: Command, console: Console, finish: (code: ExitCode) => void): void {
  program
    .command('plan')
    .description('say what would be changed and why; only --write changes anything')
    .option('--repo <dir>', 'local checkout to plan on')
    .option(CONFIG[0], `${CONFIG[1]}; without it AWS is not asked`, each)
    .option('--repository <name>', 'which configured repository (default: the first; a checkout: the only one)')
    .option('--base <branch>', 'which configured base branch (default: the first; a checkout: the only one)')
    .option('--event <file>', 'plan for an event or SQS message file')
    .option('--secret <id>', 'plan for a secret or parameter: name or ARN')
    .option('--version <id>', 'the version that is current (with --secret)')
    .addOption(serviceOption())
    .option('--account <id>', 'AWS account of the secret')
    .option('--region <name>', 'AWS region of the secret')
    .option('--label <name>', 'the staging label that moved (with --secret; default: any)')
    .option('--all', 'plan for every secret: compared with AWS, or taken to have moved where AWS is not asked')
    .addOption(new Option('--stage <number>', '1 refreshes, 2 restarts').choices(['1', '2']).default('1'))
    .addOption(new Option('--order <order>', 'instead of the configured order').choices(ORDERS))
    .option('--json', 'print JSON')
    .option('--groups', 'say which group and branch each edit goes to')
    .option('--preview', 'show the pull requests as well: title, body and commit message')
    .option('--write', 'apply the plan to the local checkout (with --repo)')
    .action(async ({ version, ...options }: PlanOptions & { version?: string }) => {
      const named = version === undefined ? options : { ...options, secretVersion: version };
      const { planCommand } = await import('./commands/plan.ts');
      finish(await planCommand(named, console));
    });
}

function addReports(program: Command, console: Console, finish: (code: ExitCode) => void): void {
  program
    .command('status')
    .description('say what is under way on every configured branch, and what never will be')
    .requiredOption(...CONFIG)
    .option('--repository <name>', 'only this configured repository')
    .option('--base <branch>', 'only this base branch')
    .option('--table', 'one line for each secret: in Git, in AWS, its state, what is next')
    .option('--no-aws', 'do not ask AWS which versions are current')
    .option('--json', 'print JSON')
    .action(async (options: StatusOptions) => {
      const { statusCommand } = await import('./commands/status.ts');
      finish(await statusCommand(options, console));
    });
  program
    .command('explain')
    .description('say who uses a secret, what Git and AWS have, and what happens next')
    .argument('<secret>', 'name or ARN')
    .option(...CONFIG)
    .option('--repo <dir>', 'local checkout: what Git alone says')
    .addOption(serviceOption())
    .option('--account <id>', 'AWS account of the secret')
    .option('--region <name>', 'AWS region of the secret')
    .option('--label <name>', 'only what follows this staging label')
    .option('--repository <name>', 'only this configured repository')
    .option('--base <branch>', 'only this base branch')
    .option('--json', 'print JSON')
    .action(async (secret: string, options: ExplainOptions) => {
      const { explainCommand } = await import('./commands/explain.ts');
      finish(await explainCommand(secret, options, console));
    });
}

function addReconcile(program: Command, console: Console, finish: (code: ExitCode) => void): void {
  program
    .command('reconcile')
    .description('compare every secret with AWS once, and propose what is behind')
    .requiredOption(...CONFIG)
    .option('--repository <name>', 'only this configured repository')
    .option('--base <branch>', 'only this base branch')
    .option('--dry-run', 'only say what is behind: nothing is written')
    .option('--json', 'print JSON')
    .action(async (options: ReconcileOptions) => {
      const { reconcileCommand } = await import('./commands/reconcile.ts');
      finish(await reconcileCommand(options, console));
    });
}

/** Needed only where both services have the name. */
function serviceOption(): Option {
  const text = 'service of the secret: ssm for a parameter (default: as its ARN or the repository says)';
  return new Option('--service <service>', text).choices(SECRET_SERVICES);
}

/** `--config a --config b`. */
function each(file: string, before: readonly string[] = []): readonly string[] {
  return [...before, file];
}

const CONFIG = ['-c, --config <file>', 'configuration file; several are read as one', each] as const;

function seconds(text: string): number {
  // An empty text would be 0.
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number) && number >= 0 && number <= 3600) return number;
  throw new InvalidArgumentError('It is a number of seconds from 0 to 3600.');
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `unexpected ${error.name}: ${error.message}` : 'unexpected rejection';
}
