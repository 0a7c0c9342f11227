import { afterEach, describe, expect, test } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { type Oid, parseRepoPath, type RepoFile } from '../../src/domain/repo-path.ts';
import type { CommitDraft, Person, PublishResult, Ref, SnapshotContent, Workspace } from '../../src/ports.ts';
import { describePublishAll } from './publish-all.ts';

/** A repository and what can happen to it, as the contract needs it. `refs/heads/main` holds {@link FILES}. */
export interface WorkspaceWorld {
  readonly workspace: Workspace;
  /** Another replica's workspace on the same repository. */
  another(): Promise<Workspace>;
  tip(ref: string): Promise<Oid | null>;
  fileAt(ref: string, path: string): Promise<string | null>;
  /** A person pushes: null removes a file. */
  commitTo(ref: string, files: ReadonlyMap<string, string | null>, message: string): Promise<Oid>;
  moveRef(ref: string, oid: Oid | null): Promise<void>;
  refuse(ref: string, reason: string): Promise<void>;
  /** The next publish is carried out, and its answer lost. */
  loseAnswer(): void;
  /** Runs within the next publish, after the refs were looked at, before they are moved. */
  race(act: () => Promise<void> | void): void;
  /** The host is down for the next call. */
  breakNext(): void;
  /** Fails when the repository is damaged. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

export interface ContractFile {
  readonly mode: string;
  readonly content: string;
}

const SUBMODULE = '1234567890123456789012345678901234567890';

export const FILES: ReadonlyMap<string, ContractFile> = new Map([
  ['README.md', { mode: '100644', content: '# Read me\n' }],
  ['apps/db/deployment.yaml', { mode: '100644', content: 'kind: Deployment\n' }],
  ['apps/db/secret.yaml', { mode: '100644', content: 'kind: ExternalSecret\n' }],
  ['apps/db/script.sh', { mode: '100755', content: '#!/bin/sh\n' }],
  ['apps/a file with spaces.yaml', { mode: '100644', content: 'a: 1\n' }],
  ['apps/grüße/値.yaml', { mode: '100644', content: 'b: 2\n' }],
  ['apps.yaml', { mode: '100644', content: 'sorts before the folder\n' }],
  ['empty.yaml', { mode: '100644', content: '' }],
  ['link.yaml', { mode: '120000', content: 'apps/db/secret.yaml' }],
  ['vendor/module', { mode: '160000', content: SUBMODULE }],
]);

const MAIN = 'refs/heads/main';
const BOT = 'refs/heads/gitops-reloader/acme/db/1';
const NEVER = new AbortController().signal;
const BOT_PERSON = { name: 'gitops-reloader', email: 'bot@acme.example' };
const OWN_COMMITS: MadeCommits = { author: BOT_PERSON, committer: BOT_PERSON, again: 'same' };

/** Who is in a commit of ours, and whether the same draft is the same commit. */
export interface MadeCommits {
  readonly author: Person;
  readonly committer: Person;
  /** `new`: the host makes commits, each at its own time. */
  readonly again: 'same' | 'new';
}

/** The contract of `Workspace`, run against what `start` makes. */
export function describeWorkspace(
  name: string,
  start: () => Promise<WorkspaceWorld>,
  { author, committer, again }: MadeCommits = OWN_COMMITS,
): void {
  /** What publishing the same draft to the same place once more comes to. A host may make it within the same second. */
  const onceMore = (first: PublishResult): unknown =>
    again === 'same' ? { ...first, isFound: true } : expect.toBeOneOf([{ ...first, isFound: true }, { kind: 'moved' }]);
  const worlds: WorkspaceWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  /** A world, and what every test begins with: the refs of the base branch. */
  const open = async () => {
    const world = await start();
    worlds.push(world);
    const base = await refOf(world.workspace, MAIN);
    if (base === null) throw new Error('the world has no base branch');
    return { world, base, publish: publisher(world.workspace) };
  };

  describePublishAll(name, { open, draftOn, again });

  describe(`${name}: reading`, () => {
    test('refs are those below the prefixes, sorted, and fresh', async () => {
      const { world, base } = await open();
      const list = (prefixes: readonly string[]) => world.workspace.refs(prefixes, NEVER);
      expect(await list([MAIN])).toEqual([{ name: MAIN, oid: await world.tip(MAIN) }]);
      const other = await world.commitTo('refs/heads/z', new Map([['z.yaml', 'z']]), 'z');
      await world.moveRef('refs/heads/a/b', base.oid);
      const all = [
        { name: 'refs/heads/a/b', oid: base.oid },
        { name: MAIN, oid: base.oid },
        { name: 'refs/heads/z', oid: other },
      ];
      expect(await list(['refs/heads/'])).toEqual(all);
      expect(await list(['refs/heads/a', 'refs/heads/z', 'refs/heads/a/b'])).toEqual([all[0], all[2]]);
      expect(await list(['refs/heads/none'])).toEqual([]);
      expect(await list([])).toEqual([]);
    });

    test('a snapshot lists files, links and submodules with their modes, and reads every file', async () => {
      const { world, base } = await open();
      const snapshot = await world.workspace.snapshot(base, NEVER);
      expect(snapshot.commit).toBe(base.oid);
      const modes = Object.fromEntries(snapshot.entries.map((entry) => [entry.path, entry.mode]));
      expect(modes).toEqual(Object.fromEntries([...FILES].map(([path, file]) => [path, file.mode])));
      for (const { path, mode, oid } of snapshot.entries) {
        if (mode === '160000') expect(oid).toBe(SUBMODULE);
        else expect(Buffer.from(await snapshot.read(oid)).toString()).toBe(FILES.get(path)?.content);
      }
    });

    test('a snapshot stays as it is while the branch moves on', async () => {
      const { world, base } = await open();
      const before = await world.workspace.snapshot(base, NEVER);
      await world.commitTo(
        MAIN,
        new Map([
          ['README.md', 'new\n'],
          ['apps.yaml', null],
        ]),
        'A person was here',
      );
      const moved = await refOf(world.workspace, MAIN);
      const after = await world.workspace.snapshot(moved ?? base, NEVER);
      expect(after.entries.map((entry) => entry.path)).not.toContain('apps.yaml');
      expect(before.entries.map((entry) => entry.path)).toContain('apps.yaml');
      expect(await readFile(before, 'README.md')).toBe('# Read me\n');
      expect(await readFile(after, 'README.md')).toBe('new\n');
    });

    test('trees alone list the same, and every file is read, one by one or brought before', async () => {
      const { world, base } = await open();
      const snapshot = await world.workspace.snapshot(base, NEVER, 'trees');
      expect(snapshot.entries).toEqual((await (await world.another()).snapshot(base, NEVER)).entries);
      const files = snapshot.entries.filter(({ mode }) => mode !== '160000');
      await snapshot.prefetch([], NEVER);
      await snapshot.prefetch(
        [...files, ...files].slice(3).map(({ oid }) => oid),
        NEVER,
      );
      for (const { path } of files) expect(await readFile(snapshot, path)).toBe(FILES.get(path)?.content);
      for (const [content, text] of Object.entries({ trees: 'one\n', files: 'two\n' })) {
        const oid = await world.commitTo(MAIN, new Map([['apps/db/secret.yaml', text]]), 'A person was here');
        const next = await world.workspace.snapshot({ name: MAIN, oid }, NEVER, content as SnapshotContent);
        expect(await readFile(next, 'apps/db/secret.yaml')).toBe(text);
        expect(await readFile(next, 'README.md')).toBe('# Read me\n');
      }
      const draft = draftOn(base.oid, { 'README.md': 'x\n' });
      expect((await world.workspace.publish({ ref: BOT, expected: null, to: draft }, NEVER)).kind).toBe('done');
      await world.verify();
    });

    test('an entry that is as in the snapshot before is the same object', async () => {
      const { world, base } = await open();
      const before = await world.workspace.snapshot(base, NEVER);
      const change = new Map([
        ['apps/db/secret.yaml', 'changed\n'],
        ['apps/a.yaml', 'new\n'],
        ['empty.yaml', null],
      ]);
      const oid = await world.commitTo(MAIN, change, 'A person was here');
      const after = await world.workspace.snapshot({ name: MAIN, oid }, NEVER);
      const known = new Set(before.entries);
      expect(after.entries.filter((entry) => !known.has(entry)).map(({ path }) => path)).toEqual([
        'apps/a.yaml',
        'apps/db/secret.yaml',
      ]);
      const back = await world.workspace.snapshot(base, NEVER);
      expect(back.entries).toEqual(before.entries);
    });

    test('a commit has parents, people and message', async () => {
      const { world, base } = await open();
      const oid = await world.commitTo(MAIN, new Map([['README.md', 'x\n']]), 'Subject\n\nBody: grüße\n');
      const commit = await world.workspace.commit({ name: MAIN, oid }, NEVER);
      expect(commit).toMatchObject({ oid, parents: [base.oid], message: 'Subject\n\nBody: grüße\n' });
      expect(commit.author).toEqual({ name: 'Somebody', email: 'somebody@example.com' });
      expect(commit.committer).toEqual(commit.author);
    });

    test('a commit that the host does not have is refused, to be tried later', async () => {
      const { world } = await open();
      const gone = { name: MAIN, oid: 'f'.repeat(40) };
      await expectFailure(world.workspace.snapshot(gone, NEVER), { code: 'git-rejected', retry: 'later' });
      await expectFailure(world.workspace.commit(gone, NEVER), { code: 'git-rejected', retry: 'later' });
    });

    test('a host that is down, and a stop, are failures to be tried later', async () => {
      const { world, base } = await open();
      const later = { code: 'git-unreachable', retry: 'later' };
      world.breakNext();
      await expectFailure(world.workspace.refs([MAIN], NEVER), later);
      world.breakNext();
      await expectFailure(world.workspace.snapshot(base, NEVER), later);
      const stopped = AbortSignal.abort();
      await expectFailure(world.workspace.refs([MAIN], stopped), later);
      await expectFailure(world.workspace.snapshot(base, stopped), later);
      expect((await world.workspace.snapshot(base, NEVER)).entries).toHaveLength(FILES.size);
    });
  });

  describe(`${name}: publishing`, () => {
    test('a new branch holds the edit, and nothing else differs', async () => {
      const { world, base, publish } = await open();
      const draft = draftOn(base.oid, {
        'apps/db/secret.yaml': 'changed: grüße\n',
        'apps/db/script.sh': '#!/bin/sh -e\n',
      });
      const result = await publish(BOT, null, draft);
      expect(result).toEqual({ kind: 'done', oid: await world.tip(BOT) });
      expect(await world.fileAt(BOT, 'apps/db/secret.yaml')).toBe('changed: grüße\n');
      expect(await world.tip(MAIN)).toBe(base.oid);
      const before = await world.workspace.snapshot(base, NEVER);
      const branch = await refOf(world.workspace, BOT);
      const after = await world.workspace.snapshot(branch ?? base, NEVER);
      const changed = after.entries.filter((entry, index) => entry.oid !== before.entries[index]?.oid);
      expect(changed.map((entry) => [entry.path, entry.mode])).toEqual([
        ['apps/db/script.sh', '100755'],
        ['apps/db/secret.yaml', '100644'],
      ]);
      expect(after.entries.map(({ path, mode }) => path + mode)).toEqual(
        before.entries.map(({ path, mode }) => path + mode),
      );
      const commit = await world.workspace.commit(branch ?? base, NEVER);
      expect(commit).toMatchObject({
        parents: [base.oid],
        author,
        committer,
        // Whoever makes the commit has the time.
        time: again === 'same' ? draft.time : (expect.any(Number) as number),
        message: draft.message,
      });
      await world.verify();
    });

    test('the same draft is the same commit, and publishing it again is done', async () => {
      const { world, base, publish } = await open();
      const draft = draftOn(base.oid, { 'README.md': 'x\n' });
      const first = await publish(BOT, null, draft);
      expect(first.kind).toBe('done');
      expect(await publish(BOT, null, draft)).toEqual(onceMore(first));
      const second = await publisher(await world.another())('refs/heads/bot/2', null, draft);
      expect(second).toEqual(again === 'same' ? first : { kind: 'done', oid: await world.tip('refs/heads/bot/2') });
      if (again === 'new') return;
      const other = await publish('refs/heads/bot/3', null, { ...draft, time: draft.time + 1 });
      expect(other).not.toEqual(first);
    });

    test('paths with spaces and other alphabets, an empty file, and a text without a line end', async () => {
      const { world, base, publish } = await open();
      const edits = {
        'apps/a file with spaces.yaml': 'a: 2',
        'apps/grüße/値.yaml': '',
        'empty.yaml': 'é\u{1f600}\r\n',
      };
      expect((await publish(BOT, null, draftOn(base.oid, edits))).kind).toBe('done');
      for (const [path, text] of Object.entries(edits)) expect(await world.fileAt(BOT, path)).toBe(text);
      await world.verify();
    });

    test('a branch is moved on, rewritten on a new base, and taken along by the next publish', async () => {
      const { world, base, publish } = await open();
      const first = await publish(BOT, null, draftOn(base.oid, { 'README.md': 'one\n' }));
      if (first.kind !== 'done') throw new Error(first.kind);
      const second = await publish(BOT, first.oid, draftOn(first.oid, { 'README.md': 'two\n' }));
      if (second.kind !== 'done') throw new Error(second.kind);
      const moved = await world.commitTo(MAIN, new Map([['empty.yaml', 'person\n']]), 'A person was here');
      expect((await world.workspace.snapshot({ name: MAIN, oid: moved }, NEVER)).commit).toBe(moved);
      const third = await publish(BOT, second.oid, draftOn(moved, { 'README.md': 'three\n' }));
      expect(third).toEqual({ kind: 'done', oid: await world.tip(BOT) });
      expect(await world.fileAt(BOT, 'README.md')).toBe('three\n');
      expect(await world.fileAt(BOT, 'empty.yaml')).toBe('person\n');
      await world.verify();
    });

    test('the base branch itself can be moved on', async () => {
      const { world, base, publish } = await open();
      expect((await publish(MAIN, base.oid, draftOn(base.oid, { 'README.md': 'x\n' }))).kind).toBe('done');
      expect(await world.fileAt(MAIN, 'README.md')).toBe('x\n');
    });

    test('a ref that is not where it is expected is never moved', async () => {
      const { world, base, publish } = await open();
      const draft = draftOn(base.oid, { 'README.md': 'ours\n' });
      const theirs = await world.commitTo(BOT, new Map([['README.md', 'theirs\n']]), 'A person was here');
      expect(await publish(BOT, null, draft)).toEqual({ kind: 'moved' });
      expect(await publish(BOT, base.oid, draft)).toEqual({ kind: 'moved' });
      expect(await world.tip(BOT)).toBe(theirs);
      await world.moveRef(BOT, null);
      expect(await publish(BOT, theirs, draft)).toEqual({ kind: 'moved' });
      expect(await world.tip(BOT)).toBe(null);
    });

    test('a race between looking and moving is lost without a trace', async () => {
      const { world, base, publish } = await open();
      const draft = draftOn(base.oid, { 'README.md': 'ours\n' });
      const theirs = new Map([['README.md', 'theirs\n']]);
      world.race(async () => void (await world.commitTo(BOT, theirs, 'Created meanwhile')));
      expect(await publish(BOT, null, draft)).toEqual({ kind: 'moved' });
      const created = await world.tip(BOT);
      world.race(async () => void (await world.commitTo(BOT, theirs, 'Moved meanwhile')));
      expect(await publish(BOT, created, draft)).toEqual({ kind: 'moved' });
      const moved = await world.tip(BOT);
      expect(moved).not.toBe(created);
      world.race(() => world.moveRef(BOT, null));
      expect(await publish(BOT, moved, draft)).toEqual({ kind: 'moved' });
      expect(await world.tip(BOT)).toBe(null);
      await world.verify();
    });

    test('of two replicas that move one branch exactly one wins', async () => {
      const { world, base } = await open();
      const replicas = [world.workspace, await world.another()];
      const results = await Promise.all(
        replicas.map((workspace, index) =>
          publisher(workspace)(BOT, null, draftOn(base.oid, { 'README.md': `replica ${index}\n` })),
        ),
      );
      expect(results.map((result) => result.kind).toSorted()).toEqual(['done', 'moved']);
      const winner = results.findIndex((result) => result.kind === 'done');
      expect(await world.fileAt(BOT, 'README.md')).toBe(`replica ${winner}\n`);
    });

    test('a rule of the host refuses with its reason', async () => {
      const { world, base, publish } = await open();
      await world.refuse(BOT, 'GH006: Protected branch update failed.');
      const result = await publish(BOT, null, draftOn(base.oid, { 'README.md': 'x\n' }));
      expect(result.kind === 'refused' && result.reason).toContain('GH006: Protected branch update failed.');
      expect(await world.tip(BOT)).toBe(null);
      expect((await publish('refs/heads/other', null, draftOn(base.oid, { 'README.md': 'x\n' }))).kind).toBe('done');
    });

    test('a branch whose name is the folder of another is refused, not tried for ever', async () => {
      const { world, base, publish } = await open();
      await world.moveRef('refs/heads/bot', base.oid);
      const draft = draftOn(base.oid, { 'README.md': 'x\n' });
      const reason = 'the branch refs/heads/bot is in the way';
      expect(await publish('refs/heads/bot/db', null, draft)).toEqual({ kind: 'refused', reason });
      await world.moveRef('refs/heads/bot', null);
      await world.moveRef('refs/heads/bot/db', base.oid);
      expect((await publish('refs/heads/bot', null, draft)).kind).toBe('refused');
    });

    test('a lost answer is unknown; the refs tell', async () => {
      const { world, base, publish } = await open();
      const draft = draftOn(base.oid, { 'README.md': 'x\n' });
      world.loseAnswer();
      const lost = await publish(BOT, null, draft);
      const branch = await refOf(world.workspace, BOT);
      expect(branch?.oid).toBe(await world.tip(BOT));
      expect(lost).toMatchObject({ kind: 'unknown', oid: branch?.oid });
      expect((await world.workspace.commit(branch ?? base, NEVER)).parents).toEqual([base.oid]);
      expect(await publish(BOT, null, draft)).toEqual(onceMore({ kind: 'done', oid: branch?.oid ?? '' }));
    });

    test('a host that is down before the push is a failure, and nothing is written', async () => {
      const { world, base, publish } = await open();
      world.breakNext();
      const published = publish(BOT, null, draftOn(base.oid, { 'README.md': 'x\n' }));
      await expectFailure(published, { code: 'git-unreachable', retry: 'later' });
      expect(await world.tip(BOT)).toBe(null);
    });

    test('a branch is deleted from where it is expected, and from nowhere else', async () => {
      const { world, base, publish } = await open();
      const remove = (expected: Oid) => world.workspace.publish({ ref: BOT, expected, to: null }, NEVER);
      const made = await publish(BOT, null, draftOn(base.oid, { 'README.md': 'x\n' }));
      if (made.kind !== 'done') throw new Error(made.kind);
      expect(await remove(base.oid)).toEqual({ kind: 'moved' });
      const theirs = new Map([['README.md', 'theirs\n']]);
      world.race(async () => void (await world.commitTo(BOT, theirs, 'Moved meanwhile')));
      expect(await remove(made.oid)).toEqual({ kind: 'moved' });
      expect(await world.fileAt(BOT, 'README.md')).toBe('theirs\n');
      const oid = (await world.tip(BOT)) ?? '';
      expect(await remove(oid)).toEqual({ kind: 'done', oid });
      expect(await world.tip(BOT)).toBe(null);
      expect(await remove(oid)).toEqual({ kind: 'done', oid, isFound: true });
      expect(await world.workspace.refs(['refs/'], NEVER)).toEqual([base]);
      expect((await publish(BOT, null, draftOn(base.oid, { 'README.md': 'x\n' }))).kind).toBe('done');
      await world.verify();
    });

    test('a deletion may be refused, and its answer lost', async () => {
      const { world, base } = await open();
      await world.moveRef(BOT, base.oid);
      const remove = () => world.workspace.publish({ ref: BOT, expected: base.oid, to: null }, NEVER);
      world.loseAnswer();
      expect((await remove()).kind).toBe('unknown');
      expect(await world.tip(BOT)).toBe(null);
      await world.moveRef(BOT, base.oid);
      await world.refuse(BOT, 'GH006: Protected branch update failed.');
      expect((await remove()).kind).toBe('refused');
      expect(await world.tip(BOT)).toBe(base.oid);
    });

    test('new files come with the folders they need, and every other entry stays as it is', async () => {
      const { world, base, publish } = await open();
      const added = [
        'apps/db/a.yaml',
        'apps/db.yaml',
        'apps-new.yaml',
        'new/deep/folder/z.yaml',
        'new/a.yaml',
        'zz.yaml',
      ];
      const contents = Object.fromEntries(added.map((path) => [path, `${path}\n`]));
      const draft: CommitDraft = {
        ...draftOn(base.oid, { 'apps/db/script.sh': 'new\n' }),
        newFiles: draftOn(base.oid, contents).files,
      };
      const made = await publish(BOT, null, draft);
      if (made.kind !== 'done') throw new Error(made.kind);
      expect(await publish(BOT, null, draft)).toEqual(onceMore(made));
      const snapshot = await world.workspace.snapshot({ name: BOT, oid: made.oid }, NEVER);
      const modes = Object.fromEntries(snapshot.entries.map(({ path, mode }) => [path, mode]));
      const before = Object.fromEntries([...FILES].map(([path, { mode }]) => [path, mode]));
      expect(modes).toEqual({ ...before, ...Object.fromEntries(added.map((path) => [path, '100644'])) });
      for (const path of added) expect(await world.fileAt(BOT, path)).toBe(`${path}\n`);
      expect(await world.fileAt(BOT, 'apps/db/script.sh')).toBe('new\n');
      await world.verify();
    });

    test('a new file where something stands, or below what is no folder, is our own bug', async () => {
      const { base, publish } = await open();
      for (const path of ['README.md', 'link.yaml', 'vendor/module', 'apps/db', 'README.md/x', 'link.yaml/x']) {
        const { files, ...draft } = draftOn(base.oid, { [path]: 'x' });
        await expectFailure(publish(BOT, null, { ...draft, files: [], newFiles: files }), { code: 'internal' });
      }
      const twice = draftOn(base.oid, { 'README.md': 'x' });
      await expectFailure(publish(BOT, null, { ...twice, newFiles: twice.files }), { code: 'internal' });
    });

    test('what is no plain file of the parent, and what is no branch, is our own bug', async () => {
      const { world, base, publish } = await open();
      for (const path of ['none.yaml', 'link.yaml', 'vendor/module', 'apps/db', 'README.md/x', 'link.yaml/x']) {
        await expectFailure(publish(BOT, null, draftOn(base.oid, { [path]: 'x' })), { code: 'internal' });
      }
      const draft = draftOn(base.oid, { 'README.md': 'x' });
      for (const ref of ['main', 'refs/tags/v1', 'refs/heads/', 'refs/heads/a..b', 'refs/heads/a b', 'refs/heads/-x']) {
        await expectFailure(publish(ref, null, draft), { code: 'internal' });
      }
      expect(await world.workspace.refs(['refs/'], NEVER)).toEqual([base]);
    });
  });
}

function publisher(workspace: Workspace) {
  return (ref: string, expected: Oid | null, to: CommitDraft) => workspace.publish({ ref, expected, to }, NEVER);
}

/** A commit of ours; paths are checked as the product checks them. */
export function draftOn(parent: Oid, files: Readonly<Record<string, string>>): CommitDraft {
  const edits = Object.entries(files).map(([name, text]): RepoFile => {
    const path = parseRepoPath(name);
    if (path === null) throw new Error(`no path: ${name}`);
    return { path, text };
  });
  return {
    parent,
    files: edits,
    message: 'Bump prod/db\n\nSecret-Rotation: prod/db=1\n',
    author: BOT_PERSON,
    time: 1_729_686_406,
  };
}

async function refOf(workspace: Workspace, name: string): Promise<Ref | null> {
  return (await workspace.refs([name], NEVER)).find((ref) => ref.name === name) ?? null;
}

async function readFile(snapshot: Awaited<ReturnType<Workspace['snapshot']>>, path: string): Promise<string> {
  const entry = snapshot.entries.find((one) => one.path === path);
  return Buffer.from(await snapshot.read(entry?.oid ?? '')).toString();
}

/** Rejects with a `Failure` like this, and nothing else. */
export async function expectFailure(
  work: Promise<unknown>,
  expected: Readonly<Record<string, unknown>>,
): Promise<Failure> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject(expected);
  return error as Failure;
}
