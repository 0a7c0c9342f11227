import { git } from '../../src/demo/git/git-cli.ts';
import { WORLD } from '../../src/demo/world.ts';
import type { Stage } from './stage.ts';

/** Stands for every credential and for what messages hold: whoever shows one of these has leaked. */
export const CANARY = {
  token: 'canary-git-hub-token-7f3a91',
  accessKey: 'canary/aws+secret/access/key/5d20c4',
  sessionToken: 'canary+aws/session/token/e8c3f0==',
  proxyPassword: 'canary-proxy:password/a61f0e',
  body: 'canary-of-the-message-body-9b17e8',
} as const;

/** Every spelling of the canaries in a text. */
export function canariesIn(text: string): readonly string[] {
  return Object.entries(CANARY).flatMap(([name, canary]) =>
    spellings(canary).some((spelling) => text.includes(spelling)) ? [name] : [],
  );
}

/**
 * Where a canary is seen, and where a value was asked for: in the output of any process, in commits, in pull requests, in
 * what Secrets Manager and Parameter Store were asked. Empty when all is well. Waits for the end of every process.
 */
export async function leaks(stage: Stage): Promise<readonly string[]> {
  const { world } = stage;
  const history = await git(world.repository.dir, ['log', '--all', '--patch', '--format=fuller']);
  const pulls = JSON.stringify(await world.github.people(WORLD.repository).pulls());
  const texts = [
    ...(await stage.outputs()),
    { where: 'history', text: history },
    { where: 'pull requests', text: pulls },
  ];
  const shown = texts.flatMap(({ where, text }) => canariesIn(text).map((name) => `${where}: ${name}`));
  const asked = [...world.secrets.requests, ...world.parameters.requests].filter(
    ({ operation }) => !['DescribeSecret', 'ListSecrets', 'DescribeParameters'].includes(operation),
  );
  return [...shown, ...asked.map(({ operation }) => `asked for ${operation}`)];
}

/** As it is, escaped for a URL, and inside a longer text in Base64, wherever it begins there. */
function spellings(canary: string): readonly string[] {
  const encoded = ['', 'x', 'xy'].map((before) => {
    const text = Buffer.from(`${before}${canary}`).toString('base64').replace(/=+$/, '');
    return text.slice(before === '' ? 0 : 4, -2);
  });
  return [canary, encodeURIComponent(canary), ...encoded];
}
