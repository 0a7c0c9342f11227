import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import type { MergeMethod } from '../../src/domain/life/merge-policy.ts';
import type { MergeFacts, MergeWish } from '../../src/plan/life/merge-facts.ts';
import type { Allowed, Forge } from '../../src/ports.ts';

/** What the repository allows, and what its base asks for. */
export interface MergingRules extends Pick<MergeFacts, 'methods' | 'mayAutoMerge' | 'hasMergeQueue'> {
  readonly mayDismiss: boolean;
  readonly neededApprovals: number;
  readonly needsChecks: boolean;
}

/** A forge with one open pull request, and the people who use it. */
export interface MergingWorld {
  readonly forge: Pick<Forge, 'mergeFacts' | 'autoMerge' | 'merge' | 'dismissApprovals'>;
  /** The pull request, and its head. */
  readonly number: number;
  readonly head: string;
  /** One more commit on its branch: its new head. */
  readonly push: () => Promise<string>;
  readonly approve: (by: string) => Promise<void>;
  readonly requestChanges: () => Promise<void>;
  readonly setChecks: (state: 'passing' | 'pending' | 'failing') => Promise<void>;
  readonly setDraft: () => Promise<void>;
  readonly queue: () => Promise<void>;
  /** A person turns auto-merge on. */
  readonly autoMergeAsPerson: () => Promise<void>;
  readonly closeAsPerson: () => Promise<void>;
  readonly isMerged: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

const OTHER = '5'.repeat(40);
const METHODS: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];

