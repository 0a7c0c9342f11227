import { stageOfBranch } from '../../plan/group.ts';
import type { CarryingBranch } from '../../plan/reconcile/carried-tokens.ts';
import { lookAtObjects } from '../../plan/reconcile/look-at-objects.ts';
import { dueWishes, type Looked } from '../../plan/reconcile/looked.ts';
import { type BaselineStanding, type ReconcileReport, unhadSecrets } from '../../plan/reconcile/reconcile-report.ts';
import { type ListedVersion, rotatedSince, unusedSecrets } from '../../plan/reconcile/unused-secrets.ts';
import { everySecret } from '../../plan/truth/named-secret.ts';
import { type AskedRef, refsToAsk } from '../../plan/truth/refs-to-ask.ts';
import type { Truth, Wish } from '../../plan/truth/wish.ts';
import type { Ref, SecretVersions } from '../../ports.ts';
import type { Outcome } from '../outcome.ts';
import { beginRound, type Moved, type Round, readRefs } from '../round.ts';
import { roundPause } from '../round-pause.ts';
import { missingBase, type ServedBranch } from '../served-branch.ts';
import { ownRefsOf } from '../sweep/sweep-branch.ts';
import { homesOf, readCarried } from '../sweep/sweep-refreshes.ts';
import { behindOf } from './behind-of.ts';
import { countCalls } from './count-calls.ts';
import { type ListedSoFar, listed, listSecrets, nothingListed } from './list-secrets.ts';
import { proposeBaseline } from './propose-baseline.ts';
import { proposeBehind } from './propose-behind.ts';

/** How a pass is made. */
export interface ReconcileHow {
  /** `look`: nothing is written. `asked`: a person did not want to wait. */
  readonly by: 'interval' | 'asked' | 'look';
  /** The versions of secrets that were used nowhere at the last pass, by name; filled anew. Null: all unused ones are told. */
  readonly seen: Map<string, string> | null;
}

/**
 * Rounds that a ref which moves may cost: what is left then is found by the next pass. Together they outlast the head start of whoever
 * has just pushed.
 */
const MAX_ROUNDS = 7;

/**
 * Compares everything that a base branch names with what AWS has, and proposes what is behind through the same planner as for
 * events. Lists only choose whom to ask: what is proposed was asked for after the refs. Rejects where the base cannot be read.
 */
export async function reconcileBranch(
  served: ServedBranch,
  how: ReconcileHow,
  signal: AbortSignal,
): Promise<ReconcileReport> {
  const pass = createPass(served);
  for (let rounds = 1; ; rounds += 1) {
    signal.throwIfAborted();
    const refs = await readRefs(pass.served, signal);
    if (refs === null) throw missingBase(served);
    const round = await beginRound(pass.served, refs, signal);
    const view = await lookAt(round, pass);
    const baseline = round.pause === null ? await act(round, view, { how, outcomes: pass.outcomes }) : NOT_WRITTEN;
    if (baseline.kind !== 'moved') return reportOf(round, { pass, how, view, baseline });
    if (rounds === MAX_ROUNDS) return reportOf(round, { pass, how, view, baseline: MOVED });
    served.meter.count('rounds_begun_again_total', { repository: served.name });
    await served.clock.sleep(roundPause(rounds, `${served.name} ${served.clock.now()}`), signal);
  }
}

/** What one pass keeps from round to round. */
interface Pass {
  /** With a port that counts what it is asked. */
  readonly served: ServedBranch & { readonly secretVersions: SecretVersions };
  readonly calls: () => ReconcileReport['calls'];
  readonly known: ListedSoFar;
  /** What became of each wish, by its text: the wishes of each round are new ones. */
  readonly outcomes: Map<string, Outcome>;
}

function createPass(served: ServedBranch): Pass {
  const counted = countCalls(served.secretVersions ?? NOBODY);
  return {
    served: { ...served, secretVersions: counted.versions },
    calls: () => counted.calls(),
    known: nothingListed(),
    outcomes: new Map(),
  };
}

