import type { MergeFacts } from '../../../../src/plan/life/merge-facts.ts';
import type { Process, ProcessOptions } from '../../memory-world.ts';
import type { VirtualTime } from '../../virtual-time.ts';

/** A pull request, as somebody sees it who sees everything. */
export interface SeenPull {
  readonly number: number;
  readonly state: 'open' | 'merged' | 'closed-by-person' | 'closed-by-bot';
  readonly branch: string;
  readonly head: string;
  readonly body: string;
  readonly isAutoMerge: boolean;
  readonly isQueued: boolean;
  /** Who approves it, and on which commit that was said. */
  readonly approvals: readonly { readonly by: string; readonly commit: string | null }[];
  readonly comments: readonly string[];
  readonly labels: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Everything there is to see at one moment. */
export interface Sight {
  /** The head of the base. */
  readonly base: string;
  /** Our branches, `refs/heads/…`, with their heads. */
  readonly branches: ReadonlyMap<string, string>;
  /** Oldest first. */
  readonly pulls: readonly SeenPull[];
}

export type Files = ReadonlyMap<string, string>;
export type Changes = ReadonlyMap<string, string | null>;

/** One repository on its code host, AWS, a queue, processes of the service, and the people around: in memory or on real servers. */
export interface Town {
  readonly time: VirtualTime;
  start(options?: ProcessOptions): Process;
  rotate(secret: string, version: string): void;
  tell(secret: string, version: string): void;
  /** Messages in the queue, and how many of them could be received. */
  readonly inbox: { bodies(): readonly string[]; visible(): number };
  /** The next push is carried out, and its answer is lost. */
  loseAnswer(): void;

  look(): Promise<Sight>;
  filesAt(commit: string): Promise<Files>;
  messageOf(commit: string): Promise<string>;
  isAncestor(older: string, newer: string): Promise<boolean>;
  mergeBase(one: string, other: string): Promise<string>;

  /** A person's commit on this ref; its id. */
  commit(ref: string, files: Changes): Promise<string>;
  /** A person merges `other` into `ref`, and puts these files in besides; its id, null on a conflict. */
  mergeTo(ref: string, other: string, files: Files): Promise<string | null>;
  /** A branch with one commit of its own, from the base. */
  branchOff(ref: string, files: Files): Promise<void>;
  deleteBranch(ref: string): Promise<void>;
  /** False on a conflict. */
  merge(number: number, how: 'merge' | 'squash' | 'rebase', branch: 'keep' | 'delete'): Promise<boolean>;
  closeAs(number: number, who: 'person' | 'bot'): Promise<void>;
  reopen(number: number): Promise<boolean>;
  retry(number: number, who: 'writer' | 'reader'): Promise<void>;
  label(number: number, label: string): Promise<void>;
  approve(number: number): Promise<void>;
  requestChanges(number: number): Promise<void>;
  autoMerge(number: number, isOn: boolean): Promise<void>;
  enqueue(number: number): Promise<void>;
  lock(number: number): Promise<void>;
  draft(number: number, isDraft: boolean): Promise<void>;
  check(number: number, state: 'passing' | 'pending' | 'failing'): Promise<void>;
  /** What the forge tells everybody. */
  facts(number: number): Promise<MergeFacts>;
}

export function refOf({ branch }: Pick<SeenPull, 'branch'>): string {
  return `refs/heads/${branch}`;
}

export function openOf({ pulls }: Sight): readonly SeenPull[] {
  return pulls.filter(({ state }) => state === 'open');
}
