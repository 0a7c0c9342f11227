import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secondaryRateLimit } from '../../../src/demo/github/rate-limits.ts';
import { ALICE, BOT, draftOf, type Hub, openHub, READS, STALE, signal } from './hub.ts';

let hub: Hub;
beforeEach(async () => {
  hub = await openHub();
});
afterEach(() => hub.close());

const UNEXPECTED = { kind: 'answer', status: 500, body: { message: 'not expected' } } as const;

describe('whose pull requests', () => {
  test('a fork with the same owner and branch is not ours', async () => {
    const head = await hub.push('x', 'Bump');
    const theirs = { branch: 'x', base: 'main', head, title: 'Bump', author: ALICE };
    await hub.people.openFromFork('acme/gitops-fork', theirs);
    expect(await hub.forge().list('x', 'main', signal())).toEqual([]);
    const ours = await hub.forge().open(draftOf('x'), signal());
    expect(await hub.forge().list('x', 'main', signal())).toEqual([ours]);
  });

  test('a filter that GitHub passes over does not let others in', async () => {
    await hub.push('x', 'Bump');
    await hub.push('y', 'Bump');
    await hub.forge().open(draftOf('y'), signal());
    expect(await hub.forge({ fetch: unfiltered }).list('x', 'main', signal())).toEqual([]);
  });

  test('names are compared without case, as GitHub does', async () => {
    await hub.push('x', 'Bump');
    const opened = await hub.forge().open(draftOf('x'), signal());
    const forge = hub.forge({ owner: 'Acme', repository: 'GitOps' });
    expect(await forge.list('x', 'main', signal())).toEqual([opened]);
    expect(await forge.open(draftOf('x'), signal())).toEqual(opened);
  });
});

describe('opening', () => {
  test('a lost answer opens one pull request, not two', async () => {
    await hub.push('x', 'Bump');
    hub.faults.plan(/^POST .*\/pulls$/, { kind: 'drop-after-effect' });
    const draft = draftOf('x', { labels: ['rotation'] });
    await expect(hub.forge().open(draft, signal())).rejects.toMatchObject({ code: 'forge-unreachable' });
    const opened = await hub.forge().open(draft, signal());
    expect(await hub.people.pulls()).toMatchObject([{ number: opened.number, labels: ['rotation'] }]);
  });

  test('"already exists" without one in sight is asked for later', async () => {
    await hub.push('x', 'Bump');
    await hub.forge().open(draftOf('x'), signal());
    hub.faults.plan(/^GET .*\/pulls$/, { kind: 'answer', status: 200, body: [] });
    await expect(hub.forge().open(draftOf('x'), signal())).rejects.toMatchObject({
      code: 'forge-rejected',
      retry: 'later',
    });
  });

  test('a draft stays a draft', async () => {
    await hub.push('x', 'Bump');
    await hub.forge().open(draftOf('x', { draft: true }), signal());
    expect(await hub.people.pulls()).toMatchObject([{ draft: true }]);
  });

  test('where drafts are not allowed an ordinary pull request is opened', async () => {
    await hub.push('x', 'Bump');
    const body = {
      message: 'Draft pull requests are not supported in this repository.',
      documentation_url: 'https://x',
    };
    hub.faults.plan(/^POST .*\/pulls$/, { kind: 'answer', status: 422, body });
    await hub.forge().open(draftOf('x', { draft: true }), signal());
    expect(await hub.people.pulls()).toMatchObject([{ draft: false }]);
  });
});

