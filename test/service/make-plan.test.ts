import { expect, test } from 'vitest';
import type { Replica } from '../../src/domain/described/described-secret.ts';
import { Failure } from '../../src/domain/failure.ts';
import type { AllowedAccount, Order, Stage } from '../../src/domain/policy.ts';
import { everything } from '../../src/plan/scope.ts';
import { type MadePlan, makePlan, type PlanQuestion, type PlanSource } from '../../src/service/make-plan.ts';
import { textReader } from '../../src/service/propose/draft/draft-edits.ts';
import { readIndex } from '../../src/service/reading/read-index.ts';
import { changesOf } from '../../src/service/report/describe-events.ts';
import { ACCOUNT, deployment, externalSecret, REGION, STORE, version } from './manifests.ts';
import { createWorld, MAIN, START, secretId, type World } from './memory-world.ts';

const NEVER = new AbortController().signal;
const FILES = {
  'store.yaml': STORE,
  'db.yaml': externalSecret('db', ['a']),
  'both.yaml': externalSecret('both', ['a', 'b']),
  'app.yaml': deployment('app', 'db'),
};

const FAR = FILES['db.yaml'].replace('  name: db\n', '  name: far\n').replace('    name: aws\n', '    name: far\n');

async function sourceOf(world: World): Promise<PlanSource> {
  const { served } = world.start();
  const oid = world.workspace.tip(MAIN) ?? '';
  const { snapshot, index } = await readIndex(served, { name: MAIN, oid }, NEVER);
  return { base: oid, index, readText: textReader(snapshot), accounts: served.settings.accounts, notes: ['noted'] };
}

interface Asked {
  readonly aws?: boolean;
  readonly order?: Order;
  readonly stage?: Stage;
}

async function plan(
  world: World,
  question: PlanQuestion,
  { aws = true, order, stage = 1 }: Asked = {},
): Promise<MadePlan> {
  const how = { scope: everything(order ?? 'staged'), stage, signal: NEVER };
  const ports = { secretVersions: aws ? world.secrets : null, clock: world.time };
  const before = world.workspace.tip(MAIN);
  const made = await world.time.run(makePlan(await sourceOf(world), question, how, ports));
  expect(world.workspace.tip(MAIN)).toBe(before);
  expect(await world.workspace.refs(['refs/heads/'], NEVER)).toHaveLength(1);
  return made;
}

function edits({ plan: { edits: all } }: MadePlan): readonly string[] {
  return all.map((edit) => `${edit.stage} ${edit.path}:${edit.line} ${edit.annotation} ${edit.after}`);
}

function rotated(files: Readonly<Record<string, string>> = FILES, accounts?: readonly AllowedAccount[]): World {
  const world = createWorld({ files, ...(accounts === undefined ? {} : { accounts }) });
  for (const name of ['a', 'b']) for (const number of [1, 2]) world.rotate(name, version(number));
  return world;
}

function secret(id: string, more: Partial<{ account: string; region: string; label: string }> = {}): PlanQuestion {
  return {
    kind: 'secret',
    secret: { id, service: null, account: null, region: null, label: null, ...more },
    version: null,
  };
}

const DB_EDIT = `1 db.yaml:8 force-sync a=${version(2)}@2026-03-02T09:20:00Z`;
const BOTH_EDIT = `1 both.yaml:8 force-sync a=${version(2)}@2026-03-02T09:20:00Z b=${version(2)}@2026-03-02T09:20:00Z`;
const DUE = /^1 app\.yaml:7 gitops-reloader\.dev\/restart-due db=[0-9a-f]{12}$/;

test('a secret that a person names, with its version from AWS', async () => {
  const made = await plan(rotated(), secret('a'));
  expect(edits(made)).toEqual([expect.stringMatching(DUE), BOTH_EDIT, DB_EDIT]);
  expect(made.files.map(({ path }) => path).toSorted()).toEqual(['app.yaml', 'both.yaml', 'db.yaml']);
  expect(made.notes).toEqual(['noted']);
});

test('lines are those of the new text, and the diff has them', async () => {
  const { plan: made, files } = await plan(rotated(), secret('a'), { order: 'together' });
  expect(made.edits.length).toBeGreaterThan(2);
  for (const edit of made.edits) {
    const text = files.find(({ path }) => path === edit.path)?.after ?? '';
    expect(text.split('\n')[edit.line - 1]).toMatch(new RegExp(`^ +${edit.annotation.replaceAll('.', '\\.')}: "`));
  }
});

test('a version that a person names is taken at their word, without asking AWS', async () => {
  const world = rotated();
  world.secrets.deny(secretId('a'));
  const question: PlanQuestion = { ...secret('a'), kind: 'secret', version: version(7) } as PlanQuestion;
  expect(edits(await plan(world, question))).toContain(`1 db.yaml:8 force-sync a=${version(7)}@2026-03-02T09:20:00Z`);
});

