import { createLog } from '../adapters/local/pino-log.ts';
import { createSystemClock } from '../adapters/local/system-clock.ts';
import { addCheckoutFile, type WriteResult, writeCheckoutFile } from '../adapters/local/write-checkout.ts';
import type { Config } from '../config/config.ts';
import { Failure } from '../domain/failure.ts';
import type { SecretPlaces, Stage } from '../domain/policy.ts';
import { parseRepoPath, type RepoFile } from '../domain/repo-path.ts';
import type { Scope } from '../plan/scope.ts';
import { type AskedPlaces, adviseAccount } from '../plan/truth/assumed-accounts.ts';
import { type MadePlan, makePlan, type PlanQuestion } from '../service/make-plan.ts';
import type { Progress } from '../service/reading/read-files.ts';
import type { PreviewedBranch } from '../service/report/preview.ts';
import type { ChangedFile } from '../words/plan-text.ts';
import { netOf } from './net-of.ts';
import { localSource, remoteSource } from './plan-source.ts';

/** What the configuration says of the repository that a local checkout is one of. */
export type CheckoutRules = Pick<SecretPlaces, 'bindings' | 'origin'>;

export interface PlanHow {
  readonly stage: Stage;
  readonly scope: Scope;
  readonly rules: CheckoutRules;
  readonly asked: AskedPlaces;
  readonly preview: PreviewedBranch | undefined;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A dry run on a local checkout. Without a configuration AWS is not asked, and no credential is needed. */
export async function planOnCheckout(
  folder: string,
  config: Config | null,
  question: PlanQuestion,
  how: PlanHow,
): Promise<MadePlan> {
  const clock = createSystemClock();
  const places = config === null ? null : { ...how.rules, accounts: config.aws.accounts };
  const source = await localSource(folder, places, how);
  if (config === null) {
    const made = await makePlan(source, question, how, { secretVersions: null, clock });
    return { ...made, plan: adviseAccount(made.plan, source.accounts) };
  }
  if (config.aws.truth === 'event') return makePlan(source, question, how, { secretVersions: null, clock });
  // Only now: a dry run without a configuration need not wait for the clients of AWS and GitHub.
  const { connectSecrets } = await import('./connect.ts');
  const secretVersions = connectSecrets(config, () => clock.now(), await netOf(config.network));
  try {
    return await makePlan(source, question, how, { secretVersions, clock });
  } finally {
    secretVersions.close();
  }
}

/** A dry run on the head of a configured branch. `name` is `<repository>@<base>`. */
export async function planOnHost(
  config: Config,
  name: string,
  question: PlanQuestion,
  how: PlanHow,
): Promise<MadePlan> {
  const { connect } = await import('./connect.ts');
  const connections = await connect(config, createLog({ level: 'warn' }));
  try {
    const served = connections.branches.find((one) => one.name === name);
    if (served === undefined)
      throw unknownBranch(
        name,
        connections.branches.map((one) => one.name),
      );
    const source = await remoteSource(served, how.signal);
    return await makePlan(source, question, how, served);
  } finally {
    await connections.close();
  }
}

/** Writes planned texts into the checkout they were planned on: each file whole or not at all, in order, until `signal`. */
export async function writePlan(folder: string, files: readonly ChangedFile[], signal: AbortSignal): Promise<void> {
  for (const [written, { path, before, after }] of files.entries()) {
    if (signal.aborted) throw stopped(written, files.length);
    const safe = parseRepoPath(path);
    const result = safe === null ? UNSAFE : await writeFile(folder, { path: safe, text: after }, before);
    if (result.kind === 'written') continue;
    const why = result.kind === 'changed' ? 'it changed since it was read' : result.reason;
    throw new Failure(`cannot write ${path}: ${why}`, {
      code: 'file-unwritable',
      retry: 'never',
      hint: 'Run the plan again. Files listed before this one have been written.',
    });
  }
}

const UNSAFE: WriteResult = { kind: 'refused', reason: 'its path is not safe' };

function writeFile(folder: string, file: RepoFile, before: string | null): Promise<WriteResult> {
  if (before === null) return addCheckoutFile(folder, file);
  return writeCheckoutFile(folder, file, new TextEncoder().encode(before));
}

function stopped(written: number, all: number): Failure {
  return new Failure(`stopped by a signal: ${written} of ${all} files are written`, {
    code: 'file-unwritable',
    retry: 'never',
    hint: 'Run the plan again: what is written stays, and the rest follows.',
  });
}

function unknownBranch(name: string, known: readonly string[]): Failure {
  return new Failure(`the configuration has no ${name}`, {
    code: 'input-invalid',
    retry: 'never',
    hint: `Choose one of: ${known.join(', ')}.`,
  });
}
