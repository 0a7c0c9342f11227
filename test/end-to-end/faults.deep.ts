import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { awsError } from '../../src/demo/aws/aws-json.ts';
import { commitFiles } from '../../src/demo/git/bare-repository.ts';
import { git } from '../../src/demo/git/git-cli.ts';
import { primaryRateLimit, secondaryRateLimit } from '../../src/demo/github/rate-limits.ts';
import { waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { CANARY, leaks } from './canaries.ts';
import { answer, DROP, DROP_AFTER, type FaultyRun, startFaultyRun } from './faulty-run.ts';
import { logOf, proposedOnce, traceOf, untilDeleted, untilHandled } from './traces.ts';

const ADA = { name: 'Ada Reviewer', email: 'ada@acme.example' };
const PUSH = /^POST git-receive-pack$/;
const OPEN = /^POST \/repos\/\{owner\}\/\{repo\}\/pulls$/;
const READ_BACK = /^GET \/repos\/\{owner\}\/\{repo\}\/pulls\/\{pull_number\}$/;
const RECEIVE = /^ReceiveMessage$/;
const DELETE = /^DeleteMessageBatch$/;
const NO_QUEUE = awsError('com.amazonaws.sqs#QueueDoesNotExist', 400, 'AWS.SimpleQueueService.NonExistentQueue');
const DENIED = awsError('com.amazon.coral.service#AccessDeniedException', 403);

/** A part with a world and a process of its own; the parts run side by side, the cases of one part in their order. */
function part(name: string, cases: (run: () => FaultyRun) => void): void {
  describe(name, { concurrent: true }, () => {
    let started: FaultyRun;
    beforeAll(async () => {
      started = await startFaultyRun();
    });
    afterEach(() => started.clearFaults());
    afterAll(() => started.stage.close());
    cases(() => started);
    test.sequential('none of this shows a credential or a message, or asks for a value', async () => {
      started.program.signal('SIGKILL');
      expect(await leaks(started.stage)).toEqual([]);
      expect(started.stage.world.github.violations).toEqual([]);
    });
  });
}

part('the Git host', (run) => {
  const unreachable = ['try-later', 'git-unreachable'] as const;
  const published = ['published'] as const;

  test.sequential('is down', () =>
    run().check({ at: 'git', operation: /./, effect: DROP, says: unreachable, left: 'nothing' }));
  test.sequential('answers 503', () =>
    run().check({ at: 'git', operation: /upload-pack/, effect: answer(503), says: unreachable, left: 'nothing' }));
  test.sequential('answers what is no Git', () =>
    run().check({
      at: 'git',
      operation: /upload-pack/,
      effect: { kind: 'answer', status: 200, body: '<html>a proxy</html>' },
      says: ['try-later', 'git-unreadable'],
      left: 'nothing',
    }));
  test.sequential('answers 503 to a push: nobody knows whether it was carried out', () =>
    run().check({ at: 'git', operation: PUSH, effect: answer(503), times: 1, says: published, left: 'everything' }));
  test.sequential('cuts the connection before a push', () =>
    run().check({ at: 'git', operation: PUSH, effect: DROP, times: 1, says: published, left: 'everything' }));
  test.sequential('cuts the connection after a push was carried out', () =>
    run().check({ at: 'git', operation: PUSH, effect: DROP_AFTER, times: 1, says: published, left: 'everything' }));
  test.sequential('answers 429 to a push', () =>
    run().check({
      at: 'git',
      operation: /git-receive-pack$/,
      effect: answer(429),
      says: unreachable,
      left: 'nothing',
    }));

  test.sequential('no longer takes the password', async () => {
    run().stage.world.git.revoke(CANARY.token);
    const rotation = run().rotateNext();
    expect(await run().untilSettled(rotation)).toMatchObject({
      level: 'error',
      outcome: 'needs-operator',
      reason: expect.stringContaining('[git-denied]'),
    });
    expect(await traceOf(run().stage, rotation)).toMatchObject({ commits: 0, waiting: true });
    run().stage.world.git.accept(CANARY.token, 'write');
    await run().checkRecovers(rotation);
  });

  test.sequential('lets it read, not write', async () => {
    run().stage.world.git.accept(CANARY.token, 'read');
    const rotation = run().rotateNext();
    expect(await run().untilSettled(rotation)).toMatchObject({ level: 'error', outcome: 'needs-operator' });
    expect(await traceOf(run().stage, rotation)).toMatchObject({ commits: 0, pulls: [], waiting: true });
    run().stage.world.git.accept(CANARY.token, 'write');
    await run().checkRecovers(rotation);
  });

  test.sequential('protects the branch by a hook, whose words are shown', async () => {
    const branch = run().nextBranch();
    await run().stage.world.git.protectBranch(WORLD.repository, branch, 'only release managers push here');
    const rotation = run().rotateNext();
    expect(await run().untilSettled(rotation)).toMatchObject({
      level: 'error',
      outcome: 'needs-operator',
      branch,
      reason: expect.stringContaining('refused the push'),
      hint: expect.stringContaining('Allow the bot to push'),
    });
    expect(await traceOf(run().stage, rotation)).toMatchObject({ commits: 0, pulls: [], waiting: true });
    await run().stage.world.git.unprotectBranches(WORLD.repository);
    await run().checkRecovers(rotation);
  });

  test.sequential('somebody else pushes to the base branch in the middle of it: the pull request is still one', async () => {
    const { dir } = run().stage.world.repository;
    const files = new Map([['docs/people.md', 'written meanwhile\n']]);
    const act = async () => {
      await commitFiles(dir, { branch: WORLD.base, files, message: 'Meanwhile\n', person: ADA, time: 1_767_300_000 });
    };
    run().stage.world.faults.git.plan(PUSH, { kind: 'before', act });
    const rotation = run().rotateNext();
    await untilDeleted(run().stage, rotation);
    expect(await git(dir, ['show', `${WORLD.base}:docs/people.md`])).toBe('written meanwhile\n');
    expect(await traceOf(run().stage, rotation)).toEqual(proposedOnce(rotation));
  });

  test.sequential('somebody else pushes to our branch in the middle of it: their commit stays, and a person is asked', async () => {
    const { dir } = run().stage.world.repository;
    const branch = run().nextBranch();
    const files = new Map([['theirs.md', 'a person was here\n']]);
    const act = async () => {
      await commitFiles(dir, { branch, files, message: 'Mine\n', person: ADA, time: 1_767_300_001 });
    };
    run().stage.world.faults.git.plan(PUSH, { kind: 'before', act });
    const rotation = run().rotateNext();
    expect(await run().untilSettled(rotation)).toMatchObject({
      outcome: 'needs-operator',
      reason: expect.stringContaining('Ada Reviewer'),
    });
    expect(await git(dir, ['show', `${branch}:theirs.md`])).toBe('a person was here\n');
    expect(await traceOf(run().stage, rotation)).toMatchObject({ commits: 0, pulls: [], waiting: true });
    await git(dir, ['update-ref', '-d', `refs/heads/${branch}`]);
    await run().checkRecovers(rotation);
  });
});

part('GitHub and Secrets Manager', (run) => {
  describe.sequential('GitHub', () => {
    const unreachable = ['try-later', 'forge-unreachable'] as const;
    const limited = ['try-later', 'forge-rate-limited'] as const;

    test.sequential('is down', () =>
      run().check({ at: 'github', operation: /./, effect: DROP, says: unreachable, left: 'nothing' }));
    test.sequential('answers 500 to a new pull request', () =>
      run().check({ at: 'github', operation: OPEN, effect: answer(500), says: unreachable, left: 'commit' }));
    test.sequential('cuts the connection before a pull request is made', () =>
      run().check({ at: 'github', operation: OPEN, effect: DROP, says: unreachable, left: 'commit' }));
    test.sequential('cuts the connection after a pull request was made', () =>
      run().check({ at: 'github', operation: OPEN, effect: DROP_AFTER, says: unreachable, left: 'pull request' }));
    test.sequential('answers 500 when the pull request is read back', () =>
      run().check({
        at: 'github',
        operation: READ_BACK,
        effect: answer(500),
        says: unreachable,
        left: 'pull request',
      }));
    test.sequential('has its secondary rate limit', () =>
      run().check({ at: 'github', operation: OPEN, effect: secondaryRateLimit(null), says: limited, left: 'commit' }));
    test.sequential('has its hourly rate limit', () => {
      const effect = primaryRateLimit(Math.ceil(Date.now() / 1000) + 100);
      return run().check({ at: 'github', operation: /./, effect, says: limited, left: 'nothing' });
    });
    test.sequential('forbids', () =>
      run().check({
        at: 'github',
        operation: OPEN,
        effect: answer(403),
        says: ['needs-operator', 'forge-denied'],
        left: 'commit',
      }));

    test.sequential('no longer takes the token', async () => {
      run().stage.world.github.revoke(CANARY.token);
      const rotation = run().rotateNext();
      expect(await run().untilSettled(rotation)).toMatchObject({
        level: 'error',
        outcome: 'needs-operator',
        reason: expect.stringContaining('[forge-denied]'),
      });
      expect(await traceOf(run().stage, rotation)).toMatchObject({ pulls: [], waiting: true });
      run().stage.world.github.addToken(CANARY.token, WORLD.bot);
      await run().checkRecovers(rotation);
    });

    test.sequential('says that the pull request is already open: another replica was faster', async () => {
      const head = run().nextBranch();
      const act = async () => {
        const url = `${run().stage.world.github.url}/repos/${WORLD.repository}/pulls`;
        const headers = { authorization: `token ${CANARY.token}`, 'content-type': 'application/json' };
        const body = JSON.stringify({ head, base: WORLD.base, title: 'Faster', body: 'opened meanwhile' });
        expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(201);
      };
      run().stage.world.faults.github.plan(OPEN, { kind: 'before', act });
      const rotation = run().rotateNext();
      await untilDeleted(run().stage, rotation);
      expect(await traceOf(run().stage, rotation)).toEqual(proposedOnce(rotation));
    });
  });

  describe.sequential('Secrets Manager', () => {
    test.sequential('throttles', () =>
      run().check({
        at: 'secrets',
        operation: /./,
        effect: awsError('ThrottlingException'),
        says: ['try-later', 'aws-throttled'],
        left: 'nothing',
      }));
    test.sequential('is down', () =>
      run().check({
        at: 'secrets',
        operation: /./,
        effect: DROP,
        says: ['try-later', 'aws-unreachable'],
        left: 'nothing',
      }));

    test.sequential('denies: the message is kept until somebody grants it', async () => {
      const secret = run().nextSecret();
      run().stage.world.secrets.deny(secret);
      const rotation = run().rotateNext();
      expect(await run().untilSettled(rotation)).toMatchObject({
        outcome: 'needs-operator',
        hint: expect.stringContaining('secretsmanager:DescribeSecret'),
      });
      expect(await traceOf(run().stage, rotation)).toMatchObject({ commits: 0, waiting: true });
      run().stage.world.secrets.allow(secret);
      await run().checkRecovers(rotation);
    });
  });
});

part('SQS', (run) => {
  test.sequential('fails to delete: the message comes again and changes nothing', () =>
    run().check({
      at: 'sqs',
      operation: DELETE,
      effect: answer(500),
      says: ['published'],
      left: 'everything but the delete',
    }));
  test.sequential('deletes, and the answer is lost', () =>
    run().check({ at: 'sqs', operation: DELETE, effect: DROP_AFTER, says: ['published'], left: 'everything' }));

  test.sequential('gives a message out, and the answer is lost: it comes back with its lease', async () => {
    const { sqs } = run().stage.world;
    const polls = () => sqs.requests.filter((operation) => operation === 'ReceiveMessage').length;
    const before = polls();
    run().stage.world.faults.sqs.plan(RECEIVE, DROP_AFTER);
    await waitUntil('the poll that will be lost has begun', () => polls() > before);
    const rotation = run().rotateNext();
    await waitUntil('the message is out', () => sqs.inFlight(WORLD.queue) === 1);
    expect(await traceOf(run().stage, rotation)).toMatchObject({ commits: 0, waiting: true });
    await run().checkRecovers(rotation);
    expect(await untilHandled(run().program, rotation)).toMatchObject({ receiveCount: 2 });
  });

  const failures = () => logOf(run().program).filter(({ msg }) => msg === 'receive failed');

  test.sequential('does not know the queue for a while: an error with a hint, a pause, and on it goes', async () => {
    const before = failures().length;
    run().stage.world.faults.sqs.plan(RECEIVE, NO_QUEUE, Number.POSITIVE_INFINITY);
    await waitUntil('the failure is logged', () => failures().length > before);
    expect(failures().at(-1)).toMatchObject({
      level: 'error',
      code: 'queue-missing',
      queue: WORLD.queue,
      hint: expect.stringContaining('URL, region and account'),
    });
    const rotation = run().rotateNext();
    await run().checkRecovers(rotation);
  });

  test.sequential('denies: the program keeps trying, and ends cleanly in the middle of a pause', async () => {
    const before = failures().length;
    run().stage.world.faults.sqs.plan(RECEIVE, DENIED, Number.POSITIVE_INFINITY);
    await waitUntil('the second failure is logged', () => failures().length === before + 2);
    expect(failures().slice(before)).toMatchObject([
      { code: 'queue-denied', hint: expect.stringContaining('sqs:ReceiveMessage') },
      { code: 'queue-denied' },
    ]);
    // Up to a quarter is added to each pause.
    const pauses = failures().slice(before);
    expect(pauses.map(({ waitMilliseconds }) => Math.floor(Math.log2(Number(waitMilliseconds) / 1000)))).toEqual([
      0, 1,
    ]);
    run().program.signal('SIGTERM');
    expect((await run().program.exit).code).toBe(0);
  });
});
