import { createGitWorkspace, type GitWorkspace } from '../../../../../src/adapters/git/git-workspace.ts';
import { createMemoryWorkspace, type MemoryWorkspace } from '../../../../../src/adapters/memory/memory-workspace.ts';
import { git, gitWithInput } from '../../../../../src/demo/git/git-cli.ts';
import { askHttpBackend, findHttpBackend } from '../../../../../src/demo/git/http-backend.ts';
import { Failure } from '../../../../../src/domain/failure.ts';
import type { Ref, Workspace } from '../../../../../src/ports.ts';
import { type Create, type GitWorld, MAIN, NEVER, nameOf, personCommits } from '../../git-world.ts';
import { effectOf, type Purpose } from '../fates.ts';
import type { RaceServer } from './race-server.ts';
import type { Gate, OpenRaceWorld, RaceWorld, Tips } from './race-world.ts';
import { createSmallGitHost, type SmallGitHost } from './small-git-host.ts';

/** The own transport against hosts without processes, which are kept in `hosts` to be checked by Git in the end. */
export function onSmallHost(server: RaceServer, hosts: SmallGitHost[]): OpenRaceWorld {
  return async (gate, files, traits) => {
    const host = await createSmallGitHost(files, traits);
    hosts.push(host);
    const url = server.host(gate, (request, body, told) => host.answer(request, body, told));
    const openWith = opener(createGitWorkspace);
    return {
      open: (replica) => openWith.open(url(replica, 'small')),
      canLag: true,
      tips: async () => new Map(host.refs),
      commit: async (ref, changed) => {
        const oid = await host.commit(host.refs.get(ref) ?? '', changed);
        host.refs.set(ref, oid);
        return oid;
      },
      move: async (ref, oid) => void (oid === null ? host.refs.delete(ref) : host.refs.set(ref, oid)),
      refuse: async (ref) => {
        host.refused = ref;
      },
      contents: async (oid) => host.contents(oid),
      verify: async () => undefined,
      close: () => openWith.close(),
    };
  };
}

function opener(create: Create) {
  const opened: GitWorkspace[] = [];
  return {
    open: async (url: string) => {
      const workspace = await create({ url, credentials: async () => null });
      opened.push(workspace);
      return workspace;
    },
    close: async () => {
      for (const workspace of opened) await workspace.close();
    },
  };
}

/** A transport against Git's own server program, and a repository on disk. */
export function onRealGit(server: RaceServer, world: GitWorld, create: Create): OpenRaceWorld {
  let template: ReturnType<GitWorld['repository']> | null = null;
  return async (gate, files, { protocol }) => {
    template ??= world.repository(files);
    const repository = await world.copy(await template);
    const { dir } = repository;
    const name = nameOf(repository);
    const backend = { program: await findHttpBackend(), root: world.server.root, protocol };
    const url = server.host(gate, (request, body) => askHttpBackend(backend, request, body));
    const openWith = opener(create);
    return {
      open: (replica) => openWith.open(url(replica, name)),
      canLag: false,
      tips: async () => {
        const lines = (await git(dir, ['for-each-ref', '--format=%(refname) %(objectname)'])).split('\n');
        return new Map(lines.flatMap((line) => (line === '' ? [] : [line.split(' ') as unknown as [string, string]])));
      },
      commit: (ref, changed) => personCommits(dir, ref.slice('refs/heads/'.length), changed),
      move: async (ref, oid) => void (await git(dir, ['update-ref', ...(oid === null ? ['-d', ref] : [ref, oid])])),
      refuse: async (ref) => {
        if (ref === null) await world.server.unprotectBranches(name);
        else await world.server.protectBranch(name, ref.slice('refs/heads/'.length), 'no');
      },
      contents: (oid) => contentsOf(dir, oid),
      verify: async () => void (await git(dir, ['fsck', '--strict', '--full'])),
      close: () => openWith.close(),
    };
  };
}

