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
/** Six minutes are usual: nobody would wait for a demo. */
const SETTLE_SECONDS = 2;
const REVIEWER = { login: 'ada-reviewer', type: 'User' } as const;
const OTHER_SECRETS = [
  'prod/payments/ledger-signing',
  'prod/payments/card-network',
  'prod/web/search',
  'staging/payments/db',
];

/** One entry of `decode --json`. */
interface Meaning {
  readonly action: string;
  readonly reason: string;
}

interface Stage {
  readonly world: EmbeddedWorld;
  readonly tell: Tell;
  readonly folder: string;
  readonly config: string;
  /** `run`, started at once: it waits for the first event while the rest is told. */
  readonly service: ProgramProcess;
  /** Claims that were checked, and whether they hold. */
  readonly checks: { readonly claim: string; readonly holds: boolean }[];
}

/**
 * The guided demo: a Lambda rotation's events, shuffled and one of them twice, become one pull request; it is merged, and
 * the restarts that it announced are proposed by themselves and merged too; a replay of all events changes nothing. True only if every claim was checked and holds.
 */
export async function runDemo(tell: Tell): Promise<boolean> {
  const world = await startWorld({ settle: `${SETTLE_SECONDS}s` });
  const folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-demo-'));
  const config = join(folder, 'config.yaml');
  await writeFile(config, world.config({ sweep: { interval: '500ms' } }));
  const service = startProgram(['run', '--config', config], world.environment);
  const stage: Stage = { world, tell, folder, config, service, checks: [] };
  try {
    const events = rotate(world);
    await explain(stage, events);
    await handle(stage, events);
    await review(stage);
    await restart(stage);
    await replay(stage, events);
    service.signal('SIGTERM');
    const { code } = await service.exit;
    check(stage, 'the service stops cleanly on SIGTERM', code === 0);
    return conclude(stage);
  } finally {
    service.signal('SIGKILL');
    await service.exit.catch(() => undefined);
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Rotates as a Lambda does: the new version is made, then AWSCURRENT moves. The bodies of its six events, one of them twice. */
function rotate({ secrets }: EmbeddedWorld): readonly string[] {
  secrets.put({ name: SECRET, suffix: SUFFIX, versions: { AWSCURRENT: OLD_VERSION } });
  for (const name of OTHER_SECRETS) secrets.put({ name });
  secrets.putVersion(SECRET, NEW_VERSION, ['AWSCURRENT']);
  const secret = { account: WORLD.account, region: WORLD.region, name: SECRET, suffix: SUFFIX };
  const shuffled = lambdaRotationEvents(secret, OLD_VERSION, NEW_VERSION).toReversed();
  const bodies = shuffled.map((event, at) => (at === 0 ? snsBody(event) : rawBody(event)));
  return [...bodies, rawBody(shuffled[1] ?? {})];
}

/** What the events mean and what one of them would do, by the commands that tell it. */
async function explain({ world, tell, folder, config }: Stage, events: readonly string[]): Promise<void> {
  const files = events.map((_, at) => join(folder, `event-${at + 1}.json`));
  await Promise.all(files.map((file, at) => writeFile(file, events[at] ?? '')));
  const moved = files[events.findIndex((body) => body.includes('Secret Label Updated'))] ?? '';
  const decode = startProgram(['decode', '--json', ...files], {});
  const plan = startProgram(['plan', '--config', config, '--event', moved], world.environment);
  heading(tell, `AWS rotates ${SECRET}: six events, out of order, one of them twice`);
  for (const { results } of JSON.parse((await decode.exit).stdout) as { results: Meaning[] }[]) {
    for (const { action, reason } of results) tell(`  ${action.padEnd(9)} ${reason}`);
  }
  heading(tell, 'A dry run for one of them: gitops-reloader plan --event …');
  const { stdout, stderr } = await plan.exit;
  tell(indent(stdout === '' ? stderr : stdout));
}

async function handle(stage: Stage, events: readonly string[]): Promise<void> {
  const { world, tell } = stage;
  heading(tell, 'All seven are sent to SQS: gitops-reloader run');
  await deliver(stage, events);
  const pulls = await world.github.people(WORLD.repository).pulls();
  const branches = await branchesOf(world);
  check(stage, 'seven messages ended in one branch and one pull request', pulls.length === 1 && branches.length === 1);
  const [pull] = pulls;
  if (pull === undefined) return;
  heading(tell, `The commit on ${pull.branch}`);
  tell(indent(await git(world.repository.dir, ['show', '--stat', '--format=%an <%ae>%n%n%B', pull.branch])));
  heading(tell, `Pull request #${pull.number}: ${pull.title}`);
  tell(indent(pull.body));
  const changed = await changedLines(world, pull.branch);
  const annotations = /force-sync|restart-due|annotations:|^\+patches:$|- path: gitops-reloader\.patch\.yaml$/;
  check(stage, 'only annotation lines changed', changed.length > 0 && changed.every((line) => annotations.test(line)));
}

async function review(stage: Stage): Promise<void> {
  const { world, tell } = stage;
  const people = world.github.people(WORLD.repository);
  const open = (await people.pulls()).find(({ state }) => state === 'open');
  if (open === undefined) return;
  const commit = await merge(stage, open);
  const trailers = await git(world.repository.dir, [
    'show',
    '--no-patch',
    '--format=%(trailers:key=Secret-Rotation)',
    commit,
  ]);
  tell(indent(trailers));
  check(stage, 'the merged commit says which version it brought', trailers.includes(`${SECRET}=${NEW_VERSION}`));
}

/** The new commit on the base branch. */
async function merge(
  { world, tell }: Stage,
  { number, branch }: { readonly number: number; readonly branch: string },
): Promise<string> {
  const people = world.github.people(WORLD.repository);
  const commit = await people.mergeAs(number, REVIEWER, 'squash');
  heading(tell, `${REVIEWER.login} merges #${number}: ${commit.slice(0, 12)} on ${WORLD.base}`);
  await people.deleteBranchAs(branch, REVIEWER);
  return commit;
}

/** No message asks for it: what is due stands on the base branch, and the refresh has had its time. */
async function restart(stage: Stage): Promise<void> {
  const { world, tell } = stage;
  const people = world.github.people(WORLD.repository);
  const findOpen = async () => (await people.pulls()).find(({ state }) => state === 'open');
  heading(tell, `No event: ${SETTLE_SECONDS} seconds after the merge the restarts are due`);
  await waitUntil('the restarts are proposed', async () => (await findOpen()) !== undefined);
  const open = await findOpen();
  if (open === undefined) return;
  heading(tell, `Pull request #${open.number}: ${open.title}`);
  tell(indent(open.body));
  const changed = await changedLines(world, open.branch);
  const templates = changed.every((line) => /secret-versions|annotations:|^-\s+metadata:/.test(line));
  check(stage, 'the restarts came by themselves, in a pull request of their own', changed.length > 0 && templates);
  await merge(stage, open);
  const left = await git(world.repository.dir, ['grep', '-hE', 'restart-due|secret-versions', WORLD.base]);
  const values = (name: string) =>
    [...left.matchAll(new RegExp(`${name}: "([^"]*)"`, 'g'))].map(([, value = '']) => value).toSorted();
  const due = values('restart-due');
  const made = values('secret-versions');
  check(stage, 'every announced restart was made, once', due.length > 0 && due.join() === made.join());
}

async function replay(stage: Stage, events: readonly string[]): Promise<void> {
  const { world, tell } = stage;
  heading(tell, 'All events are delivered again');
  const before = await git(world.repository.dir, ['for-each-ref']);
  await deliver(stage, events);
  const pulls = await world.github.people(WORLD.repository).pulls();
  const after = await git(world.repository.dir, ['for-each-ref']);
  check(stage, 'a replay of all events changes nothing', pulls.length === 2 && before === after);
}

/** Sends messages, waits until all of them are deleted, and tells what the service said meanwhile. */
async function deliver({ world, tell, service }: Stage, bodies: readonly string[]): Promise<void> {
  await world.sqs.untilPolled(WORLD.queue);
  const said = service.lines.length;
  const deleted = world.sqs.deleted(WORLD.queue) + bodies.length;
  for (const body of bodies) world.sqs.send(WORLD.queue, body);
  await waitUntil('the queue is empty', () => world.sqs.deleted(WORLD.queue) === deleted);
  for (const line of toldOnce(service.lines.slice(said).map(logLine))) tell(`  ${line}`);
  tell(`  ${bodies.length} messages deleted from the queue`);
}

function conclude({ world, tell, checks }: Stage): boolean {
  const operations = new Set(
    [...world.secrets.requests, ...world.parameters.requests].map(({ operation }) => operation),
  );
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

async function branchesOf(world: EmbeddedWorld): Promise<readonly string[]> {
  const names = await git(world.repository.dir, [
    'for-each-ref',
    '--format=%(refname:short)',
    'refs/heads/gitops-reloader',
  ]);
  return names.split('\n').filter((name) => name !== '');
}

/** The patch file of an overlay is ours from its first line on. */
const NOT_OURS = ':(exclude)*/gitops-reloader.patch.yaml';

async function changedLines(world: EmbeddedWorld, branch: string): Promise<readonly string[]> {
  const range = `${WORLD.base}..${branch}`;
  const diff = await git(world.repository.dir, ['diff', '--unified=0', range, '--', '.', NOT_OURS]);
  return diff.split('\n').filter((line) => /^[+-](?![+-]{2})/.test(line));
}

function check({ checks }: Stage, claim: string, holds: boolean): void {
  checks.push({ claim, holds });
}

function heading(tell: Tell, text: string): void {
  tell(`\n${pc.bold(text)}`);
}

function logLine(line: string): string {
  try {
    const { level, msg, outcome, secret, reason } = JSON.parse(line) as Record<string, string>;
    const what = outcome === undefined ? msg : `${outcome}${secret ? ` ${secret}` : ''}: ${reason}`;
    return `${(level ?? '').padEnd(5)} ${what}`;
  } catch {
    return line;
  }
}

/** Lines that follow each other and say the same, once and with their number. */
function toldOnce(lines: readonly string[]): readonly string[] {
  const firsts = lines.flatMap((line, at) => (line === lines[at - 1] ? [] : [at]));
  return firsts.map((at, index) => {
    const times = (firsts[index + 1] ?? lines.length) - at;
    return `${lines[at] ?? ''}${times > 1 ? ` (${times} messages)` : ''}`;
  });
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}