describe('labels and people', () => {
  const all = { labels: ['rotation', 'db'], assignees: ['alice'], reviewers: ['bob'], teamReviewers: ['platform'] };

  test('all are set', async () => {
    await hub.push('x', 'Bump');
    await hub.forge().open(draftOf('x', all), signal());
    expect(await hub.people.pulls()).toMatchObject([all]);
    expect(hub.warnings).toEqual([]);
  });

  test('one that GitHub refuses does not keep the others out', async () => {
    await hub.push('x', 'Bump');
    const reviewers = [BOT.login, 'bob', 'carol'];
    const opened = await hub.forge().open(draftOf('x', { reviewers }), signal());
    expect(await hub.people.pulls()).toMatchObject([{ reviewers: ['bob', 'carol'] }]);
    expect(hub.warnings).toMatchObject([{ pr: opened.number, code: 'forge-rejected' }]);
  });

  test('a label that does not exist is created by GitHub', async () => {
    await hub.push('x', 'Bump');
    const opened = await hub.forge().open(draftOf('x', { labels: ['rotation'] }), signal());
    expect(opened.labels).toEqual(['rotation']);
    expect([...(await hub.people.labels()).keys()]).toEqual(['rotation']);
  });

  test('and by us, where setting one may not create it', async () => {
    await hub.push('x', 'Bump');
    const errors = [{ resource: 'Repository', field: 'label', code: 'unauthorized' }];
    const body = { message: 'You do not have permission to create labels on this repository.', errors };
    hub.faults.plan(/issues.*labels$/, { kind: 'answer', status: 403, body });
    const opened = await hub.forge().open(draftOf('x', { labels: ['rotation', 'db'] }), signal());
    expect(opened.labels).toEqual(['db', 'rotation']);
    expect((await hub.people.labels()).get('db')).toEqual({ color: '5319e7', description: 'Set by gitops-reloader' });
    expect(hub.warnings).toEqual([]);
  });

  test('a label that nobody may create is told of', async () => {
    await hub.push('x', 'Bump');
    const body = { message: 'You do not have permission to create labels on this repository.' };
    hub.faults.plan(/labels$/, { kind: 'answer', status: 403, body }, 3);
    expect((await hub.forge().open(draftOf('x', { labels: ['rotation'] }), signal())).labels).toEqual([]);
    expect(hub.warnings).toMatchObject([{ code: 'forge-denied' }]);
  });

  test.each(['labels', 'assignees', 'requested_reviewers'])('%s may fail in every way', async (last) => {
    await hub.push('x', 'Bump');
    const draft = draftOf('x', { labels: ['a'], assignees: ['alice'], reviewers: ['bob'] });
    hub.faults.plan(new RegExp(`${last}$`), secondaryRateLimit(5));
    await hub.forge().open(draft, signal());
    hub.faults.plan(new RegExp(`${last}$`), { kind: 'drop' });
    const opened = await hub.forge().open(draft, signal());
    expect(opened.state).toBe('open');
    expect(hub.warnings.map((fields) => fields['code'])).toEqual(['forge-rate-limited', 'forge-unreachable']);
  });
});

describe('recent ones', () => {
  test('are only those of this repository, and none is left out', async () => {
    const head = await hub.push('own/x', 'Bump');
    const theirs = { branch: 'own/x', base: 'main', head, title: 'Bump', author: ALICE };
    const forge = hub.forge();
    const { createdAt } = await forge.open(draftOf('own/x'), signal());
    for (let fork = 0; fork < 120; fork += 1) await hub.people.openFromFork('eve/gitops', theirs);
    hub.newCalls();
    expect(await forge.recent('own', signal())).toMatchObject({ open: [{ number: 1 }], createdAt: [createdAt] });
    expect(hub.newCalls()).toBe(4);
    hub.pass(3_600_000);
    expect(await forge.recent('own', signal())).toMatchObject({ open: [{ number: 1 }], createdAt: [] });
    expect(hub.newCalls()).toBe(3);
  });
});

describe('updating', () => {
  test('nothing is sent where nothing differs', async () => {
    await hub.push('x', 'Bump');
    const { number } = await hub.forge().open(draftOf('x', { body: 'a\nb' }), signal());
    await hub.people.edit(number, { body: 'a\r\nb' });
    const pull = await hub.forge().read(number, signal());
    hub.faults.plan(/^PATCH /, UNEXPECTED);
    expect(await hub.forge().update(pull, draftOf('x', { body: 'a\nb' }), signal())).toEqual(pull);
    await expect(hub.forge().update(pull, draftOf('x', { body: 'c' }), signal())).rejects.toThrow('not expected');
  });

  test("a person's title is put right, and what is not ours to say stays", async () => {
    await hub.push('x', 'Bump');
    const { number } = await hub.forge().open(draftOf('x', { labels: ['rotation'] }), signal());
    await hub.people.edit(number, { title: 'WIP' });
    await hub.forge().update(await hub.forge().read(number, signal()), draftOf('x', { labels: ['other'] }), signal());
    expect(await hub.people.pulls()).toMatchObject([{ title: 'Rotate prod/db', labels: ['rotation'] }]);
  });
});

