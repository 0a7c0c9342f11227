import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { externalSecret, version } from '../manifests.ts';
import { MAIN, refOf, secretId, type World } from '../memory-world.ts';
import { createTeamWorld, TEAM, versionsAt } from '../team-world.ts';
import { BASELINE_BRANCH, baselineAt, openBaseline, reconcile, toldOf } from './reconcile-world.ts';

/** A team whose secrets are all at version 1, which its baseline says. */
async function adopted(): Promise<World> {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) world.rotate(name, version(1));
  await reconcile(world);
  expect(await world.merge(1, 'delete')).toBe(true);
  return world;
}

function rotate(world: World, name: string, number: number): void {
  world.rotate(name, version(number));
}

async function pulls(world: World): Promise<readonly string[]> {
  return (await world.forge.pulls()).map(({ number, state, title }) => `#${number} ${state} ${title}`);
}

test('adoption: one pull request records what there is, and touches no manifest', async () => {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) rotate(world, name, 1);
  const report = await reconcile(world);
  expect([report.withoutBaseline, report.baseline.kind, report.behind]).toEqual([3, 'proposed', []]);
  const pull = await openBaseline(world);
  expect(pull?.title).toBe('Record the baseline of secret versions');
  expect(baselineAt(world, refOf(pull ?? { branch: '' }))).toEqual([
    `alone a=${version(1)}`,
    `both a=${version(1)} b=${version(1)}`,
    `other c=${version(1)}`,
  ]);
  expect(world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'alone.yaml')).toBe(externalSecret('alone', ['a']));
  const head = pull?.head;
  for (let again = 0; again < 3; again += 1) {
    await world.time.pass(3_600_000);
    await reconcile(world);
  }
  expect([(await openBaseline(world))?.head, (await world.forge.pulls()).length]).toEqual([head, 1]);
});

test('once it is merged a lost rotation is found, and nothing else is touched', async () => {
  const world = await adopted();
  expect((await reconcile(world)).withoutBaseline).toBe(0);
  rotate(world, 'c', 2);
  const report = await reconcile(world);
  expect(toldOf(report)).toEqual(['other c proposed']);
  expect(await pulls(world)).toEqual(['#1 merged Record the baseline of secret versions', '#2 open Refresh c']);
  const [pull] = await world.open();
  expect(versionsAt(world, refOf(pull ?? { branch: '' }), 'other')).toEqual({ c: version(2) });
  expect(toldOf(await reconcile(world))).toEqual(['other c carried']);
  world.tell('c', version(2));
  await world.drain();
  expect((await world.open()).map(({ head }) => head)).toEqual([pull?.head]);
});

test('a rotation while the baseline waits for its merge is not lost', async () => {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) rotate(world, name, 1);
  await reconcile(world);
  rotate(world, 'a', 2);
  await world.time.pass(3_600_000);
  expect(toldOf(await reconcile(world))).toEqual([]);
  const pull = await openBaseline(world);
  expect(baselineAt(world, refOf(pull ?? { branch: '' }))[0]).toBe(`alone a=${version(1)}`);
  await world.merge(1, 'keep');
  expect(toldOf(await reconcile(world))).toEqual(['alone a proposed', 'both a proposed']);
});

test('without a baseline nothing is bumped, only counted', async () => {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) rotate(world, name, 1);
  const process = world.start({ settings: { baseline: 'none' } });
  for (const name of ['a', 'b', 'c']) rotate(world, name, 2);
  const report = await reconcile(world, 'interval', process);
  expect([report.behind, report.withoutBaseline, report.baseline.kind]).toEqual([[], 3, 'off']);
  expect(await pulls(world)).toEqual([]);
});

test('what is new is added while the baseline is open, else once a day or by command', async () => {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c', 'd', 'e']) rotate(world, name, 1);
  await reconcile(world);
  world.workspace.commitTo(MAIN, new Map([['new.yaml', externalSecret('new', ['d'])]]), 'New');
  rotate(world, 'c', 2);
  await reconcile(world);
  expect(baselineAt(world, `refs/heads/${BASELINE_BRANCH}`)).toEqual([
    `alone a=${version(1)}`,
    `both a=${version(1)} b=${version(1)}`,
    `new d=${version(1)}`,
    `other c=${version(1)}`,
  ]);
  await world.merge(1, 'delete');
  world.workspace.commitTo(MAIN, new Map([['newer.yaml', externalSecret('newer', ['e'])]]), 'Newer');
  expect((await reconcile(world)).baseline.kind).toBe('later');
  await world.time.pass(25 * 3_600_000);
  expect((await reconcile(world)).baseline.kind).toBe('proposed');
  expect((await openBaseline(world))?.title).toBe('Add new objects to the baseline');
});

