import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { createFaults } from '../../src/demo/faults.ts';
import { git } from '../../src/demo/git/git-cli.ts';
import { type GitServer, type HostedRepository, startGitServer } from '../../src/demo/git/git-server.ts';
import { type GitHubServer, startGitHub } from '../../src/demo/github/github-server.ts';
import type { Log, Workspace } from '../../src/ports.ts';
import { connect } from '../../src/wire/connect.ts';
import { tipOf } from '../adapters/git/git-world.ts';
import { draftOn, expectFailure } from '../contracts/workspace.ts';

const NEVER = new AbortController().signal;
const MAIN = 'refs/heads/main';
const TRANSPORTS = ['direct', 'isomorphic'] as const;
const QUIET: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const folder = await mkdtemp(join(tmpdir(), 'git-connection-'));
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
await writeFile(join(folder, 'key.pem'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));

/** Passwords that the Git host was shown, each once, oldest first. */
const shown: string[] = [];
let gitTakesTokens = true;
const github: GitHubServer = await startGitHub({ gitDir: (name) => (name === 'acme/gitops' ? repository.dir : null) });
const server: GitServer = await startGitServer({
  faults: createFaults(),
  accepts: (password) => {
    if (!shown.includes(password)) shown.push(password);
    return gitTakesTokens && github.accepts(password);
  },
});
const repository: HostedRepository = await server.createRepository('acme/gitops', {
  files: new Map([['a.yaml', 'a: 1\n']]),
  branch: 'main',
  person: { name: 'Somebody', email: 'somebody@example.com' },
  time: 1,
});
github.addApp({
  id: 1,
  slug: 'acme-gitops',
  publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  installationId: 7,
  repositories: null,
});
afterAll(async () => {
  await Promise.all([github.close(), server.close(), rm(folder, { recursive: true, force: true })]);
});

