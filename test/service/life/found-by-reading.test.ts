import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { externalSecret } from '../manifests.ts';
import { openedLife } from './life-world.ts';

/** What reading the life cycle has found, each as short as it can be told. */
const DOWN = new Failure('the Git host is down', { code: 'git-unreachable', retry: 'later', hint: 'Try later.' });

test('a push that fails after the old pull request had to be closed loses nothing', async () => {
  const life = await openedLife({ rules: { neededApprovals: 1, mayDismiss: false } });
  await life.world.forge.approve(1, 'grace');
  life.change({ 'new.yaml': externalSecret('new', ['a']) });
  const offline = life.world.start({
    ports: (ports) => ({ ...ports, workspace: { ...ports.workspace, publish: () => Promise.reject(DOWN) } }),
  });
  await offline.sweep();
  expect(await life.pulls()).toEqual(['#1 closed-by-bot 2']);
  await life.sweep();
  expect(await life.pulls()).toEqual(['#1 closed-by-bot 2', '#2 open 2']);
  expect(life.world.workspace.fileAt(life.ref, 'new.yaml')).toContain('force-sync');
});
