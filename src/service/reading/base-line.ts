import { Failure } from '../../domain/failure.ts';
import type { Oid } from '../../domain/repo-path.ts';
import type { CommitInfo, Ref } from '../../ports.ts';
import { UNTOLD } from '../propose/tip/tip-history.ts';
import type { BaseLine, ServedBranch } from '../served-branch.ts';

/** As many commits are looked at, one request each, for one that is known. More at once look like another history. */
const MOST_NEW = 20;
/** How far a process that has just begun looks back for where a branch left the base. */
const MOST_BACK = 10;
/** Of all that is known to be beneath a head, the newest. */
const MOST_KNOWN = 10_000;

/**
 * Takes note of where the base is now. A head that does not build on the one before (a force-push) begins a new line: what
 * was proposed on the old one would bring back what the new one dropped. A host that shows no earlier commits is believed.
 * `lineBefore` is what was known when the host was asked.
 */
export async function followBase(
  served: ServedBranch,
  { base, lineBefore }: { readonly base: Ref; readonly lineBefore: BaseLine | null },
  signal: AbortSignal,
): Promise<BaseLine> {
  const before = served.memory.line;
  if (before === null) return keep(served, { head: base.oid, beneath: new Set([base.oid]), rewrittenAt: null });
  if (before.head === base.oid || isLate(base, before, lineBefore)) return before;
  const isBack = before.beneath.has(base.oid);
  const isKnown = (oid: Oid) => !isBack && before.beneath.has(oid);
  const { oids, ending } = await walkBack(served, base, isBack ? MOST_BACK : MOST_NEW, { isKnown, signal });
  const later = served.memory.line;
  // A round that began at the same time, and saw more of it.
  if (later !== null && later !== before && later.beneath.has(base.oid)) return later;
  if (ending === 'known' || (ending === 'untold' && !isBack)) {
    return keep(served, { ...before, head: base.oid, beneath: newestOf([...before.beneath, ...oids.toReversed()]) });
  }
  const hint = 'Somebody force-pushed it. Own branches are made anew on it, and what settles begins again.';
  served.log.warn({ repository: served.name, from: before.head, to: base.oid, hint }, 'the base has another history');
  const beneath = new Set([...oids.toReversed(), base.oid]);
  return keep(served, { head: base.oid, beneath, rewrittenAt: served.clock.now() });
}

/** An answer that was long on its way: another round has seen more since. The next one tells whether the base is back there. */
function isLate({ oid }: Ref, line: BaseLine, lineBefore: BaseLine | null): boolean {
  return line !== lineBefore && line.beneath.has(oid);
}

/**
 * Whether a commit that a branch left the base at is no part of it any more. A process that has just begun looks back a
 * little, and believes what it cannot see.
 */
export async function isOffBase(
  {
    served,
    base,
    line,
    signal,
  }: { readonly served: ServedBranch; readonly base: Ref; readonly line: BaseLine; readonly signal: AbortSignal },
  fork: Oid,
): Promise<boolean> {
  if (line.beneath.has(fork)) return false;
  if (line.rewrittenAt !== null) return true;
  const { oids, ending } = await walkBack(served, base, MOST_BACK, { isKnown: (oid) => oid === fork, signal });
  for (const oid of oids) line.beneath.add(oid);
  if (ending === 'known') line.beneath.add(fork);
  return ending === 'root';
}

interface Walked {
  /** From the head on down. */
  readonly oids: readonly Oid[];
  /** `root`: the whole line was seen. `far`: there is more of it. `untold`: the host does not show more. */
  readonly ending: 'known' | 'root' | 'far' | 'untold';
}

/** Down the first parents; what is known may be any parent. */
async function walkBack(
  { workspace }: ServedBranch,
  base: Ref,
  most: number,
  { isKnown, signal }: { readonly isKnown: (oid: Oid) => boolean; readonly signal: AbortSignal },
): Promise<Walked> {
  const oids: Oid[] = [];
  let at: Oid | undefined = base.oid;
  while (oids.length < most) {
    const commit: CommitInfo | null = await commitAt(workspace, { name: base.name, oid: at }, signal);
    if (commit === null) return { oids, ending: 'untold' };
    oids.push(at);
    if (commit.parents.some(isKnown)) return { oids, ending: 'known' };
    [at] = commit.parents;
    if (at === undefined) return { oids, ending: 'root' };
  }
  return { oids, ending: 'far' };
}

async function commitAt(
  workspace: ServedBranch['workspace'],
  ref: Ref,
  signal: AbortSignal,
): Promise<CommitInfo | null> {
  try {
    return await workspace.commit(ref, signal);
  } catch (error) {
    if (error instanceof Failure && UNTOLD.includes(error.code)) return null;
    throw error;
  }
}

function newestOf(oids: readonly Oid[]): Set<Oid> {
  return new Set(oids.slice(-MOST_KNOWN));
}

function keep({ memory }: ServedBranch, line: BaseLine): BaseLine {
  memory.line = line;
  return line;
}
