import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { git } from '../../src/demo/git/git-cli.ts';
import type { ProgramProcess } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { repositoryOf } from './manifests.ts';
import { type Stage, startStage } from './stage.ts';
import { untilDeleted, untilHandled } from './traces.ts';

/** The sweep may have seen the newer version before its message came. */
const BROUGHT: unknown = expect.stringMatching(/^(published|already-current)$/);

const LOGIN = 'acme-gitops[bot]';

let stage: Stage;
/** One way to make commits after the other, on one repository. */
let ways: Readonly<Record<'api' | 'ssh', Readonly<Record<string, unknown>>>>;

beforeAll(async () => {
  stage = await startStage(repositoryOf(['prod/first', 'prod/second']));
  const app = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = app.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  stage.world.github.addApp({ id: 1, slug: 'acme-gitops', publicKey, installationId: 7, repositories: null });
  const privateKeyFile = await stage.file('app.pem', app.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const own = generateKeyPairSync('ed25519').privateKey;
  const keyFile = await stage.file('signing.pem', own.export({ type: 'pkcs8', format: 'pem' }));
  ways = {
    api: { forge: { app: { id: 1, privateKeyFile } }, commit: { via: 'api' } },
    ssh: { forge: { app: { id: 1, privateKeyFile } }, commit: { signing: { format: 'ssh', keyFile } } },
  };
});
afterAll(async () => {
  await stage.close();
  expect(stage.world.github.violations).toEqual([]);
});

async function start(way: keyof typeof ways): Promise<ProgramProcess> {
  const { spec } = JSON.parse(stage.world.config()) as { spec: { repositories: readonly Record<string, unknown>[] } };
  const [repository] = spec.repositories;
  const { forge, commit } = ways[way];
  const { url: apiUrl } = stage.world.github;
  return stage.run({ repositories: [{ ...repository, forge: { type: 'github', apiUrl, auth: forge }, commit }] });
}

/** The commit at the head of the only open pull request. */
async function shown(): Promise<string> {
  const open = (await stage.world.github.people(WORLD.repository).pulls()).filter(({ state }) => state === 'open');
  expect(open).toHaveLength(1);
  return git(stage.world.repository.dir, ['cat-file', 'commit', open[0]?.head ?? '']);
}

test('GitHub makes and signs the commits; newer versions rewrite them, also after a change of the way', async () => {
  const first = await start('api');
  await untilDeleted(stage, stage.rotate('prod/first'));
  expect(await shown()).toMatch(
    /\nauthor acme-gitops\[bot\] <[^]*\ncommitter GitHub <noreply@github\.com> [^]*\ngpgsig /,
  );
  const second = stage.rotate('prod/first');
  await untilDeleted(stage, second);
  expect(await untilHandled(first, second)).toMatchObject({ outcome: BROUGHT });
  expect(await shown()).toContain(`Secret-Rotation: prod/first=${second.version}`);
  first.signal('SIGTERM');
  await first.exit;

  const own = await start('ssh');
  const third = stage.rotate('prod/first');
  await untilDeleted(stage, third);
  expect(await untilHandled(own, third)).toMatchObject({ outcome: BROUGHT });
  const commit = await shown();
  expect(commit).toMatch(/\nauthor gitops-reloader <[^]*\ngpgsig -----BEGIN SSH SIGNATURE-----\n/);
  expect(commit).not.toContain(LOGIN);
  own.signal('SIGTERM');
  await own.exit;

  const again = await start('api');
  const fourth = stage.rotate('prod/first');
  await untilDeleted(stage, fourth);
  expect(await untilHandled(again, fourth)).toMatchObject({ outcome: BROUGHT });
  expect(await shown()).toContain(`\nauthor ${LOGIN} <`);
  again.signal('SIGTERM');
  for (const { text } of await stage.outputs()) expect(text).not.toContain('PRIVATE KEY');
});
