import * as fc from 'fast-check';
import type { MergeMode } from '../../../../src/domain/life/merge-policy.ts';
import { type Limits, NO_LIMITS } from '../../../../src/domain/life/opening-policy.ts';

/** What people, other bots and the code host do to a pull request; the number chooses among the open ones. */
export type OnPull =
  | { readonly do: 'merge'; readonly how: 'merge' | 'squash' | 'rebase'; readonly branch: 'keep' | 'delete' }
  | { readonly do: 'close'; readonly who: 'person' | 'bot' }
  | Push
  | { readonly do: 'check'; readonly state: 'passing' | 'pending' | 'failing' }
  | Remark
  | { readonly do: 'delete branch' | 'approve' | 'auto-merge' | 'enqueue' };

/** What moves no commit. `confirm`: marked as ready for review, and with the label that confirms so many objects. */
export type Remark = { readonly do: 'label' | 'request changes' | 'lock' | 'draft' | 'confirm' };

/** Commits of people on its branch. */
export type Push =
  | { readonly do: 'update branch'; readonly edit: 'nothing' | 'something' }
  | { readonly do: 'commit' | 'change our line' | 'merge another branch' };

/** What they do to one that has come to its end. */
export type OnEnded =
  | { readonly do: 'reopen' | 'revert' }
  | { readonly do: 'retry'; readonly who: 'writer' | 'reader' };

/**
 * What happens to the base besides. `join`: an ExternalSecret that joins secrets comes, or goes. `forge goes on`: what the
 * forge was asked to merge by itself is merged where it may be, or goes into the merge queue.
 */
export type OnBase =
  | { readonly do: 'change base'; readonly file: string }
  | { readonly do: 'join' }
  | { readonly do: 'forge goes on' };

export type Which = { readonly which: number };

export const FAULTS = ['git later', 'git never', 'lost answer', 'forge later', 'forge never', 'forge after'] as const;

export type ByAws =
  | {
      readonly do: 'rotate' | 'roll back';
      readonly secret: number;
      readonly comes: 'now' | 'later';
      readonly copies: number;
    }
  | { readonly do: 'deliver' | 'repeat'; readonly which: number };

/** Right before the call of this number, or the first one of this name. */
export type At = number | 'merge' | 'merge facts' | 'auto-merge' | 'publish' | 'open';

/** What happens in the middle of a process's work. */
export interface Meanwhile {
  readonly at: At;
  readonly step: Step;
}

export type ByService =
  | { readonly do: 'handle' | 'sweep'; readonly meanwhile: Meanwhile | null }
  /** A process that is there all the time sweeps: what it remembers counts. */
  | { readonly do: 'quick look' | 'full look'; readonly meanwhile: Meanwhile | null }
  | { readonly do: 'crash' | 'crash in a sweep'; readonly at: At }
  | { readonly do: 'fault'; readonly kind: (typeof FAULTS)[number] }
  | { readonly do: 'wait'; readonly seconds: number };

export type ByPeople = (OnPull & Which) | (OnEnded & Which) | OnBase;

/** One thing that happens in a random life of the service. */
export type Step = ByAws | ByService | ByPeople;

/** How the installation and its code host are set up. */
export interface House {
  readonly rebaseWhen: 'conflicted' | 'behind' | 'never';
  readonly mayDismiss: boolean;
  /** Whether there are workloads, which announce and make restarts. */
  readonly workloads: 'some' | 'none';
  readonly merge: { readonly mode: MergeMode; readonly minimumAgeSeconds: number };
  /** What the base asks for before anything is merged. */
  readonly needs: 'approval' | 'checks' | 'nothing';
  readonly hasMergeQueue: boolean;
  readonly limits: Limits;
  /** Every other ten minutes, beginning with an open or a closed window. */
  readonly windows: 'always' | 'open first' | 'closed first';
  /** The secret whose changes do not wait; null for none. */
  readonly urgent: string | null;
  /** `refused`: a rule keeps our branches from being rewritten. */
  readonly rewrites: 'allowed' | 'refused';
}

export interface Script {
  readonly house: House;
  /** The secrets of which a version is proposed already. */
  readonly proposed: readonly string[];
  readonly steps: readonly Step[];
  /** What happens in the middle of a sweep at the end, when whatever may be merged without a person is ready. */
  readonly last: Meanwhile;
}

export const SECRETS = ['a', 'b', 'c'] as const;
const FILES = ['alone.yaml', 'both.yaml', 'other.yaml', 'app-both.yaml', 'README.md'];

const small = fc.nat({ max: 5 });
const often = <T extends Step>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const onPull = (
  ...names: readonly (OnPull & {
    readonly edit?: never;
    readonly how?: never;
    readonly who?: never;
    readonly state?: never;
  })['do'][]
) => fc.record({ do: fc.constantFrom(...names), which: small }) as fc.Arbitrary<Step>;

const byAws: fc.Arbitrary<Step> = fc.oneof(
  often(
    8,
    fc.record({
      do: fc.constantFrom('rotate', 'rotate', 'rotate', 'rotate', 'roll back'),
      secret: small,
      comes: fc.constantFrom('now', 'now', 'later'),
      copies: fc.integer({ min: 1, max: 2 }),
    }),
  ),
  often(3, fc.record({ do: fc.constant('deliver'), which: small })),
  often(1, fc.record({ do: fc.constant('repeat'), which: small })),
);

