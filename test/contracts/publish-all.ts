import { describe, expect, test } from 'vitest';
import type { Oid } from '../../src/domain/repo-path.ts';
import type { CommitDraft, Ref, RefUpdate, UpdateResult, Workspace } from '../../src/ports.ts';
import type { MadeCommits, WorkspaceWorld } from './workspace.ts';

interface Opened {
  readonly world: WorkspaceWorld;
  readonly base: Ref;
}

interface Given {
  readonly open: () => Promise<Opened>;
  readonly draftOn: (parent: Oid, files: Readonly<Record<string, string>>) => CommitDraft;
  readonly again: MadeCommits['again'];
}

const NEVER = new AbortController().signal;
const branch = (name: string) => `refs/heads/gitops-reloader/acme/${name}`;
const names = ['a', 'b', 'c'];

async function tipsOf(world: WorkspaceWorld): Promise<readonly (Oid | null)[]> {
  return Promise.all(names.map((name) => world.tip(branch(name))));
}

function kindsOf(results: Awaited<ReturnType<Workspace['publishAll']>>): readonly string[] {
  return results.map(({ kind }) => kind);
}

/** The contract of `Workspace` for several updates, whether they are published as a list or come at the same time. */
export function describePublishAll(name: string, { open, draftOn, again }: Given): void {
  const created = (parent: Oid): readonly RefUpdate[] =>
    names.map((one) => ({ ref: branch(one), expected: null, to: draftOn(parent, { 'README.md': `${one}\n` }) }));

  describe(`${name}: publishing several`, () => {
    test('branches are made, moved on and deleted, and each has its result', async () => {
      const { world, base } = await open();
      await world.moveRef(branch('old'), base.oid);
      await world.moveRef(branch('left'), base.oid);
      const updates: readonly RefUpdate[] = [
        ...created(base.oid),
        { ref: branch('old'), expected: base.oid, to: draftOn(base.oid, { 'README.md': 'on\n' }) },
        { ref: branch('left'), expected: base.oid, to: null },
      ];
      const results = await world.workspace.publishAll(updates, NEVER);
      const tips = [...(await tipsOf(world)), await world.tip(branch('old'))];
      expect(results).toEqual([...tips, base.oid].map((oid) => ({ kind: 'done', oid })));
      for (const one of names) expect(await world.fileAt(branch(one), 'README.md')).toBe(`${one}\n`);
      expect(await world.fileAt(branch('old'), 'README.md')).toBe('on\n');
      expect(await world.tip(branch('left'))).toBe(null);
      const found = results.slice(0, 3).map((one) => ({ ...one, isFound: true }));
      if (again === 'same') expect(await world.workspace.publishAll(created(base.oid), NEVER)).toEqual(found);
      expect(await world.workspace.publishAll([], NEVER)).toEqual([]);
      await world.verify();
    });

    test('of two that push the same commits at the same time one alone is told that it moved the refs', async () => {
      if (again === 'new') return;
      const { world, base } = await open();
      const other = await world.another();
      const results: (readonly UpdateResult[])[] = [];
      // First when nobody knows what the host can do; then a push is sent without looking first.
      for (const update of created(base.oid)) {
        world.race(async () => void results.push(await other.publishAll([update], NEVER)));
        results.push(await world.workspace.publishAll([update], NEVER));
      }
      const told = (await tipsOf(world)).flatMap((oid) => {
        const beaten = expect.toBeOneOf([{ kind: 'done', oid, isFound: true }, { kind: 'moved' }]);
        return [[{ kind: 'done', oid }], [beaten]];
      });
      expect(results).toEqual(told);
      await world.verify();
    });

    test('one that is not where it is expected is left alone, and the others are not', async () => {
      const { world, base } = await open();
      const theirs = await world.commitTo(branch('b'), new Map([['README.md', 'theirs\n']]), 'A person was here');
      expect(kindsOf(await world.workspace.publishAll(created(base.oid), NEVER))).toEqual(['done', 'moved', 'done']);
      expect(await world.tip(branch('b'))).toBe(theirs);
      for (const one of ['a', 'c']) expect(await world.fileAt(branch(one), 'README.md')).toBe(`${one}\n`);
      await world.verify();
    });

    test('a race between looking and moving is lost for its branch alone', async () => {
      const { world, base } = await open();
      const theirs = new Map([['README.md', 'theirs\n']]);
      world.race(async () => void (await world.commitTo(branch('c'), theirs, 'Created meanwhile')));
      expect(kindsOf(await world.workspace.publishAll(created(base.oid), NEVER))).toEqual(['done', 'done', 'moved']);
      expect(await world.fileAt(branch('c'), 'README.md')).toBe('theirs\n');
      // What the host can do is known by now: the next one is not looked at before it is sent.
      const [a, b] = await tipsOf(world);
      world.race(async () => void (await world.commitTo(branch('b'), theirs, 'Moved meanwhile')));
      const removed = [a, b].map(
        (oid, at): RefUpdate => ({ ref: branch(names[at] ?? ''), expected: oid ?? '', to: null }),
      );
      expect(kindsOf(await world.workspace.publishAll(removed, NEVER))).toEqual(['done', 'moved']);
      expect(await world.tip(branch('a'))).toBe(null);
      expect(await world.fileAt(branch('b'), 'README.md')).toBe('theirs\n');
      expect(kindsOf(await world.workspace.publishAll(removed.slice(0, 1), NEVER))).toEqual(['done']);
      await world.verify();
    });

    test('a rule against one of them refuses that one, with its reason', async () => {
      const { world, base } = await open();
      await world.refuse(branch('b'), 'GH006: Protected branch update failed.');
      const [a, b, c] = await world.workspace.publishAll(created(base.oid), NEVER);
      expect([a, c].map((one) => one?.kind)).toEqual(['done', 'done']);
      expect(b?.kind === 'refused' && b.reason).toContain('GH006: Protected branch update failed.');
      expect(await world.tip(branch('b'))).toBe(null);
    });

    test('names that cannot stand beside each other: the first one is made', async () => {
      const { world, base } = await open();
      const to = draftOn(base.oid, { 'README.md': 'x\n' });
      const updates = ['x', 'x/y', 'z'].map((one): RefUpdate => ({ ref: branch(one), expected: null, to }));
      expect(kindsOf(await world.workspace.publishAll(updates, NEVER))).toEqual(['done', 'refused', 'done']);
    });

    test('one branch twice: the second finds it where the first has left it', async () => {
      const { world, base } = await open();
      await world.moveRef(branch('a'), base.oid);
      const moved = { ref: branch('a'), expected: base.oid, to: draftOn(base.oid, { 'README.md': 'x\n' }) };
      const updates: readonly RefUpdate[] = [moved, { ref: branch('a'), expected: base.oid, to: null }];
      expect(kindsOf(await world.workspace.publishAll(updates, NEVER))).toEqual(['done', 'moved']);
      expect(await world.fileAt(branch('a'), 'README.md')).toBe('x\n');
    });

    test('an answer that is lost is known of none of those that it was for; the refs tell', async () => {
      const { world, base } = await open();
      world.loseAnswer();
      const results = await world.workspace.publishAll(created(base.oid), NEVER);
      expect(results[0]?.kind).toBe('unknown');
      expect(results.every(({ kind }) => kind === 'unknown' || kind === 'done')).toBe(true);
      for (const one of names) expect(await world.fileAt(branch(one), 'README.md')).toBe(`${one}\n`);
    });

    test('one that is a bug of ours leaves the others alone', async () => {
      const { world, base } = await open();
      const [a, b, c] = created(base.oid);
      if (a === undefined || b === undefined || c === undefined) throw new Error('three were made');
      const bad = { ...b, to: draftOn(base.oid, { 'none.yaml': 'x' }) } as RefUpdate;
      const updates = [a, bad, { ...c, ref: 'refs/tags/v1' }, c];
      const results = await world.workspace.publishAll(updates, NEVER);
      expect(results.map((one) => (one.kind === 'failed' ? one.failure.code : one.kind))).toEqual([
        'done',
        'internal',
        'internal',
        'done',
      ]);
    });

    test('a host that is down, and a stop, are failures of each', async () => {
      const { world, base } = await open();
      const later = { kind: 'failed', failure: { code: 'git-unreachable', retry: 'later' } };
      const stopped = await world.workspace.publishAll(created(base.oid), AbortSignal.abort());
      for (const one of stopped) expect(one).toMatchObject(later);
      expect(await tipsOf(world)).toEqual([null, null, null]);
      world.breakNext();
      const [first] = await world.workspace.publishAll(created(base.oid), NEVER);
      expect(first).toMatchObject(later);
      expect(await world.tip(branch('a'))).toBe(null);
    });

    test('what comes at the same time comes each to its own end', async () => {
      const { world, base } = await open();
      const theirs = await world.commitTo(branch('b'), new Map([['README.md', 'theirs\n']]), 'A person was here');
      const bad: RefUpdate = { ref: 'main', expected: null, to: draftOn(base.oid, {}) };
      const results = await Promise.all(
        [...created(base.oid), bad].map((update) =>
          world.workspace.publish(update, NEVER).then(
            ({ kind }) => kind,
            (error: unknown) => (error instanceof Error ? error.name : 'odd'),
          ),
        ),
      );
      expect(results).toEqual(['done', 'moved', 'done', 'Failure']);
      expect(await world.tip(branch('b'))).toBe(theirs);
      for (const one of ['a', 'c']) expect(await world.fileAt(branch(one), 'README.md')).toBe(`${one}\n`);
    });
  });
}
