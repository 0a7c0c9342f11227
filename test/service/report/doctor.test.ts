import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createMemoryIndexCache } from '../../../src/adapters/memory/memory-index-cache.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { keptBranch } from '../../../src/service/reading/keep-index.ts';
import { examine } from '../../../src/service/report/doctor.ts';
import { ACCOUNT, deployment, externalSecret, REGION, STORE } from '../manifests.ts';
import { createWorld, MAIN, secretId, type World } from '../memory-world.ts';
import { createTeamWorld, TEAM } from '../team-world.ts';

const NEVER = new AbortController().signal;

function world(truth: 'describe' | 'event' = 'describe'): World {
  const accounts = [{ id: ACCOUNT, regions: [REGION, 'us-east-1'] }];
  return createTeamWorld(TEAM, { truth, accounts });
}

test('all is well: every connection once, in a fixed order, and nothing is taken or written', async () => {
  const one = world();
  one.inbox.send('hello');
  const { served } = one.start();
  const findings = await examine([one.inbox], [served, served], NEVER);
  const approvals =
    'true approvals in platform@main: binding for 0 of 3 ExternalSecrets; the others take a new value at their next refresh, without a merge (alone.yaml:2 ExternalSecret/alone, every 1h)';
  expect(findings.map(({ subject, ok, detail }) => `${ok} ${subject}: ${detail}`)).toEqual([
    'true queue memory: reachable, about 1 waiting',
    `true repository platform@main: branch main is at ${one.workspace.tip(MAIN)?.slice(0, 12)}`,
    "true pull requests of platform@main: readable (0 of the doctor's own)",
    approvals,
    `true repository platform@main: branch main is at ${one.workspace.tip(MAIN)?.slice(0, 12)}`,
    "true pull requests of platform@main: readable (0 of the doctor's own)",
    approvals,
    `true secrets in ${ACCOUNT}/${REGION}: AWS answers`,
    `true list of ${ACCOUNT}/${REGION}: secrets may be listed`,
    `true secrets in ${ACCOUNT}/us-east-1: AWS answers`,
    `true list of ${ACCOUNT}/us-east-1: secrets may be listed`,
  ]);
  expect(one.inbox.visible()).toBe(1);
});

test('event mode does not ask AWS', async () => {
  const findings = await examine([], [world('event').start().served], NEVER);
  expect(findings.map(({ subject }) => subject)).toEqual([
    'repository platform@main',
    'pull requests of platform@main',
    'approvals in platform@main',
  ]);
});

test('where an index is kept, each place is tried once', async () => {
  const { served } = world('event').start();
  const cache = createMemoryIndexCache();
  const branches = [served, served].map((one) => ({ ...one, kept: keptBranch(cache, one.settings) }));
  const kept = async () => {
    const findings = await examine([], branches, NEVER);
    return findings.filter(({ subject }) => subject === 'index cache memory');
  };
  const detail = 'writable: the next start reads only files that changed';
  expect(await kept()).toEqual([{ subject: 'index cache memory', ok: true, detail, hint: null }]);
  await cache.whileBroken(async () => {
    expect(await kept()).toMatchObject([{ ok: false, detail: 'memory cannot be written [file-unwritable]' }]);
  });
});

test('a permission for some secrets only is fine', async () => {
  const one = world();
  one.secrets.deny(secretId('gitops-reloader/doctor/this-secret-does-not-exist'));
  const findings = await examine([], [one.start().served], NEVER);
  expect(findings.at(-4)).toMatchObject({ ok: true, detail: 'AWS answers; DescribeSecret is limited to some secrets' });
});

test('where secrets may not be listed, what that costs is a note', async () => {
  const one = world();
  one.secrets.denyList();
  const findings = await examine([], [one.start().served], NEVER);
  expect(findings.at(-1)).toEqual({
    subject: `list of ${ACCOUNT}/us-east-1`,
    ok: true,
    detail: 'secrets may not be listed: reconcile and status ask for each by itself, and no find is followed',
    hint: 'Allow secretsmanager:ListSecrets, unless there are few secrets.',
  });
});