/** The service's own connection to the repository, as this transport makes it. */
async function withWorkspace(
  transport: (typeof TRANSPORTS)[number],
  cacheDir: string,
  run: (workspace: Workspace) => Promise<void>,
  { log = QUIET, ...settings }: { readonly log?: Log; readonly commit?: object; readonly git?: object } = {},
): Promise<void> {
  const text = JSON.stringify({
    apiVersion: 'gitops-reloader.dev/v1alpha1',
    kind: 'Config',
    metadata: { name: 'acme' },
    spec: {
      notificationSources: [
        { type: 'AwsSqs', awsSqs: { queueURL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/rotations' } },
      ],
      aws: { accounts: [{ id: '111122223333', regions: ['eu-west-1'] }] },
      repositories: [
        {
          name: 'platform',
          url: repository.url,
          forge: {
            type: 'github',
            apiUrl: github.url,
            auth: { app: { id: 1, installationId: 7, privateKeyFile: join(folder, 'key.pem') } },
          },
          branches: [{ base: 'main' }],
          ...settings,
        },
      ],
      git: { transport, cacheDir },
    },
  });
  const loaded = loadConfig(text, 'config.yaml');
  if (loaded.kind === 'problems') throw new Error(loaded.problems.map((one) => one.message).join('; '));
  const connections = await connect(loaded.config, log);
  const [branch] = connections.branches;
  if (branch === undefined) throw new Error('no branch');
  try {
    await run(branch.workspace);
  } finally {
    await connections.close();
  }
}

test.each(TRANSPORTS)('a token that was taken back is replaced at once: %s', (transport) =>
  withWorkspace(transport, folder, async (workspace) => {
    const [base] = await workspace.refs([MAIN], NEVER);
    if (base === undefined) throw new Error('no base branch');
    const first = shown.at(-1) ?? '';
    github.revoke(first);
    expect(await workspace.refs([MAIN], NEVER)).toEqual([base]);
    const second = shown.at(-1) ?? '';
    expect(second).not.toBe(first);
    github.revoke(second);
    const ref = `refs/heads/bot/${transport}`;
    const result = await workspace.publish(
      { ref, expected: null, to: draftOn(base.oid, { 'a.yaml': 'a: 2\n' }) },
      NEVER,
    );
    expect(result).toEqual({ kind: 'done', oid: await tipOf(repository.dir, ref) });
  }),
);

test('the configured key signs what is pushed, and under via: api GitHub makes it for the App', async () => {
  const keyFile = join(folder, 'signing.pem');
  await writeFile(keyFile, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const headOf = async (ref: string, commit: Readonly<Record<string, unknown>>) => {
    await withWorkspace(
      'direct',
      folder,
      async (workspace) => {
        const [base] = await workspace.refs([MAIN], NEVER);
        const to = draftOn(base?.oid ?? '', { 'a.yaml': 'a: 3\n' });
        await workspace.publish({ ref, expected: null, to }, NEVER);
      },
      { commit },
    );
    return git(repository.dir, ['cat-file', 'commit', ref]);
  };
  const signed = await headOf('refs/heads/signed', { signing: { format: 'ssh', keyFile } });
  expect(signed).toMatch(/^author gitops-reloader <bot@acme\.example> [^]*\ngpgsig -----BEGIN SSH SIGNATURE-----\n /m);
  const verified = await headOf('refs/heads/verified', { via: 'api' });
  expect(verified).toMatch(/^author acme-gitops\[bot\] [^]*\ncommitter GitHub <noreply@github\.com> [^]*\ngpgsig /m);
  expect(github.violations).toEqual([]);
});

test.each(TRANSPORTS)('push options that the Git host does not take are told of once: %s', async (transport) => {
  const warnings: string[] = [];
  const log: Log = {
    ...QUIET,
    warn: ({ repository: name }, message) => void warnings.push(`${String(name)}: ${message}`),
  };
  const publish = (at: number) =>
    withWorkspace(
      transport,
      folder,
      async (workspace) => {
        const [base] = await workspace.refs([MAIN], NEVER);
        for (const text of ['a: 4\n', 'a: 5\n']) {
          const to = draftOn(base?.oid ?? '', { 'a.yaml': text });
          const ref = `refs/heads/options/${transport}/${at}/${text.length}${text[3] ?? ''}`;
          expect(await workspace.publish({ ref, expected: null, to }, NEVER)).toMatchObject({ kind: 'done' });
        }
      },
      { log, git: { pushOptions: ['ci.skip'] } },
    );
  await publish(1);
  expect(warnings).toEqual(['platform: the Git host takes no push options']);
  await git(repository.dir, ['config', 'receive.advertisePushOptions', 'true']);
  await publish(2);
  await git(repository.dir, ['config', 'receive.advertisePushOptions', 'false']);
  expect(warnings).toHaveLength(1);
});

test.each(TRANSPORTS)('a Git host that takes no token does not use them up: %s', (transport) =>
  withWorkspace(transport, folder, async (workspace) => {
    gitTakesTokens = false;
    try {
      shown.length = 0;
      await expectFailure(workspace.refs([MAIN], NEVER), { code: 'git-denied', retry: 'never' });
      await expectFailure(workspace.refs([MAIN], NEVER), { code: 'git-denied', retry: 'never' });
      expect(shown.length).toBeLessThanOrEqual(2);
    } finally {
      gitTakesTokens = true;
    }
  }),
);

test('only the isomorphic transport uses the disk, in a private folder that goes with it', async () => {
  const cacheDir = join(folder, 'made', 'when-needed');
  const filesWhile = async (transport: (typeof TRANSPORTS)[number]) => {
    let names: readonly string[] = [];
    await withWorkspace(transport, cacheDir, async (workspace) => {
      const [base] = await workspace.refs([MAIN], NEVER);
      if (base !== undefined) await workspace.snapshot(base, NEVER);
      names = await readdir(cacheDir).catch(() => []);
      for (const name of names) expect(((await stat(join(cacheDir, name))).mode & 0o777).toString(8)).toBe('700');
    });
    return names;
  };
  expect(await filesWhile('direct')).toEqual([]);
  expect(await filesWhile('isomorphic')).toHaveLength(1);
  expect(await readdir(cacheDir)).toEqual([]);
});

test('a cache folder that cannot be made is said, and nothing else fails', async () => {
  await mkdir(join(folder, 'blocked'), { recursive: true });
  await writeFile(join(folder, 'blocked', 'file'), '');
  await withWorkspace('isomorphic', join(folder, 'blocked', 'file', 'cache'), async (workspace) => {
    const [base] = await workspace.refs([MAIN], NEVER);
    const failure = await expectFailure(workspace.snapshot(base ?? { name: MAIN, oid: '' }, NEVER), {
      code: 'file-unwritable',
    });
    expect(failure.hint).toContain('spec.git.cacheDir');
  });
});
