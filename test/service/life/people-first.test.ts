import { expect, test } from 'vitest';
import { NOBODY_MERGES } from '../../../src/domain/life/merge-policy.ts';
import { version } from '../manifests.ts';
import { holds, MAIN } from '../memory-world.ts';
import { type Life, openedLife, PERSON } from './life-world.ts';

const NEVER = new AbortController().signal;

async function comments({ world }: Life): Promise<readonly string[]> {
  return (await world.forge.pulls()).flatMap((pull) => pull.comments);
}

/** What "Update branch" does: the base is merged into the branch, by the forge. */
async function updateBranch({ world, ref }: Life, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const merge = await world.workspace.mergeTo(ref, MAIN, new Map(Object.entries(more)), PERSON);
  return merge;
}

test('a newer version is added to what a person pushed, and nothing of theirs is lost', async () => {
  const life = await openedLife();
  const theirs = life.push({ 'README.md': 'mine\n' });
  expect(await life.rotate(3)).toEqual(['published']);
  expect(life.proposed()).toBe(3);
  expect(await holds(life.world, life.ref, theirs)).toBe(true);
  expect(await life.pulls()).toEqual(['#1 open 3']);
  expect(await life.rotate(4)).toEqual(['published']);
  expect(await holds(life.world, life.ref, theirs)).toBe(true);
  expect(await life.repeat(4)).toEqual(['already-current']);
  expect(await comments(life)).toEqual([]);
});

test('where a person changed the same line, the bot stops and says so once', async () => {
  const life = await openedLife();
  const text = life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
  const theirs = life.push({ 'db.yaml': text }, 'Not this one');
  for (const number of [3, 3, 4]) expect(new Set(await life.rotate(number))).toEqual(new Set(['blocked-by-person']));
  expect(life.world.workspace.tip(life.ref)).toBe(theirs);
  const said = await comments(life);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('Ada has changed the same lines there&#58; db.yaml&#58; ExternalSecret db.');
});

test('a file that a person wrote anew keeps what they wrote, and gets the newer version', async () => {
  const life = await openedLife();
  const text = life.world.workspace.fileAt(life.ref, 'db.yaml') ?? '';
  life.push({
    'db.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: first\n---\n${text.replace('1h', '5m')}`,
  });
  expect(await life.rotate(3)).toEqual(['published']);
  expect(life.proposed()).toBe(3);
  expect(life.world.workspace.fileAt(life.ref, 'db.yaml')).toMatch(
    /^apiVersion: v1\nkind: ConfigMap[^]*refreshInterval: 5m/,
  );
});

test('a base that changed the same file is brought in by "Update branch" as well', async () => {
  const life = await openedLife();
  const before = life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
  const base = life.change({ 'db.yaml': before.replace('1h', '5m') });
  const ours = life.world.workspace.fileAt(life.ref, 'db.yaml') ?? '';
  await updateBranch(life, { 'db.yaml': ours.replace('1h', '5m') });
  expect(await life.rotate(3)).toEqual(['published']);
  const tip = await life.world.workspace.commit(
    { name: life.ref, oid: life.world.workspace.tip(life.ref) ?? '' },
    NEVER,
  );
  expect(tip.parents).toEqual([base]);
  expect(life.world.workspace.fileAt(life.ref, 'db.yaml')).toContain('5m');
});

test.each([
  ['brings something of its own', { 'README.md': 'mine\n' }],
  ['changes what we wrote', { 'db.yaml': 'kind: Nothing\n' }],
])("a merge of the base that %s is a person's, and is kept", async (_, more) => {
  const life = await openedLife();
  life.change({ 'other.md': '# New\n' });
  const merge = await updateBranch(life, more);
  await life.rotate(3);
  expect(await holds(life.world, life.ref, merge)).toBe(true);
});

test('a merge of another branch is kept, whatever it brings', async () => {
  const life = await openedLife();
  life.world.workspace.moveRef('refs/heads/feature', life.world.workspace.tip(MAIN));
  life.world.workspace.commitTo('refs/heads/feature', new Map([['feature.md', 'mine\n']]), 'Mine', PERSON);
  const merge = await life.world.workspace.mergeTo(life.ref, 'refs/heads/feature', new Map(), PERSON);
  expect(await life.rotate(3)).toEqual(['published']);
  expect(await holds(life.world, life.ref, merge)).toBe(true);
  expect(life.world.workspace.fileAt(life.ref, 'feature.md')).toBe('mine\n');
});

