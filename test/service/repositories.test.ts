import { expect, test } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { linesIn } from '../../src/manifests/annotation-line.ts';
import type { AnnotationEdit } from '../../src/manifests/edit-annotations.ts';
import { parseEditable } from '../../src/manifests/parse-documents.ts';
import { createLane } from '../../src/service/consume/lane.ts';
import { deployment, externalSecret, STORE, version } from './manifests.ts';
import { createWorld, type LogLine, MAIN, type Process, refOf, told } from './memory-world.ts';
import { createTeamWorld, type Layout, proposed } from './team-world.ts';

function handled(process: Process): readonly LogLine[] {
  return process.lines.filter(({ message }) => message === 'message handled');
}

/** What a move of `a` comes to in a repository with this manifest, and whether the message is gone. */
async function outcomeFor(manifest: string): Promise<readonly unknown[]> {
  const world = createWorld({ files: { 'store.yaml': STORE, 'db.yaml': manifest } });
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  const process = world.start();
  await process.batch();
  const [line] = handled(process);
  return [line?.fields['outcome'], line?.fields['reason'], world.inbox.bodies().length];
}

test.each([
  ['another secret', externalSecret('db', ['b']), 'nobody-uses-it', /No ExternalSecret/],
  ['a template', externalSecret('db', [`"{{ .Values.secret }}"`]), 'not-proven', /db\.yaml/],
  ['a template that cannot be read', '{{ if a }}\n# a\nkind: ExternalSecret\n{{ end }}\n', 'not-proven', /db\.yaml/],
  [
    'created once',
    externalSecret('db', ['a'], '  refreshPolicy: CreatedOnce\n'),
    'used-but-not-bumped',
    /created-once/,
  ],
  [
    'a pin',
    externalSecret('db', ['a']).replace('key: a\n', `key: a\n        version: uuid/${version(1)}\n`),
    'used-but-not-bumped',
    /pinned-version/,
  ],
  [
    'an annotation that cannot be edited exactly',
    externalSecret('db', ['a']).replace('  namespace: app\n', '  namespace: app\n  annotations: &x {force-sync: *y}\n'),
    'not-proven',
    /db\.yaml/,
  ],
])('%s', async (_, manifest, kind, reason) => {
  expect(await outcomeFor(manifest)).toEqual([kind, expect.stringMatching(reason), 0]);
});

/** The namespace is there, but `metadata` is shared with another document part: no exact edit is possible. */
const SHARED = externalSecret('shared', ['a']).replace(
  'metadata:\n  name: shared\n  namespace: app\n',
  'metadata: &meta\n  name: shared\n  namespace: app\nx-copy: *meta\n',
);

test('a manifest that cannot be edited exactly is skipped with its workloads, and the others proceed', async () => {
  const files = {
    'shared.yaml': SHARED,
    'shared-app.yaml': deployment('shared-app', 'shared'),
    'app.yaml': deployment('app', 'db'),
  };
  const world = createTeamWorld({ db: ['a'] }, { files });
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  const process = world.start();
  await process.batch();
  expect(handled(process)[0]?.fields['outcome']).toBe('published');
  const [pull] = await world.open();
  const ref = refOf(pull ?? { branch: '' });
  expect(await proposed(world, { db: [], shared: [] })).toEqual({ db: { a: version(2) } });
  for (const path of ['shared.yaml', 'shared-app.yaml']) {
    expect(world.workspace.fileAt(ref, path)).toBe(world.workspace.fileAt(MAIN, path));
  }
  expect(world.workspace.fileAt(ref, 'app.yaml')).toContain('restart-due');
  expect(pull?.body).toContain('<code>not-editable</code>');
});

test('a workload that cannot be edited exactly is skipped, and its ExternalSecret is bumped all the same', async () => {
  const app = deployment('app', 'db').replace('metadata:\n  name: app', 'x: *m\nmetadata: &m\n  name: app');
  const shared = deployment('app', 'db').replace('  namespace: app\n', '  namespace: app\n  annotations: !x {}\n');
  for (const text of [app, shared]) {
    const world = createTeamWorld({ db: ['a'] }, { files: { 'app.yaml': text } });
    for (const number of [1, 2]) world.rotate('a', version(number));
    world.tell('a', version(2));
    await world.drain();
    expect(await proposed(world, { db: [] })).toEqual({ db: { a: version(2) } });
    const [pull] = await world.open();
    expect(world.workspace.fileAt(refOf(pull ?? { branch: '' }), 'app.yaml')).toBe(text);
  }
});

test('plan, commit and pull request point to the line of the annotation in the new text', async () => {
  const files = { 'app.yaml': `# first\n---\n${deployment('app', 'db')}` };
  const world = createTeamWorld({ db: ['a'] }, { files, order: 'together' });
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  await world.drain();
  const [pull] = await world.open();
  const ref = { name: refOf(pull ?? { branch: '' }), oid: pull?.head ?? '' };
  const { message } = await world.workspace.commit(ref, new AbortController().signal);
  for (const [path, annotation] of [
    ['db.yaml', 'force-sync'],
    ['app.yaml', 'gitops-reloader.dev/secret-versions'],
  ] as const) {
    const lines = (world.workspace.fileAt(ref.name, path) ?? '').split('\n');
    const line = lines.findIndex((text) => text.trim().startsWith(`${annotation}:`)) + 1;
    expect(line).toBeGreaterThan(5);
    expect(message).toContain(`(${path}:${line}): ${annotation}`);
    expect(pull?.body).toContain(`<code>${path}&#58;${line}</code>`);
  }
});