test('by command what is new is proposed at once; what is gone drops out with it', async () => {
  const world = await adopted();
  world.workspace.commitTo(
    MAIN,
    new Map([
      ['newer.yaml', externalSecret('newer', ['a'])],
      ['other.yaml', null],
    ]),
    'Newer',
  );
  expect((await reconcile(world)).baseline.kind).toBe('later');
  expect((await reconcile(world, 'asked')).baseline.kind).toBe('proposed');
  expect(baselineAt(world, `refs/heads/${BASELINE_BRANCH}`)).toEqual([
    `alone a=${version(1)}`,
    `both a=${version(1)} b=${version(1)}`,
    `newer a=${version(1)}`,
  ]);
});

test('an object that is moved keeps its baseline', async () => {
  const world = await adopted();
  const moved = new Map([
    ['other.yaml', null],
    ['apps/other.yaml', externalSecret('other', ['c'])],
  ]);
  world.workspace.commitTo(MAIN, moved, 'Move');
  rotate(world, 'c', 2);
  const report = await reconcile(world);
  expect([report.withoutBaseline, toldOf(report)]).toEqual([0, ['other c proposed']]);
});

test('a baseline that people closed is not proposed again, until somebody asks', async () => {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) rotate(world, name, 1);
  await reconcile(world);
  await world.forge.closeAs(1, 'person');
  for (let again = 0; again < 3; again += 1) {
    const report = await reconcile(world, 'asked');
    expect([report.baseline.kind, report.withoutBaseline]).toEqual(['rejected', 3]);
  }
  expect((await world.forge.pulls()).length).toBe(1);
  await world.forge.askRetry(1, 'writer');
  expect((await reconcile(world)).baseline.kind).toBe('proposed');
  expect((await pulls(world)).map((one) => one.slice(0, 7))).toEqual(['#1 clos', '#2 open']);
});

