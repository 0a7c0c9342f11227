import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import type { Allowed, Forge, PullRequest, PullRequestDraft } from '../../src/ports.ts';

/** A forge, the repository behind it, and the people who use it. The base branch is `main`. */
export interface ForgeWorld {
  readonly forge: Forge;
  /** A commit on top of the branch, which begins at main where it does not exist. Its id. */
  readonly push: (branch: string, message: string) => Promise<string>;
  /** A branch without a commit of its own. */
  readonly branchOff: (branch: string) => Promise<void>;
  readonly deleteBranch: (branch: string) => Promise<void>;
  readonly closeAs: (number: number, who: 'person' | 'bot') => Promise<void>;
  readonly reopen: (number: number) => Promise<void>;
  readonly merge: (number: number) => Promise<void>;
  /** A commit on main that the branch does not fit. */
  readonly conflict: (branch: string) => Promise<void>;
  readonly label: (number: number, label: string) => Promise<void>;
  /** Somebody who may write, or who may not, asks for its content again. */
  readonly askRetry: (number: number, who: 'writer' | 'reader') => Promise<void>;
  readonly lock: (number: number) => Promise<void>;
  /** Moves the forge's clock on. */
  readonly pass: (milliseconds: number) => void;
  /** The texts of all comments, oldest first. */
  readonly comments: (number: number) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

const BRANCH = 'gitops-reloader/acme/prod-db/refresh';

/** What every forge keeps, whatever is behind it. */
export function forgeContract(name: string, open: () => Promise<ForgeWorld>): void {
  const check = (title: string, run: (world: ForgeWorld) => Promise<void>) =>
    test(title, async () => {
      const world = await open();
      try {
        await run(world);
      } finally {
        await world.close();
      }
    });

  describe(`forge contract: ${name}`, () => {
    check('a branch nobody asked for has no pull request', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      expect(await forge.list(BRANCH, 'main', signal())).toEqual([]);
    });

    check('an opened pull request is listed and read as it was asked for', async ({ forge, push }) => {
      const head = await push(BRANCH, 'Bump');
      const opened = await forge.open(draft({ title: 'Über "x" <b>', body: 'a\r\nb\u2028\u{1f511}' }), signal());
      const expected = { state: 'open', branch: BRANCH, head, base: 'main', title: 'Über "x" <b>', headMessage: null };
      expect(opened).toMatchObject(expected);
      expect(opened.body).toBe('a\r\nb\u2028\u{1f511}');
      expect(await forge.list(BRANCH, 'main', signal())).toEqual([opened]);
      expect({ ...(await forge.read(opened.number, signal())), conflict: 'unknown' }).toEqual(opened);
    });

    check('an empty body is an empty text', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      expect((await forge.open(draft({ body: '' }), signal())).body).toBe('');
    });

    check('opening twice is opening once, with the newer words', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      const first = await forge.open(draft(), signal());
      const second = await forge.open(draft({ title: 'Newer', body: 'Newer body' }), signal());
      expect(second).toMatchObject({ number: first.number, title: 'Newer', body: 'Newer body', state: 'open' });
      expect(await numbers(forge)).toEqual([first.number]);
    });

    check('of several that are opened at once there is one for each branch', async ({ forge, push }) => {
      const other = 'gitops-reloader/acme/other/refresh';
      await push(BRANCH, 'Bump');
      await push(other, 'Bump');
      const opened = await Promise.all(
        [BRANCH, BRANCH, other].map((branch) => forge.open(draft({ branch }), signal())),
      );
      const found = await Promise.all([BRANCH, other].map((branch) => forge.list(branch, 'main', signal())));
      expect(found.map(({ length }) => length)).toEqual([1, 1]);
      const [one, same, another] = opened.map(({ number }) => number);
      expect([same, found.map(([pull]) => pull?.number)]).toEqual([one, [one, another]]);
    });

