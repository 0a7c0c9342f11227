import { Failure } from '../../../domain/failure.ts';
import { stageOfBranch } from '../../../plan/group.ts';
import { objectKey } from '../../../plan/plan.ts';
import type { CarryingBranch } from '../../../plan/reconcile/carried-tokens.ts';
import { lookAtObjects } from '../../../plan/reconcile/look-at-objects.ts';
import type { BranchStatus } from '../../../plan/report/branch-status.ts';
import type { AwsLook, Explanation } from '../../../plan/report/explanation.ts';
import type { Trouble } from '../../../plan/report/look.ts';
import type { NextFacts } from '../../../plan/report/next-step.ts';
import { awsLook, writtenRef } from '../../../plan/report/secrets/aws-look.ts';
import { type ListedLook, lookByLists } from '../../../plan/report/secrets/look-by-lists.ts';
import { secretStatus } from '../../../plan/report/secrets/secret-status.ts';
import { type ObjectLook, wholeObject } from '../../../plan/report/secrets/whole-explanation.ts';
import { everySecret } from '../../../plan/truth/named-secret.ts';
import { refsToAsk } from '../../../plan/truth/refs-to-ask.ts';
import type { Truth, Wish } from '../../../plan/truth/wish.ts';
import { isUnproven } from '../../../plan/unproven-uses.ts';
import { atMost } from '../../at-most.ts';
import { listSecrets, nothingListed } from '../../reconcile/list-secrets.ts';
import type { Round } from '../../round.ts';
import { findsOf } from '../../served-branch.ts';
import type { LookedRestarts } from '../look/due-restarts.ts';
import type { LookedBranch } from '../look/own-branches.ts';
import type { KnownBranches } from '../look/own-proposal.ts';
import { lookAtUse, type SecretUse } from '../look/secret-use.ts';
import { orFailure, shownPull, troubleOf } from '../look/shown-pull.ts';
import { lookAtBaseline } from './look-at-baseline.ts';

/** Every secret of a base branch, and what is not as it should be. */
export interface SecretsLook extends Pick<BranchStatus, 'secrets' | 'behind' | 'withoutBaseline' | 'troubles'> {
  /** Of those that their own branch was looked at for. */
  readonly facts: readonly NextFacts[];
  readonly notLooked: readonly string[];
}

/** What was looked at before. */
export interface Before {
  readonly own: readonly LookedBranch[];
  readonly due: LookedRestarts;
}

/** Each of them costs questions to Git, the forge and AWS. */
const MOST_LOOKED_AT = 500;
const AT_ONCE = 4;

/**
 * Looks at every secret that a base names: by AWS's lists, as reconcile does, and closer where that does not tell where it stands.
 * A round without truth asks AWS nothing.
 */
export async function lookAtSecrets(round: Round, { own, due }: Before): Promise<SecretsLook> {
  const { index, served } = round;
  const { scope } = served.settings;
  const wishes = everySecret(index);
  const { truth, troubles: unlisted } = await listTruth(round, wishes);
  const branches = own.flatMap(carryingOf);
  const looked = lookAtObjects({ index, truth, scope, branches });
  const names = own.flatMap(({ shown, pulls }) => [
    ...(shown?.rotations ?? []),
    ...pulls.flatMap((pull) => shownPull(pull).names),
  ]);
  const quiet = lookByLists({ index, wishes, truth, scope, finds: findsOf(served), branches, names });
  const close = quiet.filter(({ isOpen }) => isOpen).slice(0, MOST_LOOKED_AT);
  const known = new Map<ListedLook, Looked>();
  const standing = new Map(own.flatMap(knownOf));
  await atMost(AT_ONCE, close, async (look) => known.set(look, await lookClosely(round, look, standing)));
  const how = lookOf(round, due);
  const facts = quiet.map((look) => ({ look, facts: factsOf(round, { ...look, use: null, ...known.get(look) }, how) }));
  const objects = round.truth === null || unlisted.length > 0 ? null : looked.without.length;
  const baseline = await orFailure(() => lookAtBaseline(round, objects));
  const lost = baseline instanceof Failure ? [troubleOf(`pull requests of ${served.name}`, baseline)] : [];
  return {
    secrets: facts.map((one) => secretStatus(one.facts, one.look.wish.service)),
    facts: facts.filter(({ look }) => known.has(look)).map((one) => one.facts),
    behind: looked.behind.map(({ path, kind, namespace, name, secret, version, carriedBy: branch }) => {
      return { path, kind, namespace, name, lacks: `${secret}=${version}`, branch };
    }),
    withoutBaseline: { objects, ...(baseline instanceof Failure ? UNREAD : baseline) },
    troubles: [...unlisted, ...[...known.values()].flatMap(({ troubles }) => troubles), ...lost],
    notLooked: notLooked(quiet, round),
  };
}