test('statuses that restarts wait for: which were reported, and which never', async () => {
  const one = world('event');
  const contexts = [
    'kustomization/apps/*',
    'kustomization/infra/*',
    ...Array.from({ length: 6 }, (_, at) => `never-${at}\n`),
  ];
  const evidence = { statuses: [{ paths: [], contexts }], delayMilliseconds: 60_000 };
  const { served } = one.start({ settings: { evidence } });
  const look = async (policy = evidence) => {
    const settings = { ...served.settings, evidence: policy };
    const findings = await examine([], [{ ...served, settings }], NEVER);
    return findings.find(({ subject }) => subject === 'statuses of platform@main');
  };
  await one.forge.report(one.workspace.tip(MAIN) ?? '', 'kustomization/apps/0c9c2e41', 'failed');
  const found = await look();
  expect(found).toMatchObject({
    ok: true,
    detail: expect.stringMatching(
      /^7 of 8 status\(es\) and check\(s\) never reported on the last 1 commit\(s\)/,
    ) as string,
    hint: expect.stringContaining('branches[].evidence') as string,
  });
  expect(found?.detail).toMatch(/: kustomization\/infra\/\*, never-0\\u\{a\}, .*, and 2 more$/);
  const first = { ...evidence, statuses: [{ paths: [], contexts: ['kustomization/apps/*'] }] };
  expect(await look(first)).toMatchObject({ detail: expect.stringMatching(/^each of 1 /) as string, hint: null });
  expect(await look({ ...evidence, statuses: [] })).toBeUndefined();
});

test('what fails is told with its code and hint, and the rest is tried all the same', async () => {
  const one = world();
  const failure = new Failure('no such host', { code: 'git-unreachable', retry: 'later', hint: 'Check the URL.' });
  one.workspace.failNext(failure);
  const findings = await examine([one.inbox], [one.start().served], NEVER);
  expect(findings.map(({ ok }) => ok)).toEqual([true, false, true, true, true, true, true]);
  expect(findings[1]).toEqual({
    subject: 'repository platform@main',
    ok: false,
    detail: 'no such host [git-unreachable]',
    hint: 'Check the URL.',
  });
});

test('a host that does not answer uses up the time of no other', async () => {
  const one = world('event');
  const { served } = one.start();
  const asked = new AbortController();
  // Answers only when the pull requests of the last repository were asked for.
  const slow = {
    ...served,
    workspace: { ...served.workspace, refs: () => once(asked.signal, 'abort').then(() => []) },
  };
  const last = {
    ...served,
    forge: {
      ...served.forge,
      list: (...args: Parameters<typeof served.forge.list>) => {
        asked.abort();
        return served.forge.list(...args);
      },
    },
  };
  const findings = await examine([], [slow, last], NEVER);
  expect(findings.map(({ ok }) => ok)).toEqual([false, true, true, true, true]);
});

test('a base branch that is missing is told', async () => {
  const one = world();
  one.workspace.moveRef(MAIN, null);
  const findings = await examine([], [one.start().served], NEVER);
  expect(findings[0]).toMatchObject({ ok: false, detail: 'it has no branch main [git-missing]' });
});

test('approvals bind where nothing is refreshed but by a change', async () => {
  const one = createWorld({
    files: {
      'store.yaml': STORE,
      'a.yaml': externalSecret('a', ['a'], '  refreshPolicy: OnChange\n'),
      'frozen.yaml': externalSecret('frozen', ['a'], '  refreshPolicy: CreatedOnce\n'),
    },
  });
  const findings = await examine([], [one.start().served], NEVER);
  expect(findings.find(({ subject }) => subject.startsWith('approvals'))).toEqual({
    subject: 'approvals in platform@main',
    ok: true,
    detail: 'binding for 1 of 1 ExternalSecrets: nothing is fetched without a merge',
    hint: null,
  });
});

test('a bug of ours is not a finding', async () => {
  const { served } = world().start();
  const broken = { ...served, forge: { ...served.forge, list: () => Promise.reject(new TypeError('x')) } };
  await expect(examine([], [broken], NEVER)).rejects.toThrow(TypeError);
});

test('a branch whose order is gated: how many workloads wait, and what the others lack', async () => {
  const one = createTeamWorld(TEAM, { order: 'gated', files: { 'w.yaml': deployment('w', 'alone') } });
  const findings = await examine([], [one.start().served], NEVER);
  const gates = findings.find(({ subject }) => subject === 'gates of platform@main');
  expect(gates).toMatchObject({ ok: true, detail: expect.stringMatching(/^0 of 1 workload\(s\) wait/) });
  expect(gates?.hint).toContain('No Argo CD Application or Flux Kustomization here deploys it');
});

test('order gated without any workload', async () => {
  const one = createTeamWorld({}, { order: 'gated' });
  const findings = await examine([], [one.start().served], NEVER);
  expect(findings[3]).toMatchObject({ subject: 'gates of platform@main', ok: true, hint: null });
});
