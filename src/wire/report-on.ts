import { createLog } from '../adapters/local/pino-log.ts';
import type { Config } from '../config/config.ts';
import { Failure } from '../domain/failure.ts';
import type { BranchStatus } from '../plan/report/branch-status.ts';
import type { BranchExplanation } from '../plan/report/explanation.ts';
import { everything } from '../plan/scope.ts';
import type { AskedPlaces } from '../plan/truth/assumed-accounts.ts';
import type { AskedSecret } from '../plan/truth/named-secret.ts';
import type { Progress } from '../service/reading/read-files.ts';
import { explainCheckout, explainSecret } from '../service/report/explain.ts';
import type { LookHow } from '../service/report/look/look-at-branch.ts';
import { readStatus } from '../service/report/status.ts';
import type { ServedBranch } from '../service/served-branch.ts';
import { localSource } from './plan-source.ts';

/** Which configured branches a report is about; null means all. */
export interface Selection {
  readonly repository: string | null;
  readonly base: string | null;
}

/** What is under way on the selected branches. Nothing is changed, no message is taken. */
export function statusOnHosts(
  config: Config,
  selection: Selection,
  { aws, signal }: { readonly aws: 'ask' | 'leave'; readonly signal: AbortSignal },
): Promise<readonly BranchStatus[]> {
  return onHosts(config, selection, (branches) => readStatus(branches, howOf(config, signal), aws));
}

/** What is known of a secret on the selected branches. Nothing is changed. */
export function explainOnHosts(
  config: Config,
  selection: Selection,
  asked: AskedSecret,
  signal: AbortSignal,
): Promise<readonly BranchExplanation[]> {
  return onHosts(config, selection, (branches) => explainSecret(branches, asked, howOf(config, signal)));
}

/** What a local checkout says of a secret. Nobody else is asked, and no credential is needed. */
export async function explainOnCheckout(
  folder: string,
  asked: AskedSecret,
  how: { readonly asked: AskedPlaces; readonly signal: AbortSignal; readonly progress: Progress },
): Promise<{ readonly explained: BranchExplanation; readonly notes: readonly string[] }> {
  const scope = everything('staged');
  const source = await localSource(folder, null, { ...how, scope });
  return { explained: await explainCheckout(source, asked, scope), notes: source.notes };
}

/** Connects to the hosts of the selected branches, and closes every connection after the report. */
export async function onHosts<T>(
  config: Config,
  selection: Selection,
  report: (branches: readonly ServedBranch[]) => Promise<T>,
): Promise<T> {
  const wanted = selected(config, selection);
  // Only now: what is read from a checkout need not wait for the clients of AWS and GitHub.
  const { connect } = await import('./connect.ts');
  const connections = await connect(config, createLog({ level: 'error' }));
  try {
    return await report(connections.branches.filter(({ name }) => wanted.includes(name)));
  } finally {
    await connections.close();
  }
}

function selected({ repositories }: Config, { repository, base }: Selection): readonly string[] {
  const all = repositories.flatMap((one) =>
    one.branches.map((branch) => ({ repository: one.name, base: branch.base, name: `${one.name}@${branch.base}` })),
  );
  const wanted = all.filter(
    (one) => (repository === null || one.repository === repository) && (base === null || one.base === base),
  );
  if (wanted.length > 0) return wanted.map(({ name }) => name);
  throw new Failure('no configured branch is selected', {
    code: 'input-invalid',
    retry: 'never',
    hint: `Choose among: ${all.map(({ name }) => name).join(', ')}.`,
  });
}

function howOf({ paused }: Config, signal: AbortSignal): LookHow {
  const pause = {
    reason: 'The configuration says spec.paused: true.',
    hint: 'Set spec.paused to false and start again.',
  };
  return { pause: paused ? pause : null, signal };
}