/** In event mode nobody calls it: {@link reconcileBranch} is not asked for. */
const NOBODY: SecretVersions = {
  describe: async () => ({ kind: 'denied' }),
  list: async () => ({ kind: 'denied' }),
  listParameters: async () => ({ kind: 'denied' }),
};

/** What one round sees. */
interface View {
  readonly refs: readonly AskedRef[];
  readonly truth: Truth;
  readonly looked: Looked;
}

async function lookAt(round: Round, { served, known }: Pass): Promise<View> {
  const { index, signal } = round;
  const refs = refsToAsk(index, everySecret(index));
  const truth = await listSecrets(served.secretVersions, refs, known, signal);
  const branches = await readCarrying(round);
  return { refs, truth, looked: lookAtObjects({ index, truth, scope: served.settings.scope, branches }) };
}

/** What own branches of stage one carry. Of several bases one may have the same paths: what is carried to it is carried nowhere else. */
async function readCarrying(round: Round): Promise<readonly CarryingBranch[]> {
  const { served } = round;
  const carrying: CarryingBranch[] = [];
  const own: readonly Ref[] = ownRefsOf(served, round).filter(({ name }) => stageOfBranch(name) === 1);
  for (const ref of own) {
    const carried = await readCarried(round, ref);
    if (carried === null) continue;
    const { tip, branch } = carried;
    if (served.settings.bases === 1 || homesOf(round, carried).includes(branch)) carrying.push({ ...tip, branch });
  }
  return carrying;
}

interface Acting {
  readonly how: ReconcileHow;
  readonly outcomes: Map<string, Outcome>;
}

const MOVED = standingOf('The refs moved again and again; the next pass goes on.');
const NOT_WRITTEN = standingOf('Nothing was written.');

function standingOf(reason: string): BaselineStanding {
  return { kind: 'missing', reason, hint: null, pullRequest: null };
}

/** First what is behind, then the baseline: both stand beside each other. */
async function act(round: Round, { looked }: View, { how, outcomes }: Acting): Promise<BaselineStanding | Moved> {
  if (how.by === 'look') return NOT_WRITTEN;
  const results = new Map<Wish, Outcome>();
  const isWhole = await proposeBehind(round, dueWishes(looked), results);
  for (const [wish, outcome] of results) outcomes.set(JSON.stringify(wish), outcome);
  if (!isWhole) return { kind: 'moved', what: 'branch', why: 'a ref moved' };
  return proposeBaseline(round, { without: looked.without, by: how.by });
}

interface Ended {
  readonly pass: Pass;
  readonly how: ReconcileHow;
  readonly view: View;
  readonly baseline: BaselineStanding;
}

function reportOf({ served, base, index, pause }: Round, { pass, how, view, baseline }: Ended): ReconcileReport {
  const { refs, truth, looked } = view;
  const unused = unusedSecrets(index, refs, listed(pass.known));
  return {
    name: served.name,
    head: base.oid,
    paused: pause,
    secrets: refs.length,
    objects: looked.objects,
    behind: looked.behind.map((one) =>
      // Nothing was tried where nothing may be written.
      behindOf(one, pause === null ? how.by : 'look', (wish) => pass.outcomes.get(JSON.stringify(wish)) ?? null),
    ),
    withoutBaseline: looked.without.length,
    baseline,
    ...unhadSecrets(refs, truth),
    unused: how.seen === null ? unused : tellRotated(how.seen, unused),
    calls: pass.calls(),
    troubles: [...pass.known.failed.values()],
  };
}

/** Those that rotated since they were seen last; what is seen now is remembered. */
function tellRotated(seen: Map<string, string>, unused: readonly ListedVersion[]): readonly ListedVersion[] {
  const rotated = rotatedSince(seen, unused);
  seen.clear();
  for (const { secret, version } of unused) seen.set(secret, version);
  return rotated;
}
