import { afterAll, describe, expect, test } from 'vitest';
import { git } from '../../../../src/demo/git/git-cli.ts';
import type { HostedRepository } from '../../../../src/demo/git/git-server.ts';
import type { Workspace } from '../../../../src/ports.ts';
import { draftOn } from '../../../contracts/workspace.ts';
import { MAIN, NEVER, openGitWorld, personCommits, type Transport, tipOf } from '../git-world.ts';
import { AZURE_DEVOPS, type FirstProtocolHost, startFirstProtocolHost } from './first-protocol-host.ts';

const BOT = 'refs/heads/bot';
const FILES = new Map([
  ['a.yaml', 'a\n'],
  ['b/c.yaml', 'c\n'],
]);

/** Hosts that know no protocol 2, each with a little less than Git offers. */
export const HOSTS: Readonly<Record<string, FirstProtocolHost>> = {
  'Azure DevOps': AZURE_DEVOPS,
  'one that offers the bare minimum': {
    fetching: ['multi_ack_detailed', 'side-band-64k', 'shallow'],
    pushing: ['report-status', 'delete-refs'],
    demanded: [],
  },
};

/** Only the own transport can ask for the older way of acknowledging. */
export const OLDER_HOSTS: Readonly<Record<string, FirstProtocolHost>> = {
  'Azure DevOps with multi_ack alone': {
    ...AZURE_DEVOPS,
    fetching: AZURE_DEVOPS.fetching.filter((one) => one !== 'multi_ack_detailed'),
  },
};

/** A base that moved: its list of refs, which comes with what the host can do, and what is new. */
const FOLLOWED = ['GET git-upload-pack', 'POST git-upload-pack'];

/** The work of a refresh on hosts that know no protocol 2: to clone, to follow, to push, and to lose a race. */
export async function describeFirstProtocol(
  [name, create]: Transport,
  hosts: Readonly<Record<string, FirstProtocolHost>>,
): Promise<void> {
  const world = await openGitWorld(0);
  const template = await world.repository(FILES);
  const closers: (() => Promise<void>)[] = [];
  afterAll(async () => {
    await world.close();
    for (const close of closers) await close();
  });

  const open = async (kind: FirstProtocolHost) => {
    const repository = await world.copy(template);
    const host = await startFirstProtocolHost(world.server.root, kind);
    closers.push(() => host.close());
    const workspace = await world.workspace(`${host.url}${new URL(repository.url).pathname}`, {}, create);
    return { repository, host, workspace };
  };

  describe.each(Object.entries(hosts))(`${name}: %s`, (_, kind) => {
    test('clone, follow, push, lose a race, delete', async () => {
      const { repository, host, workspace } = await open(kind);
      const base = await baseOf(workspace);
      expect(await textsAt(workspace, base.oid)).toEqual(['a\n', 'c\n']);
      const first = host.asked.length;
      const moved = await personCommits(repository.dir, 'main', new Map([['a.yaml', 'moved\n']]));
      expect(await baseOf(workspace)).toEqual({ name: MAIN, oid: moved });
      expect(await textsAt(workspace, moved)).toEqual(['moved\n', 'c\n']);
      if (name === 'direct') expect(host.asked.slice(first)).toEqual(FOLLOWED);
      const to = draftOn(moved, { 'b/c.yaml': 'ours\n' });
      const pushed = await workspace.publish({ ref: BOT, expected: null, to }, NEVER);
      expect(pushed).toEqual({ kind: 'done', oid: await tipOf(repository.dir, BOT) });
      const theirs = await personCommits(repository.dir, 'bot', new Map([['a.yaml', 'theirs\n']]));
      const expected = pushed.kind === 'done' ? pushed.oid : null;
      const again = draftOn(moved, { 'b/c.yaml': 'ours again\n' });
      expect(await workspace.publish({ ref: BOT, expected, to: again }, NEVER)).toEqual({ kind: 'moved' });
      expect(await tipOf(repository.dir, BOT)).toBe(theirs);
      expect((await workspace.publish({ ref: BOT, expected: theirs, to: null }, NEVER)).kind).toBe('done');
      await checkHistory(repository);
    });
  });
}

async function baseOf(workspace: Workspace) {
  const [main] = await workspace.refs([MAIN], NEVER);
  if (main === undefined) throw new Error('no base branch');
  return main;
}

async function textsAt(workspace: Workspace, oid: string): Promise<readonly string[]> {
  const snapshot = await workspace.snapshot({ name: MAIN, oid }, NEVER);
  return Promise.all(snapshot.entries.map(async (entry) => Buffer.from(await snapshot.read(entry.oid)).toString()));
}

async function checkHistory({ dir }: HostedRepository): Promise<void> {
  await git(dir, ['fsck', '--strict', '--full']);
  expect(await tipOf(dir, BOT)).toBe(null);
}
