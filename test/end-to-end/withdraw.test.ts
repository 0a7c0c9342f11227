import { afterAll, beforeAll, expect, test } from 'vitest';
import { git } from '../../src/demo/git/git-cli.ts';
import { waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { repositoryOf } from './manifests.ts';
import { changeBody, type Stage, startStage } from './stage.ts';
import { logOf, untilDeleted } from './traces.ts';

const SECRET = 'prod/first';
const ADA = { login: 'ada', type: 'User' } as const;

let stage: Stage;

beforeAll(async () => {
  stage = await startStage(repositoryOf([SECRET]));
});
afterAll(() => stage.close());

test('a pull request that AWS has left again is withdrawn, and a later rotation opens another', async () => {
  const { world } = stage;
  const people = world.github.people(WORLD.repository);
  const program = await stage.run();
  const first = stage.rotate(SECRET);
  await untilDeleted(stage, first);
  await people.mergeAs(1, ADA, 'squash');
  await people.deleteBranchAs((await people.pulls())[0]?.branch ?? '', ADA);
  await untilDeleted(stage, stage.rotate(SECRET));
  world.secrets.moveLabel(SECRET, 'AWSCURRENT', first.version);
  const messageId = world.sqs.send(WORLD.queue, changeBody(SECRET, first.version));
  await waitUntil('the rollback is handled', () => logOf(program).some((line) => line['messageId'] === messageId));
  expect(logOf(program).find((line) => line['messageId'] === messageId)).toMatchObject({
    outcome: 'already-current',
    reason: expect.stringContaining('Pull request #2, which proposed another, was withdrawn.'),
  });
  const [, second] = await people.pulls();
  expect(second).toMatchObject({ state: 'closed', mergedAt: null, body: expect.stringMatching(/^Withdrawn: .+\n/) });
  expect(second?.comments).toHaveLength(1);
  expect(await git(world.repository.dir, ['for-each-ref', 'refs/heads/gitops-reloader/'])).toBe('');
  await untilDeleted(stage, stage.rotate(SECRET));
  expect((await people.pulls()).map(({ state }) => state)).toEqual(['closed', 'closed', 'open']);
  expect(world.github.violations).toEqual([]);
});
