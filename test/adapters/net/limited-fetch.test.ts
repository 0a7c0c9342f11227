import { afterEach, expect, test } from 'vitest';
import { createLimitedFetch } from '../../../src/adapters/net/limited-fetch.ts';
import { type Handler, listenOnLoopback } from '../../../src/demo/loopback.ts';
import { Failure } from '../../../src/domain/failure.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function host(handler: Handler): Promise<string> {
  const server = await listenOnLoopback(handler);
  closers.push(() => server.close());
  return server.url;
}

test('method, headers and body arrive; status, headers, address and body come back', async () => {
  const url = await host(async (request, response, body) => {
    response.writeHead(201, { 'content-type': 'application/json', link: '<x>' });
    response.end(
      JSON.stringify({ method: request.method, auth: request.headers.authorization, body: body.toString() }),
    );
  });
  const init = { method: 'post', headers: { authorization: 'token x' }, body: '{"a":1}' };
  const response = await createLimitedFetch()(`${url}/repos`, init);
  expect([response.status, response.ok, response.url, response.headers.get('link')]).toEqual([
    201,
    true,
    `${url}/repos`,
    '<x>',
  ]);
  expect(await response.json()).toEqual({ method: 'POST', auth: 'token x', body: '{"a":1}' });
});

test('an answer without a body, and one with a status that does not exist', async () => {
  const url = await host(async (request, response) => void response.writeHead(Number(request.url?.slice(1))).end());
  expect((await createLimitedFetch()(`${url}/204`)).status).toBe(204);
  expect((await createLimitedFetch()(`${url}/799`)).status).toBe(502);
});

test('limits and lost connections are failures that show neither query nor header', async () => {
  const url = await host(async (request, response) => {
    if (request.url?.startsWith('/cut') === true) request.socket.destroy();
    else response.end('12345');
  });
  const read = (path: string) =>
    createLimitedFetch({ maxResponseBytes: 4 })(url + path, { headers: { authorization: 'canary' } }).catch(
      (error) => error,
    );
  for (const [path, code] of [
    ['/cut?canary', 'forge-unreachable'],
    ['/large?canary', 'forge-rejected'],
  ] as const) {
    const failure: unknown = await read(path);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code });
    expect(String((failure as Failure).stack)).not.toContain('canary');
  }
});

test('an abort is an AbortError', async () => {
  const stop = new AbortController();
  const url = await host(async () => stop.abort());
  await expect(createLimitedFetch()(url, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
});
