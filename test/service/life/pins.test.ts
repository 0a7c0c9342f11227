import { expect, test } from 'vitest';
import { everything } from '../../../src/plan/scope.ts';
import { deployment, version } from '../manifests.ts';
import { MAIN } from '../memory-world.ts';
import { type LifeOptions, openedLife } from './life-world.ts';

const PINNING: LifeOptions = { settings: { scope: { ...everything('staged'), pin: 'version' } } };

function pinAt(life: Awaited<ReturnType<typeof openedLife>>, ref: string): string | null {
  const text = life.world.workspace.fileAt(ref, 'db.yaml') ?? '';
  return /version: "?uuid\/([^"\n]*)/.exec(text)?.[1] ?? null;
}

test('a pin goes with its token: proposed, merged, taken back, and proposed again with the next version', async () => {
  const life = await openedLife(PINNING);
  expect([life.proposed(), pinAt(life, life.ref)]).toEqual([2, version(2)]);
  await life.world.merge(1, 'delete');
  await life.rotate(3);
  const before = life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
  await life.world.merge(2, 'delete');
  expect([life.merged(), pinAt(life, MAIN)]).toEqual([3, version(3)]);
  // `git revert` of the second merge.
  life.change({ 'db.yaml': before });
  expect([life.merged(), pinAt(life, MAIN)]).toEqual([2, version(2)]);
  expect(await life.repeat(3)).toEqual(['rejected-by-people']);
  await life.sweep();
  expect(await life.pulls()).toEqual(['#1 merged 2', '#2 merged 3']);
  expect(await life.rotate(4)).toEqual(['published']);
  expect([life.proposed(), pinAt(life, life.ref)]).toEqual([4, version(4)]);
});

test('who changes the pin alone by hand is not fought; the next version pins anew', async () => {
  const life = await openedLife(PINNING);
  await life.world.merge(1, 'delete');
  const text = life.world.workspace.fileAt(MAIN, 'db.yaml') ?? '';
  life.change({ 'db.yaml': text.replace(`uuid/${version(2)}`, `uuid/${version(1)}`) });
  expect(await life.repeat(2)).toEqual(['already-current']);
  await life.sweep();
  expect([pinAt(life, MAIN), await life.pulls()]).toEqual([version(1), ['#1 merged 2']]);
  await life.rotate(3);
  expect([life.proposed(), pinAt(life, life.ref)]).toEqual([3, version(3)]);
});

test("on a branch with a person's commit the pin moves with the token, and what they wrote into it stays", async () => {
  const life = await openedLife(PINNING);
  life.push({ 'README.md': 'mine\n' });
  expect(await life.rotate(3)).toEqual(['published']);
  expect([life.proposed(), pinAt(life, life.ref)]).toEqual([3, version(3)]);
  const text = life.world.workspace.fileAt(life.ref, 'db.yaml') ?? '';
  life.push({ 'db.yaml': text.replace(`"uuid/${version(3)}"`, 'AWSPREVIOUS') });
  expect(await life.rotate(4)).toEqual(['blocked-by-person']);
  expect(life.proposed()).toBe(3);
});

test('a branch that has the token without its pin is made anew once pins are asked for', async () => {
  const life = await openedLife();
  expect([life.proposed(), pinAt(life, life.ref)]).toEqual([2, null]);
  life.world.tell('a', version(2));
  await life.world.drain(life.world.start(PINNING));
  expect([life.proposed(), pinAt(life, life.ref)]).toEqual([2, version(2)]);
});

const NAMING: LifeOptions = {
  settings: { scope: { ...everything('staged'), pin: 'name' } },
  files: { 'api.yaml': deployment('api', 'db') },
};

/** The name of the Secret in the ExternalSecret, and in the workload. */
function namesAt({ world }: Awaited<ReturnType<typeof openedLife>>, ref: string): readonly (string | undefined)[] {
  const [secret, api] = ['db.yaml', 'api.yaml'].map((path) => world.workspace.fileAt(ref, path) ?? '');
  return [
    /target:\n +name: "?([^"\n]*)/.exec(secret ?? '')?.[1],
    /secretRef:\n +name: "?([^"\n]*)/.exec(api ?? '')?.[1],
  ];
}

test('a Secret and what names it get each version their name together, and go back together', async () => {
  const life = await openedLife(NAMING);
  const [second, api] = namesAt(life, life.ref);
  expect([second, api]).toEqual([expect.stringMatching(/^db-[0-9a-f]{10}$/), second]);
  await life.world.merge(1, 'delete');
  const before = ['db.yaml', 'api.yaml'].map((path) => [path, life.world.workspace.fileAt(MAIN, path)] as const);
  await life.rotate(3);
  const [third, now] = namesAt(life, life.ref);
  expect([third, now]).toEqual([expect.stringMatching(/^db-[0-9a-f]{10}$/), third]);
  expect(third).not.toBe(second);
  await life.world.merge(2, 'delete');
  await life.sweep();
  expect(await life.world.open()).toEqual([]);
  life.change(Object.fromEntries(before));
  expect(namesAt(life, MAIN)).toEqual([second, second]);
  await life.sweep();
  expect(await life.repeat(3)).toEqual(['rejected-by-people']);
  expect(await life.world.open()).toEqual([]);
});

test("on a branch with a person's commit both names move on, or neither does", async () => {
  const life = await openedLife(NAMING);
  life.push({ 'README.md': 'mine\n' });
  expect(await life.rotate(3)).toEqual(['published']);
  const [third, api] = namesAt(life, life.ref);
  expect([life.proposed(), api]).toEqual([3, third]);
  const text = life.world.workspace.fileAt(life.ref, 'api.yaml') ?? '';
  life.push({ 'api.yaml': text.replace(`"${third}"`, 'db') });
  expect(await life.rotate(4)).toEqual(['blocked-by-person']);
  expect([life.proposed(), namesAt(life, life.ref)]).toEqual([3, [third, 'db']]);
});
