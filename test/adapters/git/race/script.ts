import * as fc from 'fast-check';
import { type Fate, fates } from './fates.ts';
import type { Traits } from './host/race-world.ts';

export const MAIN = 'refs/heads/main';
export const BRANCHES = ['refs/heads/own/one', 'refs/heads/own/two'] as const;
export type Branch = (typeof BRANCHES)[number];

/** What a replica is to bring about, whatever it takes. */
export interface Job {
  /** `append`: on top of what is there. `rebuild`: on the base, where the branch is ours alone. */
  readonly kind: 'append' | 'rebuild' | 'remove';
  /** Several go in one push, as far as they are still to be done. */
  readonly refs: readonly Branch[];
}

/** One step of the world: a waiting request goes on, a person or a hook acts, or what was thought lost arrives. */
export type Turn =
  | { readonly kind: 'go'; readonly which: number; readonly fate: Fate; readonly reads: 'spared' | 'struck' }
  | { readonly kind: 'late' }
  | { readonly kind: 'person'; readonly act: 'commit' | 'reset' | 'delete'; readonly ref: string }
  | { readonly kind: 'hook'; readonly act: 'refuse' | 'allow'; readonly ref: Branch };

/** The jobs of each of two replicas, and in which order everything happens; what comes after the turns goes well. */
export interface Script {
  readonly traits: Traits;
  readonly jobs: readonly (readonly Job[])[];
  readonly turns: readonly Turn[];
}

const branch = fc.constantFrom(...BRANCHES);

const job: fc.Arbitrary<Job> = fc.record({
  kind: fc.constantFrom('append', 'append', 'rebuild', 'rebuild', 'remove'),
  refs: fc.oneof(
    { weight: 3, arbitrary: fc.constant([BRANCHES[0]]) },
    { weight: 1, arbitrary: fc.tuple(branch) },
    { weight: 2, arbitrary: fc.constant(BRANCHES) },
  ),
});

// Reads are spared half of the time: a replica that reads nothing comes to no push.
const going: fc.Arbitrary<Turn> = fc.record({
  kind: fc.constant('go' as const),
  which: fc.nat(1),
  fate: fates,
  reads: fc.constantFrom('spared', 'struck'),
});

const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 12, arbitrary: going },
  { weight: 1, arbitrary: fc.constant({ kind: 'late' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('person' as const),
      act: fc.constant('commit' as const),
      ref: fc.constantFrom(MAIN, ...BRANCHES),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('person' as const),
      act: fc.constantFrom('reset' as const, 'delete' as const),
      ref: branch,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('hook' as const),
      act: fc.constantFrom('refuse' as const, 'allow' as const),
      ref: branch,
    }),
  },
);

export const scripts: fc.Arbitrary<Script> = fc.record({
  traits: fc.record({ protocol: fc.constantFrom(2, 2, 0, 1), isAtomic: fc.boolean() }),
  jobs: fc.tuple(fc.array(job, { minLength: 1, maxLength: 2 }), fc.array(job, { minLength: 1, maxLength: 2 })),
  turns: fc.array(turn, { minLength: 20, maxLength: 90, size: 'max' }),
});
