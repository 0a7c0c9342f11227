import { expect, test } from 'vitest';
import { externalSecret, version } from '../manifests.ts';
import { MAIN } from '../memory-world.ts';
import { createLookWorld, explanationOf, statusOf } from '../report/look-world.ts';
import { reconcile, toldOf } from './reconcile-world.ts';

test('status counts what has no baseline, and explain says which version a baseline has, and what finds it', async () => {
  const world = createLookWorld();
  expect((await statusOf(world)).withoutBaseline.objects).toBe(1);
  await reconcile(world);
  expect((await statusOf(world)).withoutBaseline.objects).toBe(1);
  await world.merge(1, 'delete');
  expect((await statusOf(world)).withoutBaseline.objects).toBe(0);
  const before = await explanationOf(world);
  expect(before.objects[0]?.entries[0]).toMatchObject({
    inGit: null,
    baseline: { version: version(1) },
    inAws: version(1),
  });
  expect([before.objects[0]?.standing.kind, before.next.kind]).toEqual(['baseline', 'baseline']);
  expect(before.objects[0]?.standing.reason).toContain('its baseline');
  world.rotate('a', version(2));
  const lost = await explanationOf(world);
  expect([lost.objects[0]?.standing.kind, lost.next.sentence]).toEqual([
    'behind',
    'AWS has another version than Git, and no branch brings it: the next event for it, or reconcile, proposes it.',
  ]);
  expect(toldOf(await reconcile(world))).toEqual(['db a proposed']);
});

test('a secret that an object names later has no baseline, whatever its token says of the others', async () => {
  const world = createLookWorld();
  await reconcile(world);
  await world.merge(1, 'delete');
  world.rotate('b', version(1));
  world.workspace.commitTo(MAIN, new Map([['db.yaml', externalSecret('db', ['a', 'b'])]]), 'Wider');
  expect((await statusOf(world)).withoutBaseline.objects).toBe(1);
});
