import { Failure } from '../../../domain/failure.ts';
import { partText } from '../../../domain/grouping/grouping.ts';
import type { WorkloadToken } from '../../../domain/workload-token.ts';
import { branchName } from '../../../plan/group.ts';
import type { GroupName } from '../../../plan/grouping/group-names.ts';
import { within } from '../../../plan/grouping/within.ts';
import type { TurnedDown } from '../../../plan/life/turned-down.ts';
import { type BranchStanding, PULLS_UNKNOWN } from '../../../plan/report/branch-standing.ts';
import type { ExplainedProposal } from '../../../plan/report/explanation.ts';
import type { ShownPull, Trouble } from '../../../plan/report/look.ts';
import { versionsNamed } from '../../../plan/report/token-entries.ts';
import { type BeyondBase, beyondBase, beyondIn } from '../../../plan/truth/beyond-base.ts';
import { refsToAsk } from '../../../plan/truth/refs-to-ask.ts';
import type { Truth, Wish } from '../../../plan/truth/wish.ts';
import type { PullRequest } from '../../../ports.ts';
import { ROTATION } from '../../../words/trailers.ts';
import { turnedDownBy } from '../../propose/pull/turned-down.ts';
import { rejectedElsewhere } from '../../propose/regrouped/rejected-elsewhere.ts';
import type { Round } from '../../round.ts';
import { type CarriedRefresh, readCarried } from '../../sweep/sweep-refreshes.ts';
import { readTruth } from '../../truth/truth-reader.ts';
import { standingOfBranch } from './own-branches.ts';
import { orFailure, shownPull, troubleOf } from './shown-pull.ts';

/** What the own branch of a secret's group has, and everything that a plan for it needs. */
export interface LookedProposal {
  readonly shown: {
    readonly proposal: ExplainedProposal;
    /** Of its tip, by `objectKey`: values of `force-sync`, and what workloads name of restart sources. */
    readonly tokens: ReadonlyMap<string, string>;
    readonly sources: ReadonlyMap<string, WorkloadToken>;
  };
  readonly beyond: BeyondBase;
  /** The secret first, then what the branch carries. */
  readonly wishes: readonly Wish[];
  /** Empty where AWS does not answer. */
  readonly truth: Truth;
  readonly turnedDown: TurnedDown;
  readonly troubles: readonly Trouble[];
}

/** Own branches that were looked at already, by their short names: none is looked at again for each of its secrets. */
export type KnownBranches = ReadonlyMap<
  string,
  { readonly carried: CarriedRefresh; readonly standing: BranchStanding }
>;

/** Reads the own branch of a secret's group as the service would, before it proposes anything. */
export async function lookAtProposal(
  round: Round,
  wish: Wish,
  group: GroupName,
  branches: KnownBranches,
): Promise<LookedProposal> {
  const { served, index, signal } = round;
  const { branchPrefix: prefix, instance, base, scope } = served.settings;
  const branch = branchName({ prefix, instance, base, group, stage: 1 });
  const before = branches.get(branch) ?? null;
  const carried = before?.carried ?? (await carriedOn(round, branch));
  const pulls = await orFailure(() => served.forge.list(branch, base, signal));
  const known = pulls instanceof Failure ? [] : pulls;
  const tip = carried?.tip ?? { tokens: new Map(), rotations: new Set() };
  const beyond = beyondIn(beyondBase(index, tip, scope.grouping), group.part);
  const wishes = [wish, ...beyond.claims.map((claim) => claim.wish)];
  const truth = await orFailure(() =>
    readTruth(refsToAsk(index, wishes, within(index, scope.grouping, group.part).user), beyond.claims, round.truth),
  );
  const elsewhere = await orFailure(() => rejectedElsewhere(round, wishes, branch));
  const carries =
    carried === null
      ? NO_BRANCH
      : { ...shownTip(carried), standing: await standingOf(round, carried, { before, pulls }) };
  return {
    shown: {
      proposal: { branch, part: partText(group.part), ...carries, ...pullsOf(known, wish) },
      ...carriedBy(carried),
    },
    beyond,
    wishes,
    truth: truth instanceof Failure ? new Map() : truth,
    turnedDown: {
      ...turnedDownBy(known, ROTATION),
      rejectedAt: elsewhere instanceof Failure ? new Map() : elsewhere,
    },
    troubles: [
      ...(pulls instanceof Failure ? [troubleOf(`pull requests of ${served.name}`, pulls)] : []),
      ...(truth instanceof Failure ? [troubleOf('AWS', truth)] : []),
    ],
  };
}

const NO_BRANCH = { tip: 'none', author: null, standing: null } as const;

function carriedBy(carried: CarriedRefresh | null): Pick<LookedProposal['shown'], 'tokens' | 'sources'> {
  return carried === null ? { tokens: new Map(), sources: new Map() } : carried.tip;
}

function shownTip({ tip }: CarriedRefresh): Pick<ExplainedProposal, 'tip' | 'author'> {
  return { tip: tip.kind, author: tip.commit.author.name };
}

async function carriedOn(round: Round, branch: string): Promise<CarriedRefresh | null> {
  const ref = round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`);
  return ref === undefined ? null : readCarried(round, ref);
}

async function standingOf(
  round: Round,
  carried: CarriedRefresh,
  known: {
    readonly before: { readonly standing: BranchStanding } | null;
    readonly pulls: readonly PullRequest[] | Failure;
  },
): Promise<BranchStanding> {
  const { before, pulls } = known;
  if (before !== null) return before.standing;
  return pulls instanceof Failure ? PULLS_UNKNOWN : standingOfBranch(round, carried, { pulls, due: new Map() });
}

function pullsOf(known: readonly PullRequest[], wish: Wish): Pick<ExplainedProposal, 'pulls' | 'rejected' | 'merged'> {
  const shown = known.map(shownPull);
  const naming = shown.filter(({ names }) => versionsNamed(names, wish).length > 0);
  const { rejected, reverted } = turnedDownBy(known, ROTATION);
  const shownBy = (names: Iterable<string>, state: ShownPull['state']) =>
    versionsNamed(names, wish).map((version) => ({
      version,
      pullRequest:
        naming.find((pull) => pull.state === state && versionsNamed(pull.names, wish).includes(version)) ?? null,
    }));
  return {
    pulls: naming,
    rejected: shownBy(rejected, 'closed-by-person'),
    merged: shownBy(reverted.keys(), 'merged'),
  };
}
