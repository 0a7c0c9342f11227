// A Git host on loopback: Git's own http-backend, its answers passed on as they come. Every request may be held back for as
// long as a round trip takes, and is written down: its kind, the bytes of its body both ways, when it came and when it was answered.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { gitEnvironment } from '../../dist/demo/git/git-cli.js';
import { findHttpBackend } from '../../dist/demo/git/http-backend.js';
import { NAME } from './generated.mjs';
import { bodyOf, drained, listen } from './listen.mjs';

/**
 * Serves the repositories below `root`. `delay.milliseconds` may be changed at any time, and so may `delay.bytesPerSecond`, the line
 * that answers come over; `requests` may be shared with other hosts.
 */
export async function startGitHost(root, { delay = { milliseconds: 0 }, requests = [] } = {}) {
  const program = await findHttpBackend();
  const server = createServer((request, response) => {
    void answer({ program, root, requests, delay }, request, response).catch(() => response.destroy());
  });
  const { origin, close } = await listen(server);
  return { url: `${origin}/${NAME}.git`, requests, close };
}

async function answer({ program, root, requests, delay }, request, response) {
  const body = await bodyOf(request);
  const noted = {
    kind: `git ${kindOf(request, body)}`,
    received: body.length,
    sent: 0,
    came: performance.now(),
    ended: null,
  };
  requests.push(noted);
  await pause(delay.milliseconds);
  const child = spawn(program, [], { env: environmentOf(root, request, body), stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(body);
  await passOn(child.stdout, response, noted, delay);
  noted.ended = performance.now();
}

/** What a CGI program prints: headers, an empty line, and the body. */
async function passOn(output, response, noted, delay) {
  const begin = performance.now();
  const write = async (chunk) => {
    noted.sent += chunk.length;
    if (!response.write(chunk)) await drained(response);
    const late = begin + (noted.sent / (delay.bytesPerSecond ?? Number.POSITIVE_INFINITY)) * 1000 - performance.now();
    if (late > 1) await pause(late);
  };
  let head = Buffer.alloc(0);
  for await (const chunk of output) {
    if (response.headersSent) {
      await write(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) continue;
    const headers = Object.fromEntries(
      head
        .toString('latin1', 0, end)
        .split('\r\n')
        .map((line) => line.split(': ')),
    );
    const { Status: status = '200', ...rest } = headers;
    response.writeHead(Number.parseInt(status, 10), rest);
    await write(head.subarray(end + 4));
  }
  if (!response.headersSent) response.writeHead(500);
  await new Promise((resolve) => {
    response.end(resolve);
  });
}

function environmentOf(root, request, body) {
  const url = new URL(request.url, 'http://localhost');
  return gitEnvironment({
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: url.pathname,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method,
    REMOTE_USER: 'bench',
    REMOTE_ADDR: '127.0.0.1',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    CONTENT_LENGTH: String(body.length),
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
  });
}

function kindOf(request, body) {
  const url = new URL(request.url, 'http://localhost');
  const service = url.searchParams.get('service') ?? url.pathname.split('/').at(-1);
  if (request.method === 'GET') return `advertisement of ${service}`;
  if (service !== 'git-upload-pack') return service === 'git-receive-pack' ? 'push' : service;
  const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return /^[0-9a-f]{4}command=([a-z-]+)/.exec(plain.toString('latin1', 0, 60))?.[1] ?? 'fetch';
}