const UNREAD = {
  kind: 'missing',
  reason: 'Its pull requests could not be read.',
  hint: null,
  pullRequest: null,
} as const;

function notLooked(quiet: readonly ListedLook[], { truth }: Round): readonly string[] {
  const beyond = quiet.filter(({ isOpen }) => isOpen).length - MOST_LOOKED_AT;
  return [
    ...(truth === null ? ['which versions are current in AWS'] : []),
    ...(beyond > 0 ? [`branches and pull requests of ${beyond} more secrets that are behind`] : []),
  ];
}

async function listTruth(
  { index, served, truth, signal }: Round,
  wishes: readonly Wish[],
): Promise<{ readonly truth: Truth; readonly troubles: readonly Trouble[] }> {
  if (truth === null || served.secretVersions === null) return { truth: new Map(), troubles: [] };
  const known = nothingListed();
  try {
    const told = await listSecrets(served.secretVersions, refsToAsk(index, wishes), known, signal);
    return { truth: told, troubles: [...known.failed.values()] };
  } catch (error) {
    if (!signal.aborted) throw error;
    return { truth: new Map(), troubles: [troubleOf('AWS', TOO_LONG)] };
  }
}

const TOO_LONG = new Failure('it did not tell in time which versions are current', {
  code: 'aws-unreachable',
  retry: 'later',
  hint: 'Allow secretsmanager:ListSecrets, or leave AWS out with --no-aws.',
});

function carryingOf({ carried }: LookedBranch): readonly CarryingBranch[] {
  if (carried === null || stageOfBranch(carried.branch) !== 1) return [];
  return [{ ...carried.tip, branch: carried.branch }];
}

function knownOf({ carried, shown }: LookedBranch): readonly (readonly [string, KnownBranch])[] {
  if (carried === null || shown === null) return [];
  return [[carried.branch, { carried, standing: shown.standing }]];
}

type KnownBranch = NonNullable<ReturnType<KnownBranches['get']>>;

/** What is known of one secret; `use` is null where lists and the base tell enough. */
interface Looked {
  readonly aws: AwsLook;
  readonly use: SecretUse | null;
  readonly troubles: readonly Trouble[];
}

/** The same look as that of `explain`. */
async function lookClosely(round: Round, { wish, aws }: ListedLook, branches: KnownBranches): Promise<Looked> {
  const use = await orFailure(() => lookAtUse(round, wish, branches));
  const told = await orFailure(() => askAgain(round, wish, aws));
  const failed = told instanceof Failure ? [troubleOf('AWS', told)] : [];
  const said: AwsLook = told instanceof Failure ? { kind: 'failed' } : told;
  return use instanceof Failure
    ? { aws: said, use: null, troubles: [troubleOf(`repository ${round.served.name}`, use), ...failed] }
    : { aws: said, use, troubles: [...use.troubles, ...failed] };
}

async function askAgain({ index, truth }: Round, wish: Wish, listed: AwsLook): Promise<AwsLook> {
  const ref = writtenRef(index, wish);
  if (truth === null || ref === null || wish.service === 'find') return listed;
  return awsLook(await truth.ask(ref), null);
}

function lookOf({ index, served }: Round, due: LookedRestarts): ObjectLook {
  const standings = due.restarts.map(({ restart, standing }) => [objectKey(restart.workload), standing] as const);
  const { settings } = served;
  return { index, scope: settings.scope, due: new Map(standings), skips: due.skips, applied: settings };
}

function factsOf(round: Round, look: Omit<ListedLook, 'isOpen'> & Pick<Looked, 'use'>, how: ObjectLook): NextFacts {
  const { wish, aws, use } = look;
  const { service, account, region, names } = wish;
  const objects = (use ?? look).objects.map((object) => wholeObject(object, how));
  return {
    secret: { service, account, region, names },
    aws,
    objects,
    possible: (use ?? look).reasons.filter(isUnproven),
    elsewhere: [] satisfies Explanation['elsewhere'],
    proposal: use?.proposal ?? null,
    otherProposals: use?.otherProposals ?? [],
    nearNames: [],
    paused: round.pause,
  };
}