/** What every forge keeps about merging, whatever is behind it. */
export function mergingContract(name: string, open: (rules: Partial<MergingRules>) => Promise<MergingWorld>): void {
  const check = (title: string, run: (world: MergingWorld) => Promise<void>, rules: Partial<MergingRules> = {}) =>
    test(title, async () => {
      const world = await open(rules);
      try {
        await run(world);
      } finally {
        await world.close();
      }
    });
  describe(`merging contract: ${name}`, () => {
    check('nothing stands against what no rule is about', async (world) => {
      expect(await facts(world)).toEqual({
        isOpen: true,
        head: world.head,
        isDraft: false,
        isQueued: false,
        isAutoMerge: false,
        isAutoMergeOurs: false,
        approvals: [],
        review: 'not-required',
        checks: 'none',
        rules: 'satisfied',
        conflict: 'none',
        methods: METHODS,
        mayAutoMerge: true,
        hasMergeQueue: false,
      });
    });

    const strict = { methods: ['rebase'], mayAutoMerge: false, hasMergeQueue: true } as const;
    check(
      'what the repository allows is told',
      async (world) => expect(await facts(world)).toMatchObject(strict),
      strict,
    );

    check(
      'an approval that is needed is waited for, and then stands for its commit',
      async (world) => {
        expect(await facts(world)).toMatchObject({ review: 'required', rules: 'blocked' });
        await world.approve('alice');
        const approvals = [{ by: 'alice', commit: world.head }];
        expect(await facts(world)).toMatchObject({ review: 'approved', rules: 'satisfied', approvals });
        const head = await world.push();
        expect(await facts(world)).toMatchObject({ head, approvals });
      },
      { neededApprovals: 1 },
    );

    check(
      'whoever wants something else stands against it',
      async (world) => {
        await world.requestChanges();
        expect(await facts(world)).toMatchObject({ review: 'changes-requested', rules: 'blocked' });
      },
      { neededApprovals: 1 },
    );

    check('changes are wanted where no review is needed, too', async (world) => {
      await world.requestChanges();
      expect(await facts(world)).toMatchObject({ review: 'changes-requested' });
    });

    check('checks are waited for', async (world) => {
      for (const checks of ['pending', 'failing'] as const) {
        await world.setChecks(checks);
        expect(await facts(world)).toMatchObject({ checks, rules: 'blocked' });
      }
      await world.setChecks('passing');
      expect(await facts(world)).toMatchObject({ checks: 'passing', rules: 'satisfied' });
    });

    check(
      'a check that is asked for has to be there, for the commit at its head',
      async (world) => {
        expect(await facts(world)).toMatchObject({ checks: 'none', rules: 'blocked' });
        await world.setChecks('passing');
        expect(await facts(world)).toMatchObject({ checks: 'passing', rules: 'satisfied' });
        await world.push();
        expect(await facts(world)).toMatchObject({ checks: 'none', rules: 'blocked' });
      },
      { needsChecks: true },
    );

    check('a draft is no offer', async (world) => {
      await world.setDraft();
      expect(await facts(world)).toMatchObject({ isDraft: true, rules: 'blocked' });
    });

    check(
      'a push throws it out of the queue',
      async (world) => {
        await world.queue();
        expect(await facts(world)).toMatchObject({ isQueued: true });
        await world.push();
        expect(await facts(world)).toMatchObject({ isQueued: false });
      },
      { hasMergeQueue: true },
    );

    check(
      'auto-merge is turned on and off, however often',
      async (world) => {
        const turn = (isOn: boolean) => world.forge.autoMerge(world.number, isOn ? wish(world) : null, signal());
        for (const isOn of [false, true, true, false, false]) {
          expect(await turn(isOn)).toEqual({ kind: 'done' });
          expect(await facts(world)).toMatchObject({ isAutoMerge: isOn, isAutoMergeOurs: isOn });
        }
      },
      { neededApprovals: 1 },
    );

    check(
      'auto-merge that a person turned on is not ours, also where we ask for it',
      async (world) => {
        await world.autoMergeAsPerson();
        expect(await facts(world)).toMatchObject({ isAutoMerge: true, isAutoMergeOurs: false });
        expect(await world.forge.autoMerge(world.number, wish(world), signal())).toEqual({ kind: 'done' });
        expect(await facts(world)).toMatchObject({ isAutoMerge: true, isAutoMergeOurs: false });
        for (const wanted of [null, wish(world)]) await world.forge.autoMerge(world.number, wanted, signal());
        expect(await facts(world)).toMatchObject({ isAutoMerge: true, isAutoMergeOurs: true });
      },
      { neededApprovals: 1 },
    );

    check(
      'auto-merge outlives a push, and is as much ours as before',
      async (world) => {
        await world.forge.autoMerge(world.number, wish(world), signal());
        await world.push();
        expect(await facts(world)).toMatchObject({ isAutoMerge: true, isAutoMergeOurs: true });
      },
      { neededApprovals: 1 },
    );

    check(
      'auto-merge is for one head',
      async (world) => {
        const moved = { ...wish(world), head: OTHER };
        expect((await world.forge.autoMerge(world.number, moved, signal())).kind).toBe('refused');
        expect(await facts(world)).toMatchObject({ isAutoMerge: false });
      },
      { neededApprovals: 1 },
    );

    check(
      'auto-merge is refused where the repository does not have it',
      async (world) => {
        expect((await world.forge.autoMerge(world.number, wish(world), signal())).kind).toBe('refused');
      },
      { neededApprovals: 1, mayAutoMerge: false },
    );

    check(
      'what was closed is not merged by itself',
      async (world) => {
        await world.forge.autoMerge(world.number, wish(world), signal());
        await world.closeAsPerson();
        expect(await facts(world)).toMatchObject({ isOpen: false, isAutoMerge: false });
        expect((await world.forge.autoMerge(world.number, wish(world), signal())).kind).toBe('refused');
      },
      { neededApprovals: 1 },
    );

    for (const method of METHODS) {
      check(`what may be merged is merged by ${method}, once`, async (world) => {
        for (const _ of [1, 2]) {
          expect(await world.forge.merge(world.number, wish(world, method), signal())).toEqual({ kind: 'done' });
          expect(await world.isMerged()).toBe(true);
        }
        expect(await facts(world)).toMatchObject({ isOpen: false, head: world.head });
      });
    }

    check('what is merged twice at once is merged once', async (world) => {
      const answers = await Promise.all([1, 2].map(() => world.forge.merge(world.number, wish(world), signal())));
      expect(answers).toContainEqual({ kind: 'done' });
      expect(await world.isMerged()).toBe(true);
    });

    check('another head is not merged', async (world) => {
      const before = wish(world);
      await world.push();
      expect(await world.forge.merge(world.number, before, signal())).toEqual({ kind: 'moved' });
      expect(await world.isMerged()).toBe(false);
    });

    check(
      'nothing is merged past the rules',
      async (world) => {
        expect((await world.forge.merge(world.number, wish(world), signal())).kind).toBe('refused');
        expect(await world.isMerged()).toBe(false);
      },
      { neededApprovals: 1 },
    );

    check(
      'nothing is merged by a method that is not allowed',
      async (world) => {
        expect((await world.forge.merge(world.number, wish(world, 'squash'), signal())).kind).toBe('refused');
        expect(await world.isMerged()).toBe(false);
      },
      { methods: ['merge'] },
    );

    check('what was closed is not merged', async (world) => {
      await world.closeAsPerson();
      expect((await world.forge.merge(world.number, wish(world), signal())).kind).toBe('refused');
      expect(await world.isMerged()).toBe(false);
    });

    check('approvals are taken back, but for those of one commit', async (world) => {
      await world.approve('alice');
      await world.approve('bob');
      const head = await world.push();
      await world.approve('bob');
      expect(await dismiss(world, head)).toEqual({ kind: 'done' });
      expect(await facts(world)).toMatchObject({ approvals: [{ by: 'bob', commit: head }] });
      expect(await dismiss(world, null)).toEqual({ kind: 'done' });
      expect(await facts(world)).toMatchObject({ approvals: [] });
    });

    check(
      'who may not take approvals back is told so, where there are any',
      async (world) => {
        expect(await dismiss(world, null)).toEqual({ kind: 'done' });
        await world.approve('alice');
        expect(await dismiss(world, world.head)).toEqual({ kind: 'done' });
        expect((await dismiss(world, null)).kind).toBe('refused');
        expect(await facts(world)).toMatchObject({ approvals: [{ by: 'alice' }] });
      },
      { mayDismiss: false },
    );

    check('a number that was never given is missing', async ({ forge, head }) => {
      const wanted = { method: 'squash', head } as const;
      await refusedWith('forge-missing never', forge.mergeFacts(4711, signal()));
      await refusedWith('forge-missing never', forge.autoMerge(4711, wanted, signal()));
      await refusedWith('forge-missing never', forge.merge(4711, wanted, signal()));
      await refusedWith('forge-missing never', forge.dismissApprovals(4711, { except: null, why: '' }, signal()));
    });

    check('nothing is done once work is to stop', async (world) => {
      const stopped = AbortSignal.abort();
      await refusedWith('forge-unreachable later', world.forge.mergeFacts(world.number, stopped));
      await refusedWith('forge-unreachable later', world.forge.merge(world.number, wish(world), stopped));
      expect(await world.isMerged()).toBe(false);
    });
  });
}

function facts({ forge, number }: MergingWorld): Promise<MergeFacts> {
  return forge.mergeFacts(number, signal());
}

function wish({ head }: MergingWorld, method: MergeMethod = 'squash'): MergeWish {
  return { method, head };
}

function dismiss({ forge, number }: MergingWorld, except: string | null): Promise<Allowed> {
  return forge.dismissApprovals(number, { except, why: 'Its content has changed.' }, signal());
}

async function refusedWith(expected: string, promise: Promise<unknown>): Promise<void> {
  const error: unknown = await promise.then(
    () => 'it went through',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  const { code, retry } = error as Failure;
  expect(`${code} ${retry}`).toBe(expected);
}

function signal(): AbortSignal {
  return new AbortController().signal;
}
