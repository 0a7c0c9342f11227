import { describe, expect, test } from 'vitest';
import { ALWAYS, NO_LIMITS } from '../../../src/domain/life/opening-policy.ts';
import type { BranchSettings } from '../../../src/service/served-branch.ts';
import { version } from '../manifests.ts';
import { type Process, refOf, START, told, type World } from '../memory-world.ts';
import { createTeamWorld } from '../team-world.ts';

const HOUR = 3_600_000;
/** It is 09:20. */
const FROM_TEN = { ...ALWAYS, allow: [{ cron: '0 10 * * *', durationMilliseconds: HOUR }] };
const TEN = START + 40 * 60_000;

const LAYOUT = { one: ['a'], two: ['b'], three: ['c'], four: ['d'] };

function limits(more: Partial<BranchSettings['limits']>): Partial<BranchSettings> {
  return { limits: { ...NO_LIMITS, ...more } };
}

interface Team {
  readonly world: World;
  readonly process: Process;
  /** Each secret has moved a minute after the one before, in this order; all are told in one batch each. */
  readonly rotate: (...names: readonly string[]) => Promise<void>;
  /** What became of the messages since the last look, without their codes' explanations. */
  readonly outcomes: () => readonly string[];
  /** The secrets whose pull requests are open, in the order in which they were opened. */
  readonly open: () => Promise<readonly string[]>;
}

function createTeam(settings: Partial<BranchSettings>, files: Readonly<Record<string, string>> = {}): Team {
  const world = createTeamWorld(LAYOUT, { files });
  const process = world.start({ settings });
  let seen = 0;
  let number = 1;
  return {
    world,
    process,
    rotate: async (...names) => {
      for (const name of names) {
        number += 1;
        await world.time.pass(60_000);
        world.rotate(name, version(number));
        world.tell(name, version(number));
        await process.batch();
      }
    },
    outcomes: () => {
      const all = told(process, 'outcome', 'reason');
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh.map((line) => /^waiting [a-z-]+|^\S+/.exec(line)?.[0] ?? line);
    },
    open: async () => (await world.open()).map(({ branch }) => /acme\/([a-d])-/.exec(branch)?.[1] ?? branch),
  };
}

/** Every branch that is not shown by an open pull request. */
async function unshown({ world }: Team): Promise<number> {
  const open = new Set((await world.open()).map(refOf));
  const refs = await world.workspace.refs(['refs/heads/gitops-reloader/'], new AbortController().signal);
  return refs.filter(({ name }) => !open.has(name)).length;
}

