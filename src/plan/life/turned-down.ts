import type { Oid } from '../../domain/repo-path.ts';

/** What people do not want, as trailers name it: `key=version` of a secret, or a restart. */
export interface TurnedDown {
  /** Closed by a person, unmerged. */
  readonly rejected: ReadonlySet<string>;
  /** The version of each secret that was merged last, and the head of that pull request: where the base has it no more, people took it back. */
  readonly reverted: ReadonlyMap<string, Oid>;
  /** Objects, by `objectKey`, that no such merge had brought anything to: nothing was taken back there. */
  readonly spared: ReadonlySet<string>;
  /** What was rejected for single objects, by `objectKey`, in a group that they were in before. */
  readonly rejectedAt: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What was turned down, as far as it concerns one object. */
export interface TurnedDownHere {
  readonly rejected: ReadonlySet<string>;
  readonly reverted: Pick<ReadonlySet<string>, 'has'>;
}

/** What was turned down for the object of this `objectKey`. */
export function turnedDownAt({ rejected, reverted, spared, rejectedAt }: TurnedDown, key: string): TurnedDownHere {
  const own = rejectedAt.get(key);
  return {
    rejected: own === undefined ? rejected : new Set([...rejected, ...own]),
    reverted: spared.has(key) ? new Set() : reverted,
  };
}

/** How people undo it, as the end of a sentence. */
export const ASK_AGAIN = 'comment `/gitops-reloader retry` on its pull request.';

/** How it looks that a merge was taken back. */
export const NOT_HERE = 'and is not on the base here any more: people took it back, or this object is newer';

/** True where people said no, before or after merging. */
export function isTurnedDown({ code }: { readonly code: string }): boolean {
  return code === 'rejected-by-people' || code === 'reverted';
}

export const NOTHING_TURNED_DOWN: TurnedDown = {
  rejected: new Set(),
  reverted: new Map(),
  spared: new Set(),
  rejectedAt: new Map(),
};

/** A pull request of one branch that has come to its end, and what it brought. */
export interface EndedPull {
  readonly state: 'merged' | 'closed-by-person';
  readonly head: Oid;
  /** What its trailers name: `key=version`. */
  readonly names: readonly string[];
  /** Somebody who may write asked for it again. */
  readonly isRetryAsked: boolean;
}

/**
 * Judges by the ended pull requests of a branch, newest first, and what its open one names: where that is among what was
 * closed, somebody has reopened it since. Of each secret only the version merged last can have been taken back: an earlier one
 * is due again when AWS goes back to it.
 */
export function turnedDown(pulls: readonly EndedPull[], openNames: readonly string[]): TurnedDown {
  const open = new Set(openNames);
  const rejected = pulls.flatMap(({ state, names, isRetryAsked }) =>
    state === 'closed-by-person' && !isRetryAsked ? names : [],
  );
  const newest = new Map<string, readonly [string, Oid] | null>();
  for (const { state, names, isRetryAsked, head } of pulls) {
    if (state !== 'merged') continue;
    for (const name of names) {
      const key = keyOf(name);
      if (!newest.has(key)) newest.set(key, isRetryAsked ? null : [name, head]);
    }
  }
  const reverted = [...newest.values()].filter((one) => one !== null);
  return {
    rejected: new Set(rejected.filter((name) => !open.has(name))),
    // What is open may name it for another object, which the merge had brought nothing to.
    reverted: new Map(reverted),
    spared: new Set(),
    rejectedAt: new Map(),
  };
}

/** Before the last `=` stands the secret; before the first blank, the workload. */
function keyOf(name: string): string {
  const [workload = name, ...rest] = name.split(' ');
  if (rest.length > 0) return workload;
  const at = name.lastIndexOf('=');
  return at < 0 ? name : name.slice(0, at);
}
