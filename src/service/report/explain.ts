import { Failure } from '../../domain/failure.ts';
import type { AllowedAccount } from '../../domain/policy.ts';
import { findWish, reachedFinds } from '../../plan/find/reached-finds.ts';
import { NOTHING_TURNED_DOWN } from '../../plan/life/turned-down.ts';
import { objectKey } from '../../plan/plan.ts';
import { explainObjects, spelledElsewhere, type UsingObject } from '../../plan/report/explain-objects.ts';
import type { AwsLook, BranchExplanation, Explanation } from '../../plan/report/explanation.ts';
import type { BranchLook, Trouble } from '../../plan/report/look.ts';
import { nearNames } from '../../plan/report/near-names.ts';
import { unknownStanding } from '../../plan/report/restart-standing.ts';
import { wholeExplanation, wholeObject } from '../../plan/report/secrets/whole-explanation.ts';
import { dueRestarts } from '../../plan/restart/due-restarts.ts';
import type { Scope } from '../../plan/scope.ts';
import { type AskedSecret, namedSecret } from '../../plan/truth/named-secret.ts';
import type { KnownSecret, Wish } from '../../plan/truth/wish.ts';
import { isUnproven } from '../../plan/unproven-uses.ts';
import type { PlanSource } from '../make-plan.ts';
import { draftPlan } from '../propose/draft/draft-plan.ts';
import type { Round } from '../round.ts';
import type { ServedBranch } from '../served-branch.ts';
import { lookAtRestarts } from './look/due-restarts.ts';
import { type LookHow, lookAtBranch } from './look/look-at-branch.ts';
import { leading, lookAtUse, type SecretUse } from './look/secret-use.ts';
import { troubleOf } from './look/shown-pull.ts';
import { askSecret } from './secrets/ask-secret.ts';

const NOT_ASKED_HERE = 'A local checkout does not tell, and without --config AWS is not asked.';
const UNNAMED = 'Nothing here names an account: 000000000000 stands for it.';

/** Explains a secret on every base branch, all at once. Nothing is written. */
export function explainSecret(
  branches: readonly ServedBranch[],
  asked: AskedSecret,
  how: LookHow,
): Promise<readonly BranchExplanation[]> {
  return Promise.all(
    branches.map((served) => lookAtBranch(served, how, (look, round) => explainOn(look, round, asked))),
  );
}

/** Explains a secret on a local checkout: what Git has, and nothing else. */
export async function explainCheckout(
  source: PlanSource,
  asked: AskedSecret,
  scope: Scope,
): Promise<BranchExplanation> {
  const { index, base, accounts, readText } = source;
  const look: BranchLook = {
    name: null,
    head: base,
    paused: null,
    troubles: [],
    notLooked: ['which version is current in AWS', 'branches and pull requests', 'since when a restart settles'],
  };
  const wish = wishFor(index, asked, accounts);
  if ('message' in wish) return { ...look, explanation: null, unclear: wish };
  const request = { index, wishes: [wish], truth: new Map(), scope, finds: 'open', ...NOTHING_HELD } as const;
  const { refresh } = await draftPlan(readText, request);
  const [reasons = []] = refresh.reasons;
  const using = explainObjects({
    index,
    wish,
    truth: new Map(),
    edits: refresh.plan.edits,
    reasons,
    onBranch: new Map(),
  });
  const due = dueRestarts(index, scope);
  const standings = due.groups.flatMap(({ restarts }) =>
    restarts.map(
      ({ workload }) => [objectKey(workload), unknownStanding('The sweep proposes it when it has settled.')] as const,
    ),
  );
  const facts = { index, scope, due: new Map(standings), skips: due.skips, applied: null };
  const objects = using.map((object) => wholeObject(object, facts));
  const isNamed = accounts.every(({ assumed }) => assumed !== 'unnamed');
  const aws: AwsLook = { kind: 'not-asked', reason: isNamed ? NOT_ASKED_HERE : `${NOT_ASKED_HERE} ${UNNAMED}` };
  return finish(look, index, { asked, wish, aws, reasons, objects, proposal: null, otherProposals: [] });
}