test('without AWS and without a version a new one without a name is assumed, and said', async () => {
  const made = await plan(rotated(), secret('a'), { aws: false });
  expect(edits(made)).toContainEqual(expect.stringMatching(/^1 db\.yaml:8 force-sync a=sha256-/));
  expect(made.notes).toEqual(['noted', expect.stringContaining('a new version without a name is assumed')]);
});

test('an event, with AWS and without', async () => {
  const world = rotated();
  world.tell('a', version(2));
  const changes = changesOf(world.inbox.bodies()[0] ?? '', START);
  expect(edits(await plan(world, { kind: 'changes', changes }))).toContain(DB_EDIT);
  const byEvent = await plan(world, { kind: 'changes', changes }, { aws: false });
  expect(edits(byEvent)).toContain(DB_EDIT);
  // Only what the event says is known: the other secret of the object gets no entry.
  expect(edits(byEvent)).toContain(`1 both.yaml:8 force-sync a=${version(2)}@2026-03-02T09:20:00Z`);
});

test('an event with copies in other regions: what follows is planned, what does not is noted', async () => {
  const store = STORE.replace('name: aws', 'name: far').replace('eu-west-1', 'us-east-1');
  const accounts = [{ id: ACCOUNT, regions: ['eu-west-1', 'us-east-1', 'us-west-2'] }];
  const files = { ...FILES, 'stores/far.yaml': store, 'far.yaml': FAR };
  const world = createWorld({ files, accounts });
  world.rotate('a', version(2));
  world.tell('a', version(2));
  const changes = changesOf(world.inbox.bodies()[0] ?? '', START);
  const copy = (...copies: readonly Replica[]) => world.secrets.replicate(secretId('a'), copies);
  copy({ region: 'us-east-1', status: 'InSync' }, { region: 'ap-south-1', status: 'InSync' });
  const made = await plan(world, { kind: 'changes', changes });
  expect(edits(made)).toContain(`1 far.yaml:8 force-sync a=${version(2)}@2026-03-02T09:20:00Z`);
  expect(made.notes.slice(1)).toEqual(['a: It has a replica in ap-south-1, which spec.aws.accounts does not allow.']);
  copy({ region: 'us-east-1', status: 'InProgress' }, { region: 'us-west-2', status: 'Failed' });
  const later = await plan(world, { kind: 'changes', changes });
  expect(edits(later)).toContain(DB_EDIT);
  expect(edits(later).join('\n')).not.toContain('far.yaml');
  expect(later.notes.slice(1)).toEqual(['a: Its replica in us-east-1 is not in sync yet.']);
});

test('events that ask for nothing yet are noted', async () => {
  const world = rotated();
  world.tell('a', version(9));
  world.tell('a', version(2), { account: '444455556666', resources: [] });
  const changes = world.inbox.bodies().flatMap((body) => changesOf(body, START));
  const made = await plan(world, { kind: 'changes', changes });
  expect(made.plan).toEqual({ edits: [], skips: [] });
  expect(made.notes).toEqual([
    'noted',
    'a: AWS does not show yet what the event tells.',
    'a: Account 444455556666, region eu-west-1 is not in spec.aws.accounts.',
  ]);
});

test('an event without a version, where AWS may not be asked, assumes a new one', async () => {
  const world = rotated();
  world.tell('a', version(2));
  const [received] = changesOf(world.inbox.bodies()[0] ?? '', START);
  if (received === undefined) throw new Error('no change');
  const changes = [{ ...received, change: { ...received.change, versionId: null } }];
  const made = await plan(world, { kind: 'changes', changes }, { aws: false });
  expect(edits(made)).toContainEqual(expect.stringMatching(/^1 db\.yaml:8 force-sync a=sha256-/));
  expect(made.notes[1]).toContain('a new version without a name is assumed');
});

test('a question to AWS that fails is a failure, not an empty plan', async () => {
  const world = rotated();
  world.tell('a', version(2));
  const changes = changesOf(world.inbox.bodies()[0] ?? '', START);
  const throttled = new Failure('throttled', { code: 'aws-throttled', retry: 'later', hint: 'Wait.' });
  const secretVersions = { ...world.secrets, describe: () => Promise.reject(throttled) };
  const ports = { secretVersions, clock: world.time };
  const how = { scope: everything('staged'), stage: 1 as const, signal: NEVER };
  await expect(makePlan(await sourceOf(world), { kind: 'changes', changes }, how, ports)).rejects.toBe(throttled);
});

