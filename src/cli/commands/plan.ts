import type { Config } from '../../config/config.ts';
import { groupingOf } from '../../config/grouping/grouping-of.ts';
import { Failure } from '../../domain/failure.ts';
import { partText } from '../../domain/grouping/grouping.ts';
import { readWritten } from '../../domain/parameters/parameter-id.ts';
import { NO_BINDINGS, type Order, type Stage } from '../../domain/policy.ts';
import { formatProblem } from '../../domain/problem.ts';
import type { SecretService } from '../../domain/secret-id.ts';
import { branchName } from '../../plan/group.ts';
import type { GroupName } from '../../plan/grouping/group-names.ts';
import { setBy } from '../../plan/plan.ts';
import { everything, type Scope } from '../../plan/scope.ts';
import type { AskedPlaces } from '../../plan/truth/assumed-accounts.ts';
import type { MadePlan, PlanQuestion } from '../../service/make-plan.ts';
import { type CheckoutRules, planOnCheckout, planOnHost, writePlan } from '../../wire/plan-on.ts';
import { diffText, planText, type ShownGroup } from '../../words/plan-text.ts';
import { previewText } from '../../words/pull/preview-text.ts';
import { deployerLines } from '../../words/report-lines.ts';
import { unwrittenText, writtenText } from '../../words/written-text.ts';
import { betweenSignals } from '../between-signals.ts';
import type { Console } from '../console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadConfigFiles, loadServedConfig } from '../load-config-file.ts';
import { type PlannedBranch, plannedBranch } from '../planned-branch.ts';
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
  readonly groups?: boolean;
}

/** `plan`: what would be changed and why, with a diff; `--write` applies it to the local checkout. */
export async function planCommand(options: PlanOptions, console: Console): Promise<ExitCode> {
  checkOptions(options);
  const config = await configOf(options, console);
  const planned = config === null ? null : plannedBranch(config, options);
  const stage: Stage = options.stage === '2' ? 2 : 1;
  const { question, places } = await questionOf(options, stage, console);
  const scope = scopeOf(planned, config, options.order);
  const how = {
    stage,
    scope,
    preview: options.preview === true ? previewedBranch(config, planned, scope) : undefined,
    rules: rulesOf(planned),
    asked: places,
    signal: new AbortController().signal,
    progress: (done: number, all: number) => console.progress(`reading ${done} of ${all} files`),
  };
  const made =
    options.repo === undefined
      ? await planOnHost(needed(config), needed(planned).name, question, how)
      : await planOnCheckout(options.repo, config, question, how);
  console.progress('');
  for (const note of made.notes) console.note(note);
  const shown: Shown = {
    groups: options.groups === true ? shownGroups(made, planned, config) : [],
    previews: options.preview === true ? made.previews : null,
  };
  console.out(options.json === true ? asJson(made, shown) : asText(made, shown));
  if (options.write === true && options.repo !== undefined) {
    const { repo } = options;
    await betweenSignals((signal) => writePlan(repo, made.files, signal));
    console.note(writtenText(made.files, made.plan.edits));
  } else console.note(unwrittenText(made.plan, made.files));
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
  if (options.config === undefined) checkWithoutConfig(options);
  if (options.write === true && options.repo === undefined) {
    throw wrong('--write needs a local checkout', 'Give --repo DIR. Remote repositories are written by run alone.');
  }
  if (options.stage === '2' && options.order === 'together') {
    throw wrong('--order together has no stage two', 'Leave one of --stage and --order out.');
  }
  if (options.secret === undefined) checkWithoutSecret(options);
}

function checkWithoutConfig({ repo, repository, base }: PlanOptions): void {
  if (repo === undefined) {
    throw wrong('plan needs a repository', 'Give --repo DIR for a local checkout, or --config FILE for a remote one.');
  }
  if (repository !== undefined || base !== undefined) {
    throw wrong('--repository and --base choose among configured branches', 'Give --config FILE, or leave them out.');
  }
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

/** What may be touched there: as the configuration says for the branch. */
function scopeOf(planned: PlannedBranch | null, config: Config | null, order: Order | undefined): Scope {
  if (planned === null || config === null) return everything(order ?? 'staged');
  const { paths, exclude, kustomize, pin } = planned.branch;
  const { restart } = planned.repository;
  const { destinations } = config;
  const grouping = groupingOf(planned.repository, planned.branch);
  return { paths, exclude, kustomize, pin, grouping, order: order ?? planned.branch.order, destinations, restart };
}

/** Which places stand behind the stores and paths of a checkout, and which address its deployers know it by. */
function rulesOf(planned: PlannedBranch | null): CheckoutRules {
  if (planned === null) return { bindings: NO_BINDINGS };
  const { repository, branch } = planned;
  return { bindings: repository.bindings, origin: { url: repository.url, base: branch.base } };
}

/** Where each edit goes: without a configuration nobody knows how branches are called. */
function shownGroups(
  { plan, groups }: MadePlan,
  planned: PlannedBranch | null,
  config: Config | null,
): readonly (readonly ShownGroup[])[] {
  const nameOf = (group: GroupName, stage: Stage) => {
    if (planned === null || config === null) return null;
    const { base } = planned.branch;
    return branchName({ prefix: planned.repository.branchPrefix, instance: config.instance, base, group, stage });
  };
  return groups.map((names, at) =>
    names.map((group) => {
      const branch = nameOf(group, plan.edits[at]?.stage ?? 1);
      return { name: group.name, part: partText(group.part), branch };
    }),
  );
}

/** What is shown besides the plan itself. */
interface Shown {
  readonly groups: readonly (readonly ShownGroup[])[];
  /** Null: nobody asked for them. */
  readonly previews: MadePlan['previews'] | null;
}

/** The documented shape of `plan --json`: what the plan holds for itself, such as a list's item, is left out. */
function asJson({ base, plan, deployers }: MadePlan, { groups, previews }: Shown): string {
  const edits = plan.edits.map(
    ({ item: _item, target, template: _template, keys: _keys, annotation, ...edit }, at) => ({
      ...edit,
      annotation: setBy({ target, annotation, name: edit.name }),
      ...(groups[at] === undefined ? {} : { groups: groups[at] }),
    }),
  );
  const pullRequests = previews === null ? {} : { pullRequests: previews };
  return `${JSON.stringify({ base, edits, skips: plan.skips, deployers, ...pullRequests }, null, 2)}\n`;
}

function asText({ base, plan, files, deployers }: MadePlan, { groups, previews }: Shown): string {
  const diff = files.length === 0 ? '' : `\n${diffText(files)}`;
  const told = deployerLines(deployers, '')
    .map((line) => `${line}\n`)
    .join('');
  const shown = previews === null ? '' : `\n${previewText(previews)}`;
  return `base ${base ?? 'unknown'}\n${planText(plan, groups)}${told}${diff}${shown}`;
}

function needed<T>(configured: T | null): T {
  if (configured === null) throw wrong('plan needs a repository', 'Give --repo DIR or --config FILE.');
  return configured;
}

function wrong(message: string, hint: string): Failure {
  return new Failure(message, { code: 'input-invalid', retry: 'never', hint });
}