    check('an update changes title and body and nothing else', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      const opened = await forge.open(draft(), signal());
      const updated = await forge.update(opened, draft({ title: 'Other', body: 'Other body' }), signal());
      expect(updated).toEqual({ ...opened, title: 'Other', body: 'Other body' });
      expect({ ...(await forge.read(opened.number, signal())), conflict: 'unknown' }).toEqual(updated);
    });

    check('a pull request of another branch is not updated', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      const opened = await forge.open(draft(), signal());
      await refusedWith('forge-rejected', forge.update(opened, { ...draft(), branch: 'other', title: 'X' }, signal()));
      expect((await forge.read(opened.number, signal())).title).toBe(opened.title);
    });

    check('the head follows the branch', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      const head = await push(BRANCH, 'Bump again');
      expect((await forge.read(number, signal())).head).toBe(head);
    });

    check('other branches and bases are not listed', async ({ forge, push, branchOff }) => {
      await branchOff('release');
      await push(BRANCH, 'Bump');
      await push(`${BRANCH}-2`, 'Bump');
      const { number } = await forge.open(draft(), signal());
      await forge.open({ ...draft(), branch: `${BRANCH}-2` }, signal());
      await forge.open({ ...draft(), base: 'release' }, signal());
      expect(await numbers(forge)).toEqual([number]);
    });

    check('merged is not closed', async ({ forge, push, merge }) => {
      await push(BRANCH, 'Bump\n\nSecret-Rotation: prod/db=v1');
      const { number } = await forge.open(draft(), signal());
      await merge(number);
      expect(await forge.read(number, signal())).toMatchObject({
        state: 'merged',
        headMessage: 'Secret-Rotation: prod/db=v1',
      });
    });

    check("a person's close tells the end of the commit's message", async ({ forge, push, closeAs }) => {
      await push(BRANCH, 'Bump\n\nWhy\r\n\r\nEvent-Name: x\r\nSecret-Rotation: prod/db=v1\r\n\n');
      const { number } = await forge.open(draft(), signal());
      await closeAs(number, 'person');
      const closed = await forge.read(number, signal());
      const headMessage = 'Event-Name: x\r\nSecret-Rotation: prod/db=v1';
      expect(closed).toMatchObject({ state: 'closed-by-person', headMessage });
      expect(await forge.list(BRANCH, 'main', signal())).toEqual([closed]);
    });

    check('what a person rejected stays what it was when the branch moves on', async ({ forge, push, closeAs }) => {
      const head = await push(BRANCH, 'Rejected');
      const { number } = await forge.open(draft(), signal());
      await closeAs(number, 'person');
      await push(BRANCH, 'Newer');
      expect(await forge.read(number, signal())).toMatchObject({ head, headMessage: 'Rejected' });
    });

    check("a bot's close is no judgement", async ({ forge, push, closeAs }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      await closeAs(number, 'bot');
      expect(await forge.read(number, signal())).toMatchObject({ state: 'closed-by-bot', headMessage: null });
    });

    check('a deleted branch is no judgement', async ({ forge, push, deleteBranch }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      await deleteBranch(BRANCH);
      expect((await forge.read(number, signal())).state).toBe('closed-by-bot');
    });

    check(
      'a person who closes and then deletes the branch has judged',
      async ({ forge, push, closeAs, deleteBranch }) => {
        await push(BRANCH, 'Bump');
        const { number } = await forge.open(draft(), signal());
        await closeAs(number, 'person');
        await deleteBranch(BRANCH);
        expect(await forge.read(number, signal())).toMatchObject({ state: 'closed-by-person', headMessage: 'Bump' });
      },
    );

    check('the last close counts', async ({ forge, push, closeAs, reopen }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      await closeAs(number, 'bot');
      await reopen(number);
      expect((await forge.read(number, signal())).state).toBe('open');
      await closeAs(number, 'person');
      expect((await forge.read(number, signal())).state).toBe('closed-by-person');
    });

    check('our own close is no judgement, and says why', async ({ forge, push, comments }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      await forge.close(number, 'Nothing is left to change.', signal());
      expect(await forge.read(number, signal())).toMatchObject({ state: 'closed-by-bot', headMessage: null });
      expect(await comments(number)).toEqual(['Nothing is left to change.']);
    });

    check('what is closed already stays as it is, and is commented on', async ({ forge, push, ...world }) => {
      await push(BRANCH, 'Bump');
      const closed = await forge.open(draft(), signal());
      await world.closeAs(closed.number, 'person');
      await push(BRANCH, 'Bump');
      const merged = await forge.open(draft(), signal());
      await world.merge(merged.number);
      for (const { number } of [closed, merged]) await forge.close(number, 'Why.', signal());
      expect((await forge.read(closed.number, signal())).state).toBe('closed-by-person');
      expect((await forge.read(merged.number, signal())).state).toBe('merged');
      expect(await world.comments(merged.number)).toEqual(['Why.']);
    });

    check('after a close a new one is opened, and the newest is listed first', async ({ forge, push, closeAs }) => {
      await push(BRANCH, 'Bump');
      const first = await forge.open(draft(), signal());
      await closeAs(first.number, 'person');
      const second = await forge.open(draft(), signal());
      expect(await numbers(forge)).toEqual([second.number, first.number]);
    });

    check('labels are those that it has now', async ({ forge, push, label }) => {
      await push(BRANCH, 'Bump');
      const opened = await forge.open({ ...draft(), labels: ['rotation', 'db'] }, signal());
      expect(opened).toMatchObject({ labels: ['db', 'rotation'], isAutoMerge: false });
      expect(await forge.list(BRANCH, 'main', signal())).toEqual([opened]);
      await label(opened.number, 'hold');
      expect((await forge.read(opened.number, signal())).labels).toEqual(['db', 'hold', 'rotation']);
    });

    check('only reading one tells whether it fits its base', async ({ forge, push, conflict }) => {
      await push(BRANCH, 'Bump');
      const { number, conflict: told } = await forge.open(draft(), signal());
      expect([told, (await forge.read(number, signal())).conflict]).toEqual(['unknown', 'none']);
      await conflict(BRANCH);
      expect((await forge.read(number, signal())).conflict).toBe('conflicting');
      expect((await forge.list(BRANCH, 'main', signal()))[0]?.conflict).toBe('unknown');
      await forge.close(number, 'Why.', signal());
      expect((await forge.read(number, signal())).conflict).toBe('unknown');
    });

    check('of merged ones a list looks into the newest five', async ({ forge, push, merge }) => {
      for (const version of ['1', '2', '3', '4', '5', '6']) {
        await push(BRANCH, version);
        await merge((await forge.open(draft(), signal())).number);
      }
      const listed = await forge.list(BRANCH, 'main', signal());
      expect(listed.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'merged'));
      expect(listed.map(({ headMessage }) => headMessage)).toEqual(['6', '5', '4', '3', '2', null]);
    });

    check('whoever may write can ask for rejected content again', async ({ forge, push, closeAs, askRetry, pass }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      const isAsked = async () => (await forge.read(number, signal())).isRetryAsked;
      await askRetry(number, 'writer');
      pass(2000);
      await closeAs(number, 'person');
      expect(await isAsked()).toBe(false);
      pass(2000);
      await askRetry(number, 'reader');
      expect(await isAsked()).toBe(false);
      await askRetry(number, 'writer');
      expect(await isAsked()).toBe(true);
      expect(await forge.list(BRANCH, 'main', signal())).toMatchObject([{ number, isRetryAsked: true }]);
    });

    check('and for merged content', async ({ forge, push, merge, askRetry, pass }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      await merge(number);
      expect(await forge.list(BRANCH, 'main', signal())).toMatchObject([{ isRetryAsked: false }]);
      pass(2000);
      await askRetry(number, 'writer');
      expect(await forge.list(BRANCH, 'main', signal())).toMatchObject([{ state: 'merged', isRetryAsked: true }]);
    });

    check('nobody needs to ask for what no person rejected', async ({ forge, push, closeAs, askRetry, pass }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      await closeAs(number, 'bot');
      pass(2000);
      await askRetry(number, 'writer');
      expect(await forge.read(number, signal())).toMatchObject({ state: 'closed-by-bot', isRetryAsked: false });
    });

    check('a remark is left once for each key, open or closed', async ({ forge, push, comments, closeAs }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      const leave = (key: string, text: string) => forge.remark(number, { key, text }, signal());
      expect(await leave('head-moved', 'Somebody pushed.')).toEqual({ kind: 'done' });
      expect(await leave('head-moved', 'Somebody pushed again.')).toEqual({ kind: 'done' });
      await closeAs(number, 'person');
      expect(await leave('rejected', 'It stays closed.')).toEqual({ kind: 'done' });
      expect(await comments(number)).toEqual(['Somebody pushed.', 'It stays closed.']);
    });

    check('a locked conversation refuses a remark', async ({ forge, push, comments, lock }) => {
      await push(BRANCH, 'Bump');
      const { number } = await forge.open(draft(), signal());
      await lock(number);
      expect((await forge.remark(number, { key: 'rejected', text: 'x' }, signal())).kind).toBe('refused');
      expect(await comments(number)).toEqual([]);
    });

    check('recent ones are those of a folder of branches', async ({ forge, push, branchOff, pass, ...world }) => {
      await branchOff('release');
      expect(await forge.recent('own', signal())).toEqual({ open: [], createdAt: [] });
      const opened = new Map<string, PullRequest>();
      for (const [branch, base] of [
        ['own/a', 'main'],
        ['own/b', 'release'],
        ['own/c', 'main'],
        ['own-2/d', 'main'],
      ] as const) {
        await push(branch, 'Bump');
        opened.set(branch, await forge.open({ ...draft(), branch, base }, signal()));
        pass(1_200_000);
      }
      await world.closeAs(opened.get('own/c')?.number ?? 0, 'bot');
      const recent = await forge.recent('own', signal());
      expect(recent.open).toMatchObject([
        { branch: 'own/b', base: 'release' },
        { branch: 'own/a', base: 'main' },
      ]);
      expect(recent.createdAt).toEqual([opened.get('own/c')?.createdAt]);
    });

    check('of ended ones those are told that nobody has the last word on', async ({ forge, push, pass, ...world }) => {
      const opened: Record<string, number> = {};
      const numberOf = (branch: string) => opened[branch] ?? 0;
      for (const branch of ['bot', 'deleted', 'rejected', 'asked', 'merged', 'merged-asked']) {
        await push(`own/${branch}`, 'Bump');
        opened[branch] = (await forge.open({ ...draft(), branch: `own/${branch}` }, signal())).number;
      }
      await push('other/x', 'Bump');
      const { number: another } = await forge.open({ ...draft(), branch: 'other/x' }, signal());
      for (const number of [numberOf('bot'), another]) await world.closeAs(number, 'bot');
      await world.deleteBranch('own/deleted');
      for (const branch of ['rejected', 'asked']) await world.closeAs(numberOf(branch), 'person');
      for (const branch of ['merged', 'merged-asked']) await world.merge(numberOf(branch));
      pass(2000);
      for (const branch of ['rejected', 'merged']) await world.askRetry(numberOf(branch), 'reader');
      for (const branch of ['asked', 'merged-asked']) await world.askRetry(numberOf(branch), 'writer');
      const unsettled = await forge.unsettled('own', signal());
      expect(unsettled.map(({ branch, state }) => `${branch} ${state}`).toSorted()).toEqual([
        'own/asked closed-by-person',
        'own/bot closed-by-bot',
        'own/deleted closed-by-bot',
        'own/merged-asked merged',
      ]);
    });

    check('a branch that is not there yet is asked for later', async ({ forge }) => {
      await refusedWith('forge-rejected later', forge.open(draft(), signal()));
      expect(await numbers(forge)).toEqual([]);
    });

    check('a branch without commits of its own is asked for later', async ({ forge, branchOff }) => {
      await branchOff(BRANCH);
      await refusedWith('forge-rejected later', forge.open(draft(), signal()));
    });

    check('a base that does not exist needs a person', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      await refusedWith('forge-rejected never', forge.open({ ...draft(), base: 'nowhere' }, signal()));
    });

    check('a body is refused beyond 65,536 characters', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      await refusedWith('forge-rejected never', forge.open(draft({ body: 'x'.repeat(65_537) }), signal()));
      const pull = await forge.open(draft({ body: 'x'.repeat(65_536) }), signal());
      await refusedWith('forge-rejected never', forge.update(pull, draft({ body: 'x'.repeat(65_537) }), signal()));
      await refusedWith('forge-rejected never', forge.update(pull, draft({ title: 'x'.repeat(257) }), signal()));
    });

    check('a number that was never given is missing', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      const pull = { ...(await forge.open(draft(), signal())), number: 4711 };
      await refusedWith('forge-missing never', forge.read(4711, signal()));
      await refusedWith('forge-missing never', forge.update(pull, draft({ title: 'Newer' }), signal()));
      await refusedWith('forge-missing never', forge.close(4711, 'Why.', signal()));
      await refusedWith('forge-missing never', forge.remark(4711, { key: 'x', text: 'Why.' }, signal()));
    });

    check('nothing is done once work is to stop', async ({ forge, push }) => {
      await push(BRANCH, 'Bump');
      await refusedWith('forge-unreachable later', forge.open(draft(), AbortSignal.abort()));
      await refusedWith('forge-unreachable later', forge.list(BRANCH, 'main', AbortSignal.abort()));
      expect(await numbers(forge)).toEqual([]);
    });
  });
}

async function refusedWith(
  expected: string,
  promise: Promise<PullRequest | readonly PullRequest[] | Allowed | void>,
): Promise<void> {
  const error: unknown = await promise.then(
    () => 'it went through',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  const { code, retry } = error as Failure;
  expect(`${code} ${retry}`).toContain(expected);
}

async function numbers(forge: Forge): Promise<readonly number[]> {
  return (await forge.list(BRANCH, 'main', signal())).map((pull) => pull.number);
}

function draft(more: Partial<PullRequestDraft> = {}): PullRequestDraft {
  const people = { labels: [], assignees: [], reviewers: [], teamReviewers: [] };
  return { branch: BRANCH, base: 'main', title: 'Rotate prod/db', body: 'Why.\n', draft: false, ...people, ...more };
}

function signal(): AbortSignal {
  return new AbortController().signal;
}
