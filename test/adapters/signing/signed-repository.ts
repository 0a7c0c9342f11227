import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { git } from '../../../src/demo/git/git-cli.ts';
import type { Signer } from '../../../src/ports.ts';
import { draftOn } from '../../contracts/workspace.ts';
import { type Create, DIRECT, type GitWorld, MAIN, NEVER, tipOf } from '../git/git-world.ts';

const run = promisify(execFile);

/** What these tests need and a machine may lack. */
export async function hasTool(program: string, args: readonly string[]): Promise<boolean> {
  return run(program, [...args]).then(
    () => true,
    (error: { readonly code?: unknown }) => error.code !== 'ENOENT',
  );
}

/** A private folder for keys, with the programs that make and check them. */
export interface KeyFolder {
  readonly path: string;
  /** Nothing of the machine's own keys: GnuPG's home is this folder. */
  readonly environment: Readonly<Record<string, string>>;
  run(program: string, args: readonly string[]): Promise<string>;
  file(name: string, content: string): Promise<string>;
  read(name: string): Promise<string>;
  remove(): Promise<void>;
}

export async function openKeyFolder(): Promise<KeyFolder> {
  // Short: GnuPG's socket lies in it, and such a path has some hundred characters at most.
  const path = await mkdtemp(join(tmpdir(), 'k-'));
  const environment = { PATH: process.env['PATH'] ?? '', GNUPGHOME: path, HOME: path, TZ: 'UTC', LC_ALL: 'C' };
  const start = async (program: string, args: readonly string[]) => {
    const { stdout } = await run(program, [...args], { cwd: path, env: environment });
    return stdout;
  };
  return {
    path,
    environment,
    run: start,
    file: async (name, content) => {
      await writeFile(join(path, name), content, { mode: 0o600 });
      return join(path, name);
    },
    read: (name) => readFile(join(path, name), 'utf8'),
    remove: async () => {
      await start('gpgconf', ['--kill', 'all']).catch(() => undefined);
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Publishes one draft twice from new workspaces, signed: the two commits, and where they lie. */
export async function publishSigned(
  world: GitWorld,
  signer: Signer,
  [, create]: readonly [string, Create] = DIRECT,
): Promise<{ readonly dir: string; readonly first: string; readonly second: string }> {
  const { dir, url } = await world.repository(new Map([['README.md', '# Read me\n']]));
  const base = (await tipOf(dir, MAIN)) ?? '';
  const oids: string[] = [];
  for (const ref of ['refs/heads/bot/1', 'refs/heads/bot/2']) {
    const workspace = await world.workspace(url, { making: { kind: 'own', signer } }, create);
    const to = draftOn(base, { 'README.md': 'grüße\n' });
    const result = await workspace.publish({ ref, expected: null, to }, NEVER);
    if (result.kind !== 'done') throw new Error(result.kind);
    const { author, message } = await workspace.commit({ name: ref, oid: result.oid }, NEVER);
    if (author.name !== to.author.name || message !== to.message) throw new Error('the commit reads otherwise');
    oids.push(result.oid);
  }
  await git(dir, ['fsck', '--strict', '--full']);
  return { dir, first: oids[0] ?? '', second: oids[1] ?? '' };
}

/** What Git says of a commit's signature, by GnuPG's own words; rejects where Git does not accept it. */
export async function verifyCommit(
  keys: KeyFolder,
  dir: string,
  oid: string,
  settings: readonly string[] = [],
): Promise<string> {
  const args = [...settings.flatMap((setting) => ['-c', setting]), 'verify-commit', '--raw', oid];
  const { stdout, stderr } = await run('git', args, {
    cwd: dir,
    env: { ...keys.environment, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  });
  return stdout + stderr;
}