describe('limits', () => {
  test('what is beyond waits on its branch, and its message is gone', async () => {
    const team = createTeam(limits({ open: 2 }));
    await team.rotate('a', 'b', 'c');
    expect(team.outcomes()).toEqual(['published', 'published', 'waiting too-many-open']);
    expect(await team.open()).toEqual(['a', 'b']);
    expect(await unshown(team)).toBe(1);
    expect(team.world.inbox.bodies()).toEqual([]);
  });

  test('one that is merged makes room, and the sweep fills it', async () => {
    const team = createTeam(limits({ open: 1 }));
    await team.rotate('a', 'b');
    expect(await team.process.sweep()).toMatchObject({ nextDueAt: null });
    expect(await team.open()).toEqual(['a']);
    await team.world.merge(1, 'delete');
    await team.process.sweep('quick');
    expect(await team.open()).toEqual(['b']);
  });

  test('what waits longest is opened first, whatever its name, and by a process that has just begun', async () => {
    const team = createTeam(limits({ open: 1 }));
    await team.rotate('a', 'd', 'b', 'c');
    const fresh = team.world.start({ settings: limits({ open: 1 }) });
    const order: string[] = [];
    for (const [at, process] of [team.process, fresh, team.process].entries()) {
      await process.sweep();
      await team.world.merge(at + 1, 'delete');
      await process.sweepToRest();
      order.push(...(await team.open()));
    }
    expect(order).toEqual(['d', 'b', 'c']);
  });

  test('whoever comes later does not take the room of what waits', async () => {
    const team = createTeam(limits({ open: 1 }));
    await team.rotate('a', 'b');
    await team.world.merge(1, 'delete');
    await team.rotate('c');
    expect(team.outcomes()).toEqual(['published', 'waiting too-many-open', 'waiting too-many-open']);
    await team.process.sweep();
    expect(await team.open()).toEqual(['b']);
  });

  test('an hour that is full is over at the time that the sweep knows', async () => {
    const team = createTeam(limits({ perHour: 2 }));
    await team.rotate('a', 'b', 'c', 'd');
    expect(team.outcomes().slice(2)).toEqual(['waiting too-many-this-hour', 'waiting too-many-this-hour']);
    const nextDueAt = START + 60_000 + HOUR;
    expect(await team.process.sweep()).toMatchObject({ nextDueAt });
    await team.world.time.pass(nextDueAt - 1 - team.world.time.now());
    await team.process.sweep('quick');
    expect(await team.open()).toEqual(['a', 'b']);
    await team.world.time.pass(1);
    await team.process.sweep('quick');
    expect(await team.open()).toEqual(['a', 'b', 'c']);
  });

  test('within one round it counts what it opens, and asks the forge once', async () => {
    const { world } = createTeam({});
    for (const name of ['a', 'b', 'c', 'd']) world.rotate(name, version(2));
    for (const name of ['a', 'b', 'c', 'd']) world.tell(name, version(2));
    let asked = 0;
    const process = world.start({
      settings: limits({ open: 3, perHour: 100 }),
      gate: async (call, moment) => {
        if (call === 'recent' && moment === 'before') asked += 1;
      },
      coalesce: { windowMilliseconds: 1000, capMilliseconds: 1000, isUrgent: () => false },
    });
    await process.batch();
    expect(await world.open()).toHaveLength(3);
    expect(asked).toBe(1);
  });

  test('a newer version goes onto what is open or waits, and neither is opened for it', async () => {
    const team = createTeam(limits({ open: 1 }));
    await team.rotate('a', 'b', 'a', 'b');
    expect(team.outcomes()).toEqual(['published', 'waiting too-many-open', 'published', 'waiting too-many-open']);
    expect(await team.open()).toEqual(['a']);
    await team.world.merge(1, 'delete');
    await team.process.sweep();
    const [pull] = await team.world.open();
    expect(pull?.body).toContain(version(5));
  });

  test('what was opened and closed counts for the hour', async () => {
    const team = createTeam(limits({ perHour: 1 }));
    await team.rotate('a');
    await team.world.forge.closeAs(1, 'person');
    await team.rotate('b');
    expect(team.outcomes()).toEqual(['published', 'waiting too-many-this-hour']);
  });

  test('a forge that does not tell how many there are: the branch is there, and the message comes back', async () => {
    const { world } = createTeam({});
    world.rotate('a', version(2));
    world.tell('a', version(2));
    const process = world.start({
      settings: limits({ open: 3 }),
      ports: (ports) => ({
        ...ports,
        forge: { ...ports.forge, recent: (_folder, signal) => ports.forge.read(999, signal).then(() => NOTHING) },
      }),
    });
    await process.batch();
    expect(told(process, 'outcome')).toEqual(['needs-operator']);
    expect(await world.open()).toEqual([]);
  });
});

const NOTHING = { open: [], createdAt: [] };

describe('windows', () => {
  test('closed: it waits until the window begins, which the sweep knows', async () => {
    const team = createTeam({ windows: FROM_TEN });
    await team.rotate('a');
    expect(team.outcomes()).toEqual(['waiting window-closed']);
    expect(await team.process.sweep()).toMatchObject({ nextDueAt: TEN });
    await team.world.time.pass(TEN - team.world.time.now());
    await team.process.sweep('quick');
    expect(await team.open()).toEqual(['a']);
  });

  test('closed again while something is open: a newer version goes onto it', async () => {
    const team = createTeam({ windows: FROM_TEN });
    await team.world.time.pass(TEN - team.world.time.now());
    await team.rotate('a');
    await team.world.time.pass(2 * HOUR);
    await team.rotate('a', 'b');
    expect(team.outcomes()).toEqual(['published', 'published', 'waiting window-closed']);
    const [pull] = await team.world.open();
    expect(pull?.body).toContain(version(3));
  });

  test('what takes the place of an open one, since its approval could not be taken back, does not wait', async () => {
    const team = createTeam({ windows: FROM_TEN });
    await team.world.time.pass(TEN - team.world.time.now());
    await team.rotate('a');
    await team.world.forge.approve(1, 'ana');
    await team.world.time.pass(2 * HOUR);
    team.world.rotate('a', version(9));
    team.world.tell('a', version(9));
    const process = team.world.start({
      settings: { windows: FROM_TEN, ...limits({ open: 1, perHour: 1 }) },
      ports: (ports) => ({
        ...ports,
        forge: { ...ports.forge, dismissApprovals: async () => ({ kind: 'refused', reason: 'no right' }) },
      }),
    });
    await process.batch();
    expect(told(process, 'outcome')).toEqual(['published']);
    expect((await team.world.forge.pulls()).map(({ state }) => state)).toEqual(['closed-by-bot', 'open']);
  });

  test('a closed window asks the forge for no count', async () => {
    const { world } = createTeam({});
    world.rotate('a', version(2));
    world.tell('a', version(2));
    const calls: string[] = [];
    const process = world.start({
      settings: { windows: FROM_TEN, ...limits({ open: 5 }) },
      gate: async (call) => {
        calls.push(call);
      },
    });
    await process.batch();
    expect(calls).not.toContain('recent');
  });
});

