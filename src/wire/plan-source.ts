import { createLog } from '../adapters/local/pino-log.ts';
import { readCheckout } from '../adapters/local/read-checkout.ts';
import { createManifestReader } from '../adapters/reading/manifest-reader.ts';
import { NO_BINDINGS, type SecretPlaces } from '../domain/policy.ts';
import { formatProblem } from '../domain/problem.ts';
import { buildIndex } from '../manifests/build-index.ts';
import { followPins } from '../manifests/indexing/pins/follow-pins.ts';
import { tooLargeProblems } from '../manifests/indexing/tree-entry.ts';
import type { Scope } from '../plan/scope.ts';
import { type AskedPlaces, assumedAccounts } from '../plan/truth/assumed-accounts.ts';
import type { Snapshot } from '../ports.ts';
import type { PlanSource } from '../service/make-plan.ts';
import { textReader } from '../service/propose/draft/draft-edits.ts';
import { type Parser, type Progress, readFiles } from '../service/reading/read-files.ts';
import { readIndex, withBaseline } from '../service/reading/read-index.ts';
import { missingBase, type ReadFiles, type ServedBranch } from '../service/served-branch.ts';

export interface CheckoutHow {
  readonly asked: AskedPlaces;
  readonly scope: Pick<Scope, 'kustomize' | 'pin' | 'restart'>;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A local checkout to plan on, as its files are now. `places` null: those that its own stores and keys name. */
export async function localSource(
  folder: string,
  places: SecretPlaces | null,
  { asked, scope, signal, progress }: CheckoutHow,
): Promise<PlanSource> {
  const { head, snapshot, tooLarge, problems: leftOut } = await readCheckout(folder, signal);
  const reader = createManifestReader({ log: createLog({ level: 'warn' }) });
  const parser = { known: new Map(), kinds: scope.restart.kinds, reader };
  const { files, problems } = await readOnce(snapshot, parser, signal, progress);
  const objects = files.flatMap(({ facts }) => facts.objects);
  const allowed = places ?? { accounts: assumedAccounts(objects, asked), bindings: NO_BINDINGS };
  return {
    base: head,
    index: await withBaseline(
      followPins(
        buildIndex(files, allowed, [...problems, ...tooLarge.flatMap(tooLargeProblems)], scope.kustomize),
        scope.pin,
      ),
      snapshot,
    ),
    readText: textReader(snapshot),
    accounts: allowed.accounts,
    notes: leftOut.map(formatProblem),
  };
}

/** Reads all files, and leaves no worker behind. */
async function readOnce(
  snapshot: Snapshot,
  parser: Parser,
  signal: AbortSignal,
  progress: Progress,
): Promise<ReadFiles> {
  try {
    return await readFiles(snapshot, parser, signal, { progress });
  } finally {
    await parser.reader.close();
  }
}

/** The head of a configured base branch on its host. */
export async function remoteSource(served: ServedBranch, signal: AbortSignal): Promise<PlanSource> {
  const name = `refs/heads/${served.settings.base}`;
  const base = (await served.workspace.refs([name], signal)).find((ref) => ref.name === name);
  if (base === undefined) throw missingBase(served);
  const { snapshot, index } = await readIndex(served, base, signal);
  return {
    base: base.oid,
    index,
    readText: textReader(snapshot, signal),
    accounts: served.settings.accounts,
    notes: [],
  };
}