test('all secrets: only those that have a token and are behind', async () => {
  const known = externalSecret('db', ['a']).replace(
    '  namespace: app\n',
    `  namespace: app\n  annotations:\n    force-sync: "a=${version(1)}@2026-03-01T00:00:00Z"\n`,
  );
  const world = rotated({ ...FILES, 'db.yaml': known });
  const made = await plan(world, { kind: 'all' });
  expect(edits(made)).toEqual([expect.stringMatching(DUE), DB_EDIT]);
  expect(made.plan.skips).toMatchObject([{ path: 'both.yaml', code: 'at-baseline' }]);
});

test('all secrets without AWS: a new version of each is assumed, once, and what cannot be told is listed', async () => {
  const key = 'open-${ENVIRONMENT}';
  const world = rotated({ ...FILES, 'open.yaml': externalSecret('open', [key]), 'locked.yaml': 'a: [\n# remoteRef' });
  const made = await plan(world, { kind: 'all' }, { aws: false });
  expect(edits(made)).toEqual([
    expect.stringMatching(DUE),
    expect.stringMatching(/^1 both\.yaml:8 force-sync a=sha256-\S+ b=sha256-\S+$/),
    expect.stringMatching(/^1 db\.yaml:8 force-sync a=sha256-\S+$/),
  ]);
  expect(made.plan.skips).toMatchObject([
    { path: 'locked.yaml', code: 'unreadable-file' },
    { path: 'open.yaml', code: 'templated-reference' },
  ]);
  expect(made.notes).toEqual(['noted', expect.stringContaining('assumed for every secret')]);
  const merged = Object.fromEntries(made.files.map(({ path, after }) => [path, after]));
  const again = await plan(rotated({ ...FILES, ...merged }), { kind: 'all' }, { aws: false });
  expect(again.plan.edits).toEqual([]);
});

test('stage two needs no question: what is due on the base restarts', async () => {
  const due = FILES['app.yaml'].replace(
    '  namespace: app\n',
    '  namespace: app\n  annotations:\n    gitops-reloader.dev/restart-due: "db=0123456789ab"\n',
  );
  const refused = due
    .replaceAll('app\n', 'web\n')
    .replace('template:\n    metadata:\n', 'template:\n    metadata: &m\n');
  const world = createWorld({
    files: { 'app.yaml': due, 'web.yaml': `${refused}x: *m\n`, 'idle.yaml': deployment('idle', 'db') },
  });
  const made = await plan(world, { kind: 'all' }, { aws: false, stage: 2 });
  expect(edits(made)).toEqual(['2 app.yaml:15 gitops-reloader.dev/secret-versions db=0123456789ab']);
  expect(made.plan.skips).toMatchObject([{ path: 'web.yaml', code: 'not-editable' }]);
  expect(made.files.map(({ path }) => path)).toEqual(['app.yaml']);
});

test('order together: the restart is in the same plan', async () => {
  const made = await plan(rotated(), secret('a'), { order: 'together' });
  expect(edits(made)).toContainEqual(
    expect.stringMatching(/^1 app\.yaml:13 gitops-reloader\.dev\/secret-versions db=[0-9a-f]{12}$/),
  );
  expect(edits(await plan(rotated(), secret('a'), { order: 'refreshOnly' }))).toEqual([BOTH_EDIT, DB_EDIT]);
});

test('a bare name that means two secrets is a problem, never a guess', async () => {
  const accounts = [
    { id: ACCOUNT, regions: [REGION] },
    { id: '444455556666', regions: [REGION] },
  ];
  const second = STORE.replace('name: aws', 'name: aws2').replace(ACCOUNT, '444455556666');
  const other = externalSecret('other', ['a']).replace('name: aws', 'name: aws2');
  const world = rotated({ ...FILES, 'store2.yaml': second, 'other.yaml': other }, accounts);
  await expect(plan(world, secret('a'))).rejects.toMatchObject({
    code: 'input-invalid',
    message: `a is fetched from several places: ${ACCOUNT}/${REGION}, 444455556666/${REGION}`,
  });
  world.rotate('a', version(5), '444455556666');
  const made = await plan(world, secret('a', { account: '444455556666', region: REGION }));
  expect(edits(made)).toEqual([`1 other.yaml:8 force-sync a=${version(5)}@2026-03-02T09:20:00Z`]);
  await expect(plan(world, secret('arn:aws:s3:::bucket'))).rejects.toMatchObject({ code: 'input-invalid' });
});

test('a manifest that lies where nothing is written is skipped with its reason', async () => {
  const made = await plan(rotated({ ...FILES, '.github/db.yaml': externalSecret('ci', ['a']) }), secret('a'));
  expect(made.plan.skips).toMatchObject([{ path: '.github/db.yaml', code: 'not-writable' }]);
  expect(edits(made)).toContain(DB_EDIT);
});
