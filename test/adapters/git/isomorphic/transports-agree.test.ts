import { afterAll, expect, test } from 'vitest';
import { git } from '../../../../src/demo/git/git-cli.ts';
import { draftOn } from '../../../contracts/workspace.ts';
import { MAIN, NEVER, openGitWorld, TRANSPORTS, tipOf } from '../git-world.ts';

const world = await openGitWorld();
afterAll(() => world.close());

test('the same draft is the same commit, whatever its message looks like', async () => {
  const repository = await world.repository(new Map([['a/b.yaml', 'b\n']]));
  const draft = draftOn((await tipOf(repository.dir, MAIN)) ?? '', { 'a/b.yaml': 'é\u{1f600}\r\n' });
  const workspaces = await Promise.all(
    TRANSPORTS.map(async ([name, create]) => [name, await world.workspace(repository.url, {}, create)] as const),
  );
  const messages = ['x', 'x\n\n\n', '\n\nx', 'x\r\ny\r\n', ' grüße \u{1f600} \n# y\n', ''];
  for (const [index, message] of messages.entries()) {
    const oids: (string | null)[] = [];
    for (const [name, workspace] of workspaces) {
      const ref = `refs/heads/${name}/${index}`;
      const result = await workspace.publish({ ref, expected: null, to: { ...draft, message } }, NEVER);
      const oid = await tipOf(repository.dir, ref);
      expect(result).toEqual({ kind: 'done', oid });
      oids.push(oid);
    }
    expect(oids[1]).toBe(oids[0]);
  }
  const raw = await git(repository.dir, ['cat-file', 'commit', 'isomorphic/3']);
  expect(raw.slice(raw.indexOf('\n\n') + 2)).toBe('x\r\ny\r\n');
});
