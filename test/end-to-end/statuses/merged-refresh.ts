import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSystemClock } from '../../../src/adapters/local/system-clock.ts';
import { createMemoryMeter } from '../../../src/adapters/memory/memory-meter.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { labelUpdated } from '../../../src/demo/aws/rotation-events.ts';
import { git } from '../../../src/demo/git/git-cli.ts';
import type { Method } from '../../../src/demo/github/merging/merge-rules.ts';
import type { People } from '../../../src/demo/github/people.ts';
import { type EmbeddedWorld, startWorld, WORLD } from '../../../src/demo/world.ts';
import type { Clock, Log } from '../../../src/ports.ts';
import { consumeBatch } from '../../../src/service/consume/consume.ts';
import { createLane } from '../../../src/service/consume/lane.ts';
import { createHealth } from '../../../src/service/health.ts';
import { readRefs } from '../../../src/service/round.ts';
import { emptyMemory, sweepBranch } from '../../../src/service/sweep/sweep-branch.ts';
import { type Connections, connect } from '../../../src/wire/connect.ts';
import { deployment, externalSecret, STORE } from '../manifests.ts';

const SECRET = 'prod/db';
const PLACE = { account: WORLD.account, region: WORLD.region, name: SECRET, suffix: 'Ab3dEf' };
const ADA = { login: 'ada', type: 'User' } as const;
const QUIET: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const NEVER = new AbortController().signal;
const APPS = 'kustomization/apps/0c9c2e41';
const MINUTE = 60_000;
const BRANCH = {
  base: WORLD.base,
  settle: '0s',
  merge: { mode: 'bot' },
  evidence: { delay: '60s', statuses: [{ paths: ['clusters/**'], contexts: ['kustomization/apps/*'] }] },
};

let world: EmbeddedWorld;
let people: People;
let passed = 0;
const clock: Clock = { ...createSystemClock(), now: () => Date.now() + passed };

/** A refresh that people merge, each time by another method: its restart waits for a status, and is then merged by the bot. */
export function mergedRefresh(methods: readonly Method[]): void {
  const before = { ...process.env };
  beforeAll(async () => {
    const files = new Map([
      ['store.yaml', STORE],
      ['clusters/db.yaml', externalSecret('db', SECRET)],
      ['clusters/api.yaml', deployment('api', 'db')],
    ]);
    world = await startWorld({ files, now: () => clock.now() });
    // Credentials are read from the environment, as a process does.
    Object.assign(process.env, world.environment);
    people = world.github.people(WORLD.repository);
    world.secrets.put({ name: SECRET, suffix: PLACE.suffix, versions: { AWSCURRENT: version(1) } });
  });
  afterAll(async () => {
    process.env = before;
    await world.close();
  });

  test.each(methods)(
    'merged by %s: no status, no restart; its status, and a minute later the bot merges it',
    async (method) => {
      const refresh = await rotate();
      const { head } = await pull(refresh);
      const merged = await people.mergeAs(refresh, ADA, method);
      // What succeeded on the branch, or on the base before, says nothing of the base now.
      await succeeded(head);
      await succeeded((await git(world.repository.dir, ['rev-parse', `${merged}^1`])).trim());
      await later(10);
      expect(await restartsOpen()).toEqual([]);
      await succeeded(merged);
      await later(0);
      expect(await restartsOpen()).toEqual([]);
      await later(1);
      const [restart] = await restartsOpen();
      expect(restart?.body).toContain(`<code>${APPS}</code> succeeded on <code>${merged.slice(0, 12)}</code>`);
      await later(2);
      expect(await pull(restart?.number ?? 0)).toMatchObject({ state: 'closed', mergedBy: WORLD.bot });
      const api = await git(world.repository.dir, ['show', `${WORLD.base}:clusters/api.yaml`]);
      const value = (annotation: string) => new RegExp(`${annotation}: "([^"]+)"`).exec(api)?.[1];
      expect(value('secret-versions')).toBe(value('restart-due'));
      expect(world.github.violations).toEqual([]);
    },
  );
}

function version(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** A rotation whose refresh is proposed: the number of its pull request. */
async function rotate(): Promise<number> {
  const before = await people.pulls();
  const next = version(before.length + 2);
  world.secrets.putVersion(SECRET, next);
  world.sqs.send(WORLD.queue, JSON.stringify(labelUpdated(PLACE, next)));
  await withService(handleOnce);
  return before.length + 1;
}

async function pull(number: number) {
  const found = (await people.pulls()).find((one) => one.number === number);
  if (found === undefined) throw new Error(`there is no pull request #${number}`);
  return found;
}

const succeeded = (commit: string) => people.report(commit, { kind: 'status', name: APPS, state: 'SUCCESS' });

async function restartsOpen() {
  return (await people.pulls()).filter(({ state, branch }) => state === 'open' && branch.endsWith('/restart'));
}

/** So many minutes later a process that knows nothing of those before it sweeps. */
async function later(minutes: number): Promise<void> {
  passed += minutes * MINUTE;
  await withService(async ([served]) => {
    const refs = served === undefined ? null : await readRefs(served, NEVER);
    if (served === undefined || refs === null) throw new Error('the base is gone');
    await sweepBranch(served, refs, { memory: emptyMemory(), look: 'full' }, NEVER);
  });
}

type Served = Connections['branches'];

async function withService(act: (branches: Served, inboxes: Connections['inboxes']) => Promise<void>): Promise<void> {
  const text: { spec: { repositories: object[] } } = JSON.parse(
    world.config({ coalesce: { window: '0s', cap: '0s' } }),
  );
  const repositories = text.spec.repositories.map((one) => ({ ...one, branches: [BRANCH] }));
  const loaded = loadConfig(JSON.stringify({ ...text, spec: { ...text.spec, repositories } }), 'config.yaml');
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded.problems));
  const connections = await connect(loaded.config, QUIET);
  try {
    await act(
      connections.branches.map((served) => ({ ...served, clock })),
      connections.inboxes,
    );
  } finally {
    await connections.close();
  }
}

async function handleOnce([served]: Served, [source]: Connections['inboxes']): Promise<void> {
  if (source === undefined || served === undefined) throw new Error('one queue and one branch are configured');
  const meter = createMemoryMeter();
  const dependencies = [
    { kind: 'queue', name: source.inbox.name } as const,
    { kind: 'repository', name: served.name } as const,
  ];
  const health = createHealth(dependencies, clock, meter);
  const lanes = [createLane(served, health, NEVER)];
  await consumeBatch({ ...source, lanes, clock, log: QUIET, meter, health }, { stopping: NEVER, abort: NEVER });
}