test('a baseline that cannot be understood is left to people, and is none', async () => {
  const world = await adopted();
  const text = world.workspace.fileAt(MAIN, '.gitops-reloader/baseline.yaml') ?? '';
  const broken = text.replace(/^ {2}- \{"path":"both.*$/m, '  - {"path": ../../etc}');
  world.workspace.commitTo(MAIN, new Map([['.gitops-reloader/baseline.yaml', broken]]), 'Break');
  rotate(world, 'c', 2);
  const { baseline, behind } = await reconcile(world, 'asked');
  expect([baseline.kind, baseline.reason, behind]).toEqual([
    'unreadable',
    '.gitops-reloader/baseline.yaml:11 cannot be understood: what follows the dash is no JSON object.',
    [],
  ]);
  expect(await world.open()).toEqual([]);
});

test('a rotation that was reverted stays so through ten passes and new processes; a newer version is proposed', async () => {
  const world = await adopted();
  rotate(world, 'c', 2);
  await reconcile(world);
  const before = world.workspace.fileAt(MAIN, 'other.yaml') ?? '';
  await world.merge(2, 'delete');
  world.workspace.commitTo(MAIN, new Map([['other.yaml', before]]), 'Revert');
  let process = world.start();
  for (let pass = 0; pass < 10; pass += 1) {
    if (pass % 4 === 3) process = world.start();
    await world.time.pass(3_600_000);
    const report = await reconcile(world, 'interval', process);
    expect([toldOf(report), report.behind[0]?.reason?.includes('took it back')]).toEqual([['other c held'], true]);
  }
  expect((await world.forge.pulls()).length).toBe(2);
  rotate(world, 'c', 3);
  expect(toldOf(await reconcile(world))).toEqual(['other c proposed']);
});

test.each(['keep', 'delete'] as const)('what people rejected stays so through ten passes (%s)', async (branch) => {
  const world = await adopted();
  rotate(world, 'c', 2);
  await reconcile(world);
  const [pull] = await world.open();
  await world.forge.closeAs(2, 'person');
  if (branch === 'delete') world.workspace.moveRef(refOf(pull ?? { branch: '' }), null);
  for (let pass = 0; pass < 10; pass += 1) {
    await world.time.pass(3_600_000);
    expect(toldOf(await reconcile(world))).toEqual([`other c ${branch === 'keep' ? 'carried' : 'held'}`]);
  }
  expect(await world.open()).toEqual([]);
  rotate(world, 'c', 3);
  expect(toldOf(await reconcile(world))).toEqual(['other c proposed']);
});

test('a list that is late proposes nothing, and never an older version', async () => {
  const world = await adopted();
  rotate(world, 'c', 2);
  await reconcile(world);
  world.secrets.fallBehind();
  rotate(world, 'c', 3);
  world.tell('c', version(3));
  await world.drain();
  await world.merge(2, 'delete');
  expect(toldOf(await reconcile(world))).toEqual([]);
  await world.time.pass(6 * 60_000);
  expect(toldOf(await reconcile(world))).toEqual(['other c not-confirmed']);
  expect(await world.open()).toEqual([]);
  expect(versionsAt(world, MAIN, 'other')).toEqual({ c: version(3) });
});

test('a rollback in AWS is followed', async () => {
  const world = await adopted();
  rotate(world, 'c', 2);
  await reconcile(world);
  await world.merge(2, 'delete');
  await world.time.pass(3_600_000);
  rotate(world, 'c', 1);
  expect(toldOf(await reconcile(world))).toEqual(['other c proposed']);
  const [pull] = await world.open();
  expect(versionsAt(world, refOf(pull ?? { branch: '' }), 'other')).toEqual({ c: version(1) });
});

test('where lists are denied every secret is asked for by itself', async () => {
  const world = await adopted();
  world.secrets.denyList();
  rotate(world, 'b', 2);
  const report = await reconcile(world);
  expect(toldOf(report)).toEqual(['both b proposed']);
  expect(report.calls).toMatchObject({ lists: 1, pages: 1 });
  expect(report.calls.describes).toBeGreaterThanOrEqual(3);
});

test('what is denied, absent or on its way out is told, and so is what nobody uses', async () => {
  const world = await adopted();
  world.secrets.remove(secretId('a'));
  world.secrets.set({ secret: secretId('b'), versions: new Map([['AWSCURRENT', version(1)]]), deleted: true });
  rotate(world, 'stranger', 1);
  const report = await reconcile(world, 'look');
  const place = '111122223333/eu-west-1';
  expect([report.absent, report.deleted, report.denied]).toEqual([[`${place}/a`], [`${place}/b`], []]);
  expect(report.unused).toEqual([{ secret: `${place}/stranger`, version: version(1) }]);
  world.secrets.denyList();
  world.secrets.deny(secretId('c'));
  expect((await reconcile(world, 'look')).denied).toEqual([`${place}/c`]);
});

test('only a look writes nothing', async () => {
  const world = await adopted();
  rotate(world, 'c', 2);
  expect(toldOf(await reconcile(world, 'look'))).toEqual(['other c found']);
  expect(await world.open()).toEqual([]);
});

test('a repository that is paused is looked at and not written to', async () => {
  const world = await adopted();
  world.workspace.commitTo(MAIN, new Map([['.gitops-reloader/config.yaml', 'paused: true\n']]), 'Pause');
  rotate(world, 'c', 2);
  const report = await reconcile(world);
  expect([report.paused === null, await world.open()]).toEqual([false, []]);
});

const DOWN = new Failure('could not describe', { code: 'aws-unreachable', retry: 'later', hint: 'Wait.' });

test('AWS that goes down in the midst of a pass leaves whole groups or nothing', async () => {
  for (const answered of [0, 1, 2, 4]) {
    const world = await adopted();
    for (const name of ['a', 'b', 'c']) rotate(world, name, 2);
    let asked = 0;
    const process = world.start({
      gate: async (call, moment) => {
        if (moment === 'after' || (call !== 'describe' && call !== 'list secrets')) return;
        asked += 1;
        if (asked > answered) throw DOWN;
      },
    });
    const report = await reconcile(world, 'interval', process);
    const open = await world.open();
    for (const { branch } of open) {
      const at = (name: string) => versionsAt(world, refOf({ branch }), name);
      const isWhole = at('other')['c'] === version(2) || at('both')['b'] === version(2);
      expect([answered, isWhole]).toEqual([answered, true]);
    }
    const isTold = report.troubles.length > 0 || report.behind.some(({ state }) => state === 'later');
    expect([answered, isTold]).toEqual([answered, open.length < 2]);
    await reconcile(world);
    expect([answered, (await world.open()).length]).toEqual([answered, 2]);
  }
});

test('replicas that reconcile at once do the work of one', async () => {
  const alone = await adopted();
  for (const name of ['a', 'c']) rotate(alone, name, 2);
  await reconcile(alone);
  const world = await adopted();
  for (const name of ['a', 'c']) rotate(world, name, 2);
  await Promise.all([reconcile(world), reconcile(world), reconcile(world)]);
  expect(await pulls(world)).toEqual(await pulls(alone));
  expect((await world.open()).map(({ head }) => head)).toEqual((await alone.open()).map(({ head }) => head));
});

test('replicas that adopt at once open one pull request', async () => {
  const world = createTeamWorld(TEAM);
  for (const name of ['a', 'b', 'c']) rotate(world, name, 1);
  await Promise.all([reconcile(world), reconcile(world)]);
  expect(await pulls(world)).toEqual(['#1 open Record the baseline of secret versions']);
});
