import { spawn } from 'node:child_process';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { git, gitEnvironment } from './git-cli.ts';

export interface BackendAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

let found: Promise<string> | null = null;

/** Where this machine's `git http-backend` is: asked for once. */
export function findHttpBackend(): Promise<string> {
  found ??= git('/', ['--exec-path']).then((path) => join(path.trim(), 'git-http-backend'));
  return found;
}

export interface Backend {
  readonly program: string;
  /** Repositories lie below it. */
  readonly root: string;
  /** The newest of Git's protocols that it speaks. */
  readonly protocol: 0 | 1 | 2;
}

/** Carries a request out with Git's own server program, as a web server would (CGI). */
export async function askHttpBackend(backend: Backend, request: IncomingMessage, body: Buffer): Promise<BackendAnswer> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const env = gitEnvironment({
    GIT_PROJECT_ROOT: backend.root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method ?? 'GET',
    REMOTE_USER: 'loopback',
    REMOTE_ADDR: '127.0.0.1',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    CONTENT_LENGTH: String(body.length),
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: spokenProtocol(backend, request),
  });
  return readCgi(await runWithInput(backend.program, env, body));
}

function spokenProtocol({ protocol }: Backend, request: IncomingMessage): string {
  if (protocol === 2) return String(request.headers['git-protocol'] ?? '');
  return protocol === 1 ? 'version=1' : '';
}

function runWithInput(program: string, env: Record<string, string>, input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const out: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    // A backend that answers without reading its input is no error of ours.
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(out)));
    child.stdin.end(input);
  });
}

function readCgi(output: Buffer): BackendAnswer {
  const end = output.indexOf('\r\n\r\n');
  if (end === -1) return { status: 500, headers: {}, body: Buffer.from('git http-backend gave no answer') };
  const headers: OutgoingHttpHeaders = {};
  let status = 200;
  for (const line of output.toString('latin1', 0, end).split('\r\n')) {
    const [name = '', ...rest] = line.split(': ');
    if (name.toLowerCase() === 'status') status = Number(rest[0]?.slice(0, 3));
    else headers[name] = rest.join(': ');
  }
  return { status, headers, body: output.subarray(end + 4) };
}
