import { cp } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../../src/demo/loopback.ts';
import { expectFailure } from '../../../contracts/workspace.ts';
import { DIRECT, MAIN, NEVER, openGitWorld } from '../git-world.ts';
import { describeFirstProtocol, OLDER_HOSTS } from './first-protocol.ts';
import { AZURE_DEVOPS, startFirstProtocolHost } from './first-protocol-host.ts';

await describeFirstProtocol(DIRECT, { ...OLDER_HOSTS, 'Azure DevOps': AZURE_DEVOPS });

const world = await openGitWorld(0);
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
  await world.close();
});

test('a host that begins to speak another protocol is asked anew', async () => {
  const repository = await world.repository(new Map([['a.yaml', 'a\n']]));
  const newer = await openGitWorld();
  closers.push(() => newer.close());
  await cp(repository.dir, `${newer.server.root}/x.git`, { recursive: true });
  let behind = newer.server.url;
  const front = await listenOnLoopback(async (request, response, body) => {
    const { method = 'GET', headers } = request;
    const answer = await fetch(`${behind}${request.url}`, {
      method,
      headers: { 'git-protocol': String(headers['git-protocol']), 'content-type': headers['content-type'] ?? '' },
      ...(method === 'POST' ? { body: new Uint8Array(body) } : {}),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  closers.push(() => front.close());
  await cp(repository.dir, `${world.server.root}/x.git`, { recursive: true });
  const workspace = await newer.workspace(`${front.url}/x.git`);
  const before = await workspace.refs([MAIN], NEVER);
  behind = world.server.url;
  await workspace.refs([MAIN], NEVER).catch(() => null);
  expect(await workspace.refs([MAIN], NEVER)).toEqual(before);
  expect((await workspace.snapshot(before[0] ?? { name: MAIN, oid: '' }, NEVER)).entries).toHaveLength(1);
});

test.each(['side-band-64k', 'shallow'])('a host without %s is refused in words', async (lacking) => {
  const { url } = await world.repository(new Map([['a.yaml', 'a\n']]));
  const fetching = AZURE_DEVOPS.fetching.filter((one) => one !== lacking);
  const host = await startFirstProtocolHost(world.server.root, { ...AZURE_DEVOPS, fetching });
  const workspace = await world.workspace(`${host.url}${new URL(url).pathname}`);
  const [base] = await workspace.refs([MAIN], NEVER);
  const work = workspace.snapshot(base ?? { name: MAIN, oid: '' }, NEVER);
  const failure = await expectFailure(work, { code: 'git-rejected', retry: 'never' });
  expect(failure.message).toContain(`it does not offer ${lacking}`);
  await host.close();
});
