import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultEffect } from '../../src/demo/faults.ts';
import { WORLD } from '../../src/demo/world.ts';
import { CANARY, canariesIn, leaks } from './canaries.ts';
import { type FaultyRun, startFaultyRun } from './faulty-run.ts';
import { type } from './typed.ts';

/** What a confused or hostile server could repeat: everything that it was sent. */
const ECHO = {
  git: `${CANARY.token} Basic ${Buffer.from(`x-access-token:${CANARY.token}`).toString('base64')}`,
  github: `token ${CANARY.token}`,
  aws: `${CANARY.accessKey} ${CANARY.sessionToken}`,
} as const;

let run: FaultyRun;
beforeAll(async () => {
  run = await startFaultyRun();
});
afterEach(() => run.clearFaults());
afterAll(() => run.stage.close());

/** A rotation meets a server that repeats credentials; the log line must name the code, so that the path was taken. */
async function checkEcho(at: 'git' | 'github' | 'secrets', effect: FaultEffect, code: string): Promise<void> {
  run.stage.world.faults[at].plan(/./, effect, Number.POSITIVE_INFINITY);
  const rotation = run.rotateNext();
  const line = await run.untilSettled(rotation);
  expect(line).toMatchObject({ reason: expect.stringContaining(`[${code}]`) });
  expect(canariesIn(JSON.stringify(line))).toEqual([]);
  await run.checkRecovers(rotation);
}

test('the canaries are found in every spelling', () => {
  expect(canariesIn(ECHO.git)).toEqual(['token']);
  expect(canariesIn(ECHO.git.slice(CANARY.token.length))).toEqual(['token']);
  expect(canariesIn(Buffer.from(`xy${CANARY.body} and more`).toString('base64'))).toEqual(['body']);
  expect(canariesIn(`a=${encodeURIComponent(CANARY.accessKey)}`)).toEqual(['accessKey']);
  expect(canariesIn('nothing')).toEqual([]);
});

test.each([
  [401, 'git-denied'],
  [403, 'git-denied'],
  [404, 'git-missing'],
  [500, 'git-unreachable'],
  [200, 'git-unreadable'],
])('the Git host repeats them with status %i', (status, code) =>
  checkEcho('git', { kind: 'answer', status, body: ECHO.git, headers: { 'x-echo': CANARY.token } }, code),
);

test('the Git host repeats them in an error packet', () => {
  const text = `ERR ${ECHO.git}\n`;
  const body = `${(text.length + 4).toString(16).padStart(4, '0')}${text}0000`;
  return checkEcho('git', { kind: 'answer', status: 200, body }, 'git-unreadable');
});

test('a hook of the Git host repeats them', async () => {
  const { git } = run.stage.world;
  await git.protectBranch(WORLD.repository, run.nextBranch(), `you are ${ECHO.git}`);
  const rotation = run.rotateNext();
  expect(await run.untilSettled(rotation)).toMatchObject({ reason: expect.stringContaining('refused the push') });
  await git.unprotectBranches(WORLD.repository);
  await run.checkRecovers(rotation);
});

test.each([
  [401, 'forge-denied'],
  [403, 'forge-denied'],
  [404, 'forge-missing'],
  [422, 'forge-rejected'],
  [500, 'forge-unreachable'],
])('GitHub repeats them with status %i', (status, code) => {
  const body = { message: `not for ${ECHO.github}`, errors: [{ message: ECHO.github }, ECHO.github] };
  return checkEcho('github', { kind: 'answer', status, body }, code);
});

test.each([
  ['SignatureDoesNotMatch', 403, 'aws-denied'],
  ['InternalFailure', 500, 'aws-unreachable'],
])('AWS repeats them in %s', (name, status, code) =>
  checkEcho('secrets', { kind: 'answer', status, body: { __type: name, message: ECHO.aws } }, code),
);

test('a message that is cut in the middle, and one that hides its text in names', () => {
  const { sqs } = run.stage.world;
  sqs.send(WORLD.queue, `{"detail": {"value": "${CANARY.body}`);
  sqs.send(WORLD.queue, CANARY.body);
  sqs.send(WORLD.queue, JSON.stringify({ Message: CANARY.body, Type: 'Notification' }));
  expect(sqs.bodies(WORLD.queue).length).toBe(3);
});

test('credentials in the wrong place of a configuration', async () => {
  const { stage } = run;
  const { world } = stage;
  const text = JSON.parse(world.config()) as { spec: { repositories: Record<string, unknown>[] } };
  const repository = text.spec.repositories[0];
  const wrong = [
    { ...repository, name: 'a', forge: forge({ token: CANARY.token }) },
    { ...repository, name: 'b', forge: forge({ token: { value: CANARY.token, env: [CANARY.token] } }) },
    { ...repository, name: 'c', url: `https://bot:${CANARY.token}@github.com/acme/x.git` },
    { ...repository, name: 'd', forge: forge({ app: { id: '1', privateKey: CANARY.token } }) },
    { ...repository, name: CANARY.token.repeat(20) },
  ];
  const auth = { authMethod: 'static', secretRef: { accessKeyIdSecretRef: CANARY.accessKey } };
  const queue = { queueURL: `https://key:${CANARY.accessKey}@sqs.eu-west-1.amazonaws.com/1/q`, auth };
  const sources = [{ type: 'AwsSqs', awsSqs: queue, secretAccessKey: CANARY.accessKey }];
  const broken = [
    world.config({ repositories: wrong.slice(0, 4), notificationSources: sources }),
    `spec:\n  token: "${CANARY.token}\n  auth: {secretAccessKey: ${CANARY.accessKey}`,
    `{"spec": {"token": ${CANARY.token} "x"}}`,
  ];
  for (const [at, config] of broken.entries()) {
    const file = await stage.file(`broken-${at}.yaml`, config);
    const { code, out, notes } = await type('doctor', '--offline', '--config', file);
    expect(code).toBe(2);
    checkSilent(out + notes);
  }
});

test('credentials that no header can carry, and a world that takes none', async () => {
  const { stage } = run;
  const config = await stage.file('doctor.yaml', stage.world.config());
  const odd = { ...stage.environment, GITHUB_TOKEN: `${CANARY.token}\u0001\n${CANARY.token}` };
  stage.world.git.revoke(CANARY.token);
  stage.world.github.revoke(CANARY.token);
  const asked = [
    stage.command(['doctor', '--config', config, '--json'], odd),
    stage.command(['plan', '--config', config, '--secret', 'prod/s1', '--region', 'eu-west-1']),
  ];
  for (const { code, stdout, stderr } of await Promise.all(asked)) {
    expect(code).toBe(1);
    checkSilent(stdout + stderr);
  }
});

/** The `forge` section of a repository. */
function forge(auth: unknown) {
  return { type: 'github', auth };
}

function checkSilent(printed: string): void {
  expect(printed).not.toBe('');
  expect(canariesIn(printed)).toEqual([]);
}

test('in all of this nothing was shown, committed or asked for', async () => {
  run.program.signal('SIGTERM');
  expect((await run.program.exit).code).toBe(0);
  expect(await leaks(run.stage)).toEqual([]);
  expect(run.stage.world.secrets.requests.length).toBeGreaterThan(10);
});
