import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { lambdaRotationEvents, rawBody, snsBody } from './aws/rotation-events.ts';
import { git } from './git/git-cli.ts';
import { type ProgramProcess, startProgram, waitUntil } from './program-process.ts';
import { type EmbeddedWorld, startWorld, WORLD } from './world.ts';

/** Prints one line (or several) of the story. */
export type Tell = (text: string) => void;

const SECRET = 'prod/payments/db';
const SUFFIX = 'Ab3dEf';
const OLD_VERSION = '0a1b2c3d-1111-4111-8111-000000000001';
const NEW_VERSION = '4d383ea9-084a-49c9-8722-cbfb0f25c456';
const REVIEWER = { login: 'ada-reviewer', type: 'User' } as const;
const OTHER_SECRETS = ['prod/payments/stripe', 'prod/web/session', 'prod/data/warehouse', 'staging/payments/db'];

interface Stage {
  readonly world: EmbeddedWorld;
  readonly tell: Tell;
  readonly folder: string;
  readonly config: string;
  /** Claims that were checked, and whether they hold. */
  readonly checks: { readonly claim: string; readonly holds: boolean }[];
}

/**
 * The guided demo: a Lambda rotation's events, shuffled and one of them twice, become one pull request; it is merged; a
 * replay of all events changes nothing. True only if every claim was checked and holds.
 */