describe('who closed it', () => {
  test('our own close is no judgement of a person', async () => {
    await hub.push('x', 'Bump');
    const { number } = await hub.forge().open(draftOf('x'), signal());
    await hub.people.closeAs(number, BOT);
    expect(await hub.forge().read(number, signal())).toMatchObject({ state: 'closed-by-bot', headMessage: null });
  });

  test('a token that may not ask for its own name still tells people apart', async () => {
    await hub.push('x', 'Bump');
    const { number } = await hub.forge().open(draftOf('x'), signal());
    await hub.people.closeAs(number, ALICE);
    const body = { message: 'Resource not accessible by integration', documentation_url: 'https://x' };
    hub.faults.plan(/^GET \/user$/, { kind: 'answer', status: 403, body });
    expect((await hub.forge().read(number, signal())).state).toBe('closed-by-person');
  });

  test('the button that deletes the branch is no judgement', async () => {
    await hub.push('x', 'Bump');
    const { number } = await hub.forge().open(draftOf('x'), signal());
    await hub.people.deleteBranchAs('x', ALICE);
    expect((await hub.forge().read(number, signal())).state).toBe('closed-by-bot');
  });

  test('is found at the end of a long history', async () => {
    await hub.push('x', 'Bump');
    const { number } = await hub.forge().open(draftOf('x'), signal());
    for (let round = 0; round < 130; round += 1) {
      await hub.people.closeAs(number, STALE);
      await hub.people.reopenAs(number, STALE);
    }
    await hub.people.closeAs(number, ALICE);
    expect((await hub.people.pulls())[0]?.events).toHaveLength(261);
    expect((await hub.forge().read(number, signal())).state).toBe('closed-by-person');
  });

  test('a failure on the way is not taken for an answer', async () => {
    await hub.push('x', 'Bump');
    const { number } = await hub.forge().open(draftOf('x'), signal());
    await hub.people.closeAs(number, ALICE);
    for (const operation of [/\/events$/, /^GET \/user$/, /\/git\/commits\//]) {
      hub.faults.plan(operation, { kind: 'drop' }, READS);
      await expect(hub.forge().list('x', 'main', signal())).rejects.toMatchObject({ code: 'forge-unreachable' });
    }
    expect((await hub.forge().list('x', 'main', signal()))[0]?.state).toBe('closed-by-person');
  });

  test('a rejected commit that is gone has no message', async () => {
    await hub.push('x', 'Bump');
    const { number } = await hub.forge().open(draftOf('x'), signal());
    await hub.people.closeAs(number, ALICE);
    const body = { message: 'Not Found', documentation_url: 'https://x' };
    hub.faults.plan(/\/git\/commits\//, { kind: 'answer', status: 404, body });
    expect(await hub.forge().read(number, signal())).toMatchObject({ state: 'closed-by-person', headMessage: null });
  });

  test('of very many, closed ones are told apart however old, and merged and open ones are there', async () => {
    await hub.push('x', 'Bump');
    const forge = hub.forge();
    for (let round = 0; round < 23; round += 1) {
      const { number } = await forge.open(draftOf('x'), signal());
      if (round === 0) await hub.people.mergeAs(number, ALICE, 'merge');
      else await hub.people.closeAs(number, ALICE);
      if (round === 0) await hub.push('x', 'Bump');
    }
    const last = await forge.open(draftOf('x'), signal());
    const listed = await forge.list('x', 'main', signal());
    expect(listed).toHaveLength(24);
    expect(listed[0]).toEqual(last);
    expect(listed.at(-1)).toMatchObject({ number: 1, state: 'merged' });
    expect(listed.at(-2)).toMatchObject({ number: 2, state: 'closed-by-person', headMessage: 'Bump' });
    expect(listed.filter((pull) => pull.state === 'closed-by-person')).toHaveLength(22);
  });
});

/** GitHub passes over a filter without an owner. */
function unfiltered(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const address = input instanceof Request ? input.url : input.toString();
  return fetch(address.replace('acme%3A', ''), init);
}
