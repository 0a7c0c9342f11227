import { BASELINE_FILE } from '../../../src/manifests/baseline/baseline-entry.ts';
import { baselineBranch } from '../../../src/plan/reconcile/baseline/baseline-branch.ts';
import type { ReconcileReport } from '../../../src/plan/reconcile/reconcile-report.ts';
import { type ReconcileHow, reconcileBranch } from '../../../src/service/reconcile/reconcile-branch.ts';
import type { Process, World } from '../memory-world.ts';

const NEVER = new AbortController().signal;

/** The branch that proposes the baseline of `main`. */
export const BASELINE_BRANCH = baselineBranch({ prefix: 'gitops-reloader', instance: 'acme', base: 'main' });

/** One pass of a process, to its end; by default of one that has just begun. */
export async function reconcile(
  world: World,
  by: ReconcileHow['by'] = 'interval',
  process: Process = world.start(),
): Promise<ReconcileReport> {
  return world.time.run(reconcileBranch(process.served, { by, seen: null }, NEVER));
}

/** The pull request that records a baseline, where it is open. */
export async function openBaseline(world: World) {
  return (await world.open()).find(({ branch }) => branch === BASELINE_BRANCH);
}

/** `name key=version` of every object in the baseline at a ref. */
export function baselineAt(world: World, ref: string): readonly string[] {
  const text = world.workspace.fileAt(ref, BASELINE_FILE) ?? '';
  return text
    .split('\n')
    .filter((line) => line.startsWith('  - '))
    .map((line) => {
      const { name, token } = JSON.parse(line.slice(4)) as { readonly name: string; readonly token: string };
      return `${name} ${token.replaceAll(/@\S+/g, '')}`;
    });
}

/** `name secret state` of everything that was behind. */
export function toldOf({ behind }: ReconcileReport): readonly string[] {
  return behind.map(({ name, secret, state }) => `${name} ${secret} ${state}`);
}