async function contentsOf(dir: string, oid: string) {
  const parents = (await git(dir, ['show', '-s', '--format=%P', oid])).trim();
  const paths = (await git(dir, ['ls-tree', '-r', '--name-only', oid])).trim().split('\n');
  const asked = paths.map((path) => `${oid}:${path}\n`).join('');
  const texts = (await gitWithInput(dir, ['cat-file', '--batch=%(objectsize)'], asked)).split(/^\d+\n/m).slice(1);
  const files = new Map(paths.map((path, index) => [path, (texts[index] ?? '').slice(0, -1)] as const));
  return { parents: parents === '' ? [] : parents.split(' '), files };
}

/** The workspace in memory: its calls are what goes wrong. */
export const inMemory: OpenRaceWorld = async (gate, files) => {
  const workspace = createMemoryWorkspace(files);
  let refused: string | null = null;
  return {
    open: async (replica) => gated(workspace, gate, replica),
    canLag: true,
    tips: async () => new Map((await workspace.refs(['refs/'], NEVER)).map(({ name, oid }) => [name, oid])),
    commit: async (ref, changed) => workspace.commitTo(ref, changed, 'A person was here'),
    move: async (ref, oid) => workspace.moveRef(ref, oid),
    refuse: async (ref) => {
      if (refused !== null) workspace.refuse(refused, null);
      if (ref !== null) workspace.refuse(ref, 'hook declined');
      refused = ref;
    },
    contents: (oid) => remembered(workspace, oid),
    verify: async () => undefined,
    close: async () => undefined,
  } satisfies RaceWorld;
};

async function remembered(workspace: MemoryWorkspace, oid: string) {
  const { parents } = await workspace.commit({ name: MAIN, oid }, NEVER);
  const snapshot = await workspace.snapshot({ name: MAIN, oid }, NEVER);
  const files = new Map<string, string>();
  for (const entry of snapshot.entries) files.set(entry.path, Buffer.from(await snapshot.read(entry.oid)).toString());
  return { parents, files };
}

function asRefs(told: Tips, prefixes: readonly string[]): readonly Ref[] {
  const refs = [...told].map(([name, oid]) => ({ name, oid }));
  return refs.filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)));
}

/** What is on its way is carried out whether or not who asked has been stopped meanwhile. */
function gated(workspace: Workspace, gate: Gate, replica: number): Workspace {
  const pass = async <T>(purpose: Purpose, act: (told: Tips | null) => Promise<T>): Promise<T> => {
    const passage = await gate.enter(replica, purpose);
    const { fate } = passage;
    const carryOut = () => passage.carryOut(act);
    if (fate.kind === 'carried-out' || fate.kind === 'lagging') return carryOut();
    const effect = effectOf(fate, purpose);
    if (effect === 'later') passage.later(carryOut);
    if (effect === 'now') await carryOut();
    if (fate.kind === 'stopped') passage.stop();
    throw new Failure(`could not do it: ${fate.kind}`, { code: 'git-unreachable', retry: 'later', hint: 'None.' });
  };
  return {
    refs: (prefixes) =>
      pass('list', async (told) => (told === null ? workspace.refs(prefixes, NEVER) : asRefs(told, prefixes))),
    snapshot: (ref) => pass('fetch', () => workspace.snapshot(ref, NEVER)),
    commit: (ref) => pass('fetch', () => workspace.commit(ref, NEVER)),
    publish: (update) =>
      pass('push', () => workspace.publish(update, NEVER)).catch((error: unknown) => {
        if (error instanceof Failure && error.message.startsWith('could not do it'))
          return { kind: 'unknown', reason: error.message };
        throw error;
      }),
    publishAll: (updates, signal) =>
      pass('push', () => workspace.publishAll(updates, signal)).catch((error: unknown) => {
        if (error instanceof Failure && error.message.startsWith('could not do it'))
          return updates.map(() => ({ kind: 'unknown', reason: error.message }) as const);
        throw error;
      }),
  };
}
