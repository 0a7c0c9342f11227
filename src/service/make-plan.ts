import { Failure, internalFailure } from '../domain/failure.ts';
import type { AllowedAccount, Stage } from '../domain/policy.ts';
import type { Oid } from '../domain/repo-path.ts';
import { fullArnSuffix } from '../domain/secret-id.ts';
import { tokenTime } from '../domain/token.ts';
import type { Index } from '../manifests/graph.ts';
import type { Plan } from '../plan/plan.ts';
import { sortPlan } from '../plan/plan.ts';
import { planRestart } from '../plan/restart/due-restarts.ts';
import type { Scope } from '../plan/scope.ts';
import { type AskedSecret, everySecret, namedSecret } from '../plan/truth/named-secret.ts';
import type { Claim } from '../plan/truth/newest-claim.ts';
import { refsToAsk } from '../plan/truth/refs-to-ask.ts';
import type { Wish } from '../plan/truth/wish.ts';
import type { Clock, SecretVersions } from '../ports.ts';
import type { ChangedFile } from '../words/plan-text.ts';
import { draftEdits, type ReadText } from './propose/draft/draft-edits.ts';
import { draftPlan } from './propose/draft/draft-plan.ts';
import { identifyChanges, type ReceivedChange } from './truth/identify-changes.ts';
import { createTruthReader, readTruth } from './truth/truth-reader.ts';

/** What a dry run is asked. */
export type PlanQuestion =
  | { readonly kind: 'changes'; readonly changes: readonly ReceivedChange[] }
  /** `version` null: AWS is asked where it may be, else a new version without a name is assumed. */
  | { readonly kind: 'secret'; readonly secret: AskedSecret; readonly version: string | null }
  | { readonly kind: 'all' };

/** A repository to plan on: a local checkout or a commit on a host. */
export interface PlanSource {
  /** The commit that was read; null where a local checkout does not tell. */
  readonly base: Oid | null;
  readonly index: Index;
  readonly readText: ReadText;
  readonly accounts: readonly AllowedAccount[];
  /** What could not be read, for people. */
  readonly notes: readonly string[];
}

export interface PlanPorts {
  /** Null: AWS is not asked. */
  readonly secretVersions: SecretVersions | null;
  readonly clock: Clock;
}

export interface MadePlan {
  readonly base: Oid | null;
  readonly plan: Plan;
  readonly files: readonly ChangedFile[];
  /** What a person should know besides: changes that ask for nothing, versions without a name. */
  readonly notes: readonly string[];
}

/** A dry run: what would be done, and the new texts. Nothing is written anywhere. */
export async function makePlan(
  source: PlanSource,
  question: PlanQuestion,
  how: { readonly scope: Scope; readonly stage: Stage; readonly signal: AbortSignal },
  ports: PlanPorts,
): Promise<MadePlan> {
  if (how.stage === 2) return stageTwo(source, planRestart(source.index, how.scope, ports.clock.now()));
  const { wishes, claims, notes } = await wishesOf(source, question, ports, how.signal);
  const reader =
    asksAws(question) && ports.secretVersions !== null ? createTruthReader(ports.secretVersions, how.signal) : null;
  const { refresh, draft } = await draftPlan(source.readText, {
    index: source.index,
    wishes,
    truth: await readTruth(refsToAsk(source.index, wishes), claims, reader),
    scope: how.scope,
    earlier: new Map(),
    rejected: new Set(),
    notEditable: new Map(),
  });
  return { base: source.base, plan: refresh.plan, files: draft.files, notes: [...source.notes, ...notes] };
}

async function stageTwo({ base, readText, notes }: PlanSource, plan: Plan): Promise<MadePlan> {
  const { edits, files, refused } = await draftEdits(plan, readText);
  const skips = [...plan.skips, ...refused.map(({ skip }) => skip)];
  return { base, plan: sortPlan({ edits, skips }), files, notes };
}

interface Asked {
  readonly wishes: readonly Wish[];
  readonly claims: readonly Claim[];
  readonly notes: readonly string[];
}

async function wishesOf(
  source: PlanSource,
  question: PlanQuestion,
  ports: PlanPorts,
  signal: AbortSignal,
): Promise<Asked> {
  switch (question.kind) {
    case 'changes':
      return joinAsked(
        await Promise.all(question.changes.map((change) => askedByChange(source, change, ports, signal))),
      );
    case 'secret':
      return askedByPerson(source, question, ports);
    case 'all':
      if (ports.secretVersions === null) throw needsAws();
      return { wishes: everySecret(source.index), claims: [], notes: [] };
  }
}

async function askedByChange(
  { accounts }: PlanSource,
  received: ReceivedChange,
  ports: PlanPorts,
  signal: AbortSignal,
): Promise<Asked> {
  const { change, sentAt } = received;
  const name = change.names[0] ?? change.id;
  if (ports.secretVersions === null && change.versionId === null) {
    const { service, account, region, names, label } = change;
    const known = { kind: 'unnamed' as const, seenAt: change.event.time ?? tokenTime(sentAt) };
    const suffix = fullArnSuffix(change.id);
    const wish: Wish = { service, account, region, names: names.slice(0, 1), suffix, label, moved: true };
    return { wishes: [wish], claims: [{ wish, known }], notes: [unnamedNote(name)] };
  }
  const identified = (await identifyChanges(ports, accounts, [received], signal)).get(received);
  switch (identified?.kind) {
    case undefined:
      throw internalFailure('every change is identified');
    case 'failed':
      throw identified.failure;
    case 'wish':
      return { wishes: [identified.wish], claims: [identified], notes: [] };
    case 'not-visible':
      return { wishes: [], claims: [], notes: [`${name}: AWS does not show the version that the event names yet.`] };
    case 'ignored':
      return { wishes: [], claims: [], notes: [`${name}: ${identified.reason}`] };
  }
}

function askedByPerson(
  { index, accounts }: PlanSource,
  { secret, version }: Extract<PlanQuestion, { kind: 'secret' }>,
  { secretVersions, clock }: PlanPorts,
): Asked {
  const named = namedSecret(index, secret, accounts);
  if (named.kind === 'problem') {
    throw new Failure(named.message, { code: 'input-invalid', retry: 'never', hint: named.hint });
  }
  const { wish } = named;
  const seenAt = tokenTime(clock.now());
  if (version !== null) {
    const versions = new Map([[secret.label ?? 'AWSCURRENT', version]]);
    return { wishes: [wish], claims: [{ wish, known: { kind: 'stated', versions, seenAt } }], notes: [] };
  }
  if (secretVersions !== null) return { wishes: [wish], claims: [], notes: [] };
  return { wishes: [wish], claims: [{ wish, known: { kind: 'unnamed', seenAt } }], notes: [unnamedNote(secret.id)] };
}

/** A version that a person named is taken at their word. */
function asksAws(question: PlanQuestion): boolean {
  return question.kind !== 'secret' || question.version === null;
}

function joinAsked(asked: readonly Asked[]): Asked {
  return {
    wishes: asked.flatMap(({ wishes }) => wishes),
    claims: asked.flatMap(({ claims }) => claims),
    notes: asked.flatMap(({ notes }) => notes),
  };
}

function unnamedNote(name: string): string {
  return `${name}: which version is current is not known, so a new version without a name is assumed. Give --version, or --config so that AWS is asked.`;
}

function needsAws(): Failure {
  return new Failure('a plan for all secrets compares them with AWS, and AWS may not be asked', {
    code: 'input-invalid',
    retry: 'never',
    hint: 'Give --config with spec.aws.truth: describe.',
  });
}
