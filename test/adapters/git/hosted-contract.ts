import { afterAll } from 'vitest';
import type { GitOptions, GitWorkspace } from '../../../src/adapters/git/git-workspace.ts';
import { git, gitWithInput } from '../../../src/demo/git/git-cli.ts';
import type { HostedRepository } from '../../../src/demo/git/git-server.ts';
import { describeWorkspace, FILES, type MadeCommits } from '../../contracts/workspace.ts';
import { commitTree, type GitWorld, MAIN, nameOf, openGitWorld, personCommits, tipOf, writeBlob } from './git-world.ts';

/** What stands beside the Git host and makes its commits, where it does. */
export interface HostApi {
  /** For a workspace on this repository. */
  options(repository: HostedRepository): Partial<GitOptions>;
  readonly commits?: MadeCommits;
  verify?(): Promise<void>;
}

/** The contract of `Workspace` on a real Git host of this protocol. */
export async function describeHosted(
  name: string,
  create: (options: GitOptions) => Promise<GitWorkspace>,
  protocol: 0 | 2 = 2,
  api: HostApi = { options: () => ({}) },
): Promise<void> {
  const world = await openGitWorld(protocol);
  afterAll(() => world.close());
  const template = await contractRepository(world);

  describeWorkspace(
    name,
    async () => {
      const { faults, server } = world;
      faults.clear();
      const repository = await world.copy(template);
      const { dir, url } = repository;
      return {
        workspace: await world.workspace(url, api.options(repository), create),
        another: () => world.workspace(url, api.options(repository), create),
        tip: (ref) => tipOf(dir, ref),
        fileAt: (ref, path) => git(dir, ['cat-file', 'blob', `${ref}:${path}`]).catch(() => null),
        commitTo: (ref, files, message) => personCommits(dir, ref.slice('refs/heads/'.length), files, message),
        moveRef: async (ref, oid) =>
          void (await git(dir, ['update-ref', ...(oid === null ? ['-d', ref] : [ref, oid])])),
        refuse: (ref, reason) => server.protectBranch(nameOf(repository), ref.slice('refs/heads/'.length), reason),
        loseAnswer: () => faults.plan(/^POST git-receive-pack$/, { kind: 'drop-after-effect' }),
        race: (act) => faults.plan(/^POST git-receive-pack$/, { kind: 'before', act: async () => act() }),
        breakNext: () => faults.plan(/./, { kind: 'answer', status: 503 }),
        verify: async () => {
          await git(dir, ['fsck', '--strict', '--full']);
          await api.verify?.();
        },
        close: async () => undefined,
      };
    },
    api.commits,
  );
}

/** The contract's files with their modes, made by Git's index: an independent writer of trees. */
async function contractRepository(world: GitWorld): Promise<HostedRepository> {
  const repository = await world.repository(new Map([['x', 'x']]));
  const { dir } = repository;
  const env = { GIT_INDEX_FILE: `${dir}/contract-index` };
  const lines: string[] = [];
  for (const [path, { mode, content }] of FILES) {
    const oid = mode === '160000' ? content : await writeBlob(dir, content);
    lines.push(`${mode} ${oid}\t${path}\0`);
  }
  await gitWithInput(dir, ['update-index', '-z', '--index-info'], lines.join(''), env);
  await commitTree(dir, MAIN, (await git(dir, ['write-tree'], env)).trim());
  return repository;
}
