import { Failure, internalFailure } from '../domain/failure.ts';
import type { AllowedAccount, Stage } from '../domain/policy.ts';
import type { Oid } from '../domain/repo-path.ts';
import { fullArnSuffix } from '../domain/secret-id.ts';
import { tokenTime } from '../domain/token.ts';
import type { Index } from '../manifests/graph.ts';
import { LIST_BEHIND, type Spoken } from '../plan/find/found-secrets.ts';
import type { Changed } from '../plan/find/reached-finds.ts';
import type { GroupName } from '../plan/grouping/group-names.ts';
import { groupsOfEdits } from '../plan/grouping/groups-of-edits.ts';
import { NOTHING_TURNED_DOWN } from '../plan/life/turned-down.ts';
import { type Plan, skipOfEdit, sortPlan } from '../plan/plan.ts';
import type { RefreshRequest } from '../plan/plan-refresh.ts';
import { planRestart } from '../plan/restart/due-restarts.ts';
import type { Scope } from '../plan/scope.ts';
import { type AskedSecret, everySecret, namedSecret } from '../plan/truth/named-secret.ts';
import type { Claim } from '../plan/truth/newest-claim.ts';
import { refsToAsk } from '../plan/truth/refs-to-ask.ts';
import type { KnownSecret, Wish } from '../plan/truth/wish.ts';
import { type UntoldDeployer, untoldDeployers, withUnresolved } from '../plan/unproven-uses.ts';
import type { Clock, SecretVersions } from '../ports.ts';
import type { ChangedFile } from '../words/plan-text.ts';
import type { Preview } from '../words/pull/preview-text.ts';
import { draftEdits, type ReadText } from './propose/draft/draft-edits.ts';
import { draftPlan } from './propose/draft/draft-plan.ts';
import { type PreviewedBranch, previewNotes, previewRefreshes, previewRestarts } from './report/preview.ts';
import { askShown } from './truth/ask-copies.ts';
import { type AskedFor, askFinds } from './truth/ask-finds.ts';
import { identifyChanges, type ReceivedChange, wishFor } from './truth/identify-changes.ts';
import { createTruthReader, readTruth, type TruthReader } from './truth/truth-reader.ts';

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
  /** The groups that each edit goes to, in the plan's order. */
  readonly groups: readonly (readonly GroupName[])[];
  /** The pull requests, where they were asked for. */
  readonly previews: readonly Preview[];
  /** What a person should know besides: changes that ask for nothing, versions without a name. */
  readonly notes: readonly string[];
  /** Of a look at everything: what deploys, and nobody can tell what. */
  readonly deployers: readonly UntoldDeployer[];
}

export interface PlanRequest {
  readonly scope: Scope;
  readonly stage: Stage;
  readonly signal: AbortSignal;
  /** Whose pull requests are to be shown as well; left out: none. */
  readonly preview?: PreviewedBranch | undefined;
}

/** A dry run: what would be done, and the new texts. Nothing is written anywhere. */
export async function makePlan(
  source: PlanSource,
  question: PlanQuestion,
  how: PlanRequest,
  ports: PlanPorts,
): Promise<MadePlan> {
  if (how.stage === 2) return stageTwo(source, how, ports.clock.now());
  const asked = await wishesOf(source, question, ports, how.signal);
  const { claims } = asked;
  const before = { told: [], spoken: asked.spoken, now: ports.clock.now() };
  const reader =
    asksAws(question) && ports.secretVersions !== null
      ? createTruthReader(ports.secretVersions, how.signal, before)
      : null;
  const { wishes, notes } = await withFinds(source.index, reader, asked);
  const finds = reader === null ? 'open' : 'told';
  const request: RefreshRequest = {
    index: source.index,
    wishes,
    truth: await readTruth(refsToAsk(source.index, wishes), claims, reader),
    scope: how.scope,
    earlier: new Map(),
    turnedDown: NOTHING_TURNED_DOWN,
    notEditable: new Map(),
    finds,
  };
  const { refresh, draft } = await draftPlan(source.readText, request);
  const plan = question.kind === 'all' ? withUnresolved(refresh.plan, source.index, finds) : refresh.plan;
  const events = question.kind === 'changes' ? question.changes.map(({ change }) => change.event) : [];
  const previews =
    how.preview === undefined ? [] : await previewRefreshes(how.preview, source.readText, request, events);
  return {
    base: source.base,
    plan,
    files: draft.files,
    groups: groupsOfEdits(source.index, plan, how.scope),
    previews,
    notes: [...source.notes, ...notes, ...previewNotes(previews)],
    deployers: question.kind === 'all' ? untoldDeployers(source.index) : [],
  };
}

async function stageTwo(
  { base, index, readText, notes }: PlanSource,
  { scope, preview }: PlanRequest,
  now: number,
): Promise<MadePlan> {
  const due = planRestart(index, scope, now);
  const { edits, files, refused } = await draftEdits(due, readText);
  const skips = [...due.skips, ...refused.map(({ edit, obstacle }) => skipOfEdit(edit, obstacle))];
  const plan = sortPlan({ edits, skips });
  const previews = preview === undefined ? [] : await previewRestarts(preview, readText, { index, scope }, now);
  return {
    base,
    plan,
    groups: groupsOfEdits(index, plan, scope),
    files,
    previews,
    notes: [...notes, ...previewNotes(previews)],
    deployers: [],
  };
}