const NOTHING_HELD = { earlier: new Map(), turnedDown: NOTHING_TURNED_DOWN, notEditable: new Map() };

async function explainOn(look: BranchLook, begun: Round | null, asked: AskedSecret): Promise<BranchExplanation> {
  if (begun === null) return { ...look, explanation: null, unclear: null };
  const { served, index } = begun;
  const { scope, accounts } = served.settings;
  const wish = wishFor(index, asked, accounts);
  if ('message' in wish) return { ...look, explanation: null, unclear: wish };
  const { aws, known, round } = await askSecret(begun, wish, asked.id);
  const itself = await lookAtUse(round, wish);
  const found: SecretUse[] = [];
  for (const find of findsOfSecret(round, wish, known)) found.push(await lookAtUse(round, find));
  const looks = [itself, ...found];
  const using = looks.flatMap((one) => one.objects);
  const due = await lookAtRestarts(round, workloadsOf(using));
  const standings = due.restarts.map(({ restart, standing }) => [objectKey(restart.workload), standing] as const);
  const facts = { index, scope, due: new Map(standings), skips: due.skips, applied: served.settings };
  const objects = using.map((object) => wholeObject(object, facts));
  const troubles = [
    ...(aws instanceof Failure ? [troubleOf('AWS', aws)] : []),
    ...looks.flatMap((one) => one.troubles),
    ...due.failures.map((failure) => troubleOf(`pull requests of ${served.name}`, failure)),
  ];
  const said: AwsLook = aws instanceof Failure ? { kind: 'failed' } : aws;
  const notLooked = said.kind === 'not-asked' ? ['which version is current in AWS'] : [];
  const { proposal, otherProposals } = leading(itself, found);
  const explained = { asked, wish, aws: said, reasons: itself.reasons, objects, proposal, otherProposals };
  return finish({ ...look, troubles: unique(troubles), notLooked }, index, explained);
}

/** All that each find finds that finds it; none where AWS did not tell. */
function findsOfSecret({ index, truth }: Round, wish: Wish, known: KnownSecret | null): readonly Wish[] {
  if (truth === null || known === null || wish.label !== null) return [];
  const changed = { ...wish, kind: 'label', label: 'AWSCURRENT' } as const;
  return reachedFinds(index, changed, known).map((find) => ({ ...findWish(find, false), kind: 'label', label: null }));
}

/** The secret as it is merely looked at; or why nobody can tell which one is meant. */
function wishFor(
  index: PlanSource['index'],
  asked: AskedSecret,
  accounts: readonly AllowedAccount[],
): Wish | { readonly message: string; readonly hint: string } {
  const named = namedSecret(index, asked, accounts);
  if (named.kind === 'problem') return { message: named.message, hint: named.hint };
  return { ...named.wish, moved: false };
}

interface Explained extends Pick<Explanation, 'aws' | 'objects' | 'proposal' | 'otherProposals'> {
  readonly asked: AskedSecret;
  readonly wish: Wish;
  readonly reasons: Explanation['possible'];
}

function finish(look: BranchLook, index: PlanSource['index'], explained: Explained): BranchExplanation {
  const { asked, wish, aws, reasons, objects, proposal, otherProposals } = explained;
  const { service, account, region, names } = wish;
  const facts = {
    secret: { service, account, region, names },
    aws,
    objects,
    possible: reasons.filter(isUnproven),
    elsewhere: spelledElsewhere(index, wish, asked.id),
    proposal,
    otherProposals,
    nearNames: objects.length === 0 ? nearNames(index, names) : [],
  };
  return { ...look, explanation: wholeExplanation({ ...facts, paused: look.paused }), unclear: null };
}

function workloadsOf(using: readonly UsingObject[]): ReadonlySet<string> {
  return new Set(using.flatMap(({ user }) => user.consumers.map((workload) => objectKey(workload))));
}

function unique(troubles: readonly Trouble[]): readonly Trouble[] {
  return [...new Map(troubles.map((one) => [JSON.stringify(one), one])).values()];
}
