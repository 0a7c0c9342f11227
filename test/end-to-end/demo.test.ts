import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const BEGIN = '<!-- demo-output -->\n';
const END = '<!-- /demo-output -->';

let folder: string;
let code: number | null;
let stdout = '';
let stderr = '';
/** Local addresses, in the hexadecimal form of `/proc/net`, at which the demo was seen listening. */
const addresses = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-demo-test-'));
  const env = { PATH: process.env['PATH'] ?? '', TZ: 'UTC', NO_COLOR: '1', TMPDIR: folder };
  const child = spawn(process.execPath, ['dist/main.js', 'demo'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    void listening(child.pid ?? 0).then((found) => {
      for (const one of found) addresses.add(one);
    });
  });
  code = await new Promise((resolve) => {
    child.once('close', resolve);
  });
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

test('every claim is checked and holds', () => {
  expect([code, stderr]).toEqual([0, '']);
  const checks = stdout.slice(stdout.indexOf('\nChecked\n')).split('\n').slice(2, -1);
  expect(checks.length).toBe(9);
  expect(checks.filter((line) => !line.startsWith('  ✓ '))).toEqual([]);
});

test('every part of the story is told', () => {
  const parts = [
    /^ {2}reconcile Secret Label Updated for prod\/payments\/db/m,
    /^ {2}ignore {4}RotateSecret/m,
    /^ {6}because: .*is now at version 4d383ea9-084a-49c9-8722-cbfb0f25c456/m,
    /^ {6}because: refreshInterval is 0/m,
    /^ {2}--- a\/environments\/production\/payments\/checkout\/base\/api\.yaml$/m,
    /^ {2}\+ {4}force-sync: "prod\/payments\/db=4d383ea9-084a-49c9-8722-cbfb0f25c456@/m,
    /^ {2}info {2}published prod\/payments\/db: 13 edit\(s\)/m,
    /^ {2}Event-Name: Secret Label Updated$/m,
    /^ {3}11 files changed/m,
    /^Pull request #1: Refresh prod\/payments\/db$/m,
    /^ {2}### What is left alone$/m,
    /^ada-reviewer merges #1: [0-9a-f]{12} on main$/m,
    /^ {2}info {2}already-current prod\/payments\/db/m,
  ];
  expect(parts.filter((part) => !part.test(stdout))).toEqual([]);
  expect(stdout.match(/^ {2}--- a\//gm)?.length).toBe(10);
});

test('nothing is left in the folder for temporary files', async () => {
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('it listens on loopback only (needs Linux)', () => {
  expect([...addresses]).toEqual(['0100007F']);
});

test('the README shows this very output, shortened (UPDATE=1 rewrites it)', async () => {
  const lines = shorten(stdout);
  expect(lines.length).toBeLessThanOrEqual(48);
  const shortened = `\n\`\`\`text\n${lines.join('\n')}\n\`\`\`\n\n`;
  const readme = await readFile('README.md', 'utf8');
  const [before, rest, ...more] = readme.split(BEGIN);
  const [shown, after] = (rest ?? '').split(END);
  expect([more, typeof after]).toEqual([[], 'string']);
  if (process.env['UPDATE'] === '1') await writeFile('README.md', `${before}${BEGIN}${shortened}${END}${after}`);
  else expect(withoutIds(shown ?? '')).toBe(withoutIds(shortened));
});

/** Headings, what each event means, log lines, files of the commit, checks: everything else is left out. */
function shorten(output: string): readonly string[] {
  const kept =
    /^\S|^ {2}(?:reconcile|ignore|info|warn|error) |^ {3}.* \| +\d+ |^ {3}\d+ files changed|^ {2}\d+ messages|^ {2}[✓✗] /;
  return output.split('\n').filter((line) => kept.test(line));
}

function withoutIds(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{8,40}\b/g, '…').replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…');
}

/** Where a process listens: its sockets that Linux lists as listening. */
async function listening(pid: number): Promise<readonly string[]> {
  const folderOf = `/proc/${pid}/fd`;
  const names = await readdir(folderOf).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(join(folderOf, name)).catch(() => '')));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const rows = tables.flatMap((table) => table.split('\n')).map((row) => row.trim().split(/\s+/));
  const ours = rows.filter(([, , , state, , , , , , inode]) => state === '0A' && links.includes(`socket:[${inode}]`));
  return ours.map(([, local = '']) => local.split(':')[0] ?? '');
}
