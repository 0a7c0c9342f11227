// SQS, Secrets Manager, Git and GitHub on loopback around a generated repository, each behind the same delay. All requests are
// written down in one list.
import { startSecretsManager } from '../../dist/demo/aws/secrets-manager-server.js';
import { startSqs } from '../../dist/demo/aws/sqs-server.js';
import { startGitHub } from '../../dist/demo/github/github-server.js';
import { WORLD } from '../../dist/demo/world.js';
import { freshRepository, NAME } from './generated.mjs';
import { startGitHost } from './git-host.mjs';
import { startSlowProxy } from './slow-proxy.mjs';

function operation({ headers }) {
  return String(headers['x-amz-target'] ?? '?')
    .split('.')
    .at(-1);
}

/** `token`: what the bot shows GitHub. */
export async function startSlowWorld({ files, token }) {
  const repository = await freshRepository({ files });
  const [delay, requests] = [{ milliseconds: 0 }, []];
  const git = await startGitHost(repository.root, { delay, requests });
  const sqs = await startSqs();
  const secrets = await startSecretsManager({ account: WORLD.account, region: WORLD.region });
  const github = await startGitHub({ gitDir: (name) => (name === NAME ? repository.dir : null) });
  github.addToken(token, WORLD.bot);
  sqs.createQueue(WORLD.queue, { visibilityTimeout: 120 });
  const before = (target, kindOf) => startSlowProxy({ target, kindOf, delay, requests });
  const proxies = {
    sqs: await before(sqs.url, (request) => `SQS ${operation(request)}`),
    secrets: await before(secrets.url, (request) => `Secrets Manager ${operation(request)}`),
    github: await before(
      github.url,
      ({ method, url }) => `GitHub ${method} ${url.replace(/\?.*$/, '').replaceAll(/\d+/g, '…')}`,
    ),
  };
  return {
    ...repository,
    url: git.url,
    places: Object.fromEntries(Object.entries(proxies).map(([name, { origin }]) => [name, origin])),
    sqs,
    secrets,
    delay,
    requests,
    close: async () => {
      await Promise.all([...Object.values(proxies), git, sqs, secrets, github].map((server) => server.close()));
      await repository.remove();
    },
  };
}
