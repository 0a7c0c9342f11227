import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { isInline, treeBatches } from '../../../src/adapters/forge/commits/tree-batches.ts';
import type { GitHubAuth } from '../../../src/adapters/forge/identity/github-identity.ts';
import { type GitObject, oidOf } from '../../../src/adapters/git/objects/git-object.ts';
import { editTree } from '../../../src/adapters/git/objects/tree-edit.ts';
import { git, gitBytes } from '../../../src/demo/git/git-cli.ts';
import type { RemoteDraft } from '../../../src/ports.ts';
import { draftOn, expectFailure } from '../../contracts/workspace.ts';
import { type Hub, openHub, signal } from './hub.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const APP: GitHubAuth = {
  kind: 'app',
  appId: 1,
  installationId: 7,
  privateKey: async () => pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

async function withHub(run: (hub: Hub) => Promise<void>): Promise<void> {
  const hub = await openHub();
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  hub.server.addApp({ id: 1, slug: 'acme-gitops', publicKey, installationId: 7, repositories: null });
  try {
    await run(hub);
  } finally {
    await hub.close();
  }
}

/** What the workspace asks for: these texts on top of main, with the tree that must come of them. */
async function remoteDraft(dir: string, files: Readonly<Record<string, string>>): Promise<RemoteDraft> {
  const parent = (await git(dir, ['rev-parse', 'main'])).trim();
  const parentTree = (await git(dir, ['rev-parse', 'main^{tree}'])).trim();
  const root: GitObject = { type: 'tree', data: await gitBytes(dir, ['cat-file', 'tree', parentTree]) };
  const all = draftOn(parent, files);
  const draft = {
    ...all,
    files: all.files.filter(({ path }) => path === 'a.yaml'),
    newFiles: all.files.filter(({ path }) => path !== 'a.yaml'),
  };
  const edited = editTree(oidOf(root), draft, () => root.data);
  const changed = all.files.map((file) => ({ ...file, mode: edited.modes.get(file.path) ?? '' }));
  return { ...all, parentTree, tree: edited.oid, files: changed };
}

test('for an App it is a commit by its bot, committed and signed by GitHub, on no branch', () =>
  withHub(async (hub) => {
    const before = await git(hub.dir, ['for-each-ref']);
    const draft = await remoteDraft(hub.dir, { 'a.yaml': 'a: grüße\n', 'b/c.yaml': 'a\0b' });
    const { commits } = hub.forge({ auth: APP });
    const oid = await commits.create(draft, signal());
    const commit = await git(hub.dir, ['cat-file', 'commit', oid]);
    expect(commit).toMatch(
      /^tree [0-9a-f]{40}\nparent [0-9a-f]{40}\nauthor acme-gitops\[bot\] <\d+\+acme-gitops\[bot\]@/,
    );
    expect(commit).toContain('\ncommitter GitHub <noreply@github.com> ');
    expect(commit).toContain('\ngpgsig -----BEGIN PGP SIGNATURE-----\n');
    expect(commit.endsWith(`\n\n${draft.message}`)).toBe(true);
    expect(await git(hub.dir, ['show', `${oid}:b/c.yaml`])).toBe('a\0b');
    expect(await git(hub.dir, ['for-each-ref'])).toBe(before);
    expect(await commits.author(signal())).toBe('acme-gitops[bot]');
  }));

test('for a token it is the commit that we would have made, and nobody signs it', () =>
  withHub(async (hub) => {
    const draft = await remoteDraft(hub.dir, { 'a.yaml': 'a: 2\n' });
    const { commits } = hub.forge();
    const oid = await commits.create(draft, signal());
    expect(await commits.create(draft, signal())).toBe(oid);
    const who = `gitops-reloader <bot@acme.example> ${draft.time} +0000`;
    expect(await git(hub.dir, ['cat-file', 'commit', oid])).toBe(
      `tree ${draft.tree}\nparent ${draft.parent}\nauthor ${who}\ncommitter ${who}\n\n${draft.message}`,
    );
    expect(await commits.author(signal())).toBe(null);
  }));

const OTHER = 'e'.repeat(40);

test('what GitHub makes otherwise than asked, or does not make, is refused', () =>
  withHub(async (hub) => {
    const { commits } = hub.forge();
    const draft = await remoteDraft(hub.dir, { 'a.yaml': 'a: 2\n' });
    await expectFailure(commits.create({ ...draft, tree: OTHER }, signal()), {
      code: 'forge-rejected',
      retry: 'never',
    });
    await expectFailure(commits.create({ ...draft, parentTree: OTHER }, signal()), { code: 'forge-missing' });
    const made = (more: object) => ({
      sha: OTHER,
      tree: { sha: draft.tree },
      parents: [{ sha: draft.parent }],
      ...more,
    });
    const answers: readonly unknown[] = [
      {},
      [],
      'text',
      made({ sha: 7 }),
      made({ sha: '../refs' }),
      made({ tree: { sha: OTHER } }),
      made({ parents: [] }),
      made({ parents: [{ sha: OTHER }] }),
      made({ parents: [{ sha: draft.parent }, { sha: draft.parent }] }),
    ];
    for (const body of answers) {
      hub.faults.plan(/git\/commits$/, { kind: 'answer', status: 201, body });
      await expectFailure(commits.create(draft, signal()), { code: 'forge-rejected', retry: 'later' });
    }
    hub.faults.plan(/git\/trees$/, { kind: 'answer', status: 403, body: { message: 'Resource not accessible' } });
    await expectFailure(commits.create(draft, signal()), { code: 'forge-denied', retry: 'never' });
    hub.faults.plan(/git\/commits$/, { kind: 'drop' });
    await expectFailure(commits.create(draft, signal()), { code: 'forge-unreachable', retry: 'later' });
  }));

test('an App whose name is not one is not believed', () =>
  withHub(async (hub) => {
    const { commits } = hub.forge({ auth: APP });
    for (const body of [{}, { slug: 7 }, { slug: 'a b' }, { slug: '' }]) {
      hub.faults.plan(/^GET \/app$/, { kind: 'answer', status: 200, body });
      await expectFailure(commits.author(signal()), { code: 'forge-rejected' });
    }
    expect(await commits.author(signal())).toBe('acme-gitops[bot]');
  }));

test('many and large files go in requests of a bearable size, in order', async () => {
  const { files } = draftOn('', Object.fromEntries(Array.from({ length: 1200 }, (_, at) => [`f${at}.yaml`, 'x'])));
  const changed = files.map((file) => ({ ...file, mode: '100644' }));
  expect(treeBatches(changed).map((batch) => batch.length)).toEqual([500, 500, 200]);
  expect(treeBatches(changed).flat()).toEqual(changed);
  const large = changed.slice(0, 5).map((file) => ({ ...file, text: 'x'.repeat(400_000) }));
  expect(treeBatches(large).map((batch) => batch.length)).toEqual([2, 2, 1]);
  expect(treeBatches([])).toEqual([]);
  const inline = (text: string) => changed.slice(0, 1).map((file) => isInline({ ...file, text }));
  expect(['a: 1\r\n', '\u{1f600}', '\0', '\ud800', 'x'.repeat(600_000)].flatMap(inline)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
