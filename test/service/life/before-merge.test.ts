import { expect, test } from 'vitest';
import { version } from '../manifests.ts';
import { secretId } from '../memory-world.ts';
import { createTeamWorld } from '../team-world.ts';

const NEXT = Date.parse('2026-03-09T23:59:59Z');
const LAYOUT = { one: ['a'], two: ['a'], three: ['a'], four: ['a'] };
const OWNERS = Object.keys(LAYOUT).map((name) => `/${name}.yaml @acme/${name}`);

/** The secret `a` is rotated, and one batch handled; then the same event comes to another process. */
async function opened(files: Readonly<Record<string, string>>) {
  const world = createTeamWorld(LAYOUT, { files });
  const versions = new Map([
    ['AWSCURRENT', version(2)],
    ['AWSPREVIOUS', version(1)],
  ]);
  world.secrets.set({ secret: secretId('a'), versions, deleted: false, nextRotationAt: NEXT });
  const processes = [world.start(), world.start()];
  for (const process of processes) {
    world.tell('a', version(2));
    await world.drain(process);
  }
  const [pull] = await world.open();
  const warned = processes.flatMap(({ lines }) => lines.filter(({ message }) => message.includes('code owners')));
  return { body: pull?.body ?? '', warned: warned.map(({ level, fields }) => [level, fields['owners'], fields['pr']]) };
}

test('a pull request that many code owners must approve says so, and the log does once', async () => {
  const { body, warned } = await opened({ '.github/CODEOWNERS': OWNERS.join('\n'), CODEOWNERS: '* @acme/nobody' });
  expect(body).toContain('CODEOWNERS names 4 sets of owners');
  expect(body).toContain('acme/three');
  expect(body).not.toContain('acme/nobody');
  expect(warned).toEqual([['warn', 4, expect.stringContaining('/1')]]);
});

test('of few code owners nobody is warned', async () => {
  const { body, warned } = await opened({ 'docs/CODEOWNERS': OWNERS.slice(1).join('\n') });
  expect(body).not.toContain('CODEOWNERS');
  expect(warned).toEqual([]);
});

test('the body says when the next rotation takes away what pods still use', async () => {
  const { body } = await opened({});
  expect(body).toContain(': 2026-03-09 23:59 UTC at the latest');
});
