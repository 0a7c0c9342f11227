import { Failure } from '../../../domain/failure.ts';
import { plainText } from '../../../domain/plain-text.ts';
import { parseToken } from '../../../domain/token.ts';
import type { Plan } from '../../../plan/plan.ts';
import type { CommitDraft, PullRequest, Ref } from '../../../ports.ts';
import { BUILDS_ON } from '../../../words/trailers.ts';
import { isOffBase } from '../../reading/base-line.ts';
import { type BlobsByPath, branchMoved, type Moved } from '../../round.ts';
import type { BaseLine, ServedBranch } from '../../served-branch.ts';
import { type Draft, draftEdits, filesOf, textReader } from '../draft/draft-edits.ts';
import { appendedEdits, carriesEdits, carriesTexts } from './carried-edits.ts';
import { type Existing, objectsAtOwn, type Tip } from './own-branch.ts';
import { UNTOLD } from './tip-history.ts';
import { ANOTHERS, notePushed, notYet, type WhyPushed } from './who-pushed.ts';

/** What is to become of a branch. */
export type TipStep =
  /** Nothing is to be written. */
  | { readonly kind: 'keep'; readonly head: Ref; readonly whose: 'ours' }
  /** The same on a branch with somebody's commit. `missing`: what the plan changes and the branch does not have. */
  | { readonly kind: 'keep'; readonly head: Ref; readonly whose: 'person'; readonly missing: Missing }
  /** One commit on the base takes the place of what is there. `content`: whether that is something else than before. */
  | { readonly kind: 'replace'; readonly content: 'same' | 'new' }
  /** One commit on top of what is there. */
  | { readonly kind: 'append'; readonly draft: Draft; readonly on: Existing; readonly missing: Missing }
  /**
   * `changed`: a person has changed the very lines that are to be changed. `ended`: nothing shows the branch any more, and it
   * has what nobody asks for, maybe what people turned down. `foreign`: nothing of ours is in it.
   */
  | {
      readonly kind: 'blocked';
      readonly why: 'changed' | 'ended' | 'foreign';
      readonly author: string;
      readonly places: readonly string[];
    };

/** What can be proposed only once the branch is merged or gone, for people. */
export type Missing = readonly string[];

export interface TipRequest {
  readonly served: ServedBranch;
  readonly base: Ref;
  readonly blobs: BlobsByPath;
  readonly line: BaseLine;
  readonly branch: string;
  readonly tip: Tip;
  /** What the tip changes and this plan does not. */
  readonly surplus: readonly string[];
  readonly plan: Plan;
  readonly draft: Draft;
  /** The open pull request that shows the branch; null where none does. */
  readonly open: PullRequest | null;
  /** Another writer has pushed what stands there, and no pull request shows it. */
  readonly isTakeOver: boolean;
  /** What stands at the tip, with all that is beneath it, was merged: nothing of it is lost where it is replaced. */
  readonly isMerged: boolean;
  readonly message: string;
  /** Of the commit, epoch seconds: derived, so that the same plan is the same commit on every replica. */
  readonly time: number;
  readonly signal: AbortSignal;
}

/**
 * Decides how a branch comes to carry a plan. What is ours alone is replaced by one commit on the base, where its content
 * changes, `rebaseWhen` asks for it, or the base was force-pushed; on a person's commits it is added to, unless they
 * changed the same lines.
 */
export async function nextStep(request: TipRequest): Promise<TipStep> {
  const { tip, plan, draft, surplus, isMerged } = request;
  if (tip.kind === 'none' || isMerged) return { kind: 'replace', content: 'new' };
  if (tip.kind !== 'ours') return stepOnOthers(request, tip);
  const isSame = surplus.length === 0 && carriesEdits(tip, plan.edits);
  if (!isSame) return { kind: 'replace', content: 'new' };
  const fork = tip.first?.parents[0];
  // It would bring back all that the base has dropped.
  if (fork !== undefined && (await isOffBase(request, fork))) return { kind: 'replace', content: 'same' };
  const isExact = await carriesTexts(tip, draft);
  const isRebased = await asksForRebase(request, tip, isExact);
  return isRebased ? { kind: 'replace', content: 'same' } : { kind: 'keep', head: tip.ref, whose: 'ours' };
}

