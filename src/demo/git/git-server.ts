import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dropConnection, type FaultEffect, type Faults } from '../faults.ts';
import { listenOnLoopback } from '../loopback.ts';
import { createBareRepository, type FirstCommit, repositoryDir } from './bare-repository.ts';
import { askHttpBackend, type BackendAnswer, findHttpBackend } from './http-backend.ts';

/**
 * A Git host on loopback: Git's own `http-backend` behind basic auth, with real bare repositories on disk. Faults are
 * planned by operation: `GET info/refs git-upload-pack`, `POST git-upload-pack`, `GET info/refs git-receive-pack`,
 * `POST git-receive-pack`.
 */
export interface GitServer {
  readonly url: string;
  /** Where the repositories lie. */
  readonly root: string;
  /** A bare repository with one commit; `name` or `owner/name`. */
  createRepository(name: string, first: FirstCommit): Promise<HostedRepository>;
  /** From now on a password is needed; any user name goes with it. `read` cannot push. */
  accept(password: string, access: 'read' | 'write'): void;
  revoke(password: string): void;
  /** Pushes to this branch are declined by a hook that prints `reason`. */
  protectBranch(name: string, branch: string, reason: string): Promise<void>;
  unprotectBranches(name: string): Promise<void>;
  /** What was asked so far, oldest first. */
  readonly traffic: readonly Traffic[];
  /** Stops, and removes the repositories where the server chose their place. */
  close(): Promise<void>;
}

export interface HostedRepository {
  readonly url: string;
  /** The bare repository, for git commands. */
  readonly dir: string;
}

interface Traffic {
  readonly operation: string;
  /** What the client says that it speaks: `version=2`; empty where it says nothing. */
  readonly protocol: string;
  /** Where the body begins, at most 4 KiB, one character for one byte. */
  readonly begins: string;
  readonly received: number;
  readonly sent: number;
}

export interface GitServerOptions {
  readonly faults: Faults;
  /** An existing folder; without it a temporary one is made and removed. */
  readonly root?: string;
  /** 0 for a host that knows only Git's first protocol; one of protocol 1 speaks it to everybody. */
  readonly protocol?: 0 | 1 | 2;
  /** Passwords that are good beside those of `accept`, with which one may write: tokens of the GitHub beside it. */
  readonly accepts?: (password: string) => boolean;
}

/** Starts a Git host on 127.0.0.1 that is open to all until `accept` is called, if it is not told which passwords are good. */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const program = await findHttpBackend();
  const root = options.root ?? (await mkdtemp(join(tmpdir(), 'gitops-reloader-git-')));
  const { accepts = () => false } = options;
  const passwords = new Map<string, 'read' | 'write'>();
  const accessOf = (password: string) => passwords.get(password) ?? (accepts(password) ? 'write' : undefined);
  const traffic: Traffic[] = [];
  let open = options.accepts === undefined;

  const server = await listenOnLoopback(async (request, response, body) => {
    const operation = operationOf(request);
    const effect = options.faults.take(operation);
    if (effect?.kind === 'before') await effect.act();
    if (effect?.kind === 'drop') return dropConnection(response);
    const refusal = open ? null : refuse(request, accessOf);
    const answer =
      planned(effect) ??
      refusal ??
      (await askHttpBackend({ program, root, protocol: options.protocol ?? 2 }, request, body));
    const protocol = String(request.headers['git-protocol'] ?? '');
    const begins = body.toString('latin1', 0, 4096);
    traffic.push({ operation, protocol, begins, received: body.length, sent: answer.body.length });
    await sendUnder(effect, response, answer);
  });
  return {
    url: server.url,
    root,
    traffic,
    createRepository: async (name, first) => {
      const dir = repositoryDir(root, name);
      await createBareRepository(dir, first);
      return { url: `${server.url}/${name}.git`, dir };
    },
    accept: (password, access) => {
      open = false;
      passwords.set(password, access);
    },
    revoke: (password) => void passwords.delete(password),
    protectBranch: (name, branch, reason) => writeHook(repositoryDir(root, name), branch, reason),
    unprotectBranches: (name) => rm(join(repositoryDir(root, name), 'hooks', 'update'), { force: true }),
    close: async () => {
      await server.close();
      if (options.root === undefined) await rm(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function operationOf(request: IncomingMessage): string {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const service = url.searchParams.get('service');
  const last = url.pathname.endsWith('/info/refs') ? 'info/refs' : (url.pathname.split('/').at(-1) ?? '');
  return `${request.method} ${last}${service === null ? '' : ` ${service}`}`;
}

function planned(effect: FaultEffect | null): BackendAnswer | null {
  if (effect?.kind !== 'answer') return null;
  const text = typeof effect.body === 'string' ? effect.body : JSON.stringify(effect.body ?? '');
  return { status: effect.status, headers: { ...effect.headers }, body: Buffer.from(text) };
}

async function sendUnder(effect: FaultEffect | null, response: ServerResponse, answer: BackendAnswer): Promise<void> {
  if (effect?.kind === 'drop-after-effect') return dropConnection(response);
  if (effect?.kind === 'after') await effect.act();
  send(response, answer);
}

type Access = 'read' | 'write' | undefined;

function refuse(request: IncomingMessage, accessOf: (password: string) => Access): BackendAnswer | null {
  const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ');
  const text = scheme === 'Basic' ? Buffer.from(encoded, 'base64').toString('utf8') : '';
  const access = accessOf(text.slice(text.indexOf(':') + 1));
  if (access === undefined) {
    return { status: 401, headers: { 'www-authenticate': 'Basic realm="git"' }, body: Buffer.from('denied') };
  }
  const writes = request.url?.includes('git-receive-pack') === true;
  return writes && access === 'read' ? { status: 403, headers: {}, body: Buffer.from('read only') } : null;
}

function send(response: ServerResponse, answer: BackendAnswer): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length }).end(answer.body);
}

/** The reason lies in a file of its own, so that no text of a test or a demo becomes shell code. */
async function writeHook(dir: string, branch: string, reason: string): Promise<void> {
  if (!/^[A-Za-z0-9/._-]+$/.test(branch)) throw new Error(`no branch to be protected: ${branch}`);
  await writeFile(join(dir, 'refusal.txt'), `${reason}\n`);
  const hook = join(dir, 'hooks', 'update');
  await mkdir(join(dir, 'hooks'), { recursive: true });
  await writeFile(
    hook,
    `#!/bin/sh\nif [ "$1" = "refs/heads/${branch}" ]; then cat "$GIT_DIR/refusal.txt" >&2; exit 1; fi\n`,
  );
  await chmod(hook, 0o755);
}
