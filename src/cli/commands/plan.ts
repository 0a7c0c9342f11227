import type { Config, Repository } from '../../config/config.ts';
import { allowedOrder } from '../../config/join/narrow-orders.ts';
import { Failure } from '../../domain/failure.ts';
import { readWritten } from '../../domain/parameters/parameter-id.ts';
import { type Bindings, NO_BINDINGS, type Order, RESTART_DEFAULTS, type Stage } from '../../domain/policy.ts';
import { formatProblem } from '../../domain/problem.ts';
import type { SecretService } from '../../domain/secret-id.ts';
import { setBy } from '../../plan/plan.ts';
import { everything, type Scope } from '../../plan/scope.ts';
import type { AskedPlaces } from '../../plan/truth/assumed-accounts.ts';
import type { MadePlan, PlanQuestion } from '../../service/make-plan.ts';
import { planOnCheckout, planOnHost, writePlan } from '../../wire/plan-on.ts';
import { diffText, planText } from '../../words/plan-text.ts';
import { previewText } from '../../words/pull/preview-text.ts';
import { writtenText } from '../../words/written-text.ts';
import { betweenSignals } from '../between-signals.ts';
import type { Console } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadConfigFiles, loadServedConfig } from '../load-config-file.ts';
import { readEventFile } from '../read-event-file.ts';
import { previewedBranch } from './plan-preview.ts';

export interface PlanOptions {
  readonly repo?: string;
  readonly config?: readonly string[];
  readonly repository?: string;
  readonly base?: string;
  readonly event?: string;
  readonly secret?: string;
  readonly secretVersion?: string;
  readonly service?: SecretService;
  readonly account?: string;
  readonly region?: string;
  readonly label?: string;
  readonly all?: boolean;
  readonly stage?: '1' | '2';
  readonly order?: Order;
  readonly json?: boolean;
  readonly preview?: boolean;
  readonly write?: boolean;
}

/** `plan`: what would be changed and why, with a diff; `--write` applies it to the local checkout. */
export async function planCommand(options: PlanOptions, console: Console): Promise<ExitCode> {
  checkOptions(options);
  const config = await configOf(options, console);
  const stage: Stage = options.stage === '2' ? 2 : 1;
  const { question, places } = await questionOf(options, stage, console);
  const scope = scopeOf(options, config);
  const branch = config === null ? `@${options.base ?? ''}` : branchOf(options, config);
  const how = {
    stage,
    scope,
    preview: options.preview === true ? previewedBranch(config, branch, scope) : undefined,
    bindings: bindingsOf(options, config),
    asked: places,
    signal: new AbortController().signal,
    progress: (done: number, all: number) => console.progress(`reading ${done} of ${all} files`),
  };
  const made =
    options.repo === undefined
      ? await planOnHost(needed(config), branchOf(options, needed(config)), question, how)
      : await planOnCheckout(options.repo, config, question, how);
  console.progress('');
  if (config !== null) noteChoice(options, config, console);
  for (const note of made.notes) console.note(note);
  console.out(options.json === true ? asJson(made, options) : asText(made, options));
  if (options.write === true && options.repo !== undefined) {
    const { repo } = options;
    await betweenSignals((signal) => writePlan(repo, made.files, signal));
    console.note(writtenText(made.files, made.plan.edits));
  }
  return EXIT.ok;
}

/** A local checkout needs no configured repository; a remote one does. */
async function configOf({ config: paths, repo }: PlanOptions, console: Console): Promise<Config | null> {
  if (paths === undefined) return null;
  const { config, notices } = await (repo === undefined ? loadServedConfig : loadConfigFiles)(paths, console);
  for (const notice of notices) console.note(formatProblem(notice));
  return config;
}

function checkOptions(options: PlanOptions): void {
  const questions = [options.event, options.secret, options.all].filter((one) => one !== undefined).length;
  const wanted = options.stage === '2' ? 0 : 1;
  if (questions !== wanted) {
    throw wanted === 1
      ? wrong('plan needs exactly one of --event, --secret and --all', 'Example: plan --repo . --secret prod/db')
      : wrong('--stage 2 looks at the repository alone', 'Example: plan --repo . --stage 2');
  }
  if (options.repo === undefined && options.config === undefined) {
    throw wrong('plan needs a repository', 'Give --repo DIR for a local checkout, or --config FILE for a remote one.');
  }
  if (options.write === true && options.repo === undefined) {
    throw wrong('--write needs a local checkout', 'Give --repo DIR. Remote repositories are written by run alone.');
  }
  if (options.stage === '2' && options.order === 'together') {
    throw wrong('--order together has no stage two', 'Leave one of --stage and --order out.');
  }
  if (options.secret === undefined) checkWithoutSecret(options);
}

function checkWithoutSecret({ secretVersion, service }: PlanOptions): void {
  if (secretVersion !== undefined) throw wrong('--version belongs to --secret', 'An event names its own version.');
  if (service !== undefined) throw wrong('--service belongs to --secret', 'An event names its own service.');
}