interface Asked {
  readonly wishes: readonly Wish[];
  /** Wishes by what asks for them, of which finds may have to be told too. */
  readonly changed: readonly { readonly changed: Changed; readonly wish: Wish; readonly known: KnownSecret | null }[];
  readonly spoken: readonly Spoken[];
  readonly claims: readonly Claim[];
  readonly notes: readonly string[];
}

const NOTHING: Asked = { wishes: [], changed: [], spoken: [], claims: [], notes: [] };

/** All wishes, those for finds among them, and what a person should know. */
async function withFinds(
  index: Index,
  reader: TruthReader | null,
  { wishes, changed, notes }: Asked,
): Promise<Pick<Asked, 'wishes' | 'notes'>> {
  const asked = await Promise.all(
    changed.map(async ({ changed: one, wish, known }): Promise<AskedFor> => {
      if (reader === null) return { wishes: [wish], held: [] };
      const { service, account, region, names } = wish;
      const said = known ?? (await reader.ask({ service, account, region, id: names[0] ?? '' }));
      return askFinds(index, reader, { changed: one, wish, known: said });
    }),
  );
  const held = asked.flatMap((one) => one.held);
  for (const one of held) if (one.kind === 'failed') throw one.failure;
  return {
    wishes: [...wishes, ...asked.flatMap((one) => one.wishes)],
    notes: [...notes, ...(held.length === 0 ? [] : [`find: ${LIST_BEHIND.reason}`])],
  };
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
      return ports.secretVersions === null
        ? everySecretAssumed(source.index, ports.clock)
        : { ...NOTHING, wishes: everySecret(source.index) };
  }
}

async function askedByChange(
  source: PlanSource,
  received: ReceivedChange,
  ports: PlanPorts,
  signal: AbortSignal,
): Promise<Asked> {
  const { change } = received;
  const name = nameIn(change);
  if (ports.secretVersions === null && change.versionId === null) return askedUnnamed(received);
  const identified = (await identifyChanges(ports, source.accounts, [received], signal)).get(received);
  switch (identified?.kind) {
    case undefined:
      throw internalFailure('every change is identified');
    case 'failed':
      throw identified.failure;
    case 'wish':
      return askShown({ ports, source, signal }, received, identified);
    case 'not-visible':
      return { ...NOTHING, notes: [`${name}: AWS does not show yet what the event tells.`] };
    case 'ignored':
      return { ...NOTHING, notes: [`${name}: ${identified.reason}`] };
  }
}

/** Nobody tells the version, and AWS is not asked. */
function askedUnnamed({ change, sentAt }: ReceivedChange): Asked {
  const name = nameIn(change);
  if (change.kind === 'deleted' || change.kind === 'restored') return { ...NOTHING, notes: [needsListNote(name)] };
  const known = { kind: 'unnamed' as const, seenAt: change.event.time ?? tokenTime(sentAt) };
  const wish = wishFor(change, change.names.slice(0, 1), fullArnSuffix(change.id));
  return { ...NOTHING, wishes: [wish], claims: [{ wish, known }], notes: [unnamedNote(name)] };
}

function nameIn({ names, id }: ReceivedChange['change']): string {
  return names[0] ?? id;
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
    return { ...NOTHING, wishes: [wish], claims: [{ wish, known: { kind: 'stated', versions, seenAt } }] };
  }
  if (secretVersions !== null) return { ...NOTHING, changed: [{ changed: lookedAt(wish), wish, known: null }] };
  const claims = [{ wish, known: { kind: 'unnamed', seenAt } as const }];
  return { ...NOTHING, wishes: [wish], claims, notes: [unnamedNote(secret.id)] };
}

/** A version that a person named is taken at their word. */
function asksAws(question: PlanQuestion): boolean {
  return question.kind !== 'secret' || question.version === null;
}

function joinAsked(asked: readonly Asked[]): Asked {
  return {
    wishes: asked.flatMap(({ wishes }) => wishes),
    changed: asked.flatMap(({ changed }) => changed),
    spoken: asked.flatMap(({ spoken }) => spoken),
    claims: asked.flatMap(({ claims }) => claims),
    notes: asked.flatMap(({ notes }) => notes),
  };
}

/** A secret that a person names, with everything that is fetched of it. */
function lookedAt(wish: Wish): Changed {
  const label = wish.label ?? 'AWSCURRENT';
  return { ...wish, kind: 'label', label };
}

function needsListNote(name: string): string {
  return `${name}: only finds could care, and what they find is not known. Give --config, so that AWS is asked.`;
}

function unnamedNote(name: string): string {
  return `${name}: which version is current is not known, so a new version without a name is assumed. Give --version, or --config so that AWS is asked.`;
}

/** Where AWS may not be asked, every secret is taken to have moved; what already has a token stays as it is. */
function everySecretAssumed(index: Index, clock: Clock): Asked {
  const known = { kind: 'unnamed' as const, seenAt: tokenTime(clock.now()) };
  const wishes = everySecret(index).map((wish): Wish => ({ ...wish, moved: true }));
  const note =
    'Which versions are current is not known, so a new version without a name is assumed for every secret. Give --config with spec.aws.truth: describe, so that AWS is asked.';
  const claims = wishes.map((wish) => ({ wish, known }));
  return { ...NOTHING, wishes, claims, notes: wishes.length === 0 ? [] : [note] };
}
