import { expect, test } from 'vitest';
import { version } from './manifests.ts';
import { MAIN, told, type World } from './memory-world.ts';
import { createTeamWorld, type Layout, proposed } from './team-world.ts';

const LAYOUT: Layout = { db: ['a'] };
const FILE = '.gitops-reloader/config.yaml';

function settings(world: World, text: string | null): void {
  world.workspace.commitTo(MAIN, new Map([[FILE, text]]), 'A person says so');
}

test.each([
  ['paused: true\n', `${FILE} says paused: true.`],
  ['puased: true\n', `${FILE} cannot be understood (it has an unknown key, puased), which counts as paused.`],
  [`# ${'x'.repeat(5000)}\n`, `${FILE} cannot be understood (it is larger than 4096 bytes), which counts as paused.`],
])('a repository that says %j is left alone until it says otherwise', async (text, reason) => {
  const world = createTeamWorld(LAYOUT);
  for (const number of [1, 2]) world.rotate('a', version(number));
  settings(world, text);
  const refs = await world.workspace.refs(['refs/'], new AbortController().signal);
  world.tell('a', version(2));
  world.inbox.send('{"source":"aws.s3","detail-type":"x","detail":{}}');
  const process = world.start();
  await process.batch();
  expect(told(process, 'outcome', 'reason')).toEqual([expect.stringMatching(/^ignored /), `try-later ${reason}`]);
  expect(await world.workspace.refs(['refs/'], new AbortController().signal)).toEqual(refs);
  expect(world.inbox.bodies()).toHaveLength(1);
  await world.time.pass(299_000);
  expect(world.inbox.visible()).toBe(0);
  settings(world, text.startsWith('#') ? null : 'paused: false\n');
  await world.drain(process);
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) } });
});
