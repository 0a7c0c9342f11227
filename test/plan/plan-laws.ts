import * as fc from 'fast-check';
import { expect } from 'vitest';
import { ORDERS } from '../../src/domain/policy.ts';
import { refKey } from '../../src/domain/secret-id.ts';
import { parseToken } from '../../src/domain/token.ts';
import type { Index } from '../../src/manifests/graph.ts';
import { groupWishes } from '../../src/plan/group.ts';
import { objectKey, type Plan, sortPlan } from '../../src/plan/plan.ts';
import { type BranchTip, beyondBase } from '../../src/plan/truth/beyond-base.ts';
import { type Claim, newestClaim } from '../../src/plan/truth/newest-claim.ts';
import { refsToAsk } from '../../src/plan/truth/refs-to-ask.ts';
import type { KnownSecret, Wish } from '../../src/plan/truth/wish.ts';
import { rotationsOf } from '../../src/words/trailers.ts';
import {
  type Ask,
  applied,
  claimed,
  described,
  es,
  type Files,
  indexOf,
  moved,
  planOf,
  tok,
  workload,
} from './repository.ts';

const SECRETS = ['a', 'b', 'c', 'far:a'] as const;

const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'far:a', 'a#AWSPREVIOUS', 'b#canary', 'c#uuid/1'), {
  minLength: 1,
  maxLength: 4,
});
const token = fc.constantFrom(undefined, '1', 'a=1@1', 'a=2@2 b=1@1', 'b=2@1 c=1@3', 'a=1@1 b=1@1 c=1@1 gone=1@1');
const spec = fc.constantFrom(
  {},
  {},
  {},
  { refreshInterval: '0' },
  { target: { immutable: true } },
  { target: { name: 'x0', creationPolicy: 'Merge' } },
);

const externalSecrets = fc.array(fc.record({ keys, token, spec }), { minLength: 1, maxLength: 4 });
const workloads = fc.array(
  fc.record({
    kind: fc.constantFrom('Deployment', 'StatefulSet', 'CronJob'),
    secrets: fc.uniqueArray(fc.constantFrom('x0', 'x1', 'x2'), { maxLength: 3 }),
    due: fc.constantFrom(undefined, 'x0=000000000000'),
  }),
  { maxLength: 3 },
);

const repositories: fc.Arbitrary<Files> = fc
  .record({ externalSecrets, workloads })
  .map(({ externalSecrets: secrets, workloads: users }) => ({
    ...Object.fromEntries(
      secrets.map((one, at) => [
        `e${at}/x.yaml`,
        es(`x${at}`, one.keys, { spec: one.spec, ...(one.token === undefined ? {} : { token: tok(one.token) }) }),
      ]),
    ),
    ...Object.fromEntries(
      users.map(({ kind, secrets: used, due }, at) => [
        `w${at}.yaml`,
        workload(
          kind,
          `w${at}`,
          used,
          due === undefined ? {} : { annotations: { 'gitops-reloader.dev/restart-due': due } },
        ),
      ]),
    ),
  }));

const known: fc.Arbitrary<KnownSecret> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .integer({ min: 1, max: 3 })
      .map((n) => described('', n, { at: 9, labels: { AWSPREVIOUS: 8, canary: 7 } })),
  },
  { weight: 2, arbitrary: fc.constant<KnownSecret>({ kind: 'denied' }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }))
      .map(([n, at]) => claimed(n, at)),
  },
);
const truths = fc
  .record({ a: known, b: known, c: known, 'far:a': known })
  .map((all) =>
    Object.fromEntries(
      Object.entries(all).map(([name, one]) => [
        name,
        one.kind === 'described' ? { ...one, name: name.replace('far:', '') } : one,
      ]),
    ),
  );

const wishes = fc
  .uniqueArray(fc.constantFrom(...SECRETS), { minLength: 1, maxLength: 4 })
  .map((names) => names.map(wishFor));
const asks: fc.Arbitrary<Ask> = fc.record({
  wishes,
  truth: truths,
  scope: fc.constantFrom(...ORDERS).map((order) => ({ order })),
  rejected: fc.constantFrom([], ['a=2'], ['b=3', 'c=2']),
});

