import type { EventFacts } from '../../domain/change.ts';
import { plainText } from '../../domain/plain-text.ts';
import { FORCE_SYNC } from '../../domain/policy.ts';
import { parseToken } from '../../domain/token.ts';
import type { Edit, Plan } from '../../plan/plan.ts';
import type { Ref } from '../../ports.ts';
import { commitMessage } from '../../words/commit-message.ts';
import type { ServedBranch } from '../served-branch.ts';
import { type Draft, textReader } from './draft-edits.ts';
import { findObject } from './find-object.ts';
import type { Tip } from './own-branch.ts';

/** Where the branch is afterwards. */
export type Brought =
  | { readonly kind: 'at'; readonly head: Ref; readonly how: 'pushed-now' | 'already-there' | 'foreign' }
  | { readonly kind: 'moved'; readonly why: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Somebody else's commit is at the tip, and it does not carry what is to be proposed. */
  | { readonly kind: 'foreign'; readonly author: string };

export interface BringRequest {
  readonly served: ServedBranch;
  readonly base: Ref;
  readonly branch: string;
  readonly tip: Tip;
  /** `objectKey` of every object that the tip bumps and this plan does not. */
  readonly surplus: readonly string[];
  readonly plan: Plan;
  readonly draft: Draft;
  readonly events: readonly EventFacts[];
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

async function push({ served, base, branch, tip, plan, draft, events, signal }: BringRequest): Promise<Brought> {
  const ref = `refs/heads/${branch}`;
  const { author } = served.settings;
  const message = commitMessage(plan.edits, events, 1);
  const to = { parent: base.oid, files: draft.newTexts, message, author, time: commitTime(plan) };
  const result = await served.workspace.publish(
    { ref, expected: tip.kind === 'none' ? null : tip.ref.oid, to },
    signal,
  );
  switch (result.kind) {
    case 'done':
      return { kind: 'at', head: { name: ref, oid: result.oid }, how: 'pushed-now' };
    case 'moved':
      return { kind: 'moved', why: `${branch} moved` };
    // The next round lists the refs and compares content: a push that did arrive is then simply there.
    case 'unknown':
      return { kind: 'moved', why: `the answer to a push was lost: ${plainText(result.reason)}` };
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
    const annotations = edit.target === 'template' ? template : object?.annotations;
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

/** The newest time in the tokens: the same plan is the same commit on every replica. Epoch seconds. */
function commitTime(plan: Plan): number {
  const tokens = plan.edits.flatMap((edit) => (edit.annotation === FORCE_SYNC ? (parseToken(edit.after) ?? []) : []));
  return Math.max(0, ...tokens.map(({ time }) => Date.parse(time) / 1000));
}