export async function runDemo(tell: Tell): Promise<boolean> {
  const world = await startWorld();
  const folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-demo-'));
  const config = join(folder, 'config.yaml');
  const stage: Stage = { world, tell, folder, config, checks: [] };
  let service: ProgramProcess | null = null;
  try {
    await writeFile(config, world.config());
    seedSecrets(world);
    const events = await rotate(stage);
    await showPlan(stage, events);
    service = startProgram(['run', '--config', config], world.environment);
    await handle(stage, service, events);
    await review(stage);
    await replay(stage, service, events);
    service.signal('SIGTERM');
    const { code } = await service.exit;
    check(stage, 'the service stops cleanly on SIGTERM', code === 0);
    return conclude(stage);
  } finally {
    service?.signal('SIGKILL');
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function seedSecrets({ secrets }: EmbeddedWorld): void {
  secrets.put({ name: SECRET, suffix: SUFFIX, versions: { AWSCURRENT: OLD_VERSION } });
  for (const name of OTHER_SECRETS) secrets.put({ name });
}

/** Rotates as a Lambda does: the new version is made, then AWSCURRENT moves; six events, one of them sent twice. */
async function rotate({ world, tell, folder }: Stage): Promise<readonly string[]> {
  heading(tell, `AWS rotates ${SECRET}: six events, out of order, one of them twice`);
  world.secrets.putVersion(SECRET, NEW_VERSION, ['AWSCURRENT']);
  const secret = { account: WORLD.account, region: WORLD.region, name: SECRET, suffix: SUFFIX };
  const events = lambdaRotationEvents(secret, OLD_VERSION, NEW_VERSION);
  const shuffled = events.toReversed();
  const bodies = [
    ...shuffled.map((event, at) => (at === 0 ? snsBody(event) : rawBody(event))),
    rawBody(shuffled[1] ?? {}),
  ];
  const files = await Promise.all(
    bodies.map(async (body, at) => {
      const file = join(folder, `event-${at + 1}.json`);
      await writeFile(file, body);
      return file;
    }),
  );
  const decoded = await startProgram(['decode', '--json', ...files], {}).exit;
  for (const { results } of JSON.parse(decoded.stdout) as { results: { action: string; reason: string }[] }[]) {
    for (const { action, reason } of results) tell(`  ${action.padEnd(9)} ${reason}`);
  }
  return bodies;
}

async function showPlan({ world, tell, folder, config }: Stage, events: readonly string[]): Promise<void> {
  heading(tell, 'A dry run for one of them: gitops-reloader plan --event …');
  const file = join(folder, 'event.json');
  await writeFile(file, events.find((body) => body.includes('Secret Label Updated')) ?? '');
  const plan = await startProgram(['plan', '--config', config, '--event', file], world.environment).exit;
  tell(indent(plan.stdout === '' ? plan.stderr : plan.stdout));
}

async function handle(stage: Stage, service: ProgramProcess, events: readonly string[]): Promise<void> {
  const { world, tell } = stage;
  heading(tell, 'gitops-reloader run');
  for (const body of events) world.sqs.send(WORLD.queue, body);
  await drained(stage, events.length);
  for (const line of service.lines) tellLogLine(tell, line);
  const pulls = await world.github.people(WORLD.repository).pulls();
  const branches = await branchesOf(world);
  check(stage, 'seven messages ended in one branch and one pull request', pulls.length === 1 && branches.length === 1);
  const [pull] = pulls;
  if (pull === undefined) return;
  heading(tell, `The commit on ${pull.branch}`);
  tell(indent(await git(world.repository.dir, ['show', '--stat', '--format=%an <%ae>%n%n%B', pull.branch])));
  tell(indent(await git(world.repository.dir, ['diff', '--unified=0', `${WORLD.base}..${pull.branch}`])));
  heading(tell, `Pull request #${pull.number}: ${pull.title}`);
  tell(indent(pull.body));
  const changed = await changedLines(world, pull.branch);
  check(
    stage,
    'only annotation lines changed',
    changed.every((line) => /force-sync|restart-due|annotations:/.test(line)),
  );
}

async function review({ world, tell }: Stage): Promise<void> {
  const people = world.github.people(WORLD.repository);
  const open = (await people.pulls()).find(({ state }) => state === 'open');
  if (open === undefined) return;
  const commit = await people.mergeAs(open.number, REVIEWER, 'squash');
  heading(tell, `${REVIEWER.login} merges #${open.number}: ${commit.slice(0, 12)} on ${WORLD.base}`);
  await people.deleteBranchAs(open.branch, REVIEWER);
}

async function replay(stage: Stage, service: ProgramProcess, events: readonly string[]): Promise<void> {
  const { world, tell } = stage;
  heading(tell, 'All events are delivered again');
  const seen = service.lines.length;
  const before = await git(world.repository.dir, ['for-each-ref']);
  for (const body of events) world.sqs.send(WORLD.queue, body);
  await drained(stage, 2 * events.length);
  for (const line of service.lines.slice(seen)) tellLogLine(tell, line);
  const pulls = await world.github.people(WORLD.repository).pulls();
  const after = await git(world.repository.dir, ['for-each-ref']);
  check(stage, 'a replay of all events changes nothing', pulls.length === 1 && before === after);
}

function conclude({ world, tell, checks }: Stage): boolean {
  const operations = new Set(world.secrets.requests.map(({ operation }) => operation));
  const onlyDescribe = [...operations].every((operation) => operation === 'DescribeSecret');
  checks.push({ claim: 'no secret value was ever asked for (only DescribeSecret)', holds: onlyDescribe });
  checks.push({
    claim: 'GitHub’s own API description allows every request',
    holds: world.github.violations.length === 0,
  });
  heading(tell, 'Checked');
  for (const { claim, holds } of checks) tell(`  ${holds ? pc.green('✓') : pc.red('✗')} ${claim}`);
  return checks.every(({ holds }) => holds);
}

async function drained({ world }: Stage, sent: number): Promise<void> {
  await waitUntil('the queue is empty', () => world.sqs.deleted(WORLD.queue) === sent);
}

async function branchesOf(world: EmbeddedWorld): Promise<readonly string[]> {
  const names = await git(world.repository.dir, [
    'for-each-ref',
    '--format=%(refname:short)',
    'refs/heads/gitops-reloader',
  ]);
  return names.split('\n').filter((name) => name !== '');
}

async function changedLines(world: EmbeddedWorld, branch: string): Promise<readonly string[]> {
  const diff = await git(world.repository.dir, ['diff', '--unified=0', `${WORLD.base}..${branch}`]);
  return diff.split('\n').filter((line) => /^[+-](?![+-]{2})/.test(line));
}

function check({ checks }: Stage, claim: string, holds: boolean): void {
  checks.push({ claim, holds });
}

function heading(tell: Tell, text: string): void {
  tell(`\n${pc.bold(text)}`);
}

function tellLogLine(tell: Tell, line: string): void {
  try {
    const { level, msg, outcome, secret, reason } = JSON.parse(line) as Record<string, string>;
    tell(
      `  ${(level ?? '').padEnd(5)} ${outcome === undefined ? msg : `${outcome}${secret ? ` ${secret}` : ''}: ${reason}`}`,
    );
  } catch {
    tell(`  ${line}`);
  }
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}
