import { afterAll, beforeAll, expect, test } from 'vitest';
import { parameterChanged, putParameter } from '../../src/demo/aws/rotation-events.ts';
import { waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { tokenVersion } from '../../src/domain/token.ts';
import { leaks } from './canaries.ts';
import { externalSecret, STORE } from './manifests.ts';
import { type Rotation, type Stage, startStage } from './stage.ts';
import { untilHandled } from './traces.ts';

const NAME = '/prod/url';
const PARAMETERS = STORE.replace('service: SecretsManager', 'service: ParameterStore');

let stage: Stage;
beforeAll(async () => {
  stage = await startStage(
    new Map([
      ['stores/aws.yaml', PARAMETERS],
      ['apps/url.yaml', externalSecret('url', NAME)],
    ]),
  );
});
afterAll(() => stage.close());

/** A parameter is written, and both of its events arrive. */
function write(): readonly Rotation[] {
  const { parameters, sqs } = stage.world;
  const number = parameters.put(NAME);
  const seconds = Math.floor((parameters.get(NAME)?.modifiedAt ?? 0) / 1000);
  const time = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  const place = { account: WORLD.account, region: WORLD.region, name: NAME };
  const version = tokenVersion(`${number}.${seconds}`);
  return [parameterChanged(place, { time }), putParameter(place, number, time)].map((event) => ({
    secret: NAME,
    version,
    messageId: sqs.send(WORLD.queue, JSON.stringify(event)),
  }));
}

test('a parameter that is written becomes one pull request, and no value is asked for', async () => {
  const program = await stage.run();
  const rotations = write();
  for (const rotation of rotations) {
    expect((await untilHandled(program, rotation))['outcome']).toMatch(/^(?:published|already-current)$/);
  }
  await waitUntil('both messages are deleted', () => stage.world.sqs.bodies(WORLD.queue).length === 0);
  const pulls = await stage.world.github.people(WORLD.repository).pulls();
  expect(pulls.map(({ title, state }) => `${state} ${title}`)).toEqual([`open Refresh ssm:${NAME}`]);
  expect(pulls[0]?.body).toContain(`Secret-Rotation: ssm:${NAME}=${rotations[0]?.version ?? ''}`);
  expect(stage.world.parameters.requests.length).toBeGreaterThan(0);
  expect(stage.world.secrets.requests).toEqual([]);
  const config = await stage.file('explain.yaml', stage.world.config());
  const explained = await stage.command(['explain', NAME, '--config', config]);
  expect(explained.code).toBe(0);
  expect(explained.stdout).toContain(`parameter ${NAME} (account ${WORLD.account}, region ${WORLD.region})`);
  expect(explained.stdout).toContain('AWS: latest version 1.');
  const plan = await stage.command(['plan', '--config', config, '--secret', NAME, '--service', 'ssm', '--json']);
  const { edits } = JSON.parse(plan.stdout) as { readonly edits: readonly { readonly secrets: readonly string[] }[] };
  expect(edits.map(({ secrets }) => secrets)).toEqual([[`ssm:${NAME}`]]);
  program.signal('SIGTERM');
  expect(await leaks(stage)).toEqual([]);
});