const byPeople: fc.Arbitrary<Step> = fc.oneof(
  often(
    4,
    fc.record({
      do: fc.constant('merge'),
      which: small,
      how: fc.constantFrom('merge', 'squash', 'rebase'),
      branch: fc.constantFrom('keep', 'delete'),
    }),
  ),
  often(2, fc.record({ do: fc.constant('close'), which: small, who: fc.constantFrom('person', 'bot') })),
  often(2, fc.record({ do: fc.constantFrom('reopen', 'revert'), which: small })),
  often(1, fc.record({ do: fc.constant('retry'), which: small, who: fc.constantFrom('writer', 'reader') })),
  often(
    2,
    fc.record({ do: fc.constant('update branch'), which: small, edit: fc.constantFrom('nothing', 'something') }),
  ),
  often(4, onPull('commit', 'change our line', 'merge another branch', 'delete branch')),
  often(4, onPull('approve', 'approve', 'auto-merge', 'enqueue')),
  often(1, onPull('request changes', 'lock', 'draft', 'label')),
  often(
    5,
    fc.record({
      do: fc.constant('check'),
      which: small,
      state: fc.constantFrom('passing', 'passing', 'pending', 'failing'),
    }),
  ),
  often(1, onPull('confirm')),
  often(2, fc.record({ do: fc.constant('forge goes on') })),
  often(3, fc.record({ do: fc.constant('change base'), file: fc.constantFrom(...FILES) })),
  often(1, fc.record({ do: fc.constant('join') })),
);

const plain: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: byAws },
  { weight: 22, arbitrary: byPeople },
  often(2, fc.record({ do: fc.constant('fault'), kind: fc.constantFrom(...FAULTS) })),
  often(4, fc.record({ do: fc.constant('wait'), seconds: fc.constantFrom(61, 1, 16, 61, 130, 361, 700, 4000) })),
);

const at: fc.Arbitrary<At> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 45 }) },
  { weight: 2, arbitrary: fc.constantFrom('merge', 'merge facts', 'auto-merge', 'publish', 'open') },
);
const handle = (step: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
  fc
    .tuple(
      fc.constantFrom('handle', 'handle', 'handle', 'sweep', 'full look', 'quick look'),
      fc.option(fc.record({ at, step })),
    )
    .map(([what, meanwhile]) => ({ do: what, meanwhile }));

const USUAL: Omit<House, 'workloads' | 'rebaseWhen' | 'mayDismiss'> = {
  merge: { mode: 'none', minimumAgeSeconds: 0 },
  needs: 'approval',
  hasMergeQueue: true,
  limits: NO_LIMITS,
  windows: 'always',
  urgent: null,
  rewrites: 'allowed',
};

/** Everything that keeps something waiting, or does something without a person. */
const busy: fc.Arbitrary<typeof USUAL> = fc.record({
  merge: fc.record({
    mode: fc.constantFrom('none', 'bot', 'bot', 'auto'),
    minimumAgeSeconds: fc.constantFrom(0, 0, 300),
  }),
  needs: fc.constantFrom('nothing', 'approval', 'checks'),
  hasMergeQueue: fc.constantFrom(false, false, true),
  limits: fc.record({
    open: fc.constantFrom(null, null, 1, 2),
    perHour: fc.constantFrom(null, null, 1, 2),
    maxObjects: fc.constantFrom(null, null, 1, 2),
  }),
  windows: fc.constantFrom('always', 'always', 'open first', 'closed first'),
  urgent: fc.constantFrom(null, null, 'c'),
  rewrites: fc.constantFrom('allowed', 'allowed', 'refused'),
});

const houses = (workloads: readonly House['workloads'][]): fc.Arbitrary<House> =>
  fc
    .tuple(
      fc.record({
        workloads: fc.constantFrom(...workloads),
        rebaseWhen: fc.constantFrom('conflicted', 'conflicted', 'behind', 'never'),
        mayDismiss: fc.constantFrom(true, true, false),
      }),
      fc.oneof({ weight: 2, arbitrary: fc.constant(USUAL) }, { weight: 3, arbitrary: busy }),
    )
    .map(([place, more]) => ({ ...place, ...more }));

/** Random lives of so many steps. A batch may be interrupted by a step, which may be the batch of another replica. */
export function scripts(
  minLength: number,
  maxLength: number,
  workloads: readonly House['workloads'][] = ['some', 'some', 'none'],
): fc.Arbitrary<Script> {
  const house = houses(workloads);
  const step = fc.oneof(
    often(6, plain),
    often(4, handle(fc.oneof(plain, handle(plain)))),
    often(1, fc.record({ do: fc.constantFrom('crash', 'crash in a sweep'), at })),
  );
  return fc.record({
    house,
    proposed: fc.subarray([...SECRETS], { minLength: 1 }),
    steps: fc.array(step, { minLength, maxLength, size: 'max' }),
    last: fc.record({
      at: fc.constantFrom('merge', 'merge facts', 'auto-merge'),
      step: fc.oneof(onPull('commit', 'change our line', 'merge another branch', 'draft'), handle(plain), plain),
    }),
  });
}
