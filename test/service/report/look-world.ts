import { expect } from 'vitest';
import type { BranchStatus } from '../../../src/plan/report/branch-status.ts';
import type { BranchExplanation, Explanation } from '../../../src/plan/report/explanation.ts';
import { explainSecret } from '../../../src/service/report/explain.ts';
import type { LookHow } from '../../../src/service/report/look/look-at-branch.ts';
import { readStatus } from '../../../src/service/report/status.ts';
import { deployment, version } from '../manifests.ts';
import type { World } from '../memory-world.ts';
import { createTeamWorld, type Layout } from '../team-world.ts';

export const NEVER = new AbortController().signal;
export const HOW: LookHow = { pause: null, signal: NEVER };
export const SETTLED = 360_000;

/** `a` in one ExternalSecret that feeds `api`, at version 1 in AWS. */
export function createLookWorld(
  options: Parameters<typeof createTeamWorld>[1] = {},
  layout: Layout = { db: ['a'] },
): World {
  const world = createTeamWorld(layout, {
    ...options,
    files: { 'api.yaml': deployment('api', 'db'), ...options.files },
  });
  world.rotate('a', version(1));
  return world;
}

/** A rotation, told and handled. */
export async function rotate(world: World, number: number): Promise<void> {
  world.rotate('a', version(number));
  world.tell('a', version(number));
  await world.drain();
}

export async function statusOf(world: World, how = HOW): Promise<BranchStatus> {
  const [status] = await unchanged(world, () => readStatus([world.start().served], how));
  if (status === undefined) throw new Error('one branch is served');
  return status;
}

export async function branchExplanation(world: World, id = 'a', how = HOW): Promise<BranchExplanation> {
  const asked = { id, service: null, account: null, region: null, label: null };
  const [explained] = await unchanged(world, () => explainSecret([world.start().served], asked, how));
  if (explained === undefined) throw new Error('one branch is served');
  return explained;
}

export async function explanationOf(world: World, id = 'a'): Promise<Explanation> {
  const { explanation, troubles } = await branchExplanation(world, id);
  expect(troubles).toEqual([]);
  if (explanation === null) throw new Error('it could be explained');
  await agree(world, explanation);
  return explanation;
}

/** Whatever an explanation says of where a secret stands, `status` says the same. */
async function agree(world: World, { secret, aws, objects, state }: Explanation): Promise<void> {
  // Lists tell the version of what may not be described: only who asks for it alone hears that.
  if (aws.kind === 'denied') return;
  const { secrets, troubles } = await statusOf(world);
  expect(troubles).toEqual([]);
  const { service, account, region, names } = secret;
  const same = secrets.find(
    (one) => one.name === names[0] && one.service === service && one.account === account && one.region === region,
  );
  // What is only found has no line of its own: the find has one.
  const isOnlyFound =
    objects.length > 0 && objects.every(({ references }) => references.every(({ field }) => field.endsWith('find')));
  if (isOnlyFound) expect(same).toBeUndefined();
  else if (same === undefined) expect(['unused', 'not-proven']).toContain(state.state);
  else expect({ state: same.state, pullRequest: same.pullRequest, next: same.next }).toEqual(state);
}

/** An explanation in a few words: each object, its workloads, the branch, and what is next. */
export function inShort({ objects, proposal, next }: Explanation): readonly string[] {
  return [
    ...objects.map(({ name, standing, workloads }) =>
      [`${name} ${standing.code ?? standing.kind}`, ...workloads.map((one) => `${one.name} ${one.restart.kind}`)].join(
        ', ',
      ),
    ),
    `branch ${proposal?.standing?.kind ?? 'none'}, pulls ${proposal?.pulls.map(({ number, state }) => `#${number} ${state}`).join(' ') ?? ''}`,
    `next ${next.kind}`,
  ];
}

/** A report changes nothing: no ref, no pull request, no message. And it is plain JSON, with nothing left undefined. */
async function unchanged<T>(world: World, report: () => Promise<T>): Promise<T> {
  const before = await stateOf(world);
  const made = await report();
  expect(await stateOf(world)).toEqual(before);
  expect(JSON.parse(JSON.stringify(made))).toStrictEqual(made);
  return made;
}

async function stateOf({ workspace, forge, inbox }: World): Promise<unknown> {
  return { refs: await workspace.refs(['refs/'], NEVER), pulls: await forge.pulls(), inbox: inbox.bodies() };
}
