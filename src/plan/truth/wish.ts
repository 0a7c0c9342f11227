import type { SecretService } from '../../domain/secret-id.ts';
import type { Obstacle } from '../plan.ts';

/** What a plan is asked to look at: one secret, and what of it changed. */
export type Wish = WishedSecret &
  (
    | {
        readonly kind: 'label';
        /** The label that moved; null looks at everything that is fetched of it. */
        readonly label: string | null;
      }
    /** Its tags, which some references fetch instead of its value. */
    | { readonly kind: 'tags'; readonly label: null }
  );

/** All that one `find` finds is one secret here: of the service `find`, and its label is AWSCURRENT. */
interface WishedSecret {
  readonly service: SecretService;
  readonly account: string;
  readonly region: string;
  /** Every name it can mean; exactly one once AWS has told its identity. */
  readonly names: readonly string[];
  /** The random end of its ARN, where one tells: a secret that was deleted and made again has another. */
  readonly suffix: string | null;
  /**
   * True when something says that the version moved: an object without an entry for it is then behind. False when all
   * secrets are merely looked at: an object without an entry counts as at its baseline.
   */
  readonly moved: boolean;
}

/** A version that an event named for a label; `seenAt` is the event's time, in the token's form. */
export interface ClaimedVersion {
  readonly version: string;
  readonly seenAt: string;
}

/** What is known of a secret when a plan is made. */
export type KnownSecret =
  /** DescribeSecret answered. `seenAt` is AWS's clock, in the token's form. */
  | {
      readonly kind: 'described';
      readonly name: string;
      readonly versions: ReadonlyMap<string, string>;
      readonly seenAt: string;
      readonly deleted: boolean;
      /** When AWS is to rotate it next, epoch milliseconds; left out where it does not say. */
      readonly nextRotationAt?: number;
      /** Never shown: only their digest is. */
      readonly tags: ReadonlyMap<string, string>;
    }
  /** What a find finds cannot be told, or not yet. */
  | { readonly kind: 'untold'; readonly obstacle: Obstacle }
  /** Events said so, and AWS may not be asked: acts only on what is older than the event. By label. */
  | { readonly kind: 'claimed'; readonly versions: ReadonlyMap<string, ClaimedVersion> }
  /** A person said so: taken at their word, whatever an entry's time is. By label. */
  | { readonly kind: 'stated'; readonly versions: ReadonlyMap<string, string>; readonly seenAt: string }
  /** It moved, but nobody can say to which version. */
  | { readonly kind: 'unnamed'; readonly seenAt: string }
  | { readonly kind: 'absent' }
  /** What is known is about another secret of this name, made again: its ARN ends in `suffix`, the reference in `written`. */
  | { readonly kind: 'replaced'; readonly suffix: string; readonly written: string }
  | { readonly kind: 'denied' };

/** What is known, by `refKey` of the reference as written. What is not in it was not asked. */
export type Truth = ReadonlyMap<string, KnownSecret>;

/** What a plan came to for one wish. */
export type Verdict =
  | 'edited'
  | 'already-current'
  | 'rejected-by-people'
  | 'not-bumped'
  /** No reference names it, but one that cannot be resolved could. */
  | 'not-proven'
  | 'unused';
