import { expect, test } from 'vitest';
import { type Grouping, NO_GROUPING } from '../../../src/domain/grouping/grouping.ts';
import { readPathPattern } from '../../../src/domain/grouping/path-pattern.ts';
import { NO_EVIDENCE } from '../../../src/domain/life/evidence-policy.ts';
import { NO_BINDINGS } from '../../../src/domain/policy.ts';
import type { RepoPath } from '../../../src/domain/repo-path.ts';
import { buildIndex, type IndexedFile } from '../../../src/manifests/build-index.ts';
import { readBlob } from '../../../src/manifests/read-blob.ts';
import { everything } from '../../../src/plan/scope.ts';
import { makePlan, type PlanQuestion } from '../../../src/service/make-plan.ts';
import { previewText } from '../../../src/words/pull/preview-text.ts';
import { OWN_WORDS, parseTemplates, type Templates } from '../../../src/words/templates/say-proposal.ts';
import { es, repoPath, workload } from '../../plan/repository.ts';

const ACCOUNT = { id: '111122223333', regions: ['eu-west-1'] };
const FILES = new Map<RepoPath, string>([
  [repoPath('db.yaml'), es('db', ['prod/db'])],
  [repoPath('tls.yaml'), es('tls', ['prod/tls'])],
  [repoPath('api.yaml'), workload('Deployment', 'api', ['db'])],
]);
const EVERYTHING: PlanQuestion = { kind: 'all' };

const CLUSTERS: Grouping = {
  paths: ['clusters/{cluster}/**'].flatMap((text) => readPathPattern(text) ?? []),
  named: [],
};

async function preview(
  files: ReadonlyMap<RepoPath, string>,
  stage: 1 | 2,
  templates: Templates = OWN_WORDS,
  grouping: Grouping = NO_GROUPING,
) {
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
  const scope = { ...everything('staged'), grouping };
  const settings = {
    scope,
    settleMilliseconds: 360_000,
    evidence: NO_EVIDENCE,
    instance: 'acme',
    branchPrefix: 'bots',
    base: 'main',
    templates,
  };
  const how = { scope, stage, signal: new AbortController().signal, preview: { name: 'platform@main', settings } };
  const clock = { now: () => Date.parse('2026-03-02T09:20:30Z'), sleep: async () => undefined };
  return makePlan(source, EVERYTHING, how, { secretVersions: null, clock });
}

test('one pull request for each group, as it would be opened', async () => {
  const { previews } = await preview(FILES, 1);
  expect(previews.map(({ branch, group, title }) => [branch.replace(/-[0-9a-f]{8}\//, '/'), group, title])).toEqual([
    ['bots/acme/prod-db/refresh', 'prod/db', 'Refresh prod/db'],
    ['bots/acme/prod-tls/refresh', 'prod/tls', 'Refresh prod/tls'],
  ]);
  expect(previews[0]?.message).toMatch(/^Refresh prod\/db\n\n[^]*\nSecret-Rotation: prod\/db=/);
  expect(previews[0]?.body).toContain('1 workload (<code>Deployment app/api</code>)');
  expect(previews[1]?.body).not.toContain('Deployment');
});

test('one for each part of a group, with what lies there alone', async () => {
  const files = new Map([
    [repoPath('clusters/eu/db.yaml'), es('db', ['prod/db'])],
    [repoPath('clusters/us/db.yaml'), es('db', ['prod/db'], { namespace: 'other' })],
  ]);
  const { previews } = await preview(files, 1, OWN_WORDS, CLUSTERS);
  expect(previews.map(({ group, title }) => [group, title])).toEqual([
    ['prod/db in cluster=eu', 'Refresh prod/db in cluster=eu'],
    ['prod/db in cluster=us', 'Refresh prod/db in cluster=us'],
  ]);
  expect(previews[0]?.body).toContain('This is the part <code>cluster&#61;eu</code> alone');
  expect(previews[0]?.body).not.toContain('clusters/us');
});

test('stage two, once that is merged', async () => {
  const { files } = await preview(FILES, 1);
  const merged = new Map([...FILES, ...files.map(({ path, after }) => [repoPath(path), after] as const)]);
  const { previews } = await preview(merged, 2);
  expect(previews.map(({ title, stage }) => [title, stage])).toEqual([
    ['Restart 1 workload after a secret refresh', 2],
  ]);
  expect(previews[0]?.message).toContain('\nWorkload-Restart: api.yaml:Deployment/app/api db=');
});

test('templates are used, and one that is passed over is noted', async () => {
  const templates = parseTemplates({
    subject: '{{ subject }} {{ branch }}{{ branch }}{{ branch }}',
    title: '{{ group }}',
    body: null,
  });
  const { previews } = await preview(FILES, 1, templates);
  expect(previews.map(({ title }) => title)).toEqual(['prod/db', 'prod/tls']);
  expect(previewText(previews)).toContain(
    '    note:    the template of subject was passed over. It says more than 72 characters.',
  );
});

test('of very many groups the first are shown, and a note says so', async () => {
  const names = Array.from({ length: 25 }, (_, at) => `s${at}`);
  const { previews, notes } = await preview(
    new Map(names.map((name) => [repoPath(`${name}.yaml`), es(name, [name])])),
    1,
  );
  expect([previews.length, notes.at(-1)]).toEqual([
    20,
    'No more than 20 pull requests are shown; there may be others.',
  ]);
});

test('as text, nothing acts on a terminal', () => {
  const text = '\u001b[31mred\u202e\r\nx';
  const one = { branch: text, group: text, stage: 1, title: text, body: text, message: text, passedOver: [] } as const;
  expect(previewText([one])).not.toMatch(/[\p{Cf}]|[^\P{Cc}\n]/u);
  expect(previewText([])).toBe('0 pull request(s), as they would be opened\n');
});

test('what was not asked for is not made', async () => {
  const { previews, plan } = await preview(new Map(), 1);
  expect([previews, plan.edits]).toEqual([[], []]);
});
