import { plainText } from '../../../domain/plain-text.ts';
import { parseToken } from '../../../domain/token.ts';
import type { Edit, Plan } from '../../../plan/plan.ts';
import type { Ref } from '../../../ports.ts';
import { branchMoved, type Moved } from '../../round.ts';
import type { ServedBranch } from '../../served-branch.ts';
import { type Draft, filesOf, textReader } from '../draft/draft-edits.ts';
import { findObject } from '../draft/find-object.ts';
import type { Tip } from './own-branch.ts';

/** Where the branch is afterwards. */
export type Brought =
  | { readonly kind: 'at'; readonly head: Ref; readonly how: 'pushed-now' | 'already-there' | 'foreign' }
  | Moved
  | { readonly kind: 'refused'; readonly reason: string }
  /** Somebody else's commit is at the tip, and it does not carry what is to be proposed. */
  | { readonly kind: 'foreign'; readonly author: string };

export interface BringRequest {
  readonly served: ServedBranch;
  readonly base: Ref;
  readonly branch: string;
  readonly tip: Tip;
  /** What the tip changes and this plan does not. */
  readonly surplus: readonly string[];
  readonly plan: Plan;
  readonly draft: Draft;
  readonly message: string;
  /** Of the commit, epoch seconds: derived, so that the same plan is the same commit on every replica. */
  readonly time: number;
  readonly signal: AbortSignal;
}

/** Brings a branch to one commit on top of the base, unless its tip already carries exactly that, or is not ours. */
export async function bringTip(request: BringRequest): Promise<Brought> {
  const { tip, plan, draft, surplus } = request;
  if (tip.kind === 'foreign') {
    if (carriesEdits(tip, plan.edits)) return { kind: 'at', head: tip.ref, how: 'foreign' };
    return { kind: 'foreign', author: plainText(tip.commit.author.name, 100) };
  }
  if (tip.kind === 'ours' && surplus.length === 0 && (await carriesTexts(tip, draft))) {
    return { kind: 'at', head: tip.ref, how: 'already-there' };
  }
  return push(request);
}

async function push({ served, base, branch, tip, draft, message, time, signal }: BringRequest): Promise<Brought> {
  const ref = `refs/heads/${branch}`;
  const { author } = served.settings;
  const to = { parent: base.oid, ...filesOf(draft), message, author, time };
  const result = await served.workspace.publish(
    { ref, expected: tip.kind === 'none' ? null : tip.ref.oid, to },
    signal,
  );
  switch (result.kind) {
    case 'done':
      return { kind: 'at', head: { name: ref, oid: result.oid }, how: 'pushed-now' };
    case 'moved':
      return branchMoved(`${branch} moved`);
    // The next round lists the refs and compares content: a push that did arrive is then simply there.
    case 'unknown':
      return branchMoved(`the answer to a push was lost: ${plainText(result.reason)}`);
    case 'refused':
      return { kind: 'refused', reason: plainText(result.reason) };
  }
}

type Existing = Exclude<Tip, { readonly kind: 'none' }>;

/** True when every object at the tip has the annotation as planned, whatever else its file says. */
function carriesEdits({ objects }: Existing, edits: readonly Edit[]): boolean {
  return edits.every((edit) => {
    const object = findObject(objects, edit);
    const template = object?.type === 'workload' ? object.templateAnnotations : undefined;
    if (edit.target === 'spec') return object?.type === 'workload' && object.rollout.restartAt === edit.after;
    const isTemplate = edit.target === 'template' || (edit.target === 'marker' && object?.type === 'workload');
    const annotations = isTemplate ? template : object?.annotations;
    return annotations?.get(edit.annotation) === edit.after;
  });
}

async function carriesTexts({ snapshot }: Existing, draft: Draft): Promise<boolean> {
  const readText = textReader(snapshot);
  for (const { path, text } of draft.newTexts) {
    if ((await readText(path)) !== text) return false;
  }
  return true;
}

/** The newest time in these values of `force-sync`, epoch seconds. */
export function newestTime(values: readonly string[]): number {
  const entries = values.flatMap((value) => parseToken(value) ?? []);
  return Math.max(0, ...entries.map(({ time }) => Date.parse(time) / 1000));
}
