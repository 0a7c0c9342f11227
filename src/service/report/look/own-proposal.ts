import { Failure } from '../../../domain/failure.ts';
import { branchName, groupWishes } from '../../../plan/group.ts';
import type { TurnedDown } from '../../../plan/life/turned-down.ts';
import { type BranchStanding, PULLS_UNKNOWN } from '../../../plan/report/branch-standing.ts';
import type { ExplainedProposal } from '../../../plan/report/explanation.ts';
import type { Trouble } from '../../../plan/report/look.ts';
import { versionsNamed } from '../../../plan/report/token-entries.ts';
import { type BeyondBase, beyondBase } from '../../../plan/truth/beyond-base.ts';
import { refsToAsk } from '../../../plan/truth/refs-to-ask.ts';
import type { Truth, Wish } from '../../../plan/truth/wish.ts';
import type { PullRequest } from '../../../ports.ts';
import { ROTATION } from '../../../words/trailers.ts';
import { turnedDownBy } from '../../propose/pull/turned-down.ts';
import type { Round } from '../../round.ts';
import { type CarriedRefresh, readCarried } from '../../sweep/sweep-refreshes.ts';
import { readTruth } from '../../truth/truth-reader.ts';
import { standingOfBranch } from './own-branches.ts';
import { orFailure, shownPull, troubleOf } from './shown-pull.ts';

/** What the own branch of a secret's group has, and everything that a plan for it needs. */
export interface LookedProposal {
  readonly shown: { readonly proposal: ExplainedProposal; readonly tokens: ReadonlyMap<string, string> };
  readonly beyond: BeyondBase;
  /** The secret first, then what the branch carries. */
  readonly wishes: readonly Wish[];
  /** Empty where AWS does not answer. */
  readonly truth: Truth;
  readonly turnedDown: TurnedDown;
  readonly troubles: readonly Trouble[];
}

/** Reads the own branch of a secret's group as the service would, before it proposes anything. */
export async function lookAtProposal(round: Round, wish: Wish): Promise<LookedProposal> {
  const { served, index, signal } = round;
  const { branchPrefix: prefix, instance, base } = served.settings;
  const [group] = groupWishes(index, [wish]);
  const branch = group === undefined ? '' : branchName({ prefix, instance, base, group, stage: 1 });
  const ref = round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`);
  const carried = ref === undefined ? null : await readCarried(round, ref);
  const pulls = await orFailure(() => served.forge.list(branch, base, signal));
  const known = pulls instanceof Failure ? [] : pulls;
  const beyond = beyondBase(index, carried?.tip ?? { tokens: new Map(), rotations: new Set() });
  const wishes = [wish, ...beyond.claims.map((claim) => claim.wish)];
  const truth = await orFailure(() => readTruth(refsToAsk(index, wishes), beyond.claims, round.truth));
  const carries =
    carried === null ? NO_BRANCH : { ...shownTip(carried), standing: await standingOf(round, carried, pulls) };
  return {
    shown: { proposal: { branch, ...carries, ...pullsOf(known, wish) }, tokens: carried?.tip.tokens ?? new Map() },
    beyond,
    wishes,
    truth: truth instanceof Failure ? new Map() : truth,
    turnedDown: turnedDownBy(known, ROTATION),
    troubles: [
      ...(pulls instanceof Failure ? [troubleOf(`pull requests of ${served.name}`, pulls)] : []),
      ...(truth instanceof Failure ? [troubleOf('AWS', truth)] : []),
    ],
  };
}

const NO_BRANCH = { tip: 'none', author: null, standing: null } as const;

function shownTip({ tip }: CarriedRefresh): Pick<ExplainedProposal, 'tip' | 'author'> {
  return { tip: tip.kind, author: tip.commit.author.name };
}

async function standingOf(
  round: Round,
  carried: CarriedRefresh,
  pulls: readonly PullRequest[] | Failure,
): Promise<BranchStanding> {
  return pulls instanceof Failure ? PULLS_UNKNOWN : standingOfBranch(round, carried, { pulls, due: new Map() });
}

function pullsOf(known: readonly PullRequest[], wish: Wish): Pick<ExplainedProposal, 'pulls' | 'rejected'> {
  const shown = known.map(shownPull);
  const naming = shown.filter(({ names }) => versionsNamed(names, wish).length > 0);
  const rejected = versionsNamed(turnedDownBy(known, ROTATION).rejected, wish).map((version) => ({
    version,
    pullRequest:
      naming.find(({ state, names }) => state === 'closed-by-person' && versionsNamed(names, wish).includes(version)) ??
      null,
  }));
  return { pulls: naming, rejected };
}
