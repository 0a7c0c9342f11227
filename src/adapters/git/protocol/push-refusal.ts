/** What a refused push means for us; `unknown`: words that no host is known to use. */
export type RefusalKind = 'conflict' | 'rule' | 'transient' | 'bug' | 'unknown';

interface Row {
  readonly kind: RefusalKind;
  /** Looked for in the reason of the ref. */
  readonly reason: RegExp | null;
  /** Looked for in what the host wrote for people: hooks say there what went wrong. */
  readonly notes: RegExp | null;
}

// The first row that fits decides. Wordings: git (receive-pack, refs), JGit, Gitaly, Gitea and Forgejo, Bitbucket, Azure DevOps.
const ROWS: readonly Row[] = [
  // Only another name helps, so it is no race: a branch `a` beside `a/b`, or beside `A` where case does not count.
  { kind: 'rule', reason: /cannot create|refname conflict|name conflicts? with|case-insensitive/i, notes: null },
  {
    kind: 'conflict',
    reason:
      /failed to update ref|fetch first|(?:cannot|unable to|failed to) lock|lock (?:error|failure)|already locked|stale info|(?:reference|ref) already exists|does not exist|but expected|expected branch to point to|incorrect old value|does not point to expected|missing necessary objects|atomic (?:push|transaction)|transaction (?:failed|aborted)|updated by another client/i,
    notes: null,
  },
  // Error numbers of GitHub, and of Azure DevOps but those above and its own faults.
  { kind: 'rule', reason: /\b(?:TF4|VS4)\d{4,5}\b/, notes: /\bGH\d{3}\b|\b(?:TF4|VS4)\d{4,5}\b/ },
  {
    kind: 'transient',
    reason: /internal (?:server )?error|time(?:d )?[ -]?out|temporar|failed to write|try again|deadline exceeded/i,
    notes:
      /internal (?:server )?(?:connection )?error|error in commit_refs|api (?:is )?(?:unreachable|not accessible)|unable to contact|connection refused|timed out|i\/o timeout|deadline exceeded|temporarily|try again later|no space left|\b50[0234] /i,
  },
  {
    kind: 'bug',
    reason: /funny refname|bad (?:ref|pack)|duplicated? update|inconsistent aliased|shallow|invalid new value|symref/i,
    notes: null,
  },
  {
    kind: 'rule',
    reason:
      /hook|declin|den(?:y|ied)|prohibit|protect|refus|reject|permi|not allowed|forbid|read-?only|archived|locked|polic|checked out|rule violation|too large|exceed/i,
    notes: /not allowed|permission denied|can only be modified|protected/i,
  },
];

/** Tells a race from a rule, a host's bad moment and a fault of ours, by the host's words for one ref and for people. */
export function classifyRefusal(reason: string, notes: string): RefusalKind {
  const row = ROWS.find((one) => one.reason?.test(reason) === true || one.notes?.test(notes) === true);
  return row?.kind ?? 'unknown';
}

const FAULTY = /fsck error|sha1 collision|expected object|invalid object/i;

/**
 * The same for a pack that could not be stored: the host's disk and processes, or a pack that was cut or damaged on its way, unless
 * it finds fault with objects that it could read.
 */
export function classifyUnpackFailure(reason: string, notes: string): 'transient' | 'bug' {
  return FAULTY.test(reason) || FAULTY.test(notes) ? 'bug' : 'transient';
}
