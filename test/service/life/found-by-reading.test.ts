import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { externalSecret } from '../manifests.ts';
import { holds, MAIN } from '../memory-world.ts';
import { type Life, openedLife, PERSON } from './life-world.ts';

/** What other bots add to the words of every pull request. */
const SUMMARY = '\n\n## Summary\n\n- Changes a line\n';
const NEVER = new AbortController().signal;

/** What reading the life cycle has found, each as short as it can be told. */
const DOWN = new Failure('the Git host is down', { code: 'git-unreachable', retry: 'later', hint: 'Try later.' });

test('a push that fails after the old pull request had to be closed loses nothing', async () => {
  const life = await openedLife({ rules: { neededApprovals: 1, mayDismiss: false } });
  await life.world.forge.approve(1, 'grace');
  life.change({ 'new.yaml': externalSecret('new', ['a']) });
  const offline = life.world.start({
    ports: (ports) => ({ ...ports, workspace: { ...ports.workspace, publish: () => Promise.reject(DOWN) } }),
  });
  await offline.sweep();
  expect(await life.pulls()).toEqual(['#1 closed-by-bot 2']);
  await life.sweep();
  expect(await life.pulls()).toEqual(['#1 closed-by-bot 2', '#2 open 2']);
  expect(life.world.workspace.fileAt(life.ref, 'new.yaml')).toContain('force-sync');
});

test.each([
  ['nobody adds anything', {}, true],
  ['somebody adds a file to the second one', { 'mine.md': 'mine\n' }, false],
  ['somebody takes back what the first one brought', { 'README.md': 'before\n' }, false],
])('"Update branch" pressed twice, where %s', async (_, more, isReplaced) => {
  const life = await openedLife({ files: { 'README.md': 'before\n' } });
  life.change({ 'README.md': 'one\n' });
  await life.world.workspace.mergeTo(life.ref, MAIN, new Map(), PERSON);
  life.change({ 'other.md': 'two\n' });
  const second = await life.world.workspace.mergeTo(life.ref, MAIN, new Map(Object.entries(more)), PERSON);
  expect(await life.rotate(3)).toEqual(['published']);
  const oid = life.world.workspace.tip(life.ref) ?? '';
  const { parents } = await life.world.workspace.commit({ name: life.ref, oid }, NEVER);
  expect([parents[0] === life.world.workspace.tip(MAIN), await holds(life.world, life.ref, second)]).toEqual([
    isReplaced,
    !isReplaced,
  ]);
});

test('a rule against rewriting keeps no message of a branch that has what it asks for', async () => {
  const life = await openedLife({ settings: { rebaseWhen: 'behind' } });
  const before = life.world.workspace.tip(life.ref);
  life.world.workspace.refuseRewrites(life.ref, 'refusing to allow a force push');
  life.change({ 'README.md': '# New\n' });
  expect(await life.repeat(2)).toEqual(['already-current']);
  expect(life.world.inbox.bodies()).toEqual([]);
  expect(life.world.workspace.tip(life.ref)).toBe(before);
  expect(await life.pulls()).toEqual(['#1 open 2']);
});

/** Something adds its own paragraph below the words of pull request #1. */
async function addSummary({ world }: Life): Promise<string> {
  const [pull] = await world.open();
  if (pull === undefined) throw new Error('no pull request is open');
  const { branch, base, title } = pull;
  const body = `${pull.body}${SUMMARY}`;
  const draft = { ...world.start().served.settings.pullRequest, branch, base, title, body };
  await world.forge.update({ ...pull, conflict: 'unknown' }, draft, NEVER);
  return body;
}

test('what others add below the words of a pull request stays there until the next version', async () => {
  const life = await openedLife();
  const body = await addSummary(life);
  expect(await life.repeat(2)).toEqual(['already-current']);
  await life.sweep();
  expect((await life.world.open())[0]?.body).toBe(body);
  expect(await life.rotate(3)).toEqual(['published']);
  expect((await life.world.open())[0]?.body).not.toContain('Summary');
});

test('what a person closes is rejected, whatever stands below its words and at its head', async () => {
  const life = await openedLife();
  await addSummary(life);
  life.push({ 'README.md': 'mine\n' });
  await life.world.forge.closeAs(1, 'person');
  life.world.workspace.moveRef(life.ref, null);
  expect(await life.repeat(2)).toEqual(['rejected-by-people']);
  expect(await life.pulls()).toEqual(['#1 closed-by-person 2']);
});

test('a branch that people work on is not asked about again with each quick look', async () => {
  const life = await openedLife();
  life.push({ 'README.md': 'mine\n' });
  life.change({ 'new.yaml': externalSecret('new', ['a']) });
  const calls: string[] = [];
  const process = life.world.start({
    gate: async (call, moment) => {
      if (moment === 'before') calls.push(call);
    },
  });
  expect((await process.sweep())?.swept.map(({ outcome }) => outcome.kind)).toEqual(['blocked-by-person']);
  calls.length = 0;
  expect(await process.sweep('quick')).toMatchObject({ swept: [], isMoved: false });
  expect(calls.filter((call) => ['list', 'describe', 'remark'].includes(call))).toEqual([]);
  // Once it is merged, the rest is proposed.
  await life.world.merge(1, 'delete');
  await life.repeat(2);
  expect(await life.pulls()).toEqual(['#1 merged 2', '#2 open 2']);
});

test('a restart branch that is left to somebody else is not asked about again with each quick look', async () => {
  const life = await openedLife();
  const branch = 'gitops-reloader/acme/mine-0a1b2c3d/restart';
  life.world.workspace.moveRef(`refs/heads/${branch}`, life.world.workspace.tip(MAIN));
  life.world.workspace.commitTo(`refs/heads/${branch}`, new Map([['mine.md', 'mine\n']]), 'Mine', PERSON);
  let asked = 0;
  const process = life.world.start({
    gate: async (call, moment) => {
      if (call === 'list' && moment === 'before') asked += 1;
    },
  });
  await process.sweep();
  asked = 0;
  await process.sweep('quick');
  expect(asked).toBe(0);
  expect(life.world.workspace.fileAt(`refs/heads/${branch}`, 'mine.md')).toBe('mine\n');
});
