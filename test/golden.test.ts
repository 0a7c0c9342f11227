import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { NO_BINDINGS, type Stage } from '../src/domain/policy.ts';
import { parseRepoPath, type RepoPath } from '../src/domain/repo-path.ts';
import { buildIndex, type IndexedFile } from '../src/manifests/build-index.ts';
import { readBlob } from '../src/manifests/read-blob.ts';
import { everything } from '../src/plan/scope.ts';
import type { SecretVersions } from '../src/ports.ts';
import { type MadePlan, makePlan } from '../src/service/make-plan.ts';
import { changesOf } from '../src/service/report/describe-events.ts';
import { diffText } from '../src/words/plan-text.ts';
import { pullRequestText } from '../src/words/pull-request.ts';

/**
 * Golden folders: a repository and an event on one side, the plan, the diff and the pull request on the other. Everything
 * that the diff does not name stays byte-identical by construction, decoys included. `UPDATE=1` rewrites them.
 */
const BEFORE = 'fixtures/demo/repository';
const GOLDEN = 'fixtures/golden/demo';
const ACCOUNT = { id: '111122223333', regions: ['eu-west-1'] };
const NOW = Date.parse('2026-03-02T09:20:30Z');

const texts = new Map(
  readdirSync(BEFORE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [repoPath(file.slice(BEFORE.length + 1)), readFileSync(file, 'utf8')]),
);
const event = readFileSync(`${GOLDEN}/event.json`, 'utf8');

test('stage one for the event', async () => {
  const made = await plan(texts, 1);
  golden('plan.json', `${JSON.stringify(made.plan, null, 2)}\n`);
  golden('stage-1.diff', diffText(made.files));
  const { title, body } = pullRequestText({
    plan: made.plan,
    events: [],
    order: 'staged',
    stage: 1,
    settleMilliseconds: 360_000,
    refreshedBy: [],
  });
  golden('pr.md', `${title}\n\n${body}`);
});

test('the same event again asks for nothing, and stage two is due where it was announced', async () => {
  const first = await plan(texts, 1);
  const merged = new Map([...texts, ...first.files.map(({ path, after }) => [repoPath(path), after] as const)]);
  expect((await plan(merged, 1)).plan.edits).toEqual([]);
  const second = await plan(merged, 2);
  golden('stage-2.diff', diffText(second.files));
  const restarted = new Map([...merged, ...second.files.map(({ path, after }) => [repoPath(path), after] as const)]);
  expect((await plan(restarted, 2)).plan.edits).toEqual([]);
});

async function plan(files: ReadonlyMap<RepoPath, string>, stage: Stage): Promise<MadePlan> {
  const read = [...files].map(
    ([path, text]): IndexedFile => ({ path, facts: readBlob(new TextEncoder().encode(text)) }),
  );
  const source = {
    base: null,
    index: buildIndex(read, { accounts: [ACCOUNT], bindings: NO_BINDINGS }),
    readText: async (path: RepoPath) => files.get(path) ?? null,
    accounts: [ACCOUNT],
    notes: [],
  };
  const how = { scope: everything('staged'), stage, signal: new AbortController().signal };
  const clock = { now: () => NOW, sleep: async () => undefined };
  return makePlan(source, { kind: 'changes', changes: changesOf(event, NOW) }, how, { secretVersions, clock });
}

/** AWS after the rotation: every secret has one version, and `prod/payments/db` its new one. */
const secretVersions: SecretVersions = {
  describe: async ({ id, account, region }) => {
    const name = id.includes(':secret:') ? id.slice(id.indexOf(':secret:') + 8).replace(/-[A-Za-z0-9]{6}$/, '') : id;
    const current =
      name === 'prod/payments/db' ? '4d383ea9-084a-49c9-8722-cbfb0f25c456' : '0a1b2c3d-1111-4111-8111-000000000001';
    const secret = { service: 'secretsmanager', partition: 'aws', account, region, name, suffix: 'Ab3dEf' } as const;
    const versions = new Map([['AWSCURRENT', current]]);
    const plain = { tags: new Map<string, string>(), replication: [], primaryRegion: null };
    return { kind: 'found', secret, versions, seenAt: NOW, deleted: false, ...plain };
  },
  list: async () => ({ kind: 'denied' }),
  listParameters: async () => ({ kind: 'denied' }),
};

function golden(name: string, text: string): void {
  const file = join(GOLDEN, name);
  if (process.env['UPDATE'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}

function repoPath(text: string): RepoPath {
  const path = parseRepoPath(text);
  if (path === null) throw new Error(`no repository path: ${text}`);
  return path;
}