async function stepOnOthers(request: TipRequest, tip: Existing): Promise<TipStep> {
  const { served, plan, open, surplus, signal } = request;
  const keep = (missing: Missing): TipStep => ({ kind: 'keep', head: tip.ref, whose: 'person', missing });
  const blocked = (why: 'changed' | 'ended' | 'foreign', places: readonly string[] = []): TipStep => {
    return { kind: 'blocked', why, author: plainText(tip.commit.author.name, 100), places };
  };
  if (open === null && surplus.length > 0) return blocked('ended');
  if (carriesEdits(tip, plan.edits)) return keep([]);
  if (tip.kind === 'foreign') return blocked('foreign');
  const paths = new Set<string>(plan.edits.map(({ path }) => path));
  const own = await objectsAtOwn(served, tip, paths, signal);
  const on = { tip: tip.objects, own, entries: tip.snapshot.entries };
  const { edits, changed, missing } = appendedEdits(plan.edits, on);
  if (changed.length > 0) return blocked('changed', changed);
  const draft = await draftEdits({ edits, skips: [] }, textReader(tip.snapshot, signal));
  const left = [...missing, ...draft.refused.map(({ edit }) => `${edit.path}: ${edit.kind} ${edit.name}`)];
  // Of a Secret's new name and what names it none may go without the others.
  if (left.length > 0 && isAllOrNothing(plan)) return blocked('changed', left);
  return draft.newTexts.length === 0 ? keep(left) : { kind: 'append', draft, on: tip, missing: left };
}

/** True where edits belong together: a new name, and what names it. */
function isAllOrNothing({ edits }: Plan): boolean {
  return edits.some(({ fields }) => fields !== undefined);
}

/** Whether a branch of the same content is to be put on the base's head. `isExact`: its files are what the base's would become. */
async function asksForRebase(request: TipRequest, tip: Existing, isExact: boolean) {
  const { served, base, open, signal } = request;
  switch (served.settings.rebaseWhen) {
    case 'never':
      return false;
    case 'behind':
      return tip.commit.oid !== tip.own?.oid || tip.first?.parents[0] !== base.oid;
    case 'conflicted':
      if (isExact && !(await isChangedBeneath(request, tip))) return false;
      return open === null || (await conflictOf(served, open, signal)) === 'conflicting';
  }
}

/** Whether the base has changed these files since our commits left it: the same text in the end may be a conflict all the same. */
async function isChangedBeneath({ served, base, blobs, plan, signal }: TipRequest, { ref, first }: Existing) {
  const fork = first?.parents[0];
  if (fork === undefined || fork === base.oid) return false;
  const paths = new Set<string>(plan.edits.map(({ path }) => path));
  try {
    const { entries } = await served.workspace.snapshot({ name: ref.name, oid: fork }, signal);
    return entries.some(({ path, oid }) => paths.has(path) && blobs.get(path) !== oid);
  } catch (error) {
    // Hosts need not show what is no branch's head: then the forge is asked.
    if (error instanceof Failure && UNTOLD.includes(error.code)) return true;
    throw error;
  }
}

/** A forge works it out after the base has moved, some seconds later. */
const LOOKS_MILLISECONDS = [0, 1000, 2000];

async function conflictOf({ forge, clock }: ServedBranch, { number }: PullRequest, signal: AbortSignal) {
  for (const wait of LOOKS_MILLISECONDS) {
    if (wait > 0) await clock.sleep(wait, signal);
    const { conflict } = await forge.read(number, signal);
    if (conflict !== 'unknown') return conflict;
  }
  return 'unknown';
}

/** Where the branch is afterwards. */
export type Brought =
  | { readonly kind: 'at'; readonly head: Ref }
  | Moved
  | { readonly kind: 'refused'; readonly reason: string };

/** Carries out a step. What a host's rule keeps from being replaced is added to. */
export async function writeTip(
  request: TipRequest,
  step: TipStep & { readonly kind: 'replace' | 'append' },
): Promise<Brought> {
  const { tip } = request;
  if (request.isTakeOver && (await isShownByNow(request))) return branchMoved(`${request.branch} was shown meanwhile`);
  if (step.kind === 'append') return push(request, appended(request, step));
  const brought = await replace(request);
  return brought.kind === 'refused' && tip.kind === 'ours' ? addInstead(request, tip, brought) : brought;
}

