import { refKey } from '../../domain/secret-id.ts';
import type { Trouble } from '../report/look.ts';
import type { AskedRef } from '../truth/refs-to-ask.ts';
import type { Truth } from '../truth/wish.ts';
import type { ListedVersion } from './unused-secrets.ts';

/** What a pass found and did on one base branch. Plain data. */
export interface ReconcileReport {
  /** `<repository>@<base>`. */
  readonly name: string;
  readonly head: string | null;
  /** Why nothing was written; null where it was. */
  readonly paused: { readonly reason: string; readonly hint: string } | null;
  /** Secrets that the repository names, and objects that may be bumped for them. */
  readonly secrets: number;
  readonly objects: number;
  readonly behind: readonly Behind[];
  readonly withoutBaseline: number;
  readonly baseline: BaselineStanding;
  /** Named here, and not to be had: as AWS told, which may be five minutes old. */
  readonly absent: readonly string[];
  readonly denied: readonly string[];
  readonly deleted: readonly string[];
  /** Used nowhere here: all of them by command, else those that rotated since the last pass of this process. */
  readonly unused: readonly ListedVersion[];
  readonly calls: AwsCalls;
  readonly troubles: readonly Trouble[];
}

/** What became of an object that was behind; docs/operating.md says what each means. */
export const BEHIND_STATES = ['proposed', 'carried', 'held', 'not-confirmed', 'later', 'found'] as const;

/** One object that was behind. */
export interface Behind {
  readonly path: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly secret: string;
  /** As the list has it; of what reaches workloads directly, a digest of its versions. */
  readonly version: string;
  readonly state: (typeof BEHIND_STATES)[number];
  readonly reason: string | null;
  readonly branch: string | null;
  readonly pullRequest: string | null;
}

/** Where a baseline stands; docs/operating.md says what each means. */
export const BASELINE_KINDS = [
  'complete',
  'proposed',
  'rejected',
  'later',
  'unreadable',
  'held',
  'off',
  'missing',
] as const;

/** Where the baseline stands. */
export interface BaselineStanding {
  readonly kind: (typeof BASELINE_KINDS)[number];
  readonly reason: string;
  readonly hint: string | null;
  readonly pullRequest: string | null;
}

/** What a pass asked of AWS. */
export interface AwsCalls {
  /** Lists of whole places, and the fewest pages that they took. */
  readonly lists: number;
  readonly pages: number;
  readonly describes: number;
}

/** The secrets and parameters that are named and cannot be had, by what AWS says of them, in order. */
export function unhadSecrets(
  refs: readonly AskedRef[],
  truth: Truth,
): Pick<ReconcileReport, 'absent' | 'denied' | 'deleted'> {
  const named = (isSo: (kind: string, deleted: boolean) => boolean) => {
    const found = refs.flatMap(({ ref, find }) => {
      const known = truth.get(refKey(ref));
      const deleted = known?.kind === 'described' && known.deleted;
      return find === null && known !== undefined && isSo(known.kind, deleted)
        ? [`${ref.account}/${ref.region}/${ref.id}`]
        : [];
    });
    return [...new Set(found)].toSorted();
  };
  return {
    absent: named((kind) => kind === 'absent'),
    denied: named((kind) => kind === 'denied'),
    deleted: named((_, deleted) => deleted),
  };
}
