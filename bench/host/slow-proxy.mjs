// Stands before a host of the demo: every request may be held back for as long as a round trip takes, and is written down.
import { createServer, request as send } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { bodyOf, listen } from './listen.mjs';

/** In front of `target` (an origin); `requests` may be shared with other hosts. `kindOf` names a request by method, path and headers. */
export async function startSlowProxy({ target, kindOf, delay, requests }) {
  const server = createServer((request, response) => {
    void passOn({ target, kindOf, delay, requests }, request, response).catch(() => response.destroy());
  });
  return listen(server);
}

async function passOn({ target, kindOf, delay, requests }, request, response) {
  const body = await bodyOf(request);
  const noted = { kind: kindOf(request), received: body.length, sent: 0, came: performance.now(), ended: null };
  requests.push(noted);
  await pause(delay.milliseconds);
  const answer = await ask(target, request, body, response);
  const text = await bodyOf(answer);
  noted.sent = text.length;
  noted.isEmpty = text.length < 40;
  response.writeHead(answer.statusCode, answer.headers);
  response.end(text);
  noted.ended = performance.now();
}

/** Given up when whoever asked has gone: a long poll is not to wait for nobody. */
function ask(target, { method, url, headers }, body, response) {
  return new Promise((resolve, reject) => {
    const sent = send(new URL(url, target), { method, headers }, resolve);
    sent.once('error', reject);
    response.once('close', () => sent.destroy());
    sent.end(body);
  });
}