/** Whoever was slow to open a pull request may have done so, and people may have approved it. */
async function isShownByNow({ served, branch, signal }: TipRequest): Promise<boolean> {
  const pulls = await served.forge.list(branch, served.settings.base, signal);
  return pulls.some(({ state }) => state === 'open');
}

function replace(request: TipRequest): Promise<Brought> {
  const { base, draft, tip, message, isTakeOver } = request;
  // A second later than what stands there: the same commit would not show who has pushed it.
  const isLater = isTakeOver && tip.kind !== 'none';
  const time = isLater ? Math.max(request.time, tip.commit.time + 1) : request.time;
  return push(request, commitOf({ ...request, time }, { parent: base.oid, draft, message }));
}

/** Only adding is left, and that cannot take anything away. */
async function addInstead(request: TipRequest, tip: Existing, refused: Brought): Promise<Brought> {
  const { plan, surplus, signal } = request;
  const on = { tip: tip.objects, own: tip.objects, entries: tip.snapshot.entries };
  const { edits, changed, missing } = appendedEdits(plan.edits, on);
  const more = await draftEdits({ edits, skips: [] }, textReader(tip.snapshot, signal));
  if (changed.length > 0 || missing.length > 0 || more.newTexts.length === 0 || surplus.length > 0) return refused;
  if (more.refused.length > 0 && isAllOrNothing(plan)) return refused;
  const second = await push(request, appended(request, { draft: more, on: tip }));
  return second.kind === 'refused' ? refused : second;
}

function appended(request: TipRequest, { draft, on }: { readonly draft: Draft; readonly on: Existing }): CommitDraft {
  const message = `${request.message.trimEnd()}\n${BUILDS_ON}: ${on.ref.oid}\n`;
  return commitOf(request, { parent: on.ref.oid, draft, message });
}

function commitOf(
  { served, time }: TipRequest,
  { parent, draft, message }: { readonly parent: string; readonly draft: Draft; readonly message: string },
): CommitDraft {
  return { parent, ...filesOf(draft), message, author: served.settings.author, time };
}

async function push(request: TipRequest, to: CommitDraft): Promise<Brought> {
  const { served, branch, tip, signal } = request;
  const ref = `refs/heads/${branch}`;
  const expected = tip.kind === 'none' ? null : tip.ref.oid;
  const result = await served.workspace.publish({ ref, expected, to }, signal);
  switch (result.kind) {
    case 'done':
      return arrived(request, { name: ref, oid: result.oid }, result.isFound ? 'found' : 'moved');
    case 'moved':
      return branchMoved(`${branch} moved`);
    // The next round lists the refs and compares content: a push that did arrive is then simply there.
    case 'unknown':
      if (result.oid !== undefined) notePushed(served, { name: ref, oid: result.oid }, whyPushed(request));
      return branchMoved(`the answer to a push was lost: ${plainText(result.reason)}`);
    case 'refused':
      return { kind: 'refused', reason: plainText(result.reason) };
  }
}

/** `found`: it was there already. The same plan is the same commit, so another writer may have come first with it. */
function arrived(request: TipRequest, head: Ref, how: 'moved' | 'found'): Brought {
  const { served, open, isTakeOver } = request;
  const isOurs = how === 'moved' || open !== null || served.pushed.get(head.name)?.oid === head.oid;
  if (!isOurs) return branchMoved(ANOTHERS);
  const opensAt = notePushed(served, head, whyPushed(request));
  return isTakeOver ? notYet(opensAt) : { kind: 'at', head };
}

function whyPushed({ isTakeOver }: TipRequest): WhyPushed {
  return isTakeOver ? 'take-over' : 'content';
}

/** The newest time in these values of `force-sync`, epoch seconds. */
export function newestTime(values: readonly string[]): number {
  const entries = values.flatMap((value) => parseToken(value) ?? []);
  return Math.max(0, ...entries.map(({ time }) => Date.parse(time) / 1000));
}