function lineIn(text: string, edit: AnnotationEdit): number | null {
  const source = parseEditable(text);
  return source.kind === 'editable' ? linesIn(source)(edit) : null;
}

test('a line is found in lists, flow maps and documents, and only in the object that is meant', () => {
  const edit: AnnotationEdit = {
    document: 0,
    item: null,
    kind: 'A',
    name: 'a',
    target: 'metadata',
    annotation: 'x',
    value: '1',
  };
  const check = (text: string, change: Partial<AnnotationEdit>, expected: number | null) =>
    expect(lineIn(text, { ...edit, ...change })).toBe(expected);
  const plain = 'kind: A\nmetadata:\n  name: a\n  annotations:\n    y: "0"\n    x: "1"\n';
  check(plain, {}, 6);
  check(`# a\r\n${plain.replaceAll('\n', '\r\n')}`, {}, 7);
  check(`---\nkind: B\n---\n${plain}`, { document: 1 }, 9);
  check('kind: List\nitems:\n- kind: A\n  metadata: {name: a,\n   annotations: {x: "1"}}\n', { item: 0 }, 5);
  check(`${plain}spec:\n  template:\n    metadata:\n      annotations:\n        x: "2"\n`, { target: 'template' }, 11);
  check(plain, { annotation: 'z' }, null);
  check(plain, { name: 'b' }, null);
  check(plain, { document: 1 }, null);
  check(plain, { target: 'template' }, null);
  check('kind: [', {}, null);
  check('kind: A\nmetadata: {name: a}\n', {}, null);
});

const LAYOUT: Layout = { db: ['a'], web: ['b'] };

test('several repositories: one fails, the message comes back, the other is current on replay', async () => {
  const world = createTeamWorld(LAYOUT);
  const other = createTeamWorld(LAYOUT);
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  const down = new Failure('down', { code: 'git-unreachable', retry: 'later', hint: 'It is tried again.' });
  other.workspace.failNext(down);
  const second = { ...other.start().served, name: 'apps@main', secretVersions: world.secrets, clock: world.time };
  const first = world.start();
  const lanes = [...first.request.lanes, createLane(second, first.request.health, new AbortController().signal)];
  const process = world.start({ request: { lanes } });
  const tell = () => told(process, 'repository', 'outcome');
  await process.batch();
  expect(tell().toSorted()).toEqual(['apps@main try-later', 'platform@main published']);
  expect(world.inbox.bodies()).toHaveLength(1);
  await world.time.pass(15_000);
  await process.batch();
  expect(tell().slice(2).toSorted()).toEqual(['apps@main published', 'platform@main already-current']);
  expect(world.inbox.bodies()).toEqual([]);
  for (const one of [world, other]) expect(await proposed(one, LAYOUT)).toEqual({ db: { a: version(2) } });
});

test('one group that fails leaves the others alone', async () => {
  const world = createTeamWorld(LAYOUT);
  for (const name of ['a', 'b']) {
    for (const number of [1, 2]) world.rotate(name, version(number));
    world.tell(name, version(2));
  }
  const denied = new Failure('bad token', { code: 'forge-denied', retry: 'never', hint: 'Give a new token.' });
  let calls = 0;
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      forge: {
        ...ports.forge,
        open: (draft, signal) => {
          calls += 1;
          return calls === 1 ? Promise.reject(denied) : ports.forge.open(draft, signal);
        },
      },
    }),
  });
  await process.batch();
  expect(handled(process).map(({ fields }) => [fields['secret'], fields['outcome'], fields['hint']])).toEqual([
    ['a', 'needs-operator', 'Give a new token.'],
    ['b', 'published', null],
  ]);
  await world.drain();
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) }, web: { b: version(2) } });
});

test('a port that breaks its word is a bug of ours, and the message stays', async () => {
  const world = createTeamWorld(LAYOUT);
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  const process = world.start({
    ports: (ports) => ({
      ...ports,
      forge: { ...ports.forge, list: () => Promise.reject(new TypeError('token=hunter2')) },
    }),
  });
  await process.batch();
  expect(handled(process)[0]?.fields).toMatchObject({
    outcome: 'needs-operator',
    secret: 'a',
    reason: 'internal error: unexpected TypeError [internal]',
  });
  expect(world.inbox.bodies()).toHaveLength(1);
});

test('a repository without its base branch needs an operator', async () => {
  const world = createTeamWorld(LAYOUT);
  world.rotate('a', version(1));
  world.tell('a', version(1));
  world.workspace.moveRef(MAIN, null);
  world.workspace.commitTo('refs/heads/main-2', new Map([['README.md', 'x']]), 'Not the base');
  const process = world.start();
  await process.batch();
  expect(handled(process)[0]?.fields).toMatchObject({
    outcome: 'needs-operator',
    reason: 'The repository has no branch main.',
  });
});