/** What holds for every repository and every question. */
export const LAWS = {
  'the order of files and wishes does not matter': fc.property(
    repositories,
    asks,
    fc.infiniteStream(fc.nat()),
    (files, ask, numbers) => {
      const expected = planOf(files, ask);
      const mixed = shuffled(ask.wishes, numbers);
      const found = planOf(Object.fromEntries(shuffled(Object.entries(files), numbers)), { ...ask, wishes: mixed });
      expect(JSON.stringify(found.plan)).toBe(JSON.stringify(expected.plan));
      expect(mixed.map((wish) => found.verdicts[mixed.indexOf(wish)])).toEqual(
        mixed.map((wish) => expected.verdicts[ask.wishes.indexOf(wish)]),
      );
      expect(sortPlan({ edits: expected.plan.edits.toReversed(), skips: expected.plan.skips.toReversed() })).toEqual(
        expected.plan,
      );
    },
  ),
  'a plan that is carried out leaves nothing to do': fc.property(repositories, asks, (files, ask) => {
    const { plan } = planOf(files, ask);
    expect(planOf(applied(files, plan.edits), ask).plan.edits).toEqual([]);
  }),
  'a plan is plain data': fc.property(repositories, asks, (files, ask) => {
    const { plan } = planOf(files, ask);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  }),
  'a verdict says what the plan says': fc.property(repositories, asks, (files, ask) => {
    const { plan, verdicts } = planOf(files, ask);
    const changes = plan.edits.filter(({ annotation }) => annotation === 'force-sync');
    expect(changes.length === 0 && verdicts.includes('edited')).toBe(false);
    for (const edit of changes) expect(parseToken(edit.after)).not.toBeNull();
    expect(plan.edits.every(({ before, after, reason }) => before !== after && reason !== '')).toBe(true);
  }),
  'an object is edited for the wishes of one group only': fc.property(repositories, asks, (files, ask) => {
    const index = indexOf(files);
    const groups = groupWishes(index, ask.wishes);
    const edited = groups.map((group) => {
      const { plan } = planOf(index, { ...ask, wishes: group.wishes });
      return plan.edits.filter(({ annotation }) => annotation === 'force-sync').map(({ path }) => path);
    });
    const all = planOf(index, ask).plan.edits.filter(({ annotation }) => annotation === 'force-sync');
    expect(edited.flat().toSorted()).toEqual(all.map(({ path }) => path));
  }),
  'half of the events after the other half is all of them at once, with DescribeSecret': halves('describe'),
  'half of the events after the other half is all of them at once, in event mode': halves('event'),
};

type Mode = 'describe' | 'event';

/** What one replica has seen. */
interface Half {
  readonly wishes: readonly Wish[];
  readonly claims: readonly Claim[];
}

/** Two replicas, each with half of the events. */
function halves(mode: Mode) {
  return fc.property(repositories, fc.subarray(['a', 'b', 'c'], { minLength: 2 }), fc.nat(3), (files, names, cut) => {
    const replica = { files, index: indexOf(files), mode };
    const [first, second] = [halfOf(names.slice(0, cut)), halfOf(names.slice(cut))];
    const whole = settled(replica, proposal(replica, halfOf(names), null));
    const merged = settled(replica, proposal(replica, second, proposal(replica, first, null)));
    expect(applied(files, merged.edits)).toEqual(applied(files, whole.edits));
    expect(rotationsOf(merged.edits)).toEqual(rotationsOf(whole.edits));
    expect(proposal(replica, first, whole).edits).toEqual(whole.edits);
  });
}

interface Replica {
  readonly files: Files;
  readonly index: Index;
  readonly mode: Mode;
}

function halfOf(names: readonly string[]): Half {
  const claims = names.map((name) => ({ wish: moved(name), known: claimed(3, 5) }));
  return { wishes: claims.map(({ wish }) => wish), claims };
}

/** What a branch becomes: this batch, and what its tip has beyond the base. */
function proposal({ files, index, mode }: Replica, half: Half, tip: Plan | null): Plan {
  const beyond = beyondBase(index, tip === null ? { tokens: new Map(), rotations: new Set() } : tipOf(files, tip));
  const asked = [...half.wishes, ...beyond.claims.map(({ wish }) => wish)];
  const claims = [...half.claims, ...beyond.claims];
  const truth = new Map(
    refsToAsk(index, asked).flatMap(({ ref }) => {
      const found = mode === 'event' ? newestClaim(ref, claims) : SEEN(ref.id);
      return found === null ? [] : [[refKey(ref), found] as const];
    }),
  );
  return planOf(index, { wishes: asked, truth, earlier: beyond.tokens }).plan;
}

const SEEN = (name: string) => described(name, 3, { at: 5, labels: { AWSPREVIOUS: 2, canary: 7 } });

function tipOf(files: Files, plan: Plan): BranchTip {
  const after = indexOf(applied(files, plan.edits));
  const tokens = after.externalSecrets.map(
    ({ object }) => [objectKey(object), object.annotations.get('force-sync') ?? ''] as const,
  );
  return { tokens: new Map(tokens), rotations: new Set(rotationsOf(plan.edits)) };
}

/** A secret that moved unnoticed is looked at wherever it is used: one round may find what the next one brings. */
function settled(replica: Replica, plan: Plan): Plan {
  const next = proposal(replica, halfOf([]), plan);
  return JSON.stringify(next.edits) === JSON.stringify(plan.edits) ? plan : settled(replica, next);
}

function wishFor(name: string): Wish {
  return name === 'far:a' ? moved('a', { account: '444455556666', region: 'us-east-1' }) : moved(name);
}

function shuffled<T>(values: readonly T[], numbers: Iterator<number>): readonly T[] {
  const keyed = values.map((value) => [Number(numbers.next().value), value] as const);
  return keyed.toSorted(([left], [right]) => left - right).map(([, value]) => value);
}