test.each(['merged and taken back', 'closed'])(
  'what was %s is proposed again when somebody who may write asks',
  async (how) => {
    const life = await openedLife();
    const before = life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
    if (how === 'closed') await life.world.forge.closeAs(1, 'person');
    else {
      await life.world.merge(1, 'delete');
      life.change({ 'db.yaml': before });
    }
    await life.world.forge.askRetry(1, 'reader');
    expect(await life.repeat(2)).toEqual(['rejected-by-people']);
    await life.world.forge.askRetry(1, 'writer');
    expect(await life.repeat(2)).toEqual(['published']);
    expect((await life.pulls()).at(-1)).toBe('#2 open 2');
    // And turned down again, it stays so.
    await life.world.forge.closeAs(2, 'person');
    expect(await life.repeat(2)).toEqual(['rejected-by-people']);
  },
);

test.each(['closed', 'merged and taken back'])(
  'what was %s, and whose branch is gone, is proposed by the sweep once somebody asks',
  async (how) => {
    const life = await openedLife();
    const before = life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
    if (how === 'closed') await life.world.forge.closeAs(1, 'person');
    else await life.world.merge(1, 'keep');
    life.world.workspace.moveRef(life.ref, null);
    life.change({ 'db.yaml': before });
    await life.world.forge.askRetry(1, 'reader');
    await life.sweep();
    expect(await life.world.open()).toEqual([]);
    await life.world.forge.askRetry(1, 'writer');
    await life.sweep();
    await life.sweep();
    expect((await life.pulls()).slice(1)).toEqual(['#2 open 2']);
    // It counts once: what is turned down again stays so.
    await life.world.forge.closeAs(2, 'person');
    life.world.workspace.moveRef(life.ref, null);
    await life.sweep();
    expect(await life.pulls()).toHaveLength(2);
  },
);

test('a branch that is deleted under its pull request comes back once, and AWS is asked what is current', async () => {
  const life = await openedLife();
  life.world.workspace.moveRef(life.ref, null);
  life.world.rotate('a', version(3));
  await life.sweep();
  expect(await life.pulls()).toEqual(['#1 closed-by-bot 2', '#2 open 3']);
  life.world.workspace.moveRef(life.ref, null);
  await life.sweep();
  expect((await life.pulls()).slice(1)).toEqual(['#2 closed-by-bot 3', '#3 open 3']);
  life.world.workspace.moveRef(life.ref, null);
  for (let time = 0; time < 3; time += 1) await life.sweep();
  expect(await life.pulls()).toHaveLength(3);
});

test('an object that the merge never brought anything to was not taken back', async () => {
  const life = await openedLife();
  await life.world.merge(1, 'delete');
  const text = (life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '').replace(/^.*force-sync.*\n/m, '');
  life.change({ 'new.yaml': text.replaceAll('name: db', 'name: new') });
  expect(await life.repeat(2)).toEqual(['published']);
  expect(
    life.world.workspace.fileAt((await life.world.open())[0]?.branch.replace(/^/, 'refs/heads/') ?? '', 'new.yaml'),
  ).toContain('force-sync');
});

test('approvals that may not be dismissed stay with the old pull request: the newer version gets its own', async () => {
  const life = await openedLife({ rules: { neededApprovals: 1, mayDismiss: false } });
  await life.world.forge.approve(1, 'grace');
  expect(await life.rotate(3)).toEqual(['published']);
  expect(await life.pulls()).toEqual(['#1 closed-by-bot 2', '#2 open 3']);
  expect((await life.world.forge.pulls())[1]).toMatchObject({ approvals: [] });
  expect(await life.repeat(3)).toEqual(['already-current']);
});

test('approvals stay where only the base moved', async () => {
  const life = await openedLife({ rules: { neededApprovals: 1 }, settings: { rebaseWhen: 'behind' } });
  await life.world.forge.approve(1, 'grace');
  const base = life.change({ 'README.md': '# New\n' });
  await life.sweep();
  const tip = await life.world.workspace.commit(
    { name: life.ref, oid: life.world.workspace.tip(life.ref) ?? '' },
    NEVER,
  );
  expect(tip.parents).toEqual([base]);
  expect((await life.world.forge.pulls())[0]?.approvals).toHaveLength(1);
});

test('what waits in a merge queue is not touched: the message comes back', async () => {
  const life = await openedLife({ rules: { hasMergeQueue: true } });
  const before = life.world.workspace.tip(life.ref);
  expect(await life.world.forge.queue(1)).toBe(true);
  expect(await life.rotate(3)).toEqual(['try-later']);
  expect(life.world.workspace.tip(life.ref)).toBe(before);
  expect(life.world.inbox.bodies()).toHaveLength(1);
  await life.world.merge(1, 'delete');
  await life.world.time.pass(120_000);
  await life.world.drain();
  expect(await life.pulls()).toEqual(['#1 merged 2', '#2 open 3']);
});

