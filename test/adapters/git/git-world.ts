import { cp } from 'node:fs/promises';
import { createGitWorkspace, type GitOptions, type GitWorkspace } from '../../../src/adapters/git/git-workspace.ts';
import { createIsomorphicWorkspace } from '../../../src/adapters/git/isomorphic/isomorphic-workspace.ts';
import { createFaults, type Faults } from '../../../src/demo/faults.ts';
import { commitFiles, readRef, repositoryDir } from '../../../src/demo/git/bare-repository.ts';
import { git, gitBytes, gitWithInput, identityEnvironment } from '../../../src/demo/git/git-cli.ts';
import { type GitServer, type HostedRepository, startGitServer } from '../../../src/demo/git/git-server.ts';

const SOMEBODY = { name: 'Somebody', email: 'somebody@example.com' };
const TIME = 1_700_000_000;
export const NEVER = new AbortController().signal;
export const MAIN = 'refs/heads/main';

export type Create = (options: GitOptions) => Promise<GitWorkspace>;
export type Transport = readonly [name: string, create: Create];

/** Both implementations, for tests that hold for each: the first in the quick tests, the second in the deep ones. */
export const DIRECT: Transport = ['direct', createGitWorkspace];
export const ISOMORPHIC: Transport = [
  'isomorphic',
  (options) => createIsomorphicWorkspace({ cacheDir: null, ...options }),
];
export const TRANSPORTS: readonly Transport[] = [DIRECT, ISOMORPHIC];

/** A host for all tests of a file, and workspaces on its repositories; all gone after `close`. */
export interface GitWorld {
  readonly server: GitServer;
  readonly faults: Faults;
  repository(files: ReadonlyMap<string, string | Uint8Array>): Promise<HostedRepository>;
  /** Copies a repository: far faster than making it again. */
  copy(of: HostedRepository): Promise<HostedRepository>;
  /** `create` left out: the direct implementation. */
  workspace(url: string, options?: Partial<GitOptions>, create?: Create): Promise<GitWorkspace>;
  close(): Promise<void>;
}

export async function openGitWorld(protocol: 0 | 1 | 2 = 2): Promise<GitWorld> {
  const faults = createFaults();
  const server = await startGitServer({ faults, protocol });
  const opened: GitWorkspace[] = [];
  let count = 0;
  const nextName = () => {
    count += 1;
    return `acme/repository-${count}`;
  };
  return {
    server,
    faults,
    repository: (files) => server.createRepository(nextName(), { files, branch: 'main', person: SOMEBODY, time: TIME }),
    copy: async (of) => {
      const name = nextName();
      const dir = repositoryDir(server.root, name);
      await cp(of.dir, dir, { recursive: true });
      return { url: `${server.url}/${name}.git`, dir };
    },
    workspace: async (url, options = {}, create = createGitWorkspace) => {
      const workspace = await create({ url, credentials: async () => null, ...options });
      opened.push(workspace);
      return workspace;
    },
    close: async () => {
      for (const workspace of opened) await workspace.close();
      await server.close();
    },
  };
}

/** The name below the server, as its methods take it. */
export function nameOf(repository: HostedRepository): string {
  return new URL(repository.url).pathname.slice(1, -'.git'.length);
}

/** Sets a ref to a commit without parents that holds this tree. */
export async function commitTree(dir: string, ref: string, tree: string): Promise<string> {
  const env = identityEnvironment(SOMEBODY, TIME);
  const commit = (await gitWithInput(dir, ['commit-tree', tree, '-m', 'A tree'], '', env)).trim();
  await git(dir, ['update-ref', ref, commit]);
  return commit;
}

/** One raw tree object, checked by nobody: names need not be UTF-8, modes may be odd. */
export async function writeTree(
  dir: string,
  entries: readonly (readonly [mode: string, name: string | Uint8Array, oid: string])[],
): Promise<string> {
  const parts = entries.map(([mode, name, oid]) =>
    Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(oid, 'hex')]),
  );
  const args = ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'];
  return (await gitWithInput(dir, args, Buffer.concat(parts))).trim();
}

export async function writeBlob(dir: string, content: string | Uint8Array): Promise<string> {
  return (await gitWithInput(dir, ['hash-object', '-w', '--stdin'], content)).trim();
}

/** Every entry of a commit, folders included, one character for one byte. */
export async function listing(dir: string, commit: string): Promise<string[]> {
  const bytes = await gitBytes(dir, ['ls-tree', '-r', '-t', '-z', commit]);
  return bytes.toString('latin1').split('\0').slice(0, -1);
}

export function tipOf(dir: string, ref: string): Promise<string | null> {
  return readRef(dir, ref);
}

/** A person's commit, each at another time. */
export async function personCommits(
  dir: string,
  branch: string,
  files: ReadonlyMap<string, string | null>,
  message = 'A person was here\n',
): Promise<string> {
  const count = Number(await git(dir, ['rev-list', '--all', '--count']));
  return commitFiles(dir, { branch, files, message, person: SOMEBODY, time: TIME + count });
}
