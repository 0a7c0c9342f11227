import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GitHubForge } from '../../../../src/adapters/forge/github-forge.ts';
import type { Role } from '../../../../src/demo/github/world.ts';
import { RETRY_COMMAND, RETRY_LABEL } from '../../../../src/plan/life/ended/retry-request.ts';
import { ALICE, BOT, draftOf, type Hub, openHub, READS, STALE, signal } from '../hub.ts';

const WENDY = { login: 'wendy', type: 'User' } as const;
const NOBODY = { kind: 'answer', status: 403, body: { message: 'Must have push access' } } as const;

let hub: Hub;
let forge: GitHubForge;
let number: number;
let branch = 'x';

beforeAll(async () => {
  hub = await openHub();
});
beforeEach(async () => {
  forge = hub.forge();
  branch += 'x';
  await hub.push(branch, 'Bump');
  ({ number } = await forge.open(draftOf(branch), signal()));
  await hub.people.permit('wendy', 'write');
});
afterAll(() => hub.close());

async function close(): Promise<void> {
  await hub.people.closeAs(number, ALICE);
  hub.pass(2000);
}

async function isAsked(): Promise<boolean> {
  return (await forge.read(number, signal())).isRetryAsked;
}

describe('the label', () => {
  test.each<[Role, boolean]>([
    ['admin', true],
    ['maintain', true],
    ['write', true],
    ['triage', false],
    ['read', false],
    ['none', false],
  ])('set by somebody of role %s: %s', async (role, expected) => {
    await close();
    await hub.people.permit('wendy', role);
    await hub.people.labelAs(number, RETRY_LABEL, WENDY);
    expect(await isAsked()).toBe(expected);
  });

  test('of before the end does not count, even where it is set again after that', async () => {
    await hub.people.labelAs(number, RETRY_LABEL, WENDY);
    await close();
    expect(await isAsked()).toBe(false);
    await hub.people.unlabelAs(number, RETRY_LABEL, WENDY);
    expect(await isAsked()).toBe(false);
    await hub.people.labelAs(number, RETRY_LABEL, WENDY);
    expect(await isAsked()).toBe(true);
  });

  test('that was taken off again does not count', async () => {
    await close();
    await hub.people.labelAs(number, RETRY_LABEL, WENDY);
    await hub.people.unlabelAs(number, RETRY_LABEL, WENDY);
    expect(await isAsked()).toBe(false);
  });

  test('on a merged one counts', async () => {
    await hub.people.mergeAs(number, ALICE, 'squash');
    await hub.people.labelAs(number, RETRY_LABEL, WENDY);
    expect(await isAsked()).toBe(true);
  });

  test.each([STALE, BOT])('of a bot, and our own, does not count: $login', async (bot) => {
    await close();
    await hub.people.permit(bot.login, 'admin');
    await hub.people.labelAs(number, RETRY_LABEL, bot);
    expect(await isAsked()).toBe(false);
  });
});

describe('the comment', () => {
  test('counts when it is the first line of somebody who may write', async () => {
    await close();
    await hub.people.commentAs(number, `Please: ${RETRY_COMMAND}`, WENDY);
    await hub.people.commentAs(number, RETRY_COMMAND, STALE);
    await hub.people.commentAs(number, RETRY_COMMAND, ALICE);
    expect(await isAsked()).toBe(false);
    await hub.people.commentAs(number, ` ${RETRY_COMMAND}\n\nThe incident is over.`, WENDY);
    expect(await isAsked()).toBe(true);
  });

  test('that was edited does not count: GitHub does not say by whom', async () => {
    await close();
    const id = await hub.people.commentAs(number, 'Hm.', WENDY);
    hub.pass(2000);
    await hub.people.editComment(number, id, RETRY_COMMAND);
    expect(await isAsked()).toBe(false);
  });

  test('of before the end, or of its very second, does not count', async () => {
    await hub.people.commentAs(number, RETRY_COMMAND, WENDY);
    await hub.people.closeAs(number, ALICE);
    expect(await isAsked()).toBe(false);
  });

  test('is found behind hundreds of others', async () => {
    await close();
    await hub.people.chatAs(number, 320, ALICE);
    await hub.people.commentAs(number, RETRY_COMMAND, WENDY);
    expect(await isAsked()).toBe(true);
  });
});

describe('who may write', () => {
  test('is asked once, and not hearing of it is said once', async () => {
    await close();
    await hub.people.labelAs(number, RETRY_LABEL, WENDY);
    hub.faults.plan(/\/permission$/, NOBODY, 3);
    expect([await isAsked(), await isAsked()]).toEqual([false, false]);
    hub.pass(60_000);
    expect((await forge.list(branch, 'main', signal()))[0]?.isRetryAsked).toBe(false);
    expect(hub.warnings).toMatchObject([{ code: 'forge-denied' }]);
    // What was not told is not remembered.
    expect((await forge.list(branch, 'main', signal()))[0]?.isRetryAsked).toBe(true);
  });

  test('is not taken from a failure', async () => {
    await close();
    await hub.people.labelAs(number, RETRY_LABEL, WENDY);
    for (const operation of [/\/events$/, /\/comments$/, /\/permission$/]) {
      hub.faults.plan(operation, { kind: 'drop' }, READS);
      await expect(forge.list(branch, 'main', signal())).rejects.toMatchObject({ code: 'forge-unreachable' });
    }
    expect(await isAsked()).toBe(true);
  });

  test('is not asked of a crowd', async () => {
    await close();
    for (let at = 0; at < 12; at += 1) {
      await hub.people.commentAs(number, RETRY_COMMAND, { login: `reader-${at}`, type: 'User' });
    }
    hub.newCalls();
    expect(await isAsked()).toBe(false);
    expect(hub.newCalls()).toBeLessThanOrEqual(10);
  });
});