test('a rule against rewriting is no obstacle: the newer version goes on top', async () => {
  const life = await openedLife();
  life.world.workspace.refuseRewrites(life.ref, 'refusing to allow a force push');
  const before = life.world.workspace.tip(life.ref) ?? '';
  expect(await life.rotate(3)).toEqual(['published']);
  expect(await holds(life.world, life.ref, before)).toBe(true);
  expect(await life.rotate(4)).toEqual(['published']);
  expect(life.proposed()).toBe(4);
  expect(await life.pulls()).toEqual(['#1 open 4']);
});

test('what a rule only let us add to is still ours: the bot merges it, and makes it anew where it may', async () => {
  const life = await openedLife({ settings: { merge: { ...NOBODY_MERGES, mode: 'bot' } } });
  life.world.workspace.refuseRewrites(life.ref, 'refusing to allow a force push');
  await life.rotate(3);
  await life.rotate(4);
  await life.sweep();
  expect(await life.pulls()).toEqual(['#1 merged 4']);
  expect(life.merged()).toBe(4);
});

test('where the rule is gone, what was added becomes one commit again', async () => {
  const life = await openedLife();
  life.world.workspace.refuseRewrites(life.ref, 'refusing to allow a force push');
  await life.rotate(3);
  life.world.workspace.refuseRewrites(life.ref, null);
  await life.rotate(4);
  const oid = life.world.workspace.tip(life.ref) ?? '';
  expect((await life.world.workspace.commit({ name: life.ref, oid }, NEVER)).parents).toEqual([
    life.world.workspace.tip(MAIN),
  ]);
});

test("a person's commit beneath what a rule let us add stays a person's", async () => {
  const life = await openedLife({ settings: { merge: { ...NOBODY_MERGES, mode: 'bot' } } });
  life.world.workspace.refuseRewrites(life.ref, 'refusing to allow a force push');
  await life.rotate(3);
  const theirs = life.push({ 'README.md': 'mine\n' });
  await life.rotate(4);
  life.world.workspace.refuseRewrites(life.ref, null);
  await life.rotate(5);
  await life.sweep();
  expect(await holds(life.world, life.ref, theirs)).toBe(true);
  expect(await life.pulls()).toEqual(['#1 open 5']);
});

test.each([
  ['conflicted', false, true],
  ['behind', true, true],
  ['never', false, false],
] as const)('rebaseWhen %s', async (rebaseWhen, whenBehind, whenConflicting) => {
  const life = await openedLife({ settings: { rebaseWhen } });
  const first = life.world.workspace.tip(life.ref);
  life.change({ 'README.md': '# New\n' });
  await life.sweep();
  const second = life.world.workspace.tip(life.ref);
  expect(second !== first).toBe(whenBehind);
  life.change({ 'db.yaml': (life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '').replace('1h', '5m') });
  await life.sweep();
  expect(life.world.workspace.tip(life.ref) !== second).toBe(whenConflicting);
  // Whatever it is, a newer version is brought onto the new base.
  await life.rotate(3);
  expect(life.world.workspace.fileAt(life.ref, 'db.yaml')).toContain('5m');
});

/** The base gets, by hand, the line that we write. */
function writeByHand(life: Life): string {
  const ours = life.world.workspace.fileAt(life.ref, 'db.yaml') ?? '';
  return life.change({ 'db.yaml': ours.replace(/force-sync: .*/, 'force-sync: "1"') });
}

test('a base that changed the very line conflicts, although our text would come out the same', async () => {
  const life = await openedLife();
  const base = writeByHand(life);
  await life.sweep();
  const oid = life.world.workspace.tip(life.ref) ?? '';
  expect((await life.world.workspace.commit({ name: life.ref, oid }, NEVER)).parents).toEqual([base]);
  expect(await life.pulls()).toEqual(['#1 open 2']);
});

test.each(['conflicted', 'behind'] as const)(
  'rebaseWhen %s: what waits in a merge queue stays there',
  async (rebaseWhen) => {
    const life = await openedLife({ rules: { hasMergeQueue: true }, settings: { rebaseWhen } });
    const before = life.world.workspace.tip(life.ref);
    await life.world.forge.queue(1);
    writeByHand(life);
    await life.sweep();
    expect(life.world.workspace.tip(life.ref)).toBe(before);
    expect(await life.repeat(2)).toEqual(['already-current']);
  },
);

test('a replay costs one question to the forge', async () => {
  const life = await openedLife();
  life.calls.clear();
  expect(await life.repeat(2)).toEqual(['already-current']);
  const forge = ['list', 'open', 'update', 'read', 'close', 'remark', 'recent', 'merge facts', 'auto-merge', 'dismiss'];
  expect([...life.calls].filter(([call]) => forge.includes(call))).toEqual([['list', 1]]);
  life.calls.clear();
  await life.rotate(3);
  expect([...life.calls].filter(([call]) => forge.includes(call))).toEqual([
    ['list', 1],
    ['merge facts', 1],
    ['update', 1],
  ]);
});