/** What is asked, and the accounts and regions that it names: they stand in for an allow-list where there is no config. */
async function questionOf(
  options: PlanOptions,
  stage: Stage,
  console: Console,
): Promise<{ readonly question: PlanQuestion; readonly places: AskedPlaces }> {
  const named = { account: options.account ?? null, region: options.region ?? null };
  if (options.event !== undefined) {
    const changes = await readEventFile(options.event, Date.now(), console);
    return { question: { kind: 'changes', changes }, places: placesOf(named, ...changes.map(({ change }) => change)) };
  }
  if (stage === 2 || options.secret === undefined) return { question: { kind: 'all' }, places: placesOf(named) };
  const secret = { id: options.secret, service: options.service ?? null, ...named, label: options.label ?? null };
  const version = options.secretVersion ?? null;
  const written = readWritten(options.secret, 'secretsmanager') ?? readWritten(options.secret, 'ssm');
  const places = placesOf(named, ...(written === null ? [] : [written]));
  return { question: { kind: 'secret', secret, version }, places };
}

interface Place {
  readonly account: string | null;
  readonly region: string | null;
}

/** What a person named counts; else everything that the events or the ARN name. */
function placesOf(named: Place, ...told: readonly Place[]): AskedPlaces {
  const accounts = named.account === null ? told.flatMap(({ account }) => account ?? []) : [named.account];
  const regions = named.region === null ? told.flatMap(({ region }) => region ?? []) : [named.region];
  return { accounts, regions };
}

function scopeOf(options: PlanOptions, config: Config | null): Scope {
  if (config === null) return everything(options.order ?? 'staged');
  const name = branchOf(options, config);
  for (const repository of config.repositories) {
    for (const branch of repository.branches) {
      if (`${repository.name}@${branch.base}` !== name) continue;
      const { paths, exclude, order, kustomize } = branch;
      const { restart } = repository;
      const { destinations } = config;
      return { paths, exclude, kustomize, order: options.order ?? order, destinations, restart };
    }
  }
  const order = allowedOrder(options.order ?? 'staged', config.destinations);
  const restart = repositoryOf(options, config)?.restart ?? RESTART_DEFAULTS;
  return { ...everything(order), destinations: config.destinations, restart };
}

/** Which places stand behind the stores and paths of a checkout: as the configuration says for its repository. */
function bindingsOf(options: PlanOptions, config: Config | null): Bindings {
  if (config === null) return NO_BINDINGS;
  const repository = repositoryOf(options, config);
  if (repository !== undefined) return repository.bindings;
  const names = config.repositories.map(({ name }) => name).join(', ');
  throw wrong(`the configuration has no repository ${options.repository ?? ''}`, `Choose one of: ${names}.`);
}

/** A checkout does not tell which of several repositories it is one of. */
function noteChoice(options: PlanOptions, { repositories }: Config, console: Console): void {
  if (options.repo === undefined || options.repository !== undefined || repositories.length < 2) return;
  console.note(`planned as repository ${repositories[0]?.name ?? ''} of the configuration; --repository names another`);
}

/** What was named, else the first one of the configuration. */
function repositoryOf(options: PlanOptions, config: Config): Repository | undefined {
  return config.repositories.find(({ name }) => options.repository === undefined || name === options.repository);
}

/** `<repository>@<base>`: what was named, else the only or first one of the configuration. */
function branchOf(options: PlanOptions, config: Config): string {
  const repository = repositoryOf(options, config);
  const base = options.base ?? repository?.branches[0]?.base ?? '';
  return `${options.repository ?? repository?.name ?? ''}@${base}`;
}

/** The documented shape of `plan --json`: what the plan holds for itself, such as a list's item, is left out. */
function asJson({ base, plan, previews }: MadePlan, { preview }: PlanOptions): string {
  const edits = plan.edits.map(({ item: _item, target, template: _template, keys: _keys, annotation, ...edit }) => ({
    ...edit,
    annotation: setBy({ target, annotation, name: edit.name }),
  }));
  const pullRequests = preview === true ? { pullRequests: previews } : {};
  return `${JSON.stringify({ base, edits, skips: plan.skips, ...pullRequests }, null, 2)}\n`;
}

function asText({ base, plan, files, previews }: MadePlan, { preview }: PlanOptions): string {
  const diff = files.length === 0 ? '' : `\n${diffText(files)}`;
  const shown = preview === true ? `\n${previewText(previews)}` : '';
  return `base ${base ?? 'unknown'}\n${planText(plan)}${diff}${shown}`;
}

function needed(config: Config | null): Config {
  if (config === null) throw wrong('plan needs a repository', 'Give --repo DIR or --config FILE.');
  return config;
}

function wrong(message: string, hint: string): Failure {
  return new Failure(message, { code: 'input-invalid', retry: 'never', hint });
}
