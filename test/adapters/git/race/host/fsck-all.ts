import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitObject } from '../../../../../src/adapters/git/objects/git-object.ts';
import { writePack } from '../../../../../src/adapters/git/objects/pack-write.ts';
import { git, gitWithInput } from '../../../../../src/demo/git/git-cli.ts';
import type { SmallGitHost } from './small-git-host.ts';

/** Lets Git itself check what many hosts hold, all at once: a process for each would take far longer than its life. */
export async function fsckAll(hosts: readonly SmallGitHost[]): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'gitops-reloader-race-'));
  try {
    await git(dir, ['init', '--quiet', '--bare', '--template=']);
    const objects = new Map<string, GitObject>(hosts.flatMap((host) => [...host.objects]));
    await gitWithInput(dir, ['index-pack', '--stdin', '--strict'], writePack([...objects.values()]));
    const refs = hosts.flatMap((host, life) =>
      [...host.refs].map(([name, oid]) => `create refs/lives/${life}/${name} ${oid}\n`),
    );
    await gitWithInput(dir, ['update-ref', '--stdin'], refs.join(''));
    await git(dir, ['fsck', '--full', '--strict']);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
