import { afterEach, expect, test } from 'vitest';
import { createGitWorkspace } from '../../../../src/adapters/git/git-workspace.ts';
import { oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import { writePack } from '../../../../src/adapters/git/objects/pack-write.ts';
import { FLUSH, packet } from '../../../../src/adapters/git/protocol/pkt-line.ts';
import { MAIN, NEVER } from '../git-world.ts';
import { packAnswer, startHostileHost } from '../hostile/hostile-host.ts';
import { blobOf, commitOf, treeOf } from '../hostile/hostile-packs.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const FILE = blobOf('a: 1\n');
const ROOT = treeOf(['100644', 'a.yaml', oidOf(FILE)]);
const COMMIT = commitOf(ROOT);
const TIP = oidOf(COMMIT);
const WHOLE = packAnswer(writePack([FILE, ROOT, COMMIT]));
const ACKNOWLEDGED = Buffer.concat([
  packet(`shallow ${TIP}\n`),
  FLUSH,
  packet(`ACK ${TIP} common\n`),
  packet(`ACK ${TIP}\n`),
]);

/** What is asked of a host of the first protocol with these capabilities, for trees. */
async function wishFor(capabilities: string, answer: Buffer): Promise<string> {
  const advertise = Buffer.concat([packet(`${TIP} ${MAIN}\0${capabilities}\n`), FLUSH]);
  const host = await startHostileHost({ advertise, fetch: [answer] });
  const workspace = await createGitWorkspace({ url: host.url, credentials: async () => null });
  closers.push(
    () => host.close(),
    () => workspace.close(),
  );
  const snapshot = await workspace.snapshot({ name: MAIN, oid: TIP }, NEVER, 'trees');
  expect(snapshot.entries.map(({ path }) => path)).toEqual(['a.yaml']);
  return host.wishes.join('').replaceAll(/[0-9a-f]{40}/g, 'ID');
}

const ALL = 'multi_ack thin-pack side-band side-band-64k ofs-delta shallow no-progress include-tag multi_ack_detailed';

test('what a host offers is used, and nothing else', async () => {
  const rest = '000ddeepen 1\n00000009done\n';
  const used = 'multi_ack_detailed side-band-64k thin-pack ofs-delta no-progress shallow';
  const wish = await wishFor(ALL, Buffer.concat([ACKNOWLEDGED, WHOLE]));
  expect(wish.slice(4)).toBe(`want ID ${used}\n${rest}`);
  expect((await wishFor('side-band-64k shallow', WHOLE)).slice(4)).toBe(`want ID side-band-64k shallow\n${rest}`);
});

test('trees alone are asked for where blobs can be had by their ids', async () => {
  const trees = packAnswer(writePack([ROOT, COMMIT]));
  const filters = `${ALL} filter allow-tip-sha1-in-want allow-reachable-sha1-in-want`;
  const wish = await wishFor(filters, Buffer.concat([ACKNOWLEDGED, trees]));
  expect(wish).toContain('shallow filter\n');
  expect(wish).toContain('0015filter blob:none\n');
  expect(await wishFor(`${ALL} filter`, WHOLE)).not.toContain('filter');
});