describe('what is urgent', () => {
  const CLOSED = { windows: FROM_TEN, ...limits({ open: 1 }) };

  test('by its name it passes windows and limits, and others still wait', async () => {
    const team = createTeam({ ...CLOSED, isUrgentName: (names) => names.includes('b') });
    await team.rotate('a', 'b');
    expect(team.outcomes()).toEqual(['waiting window-closed', 'published']);
    expect(await team.open()).toEqual(['b']);
  });

  test('by the annotation on what fetches it, also where that is written while it waits', async () => {
    const team = createTeam(CLOSED);
    await team.rotate('a', 'b');
    await team.process.sweep();
    const path = 'two.yaml';
    const text = team.world.workspace.fileAt('refs/heads/main', path) ?? '';
    const urgent = text.replace(
      '  name: two\n',
      '  name: two\n  annotations:\n    gitops-reloader.dev/urgent: "true"\n',
    );
    expect(urgent).not.toBe(text);
    team.world.workspace.commitTo('refs/heads/main', new Map([[path, urgent]]), 'It is urgent\n');
    await team.process.sweep('quick');
    expect(await team.open()).toEqual(['b']);
  });

  test('by a person who opens its pull request: it is taken over, with our words', async () => {
    const team = createTeam(CLOSED);
    await team.rotate('b');
    const { signal } = new AbortController();
    const [ref] = await team.world.workspace.refs(['refs/heads/gitops-reloader/'], signal);
    const branch = ref?.name.slice('refs/heads/'.length) ?? '';
    const words = { branch, base: 'main', title: 'Hurry', body: '' };
    const people = { draft: false, labels: [], assignees: [], reviewers: [], teamReviewers: [] };
    await team.world.forge.open({ ...words, ...people }, signal);
    await team.process.sweep();
    const pulls = await team.world.open();
    expect(pulls.map(({ title, number }) => [number, title])).toEqual([[1, 'Refresh b']]);
    expect(pulls[0]?.body).toContain('Secret-Rotation: b=');
  });
});

/** A world in which two ExternalSecrets fetch `a`. */
function pair(): World {
  return createTeamWorld({ one: ['a'], two: ['a'] });
}

describe('confirmation', () => {
  const MANY = limits({ maxObjects: 1 });

  async function openedForConfirmation() {
    const world = pair();
    world.rotate('a', version(2));
    world.tell('a', version(2));
    const process = world.start({ settings: MANY });
    await process.batch();
    return { world, process };
  }

  test('too many objects: a draft, and one remark that says what to do', async () => {
    const { world, process } = await openedForConfirmation();
    expect(told(process, 'outcome', 'reason', 'pr')).toEqual([
      'waiting needs-confirmation: It changes 2 objects, more than limits.maxObjects (1): a person must confirm it. https://forge.invalid/pull/1',
    ]);
    for (const _ of [1, 2]) await process.sweep();
    const [pull] = await world.open();
    expect(pull).toMatchObject({ isDraft: true, remarks: ['needs-confirmation'] });
    expect(pull?.comments).toEqual([
      expect.stringContaining('add the label gitops-reloader:confirm to its pull request, and mark it as ready'),
    ]);
    expect([...process.served.memory.waiting.values()].map(({ wait }) => wait.why)).toEqual(['needs-confirmation']);
  });

  test('the label confirms it', async () => {
    const { world, process } = await openedForConfirmation();
    await world.forge.label(1, 'gitops-reloader:confirm');
    await process.sweep();
    expect(process.served.memory.waiting.size).toBe(0);
  });

  test('where nobody may comment the outcome says it', async () => {
    const { world, process } = await openedForConfirmation();
    await world.forge.lock(1);
    expect(await process.sweep()).toMatchObject({ swept: [{ outcome: { kind: 'waiting' } }] });
  });

  test('an open one that comes to change too many is said so, once', async () => {
    const world = pair();
    world.rotate('a', version(2));
    world.tell('a', version(2));
    await world.start().batch();
    world.rotate('a', version(3));
    world.tell('a', version(3));
    const process = world.start({ settings: MANY });
    await process.batch();
    expect(told(process, 'outcome')).toEqual(['waiting']);
    const [pull] = await world.open();
    expect(pull).toMatchObject({ isDraft: false, remarks: ['needs-confirmation'] });
    expect(pull?.body).toContain(version(3));
  });
});
