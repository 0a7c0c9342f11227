import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import type { DeliveredCommit, StatusReport } from '../../src/plan/restart/statuses/delivered.ts';
import type { Forge } from '../../src/ports.ts';

/** A forge, and what is reported on the commits of its repository. */
export interface DeliveredWorld {
  readonly forge: Pick<Forge, 'delivered'>;
  /** A new commit on top of these; its id. */
  readonly commit: (...parents: readonly string[]) => Promise<string>;
  readonly report: (commit: string, name: string, state: StatusReport['state']) => Promise<void>;
  /** Moves the forge's clock on. */
  readonly pass: (milliseconds: number) => void;
  readonly close: () => Promise<void>;
}

const NAME = 'kustomization/apps/0c9c2e41';

/** What every forge keeps about what was reported on commits, whatever is behind it. */
export function deliveredContract(name: string, open: () => Promise<DeliveredWorld>): void {
  const check = (title: string, run: (world: DeliveredWorld) => Promise<void>) =>
    test(title, async () => {
      const world = await open();
      try {
        await run(world);
      } finally {
        await world.close();
      }
    });

  describe(`delivered contract: ${name}`, () => {
    check('a commit and those before it are told, each with its parents', async (world) => {
      const first = await world.commit();
      const side = await world.commit(first);
      const second = await world.commit(first);
      const head = await world.commit(second, side);
      const told = await delivered(world, head);
      expect(told[0]).toMatchObject({ oid: head, parents: [second, side], reports: [], isWhole: true });
      expect(told.at(-1)).toMatchObject({ oid: first, parents: [] });
      expect(told.map(({ oid }) => oid).toSorted()).toEqual([first, side, second, head].toSorted());
      expect((await delivered(world, second)).map(({ oid }) => oid)).toEqual([second, first]);
    });

    check('no more than 20 are told', async (world) => {
      let head = await world.commit();
      const made = [head];
      for (let count = 1; count < 22; count += 1) {
        head = await world.commit(head);
        made.unshift(head);
      }
      expect((await delivered(world, head)).map(({ oid }) => oid)).toEqual(made.slice(0, 20));
    });

    check('a commit that is not there has nothing', async (world) => {
      expect(await delivered(world, '5'.repeat(40))).toEqual([]);
    });

    check('of each name the last word is told, with its time', async (world) => {
      const commit = await world.commit();
      const before = await stateOf(world, commit);
      expect(before).toBeUndefined();
      const times: number[] = [];
      for (const state of ['pending', 'success', 'failed', 'success'] as const) {
        world.pass(60_000);
        await world.report(commit, NAME, state);
        const report = await stateOf(world, commit);
        expect(report?.state).toBe(state);
        if (report !== undefined && report.state !== 'pending') times.push(report.at);
      }
      const [success = 0, failed = 0, again = 0] = times;
      expect(failed - success).toBeGreaterThanOrEqual(59_000);
      expect(again - failed).toBeGreaterThanOrEqual(59_000);
      world.pass(60_000);
      await world.report(commit, NAME, 'pending');
      expect(await stateOf(world, commit)).toEqual({ name: NAME, state: 'pending' });
    });

    check('what was reported stays with its commit', async (world) => {
      const old = await world.commit();
      const head = await world.commit(old);
      await world.report(old, NAME, 'success');
      await world.report(head, 'other', 'failed');
      const names = (await delivered(world, head)).map(({ reports }) => reports.map((one) => one.name));
      expect(names).toEqual([['other'], [NAME]]);
    });

    check('a name that turns round, or has lines, is harmless', async (world) => {
      const commit = await world.commit();
      await world.report(commit, 'a\u202e\n/b', 'success');
      const [told] = await delivered(world, commit);
      expect(told?.reports.map((one) => one.name)).toEqual([String.raw`a\u{202e}\u{a}/b`]);
    });

    check('where more was reported than is told, that is said', async (world) => {
      const commit = await world.commit();
      for (let count = 0; count < 101; count += 1) {
        await world.report(commit, `c${count}`, 'success');
        if (count === 99) expect((await delivered(world, commit))[0]).toMatchObject({ isWhole: true });
      }
      const [told] = await delivered(world, commit);
      expect([told?.isWhole, told?.reports.length]).toEqual([false, 100]);
    });

    check('nothing is asked once work is to stop', async ({ forge }) => {
      const error: unknown = await forge
        .delivered('5'.repeat(40), AbortSignal.abort())
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ code: 'forge-unreachable', retry: 'later' });
    });
  });
}

function delivered({ forge }: DeliveredWorld, head: string): Promise<readonly DeliveredCommit[]> {
  return forge.delivered(head, new AbortController().signal);
}

async function stateOf(world: DeliveredWorld, commit: string): Promise<StatusReport | undefined> {
  const [told] = await delivered(world, commit);
  return told?.reports.find((one) => one.name === NAME);
}
