import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type StsServer, startSts } from '../../src/demo/aws/sts-server.ts';
import { startProgram, waitUntil } from '../../src/demo/program-process.ts';
import { type EmbeddedWorld, startWorld, WORLD } from '../../src/demo/world.ts';
import { externalSecret, STORE } from './manifests.ts';
import { type } from './typed.ts';

const CREDENTIALS = 'fixtures/eso-reloader/credentials.yaml';
const SCHEMA = 'fixtures/eso-reloader/schema.yaml';
const ROLE = `arn:aws:iam::${WORLD.account}:role/rotation-reader`;

const EVENT_MODE = `apiVersion: gitops-reloader.dev/v1alpha1
kind: Config
metadata: {name: acme}
spec:
  aws: {truth: event}
  repositories:
    - {name: p, url: "https://github.com/a/p", forge: {type: github, auth: {token: {env: T}}}, branches: [{base: main}]}
`;
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: apps}
spec:
  template:
    spec:
      containers: [{name: api, envFrom: [{secretRef: {name: db}}]}]
`;

let world: EmbeddedWorld;
let sts: StsServer;
let folder: string;
beforeAll(async () => {
  world = await startWorld({ files: new Map([['stores/aws.yaml', STORE]]) });
  sts = await startSts();
  folder = mkdtempSync(join(tmpdir(), 'gitops-reloader-eso-'));
});
afterAll(async () => {
  await Promise.all([world.close(), sts.close()]);
  rmSync(folder, { recursive: true });
});

function fileOf(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('a Config of ESO Reloader alone', () => {
  test.each([CREDENTIALS, 'fixtures/eso-reloader/service-account.yaml'])(
    'doctor finds %s valid and says what is missing',
    async (file) => {
      const { code, out, notes } = await type('doctor', '--offline', '--config', file);
      expect([code, notes]).toEqual([0, '']);
      expect(out).toContain(`ok    configuration: ${file} is valid\n`);
      expect(out).toMatch(
        /^note {2}fixtures\S+:\d+:\d+: no repository is named: nothing can be proposed\n {6}next: add a document/m,
      );
      const json = JSON.parse((await type('doctor', '--offline', '--json', '--config', file)).out) as { ok: boolean }[];
      expect(json.map(({ ok }) => ok)).toEqual(json.map(() => true));
    },
  );
  test('run and plan refuse, and say what to add; nothing is tried', async () => {
    for (const command of [['run'], ['plan', '--all'], ['plan', '--secret', 'prod/db']]) {
      const { code, out, notes } = await type(...command, '--config', CREDENTIALS);
      expect([code, out]).toEqual([2, '']);
      expect(notes).toContain(`error: ${CREDENTIALS} names no repository [config-invalid]`);
      expect(notes).toMatch(/next: Add a document .* with spec\.repositories/);
    }
  });
  test('a plan on a local checkout is within its destinations, and restarts nothing', async () => {
    const repository = join(folder, 'checkout');
    mkdirSync(repository);
    writeFileSync(join(repository, 'all.yaml'), [STORE, externalSecret('db', 'prod/db'), DEPLOYMENT].join('---\n'));
    const events = fileOf('events.yaml', EVENT_MODE);
    const eso = fileOf(
      'here.yaml',
      readFileSync(CREDENTIALS, 'utf8')
        .replace('us-east-1.amazonaws.com/123456789012', `${WORLD.region}.amazonaws.com/${WORLD.account}`)
        .replace('region: us-east-1', `region: ${WORLD.region}`)
        .replace('{app: my-app}', '{}'),
    );
    const asked = ['plan', '--repo', repository, '--secret', 'prod/db', '--version', 'a'.repeat(32), '--json'];
    const { code, out } = await type(...asked, '--config', events, '--config', eso);
    expect(code).toBe(0);
    expect((JSON.parse(out) as { edits: { kind: string }[] }).edits).toHaveLength(1);
    expect(out).toContain('force-sync');
    expect(out).not.toContain('restart-due');
    const elsewhere = await type(...asked, '--config', events, '--config', CREDENTIALS);
    expect(JSON.parse(elsewhere.out)).toMatchObject({ edits: [] });
  });
});

test('both documents together reach every connection, as the service account that is mounted', async () => {
  const { spec, ...frame } = parse(world.config()) as {
    spec: Record<string, unknown> & { aws: { endpoints: object } };
  };
  const { notificationSources: _sources, aws, ...rest } = spec;
  mkdirSync(join(folder, 'secrets', 'reader'), { recursive: true });
  fileOf('secrets/reader/token', 'mounted-token\n');
  fileOf('secrets/reader/role-arn', `${ROLE}\n`);
  const endpoints = { ...aws.endpoints, sts: sts.url };
  const own = { ...frame, spec: { ...rest, secretsDir: join(folder, 'secrets'), aws: { endpoints } } };
  const eso = {
    apiVersion: 'reloader.external-secrets.io/v1alpha1',
    kind: 'Config',
    metadata: { name: 'reloader' },
    spec: {
      notificationSources: [
        {
          type: 'AwsSqs',
          awsSqs: {
            queueURL: `${world.sqs.url}/${WORLD.account}/${WORLD.queue}`,
            waitTimeSeconds: 1,
            auth: { authMethod: 'irsa', region: WORLD.region, serviceAccountRef: { name: 'reader', namespace: 'eso' } },
          },
        },
      ],
      destinationsToWatch: [{ type: 'ExternalSecret' }],
    },
  };
  const files = [
    '--config',
    fileOf('own.yaml', JSON.stringify(own)),
    '--config',
    fileOf('eso.yaml', JSON.stringify(eso)),
  ];
  const { GITHUB_TOKEN = '' } = world.environment;
  const environment = { GITHUB_TOKEN, AWS_EC2_METADATA_DISABLED: 'true' };
  const { code, stdout } = await startProgram(['doctor', ...files], environment).exit;
  expect([code, stdout.match(/^(ok {2}|FAIL) {2}[^:]+/gm)]).toEqual([
    0,
    [
      'ok    configuration',
      'ok    credentials of queue gitops-reloader',
      'ok    credentials of secrets of 111122223333',
      'ok    credentials of parameters of 111122223333',
      'ok    queue gitops-reloader',
      'ok    repository platform@main',
      'ok    pull requests of platform@main',
      'ok    approvals in platform@main',
      `ok    secrets in ${WORLD.account}/${WORLD.region}`,
      `ok    list of ${WORLD.account}/${WORLD.region}`,
    ],
  ]);
  expect(sts.sessions.length).toBeGreaterThanOrEqual(2);
  expect(new Set(sts.sessions.map(({ role, session, webIdentity }) => [role, session, webIdentity].join(' ')))).toEqual(
    new Set([`${ROLE} gitops-reloader-demo mounted-token`]),
  );
  const running = startProgram(['run', ...files], environment);
  await waitUntil('the service has started', () => running.lines.some((line) => line.includes('"msg":"started"')));
  running.signal('SIGTERM');
  const { stderr } = await running.exit;
  const notes = stderr.split('\n').filter((line) => line.includes('noted in the configuration'));
  expect(notes.map((line) => JSON.parse(line) as { level: string; reason: string })).toEqual([
    expect.objectContaining({ level: 'warn', reason: expect.stringContaining('secrets are followed where') }),
    expect.objectContaining({ level: 'warn', reason: expect.stringContaining('namespace is not used') }),
  ]);
});

describe('init', () => {
  test('prints the sample as it is', async () => {
    const sample = readFileSync('templates/config.yaml', 'utf8');
    expect(await type('init')).toEqual({ code: 0, out: sample, notes: '' });
    expect(JSON.parse((await type('init', '--json')).out)).toEqual({ config: sample, notes: [] });
  });
  test('translates: the result on standard output, what has no equivalent on standard error', async () => {
    const { code, out, notes } = await type('init', '--from-eso-reloader', SCHEMA);
    expect(code).toBe(0);
    expect(notes.split('\n').length).toBe(17);
    expect(notes).toMatch(/schema\.yaml:32:13: spec\.notificationSources\[3\] is left out: .* \(only AWS events/);
    const file = fileOf('translated.yaml', out);
    expect(await type('doctor', '--offline', '--config', file)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`ok    configuration: ${file} is valid\nok    credentials of queue `),
    });
    const json = JSON.parse((await type('init', '--from-eso-reloader', SCHEMA, '--json')).out) as {
      config: string;
      notes: object[];
    };
    expect([json.config, json.notes.length]).toEqual([out, 17]);
    expect(json.notes[0]).toEqual({
      message: expect.stringContaining('the instance is'),
      file: SCHEMA,
      line: 10,
      column: 3,
      hint: expect.any(String),
    });
  });
  test('writes a new file, and never replaces one nor follows a link', async () => {
    const file = join(folder, 'new.yaml');
    expect(await type('init', '--output', file)).toEqual({ code: 0, out: '', notes: `${file} is written` });
    expect(readFileSync(file, 'utf8')).toBe(readFileSync('templates/config.yaml', 'utf8'));
    writeFileSync(file, 'mine');
    symlinkSync(join(folder, 'elsewhere.yaml'), join(folder, 'link.yaml'));
    for (const there of [file, join(folder, 'link.yaml'), folder]) {
      const { code, out, notes } = await type('init', '--output', there);
      expect([code, out]).toEqual([2, '']);
      expect(notes).toContain(`cannot write ${there}: it is there already [input-invalid]`);
    }
    expect([readFileSync(file, 'utf8'), existsSync(join(folder, 'elsewhere.yaml'))]).toEqual(['mine', false]);
    expect(await type('init', '--output', join(folder, 'none', 'x.yaml'))).toMatchObject({
      code: 1,
      notes: expect.stringContaining('ENOENT [file-unwritable]'),
    });
  });
  test('what cannot be translated is told with its place, and nothing is written', async () => {
    const broken = fileOf('broken.yaml', readFileSync(CREDENTIALS, 'utf8').replace('queueURL', 'queueUrl'));
    const output = join(folder, 'from-broken.yaml');
    const { code, out, notes } = await type('init', '--from-eso-reloader', broken, '--output', output);
    expect([code, out, existsSync(output)]).toEqual([2, '', false]);
    expect(notes).toContain('(did you mean queueURL?)');
    expect(notes).toContain('broken.yaml cannot be translated: 2 problem(s) [config-invalid]');
  });
});
