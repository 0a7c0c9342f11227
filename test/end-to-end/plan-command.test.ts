import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { labelUpdated, parameterChanged, putParameter, rawBody, snsBody } from '../../src/demo/aws/rotation-events.ts';
import { git } from '../../src/demo/git/git-cli.ts';
import { startProgram } from '../../src/demo/program-process.ts';
import { type EmbeddedWorld, startWorld, WORLD } from '../../src/demo/world.ts';
import { hasKustomize } from '../kubectl.ts';
import { changedLines } from './traces.ts';
import { type } from './typed.ts';

const SECRET = 'prod/payments/db';
const PLACE = { account: WORLD.account, region: WORLD.region, name: SECRET, suffix: 'Ab3dEf' };
const NAMED = ['--secret', SECRET, '--region', WORLD.region];
const VERSION = '4d383ea9-084a-49c9-8722-cbfb0f25c456';
const PAYMENTS = 'environments/production/payments';

interface ConfigText {
  readonly kind: string;
  readonly metadata: unknown;
  readonly spec: { readonly repositories: readonly Readonly<Record<string, unknown>>[] };
}

let world: EmbeddedWorld;
let folder: string;
/** A clone of the demo's repository, fresh for each case. */
let repo: string;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-plan-'));
  repo = join(folder, 'checkout');
  await git(folder, ['clone', '--quiet', world.repository.dir, repo]);
});
afterEach(() => rm(folder, { recursive: true }));

const diff = () => git(repo, ['diff', '--unified=0']);

async function fileOf(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

function application(url: string, path: string, namespace: string): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${path}}\nspec: {source: {repoURL: "${url}", path: ${path}}, destination: {namespace: ${namespace}}}\n`;
}

function secretNamed(name: string): string {
  return `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: ${name}}\nspec: {secretStoreRef: {name: s}, data: [{secretKey: a, remoteRef: {key: ${SECRET}}}]}\n`;
}

describe('on a checkout', () => {
  test('shows the pull requests as text and as JSON, and opens none', async () => {
    const text = await type('plan', '--repo', repo, ...NAMED, '--preview');
    expect(text.out).toMatch(
      /\n1 pull request\(s\), as they would be opened\n\n {2}gitops-reloader\/preview\/.*\/refresh {2}stage 1\n {4}title: {3}Refresh /,
    );
    const { out } = await type('plan', '--repo', repo, ...NAMED, '--preview', '--json');
    const { pullRequests } = JSON.parse(out) as { readonly pullRequests: readonly { readonly body: string }[] };
    expect(pullRequests).toHaveLength(1);
    expect(pullRequests[0]?.body).toContain('### What this approves');
    expect(await world.github.people(WORLD.repository).pulls()).toEqual([]);
    expect((await type('plan', '--repo', repo, ...NAMED, '--json')).out).not.toContain('pullRequests');
  });

  test('writes annotation lines and nothing else, and a second run changes nothing', async () => {
    const first = await type('plan', '--repo', repo, ...NAMED, '--write');
    expect(first).toMatchObject({ code: 0, notes: expect.stringContaining('12 file(s) written') });
    const changes = await diff();
    const lines = changedLines(changes);
    const ours =
      /^\+\s+(?:annotations:|force-sync: "[^"]+"|gitops-reloader\.dev\/restart-due: "[^"]+"|annotations: \{force-sync: "[^"]+"\})\r?$/;
    expect(lines.filter((line) => !ours.test(line))).toEqual([
      '+patches:',
      '+  - path: gitops-reloader.patch.yaml',
      '-    force-sync: "1714564800"',
      '-  annotations: {}\r',
    ]);
    expect(await git(repo, ['status', '--porcelain', '--untracked-files=all'])).toMatch(
      /^\?\? environments\/production\/payments\/db-exporter\/gitops-reloader\.patch\.yaml$/m,
    );
    expect(lines.filter((line) => line.includes('force-sync: "prod/payments/db')).length).toBe(6);
    expect(lines.filter((line) => line.includes('restart-due')).length).toBe(6);
    expect(await git(repo, ['diff', '--summary'])).toBe('');
    const second = await type('plan', '--repo', repo, ...NAMED, '--write');
    expect(second).toMatchObject({ code: 0, notes: expect.stringContaining('0 file(s) written') });
    expect(second.out).toContain('0 edit(s)');
    expect(await diff()).toBe(changes);
  });

  test('--all --write: one line for each edit and each missing parent key, counted, and nothing twice', async () => {
    const { code, out, notes } = await type('plan', '--repo', repo, '--all', '--write');
    const counted =
      /(\d+) file\(s\) written: (\d+) edit\(s\), (\d+) line\(s\) changed or added, (\d+) of them parent keys that were missing, (\d+) new patch file\(s\), (\d+) line\(s\) to list them/.exec(
        notes,
      ) ?? [];
    const [files = 0, edits = 0, lines = 0, parents = 0, patches = 0, listing = 0] = counted.slice(1).map(Number);
    expect([code, out]).toEqual([0, expect.stringContaining(`${edits} edit(s)`)]);
    // Two overlays get a patch file with two annotations each.
    expect([edits > 15, patches, lines]).toEqual([true, 2, edits - 4 + parents]);
    const stat = await git(repo, ['diff', '--numstat']);
    const added = [...stat.matchAll(/^(\d+)\t/gm)].map(([, one]) => Number(one));
    expect([added.length, added.reduce((all, one) => all + one, 0)]).toEqual([files - patches, lines + listing]);
    const status = (await git(repo, ['status', '--porcelain'])).split('\n');
    expect(
      status.filter((line) => line.startsWith('?? ')).every((line) => line.endsWith('/gitops-reloader.patch.yaml')),
    ).toBe(true);
    const again = await type('plan', '--repo', repo, '--all', '--write');
    expect(again).toMatchObject({
      code: 0,
      notes: expect.stringContaining('0 file(s) written: nothing is to be changed'),
    });
  });

  test('--all names each deployer of which nobody can tell what it deploys, with the reason and the fix', async () => {
    const spec = '{source: {repoURL: "https://example.com/{{x}}", path: apps}}';
    const text = (name: string) =>
      `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: "${name}"}\nspec: ${spec}\n---\n`;
    const many = Array.from({ length: 24 }, (_, at) => text(`app-${at}`)).join('');
    await fileOf('odd.yaml', `${many}${text('\\e[31mred\\nnext')}`);
    const shown = await type('plan', '--repo', folder, '--all');
    expect(shown.out).toContain('25 deployer(s) of which it could not be told what they deploy from here\n');
    expect(shown.out).toMatch(
      /^ {2}Argo CD Application app-0 \(odd\.yaml\) {2}unresolved: Its repoURL or targetRevision is filled in later\. What .+\.$/m,
    );
    expect(shown.out).toMatch(/^ {2}and 5 more$/m);
    const { deployers } = JSON.parse((await type('plan', '--repo', folder, '--all', '--json')).out) as {
      deployers: { name: string; code: string }[];
    };
    expect(deployers.filter(({ code }) => code === 'unresolved').length).toBe(25);
    expect(deployers.filter(({ name }) => /\p{Cc}/u.test(name))).toEqual([]);
    expect((await type('plan', '--repo', folder, ...NAMED)).out).not.toContain('deployer(s)');
  });

  test('changes nothing without --write, and shows the diff that --write makes', async () => {
    const shown = await type('plan', '--repo', repo, ...NAMED, '--version', VERSION);
    expect(await diff()).toBe('');
    expect(await git(repo, ['status', '--porcelain'])).toBe('');
    await type('plan', '--repo', repo, ...NAMED, '--version', VERSION, '--write');
    await git(repo, ['add', '--intent-to-add', '--all']);
    const inDiff = shown.out.slice(shown.out.indexOf('\n--- '));
    const times = /@\d{4}-[\dTZ:-]+/g;
    expect(changedLines(inDiff).map((line) => line.replaceAll(times, ''))).toEqual(
      changedLines(await diff()).map((line) => line.replaceAll(times, '')),
    );
  });

  test('--version names the version', async () => {
    await type('plan', '--repo', repo, ...NAMED, '--version', VERSION, '--write');
    expect(await diff()).toContain(`+    force-sync: "${SECRET}=${VERSION}@`);
    await git(repo, ['commit', '--quiet', '--all', '--message=Bump', '--author=Ada <ada@acme.example>'], COMMITTER);
    await type('plan', '--repo', repo, ...NAMED, '--version', VERSION, '--write');
    expect(await diff()).toBe('');
  });

  test('--event takes an event, and a whole SQS message of each kind', async () => {
    const event = labelUpdated(PLACE, VERSION);
    const texts = [
      rawBody(event),
      JSON.stringify({
        MessageId: 'm',
        ReceiptHandle: 'r',
        Body: rawBody(event),
        Attributes: { SentTimestamp: '1772443200000' },
      }),
      JSON.stringify({ MessageId: 'm', Body: snsBody(event) }),
    ];
    const outs: string[] = [];
    for (const [at, text] of texts.entries()) {
      const { code, out } = await type('plan', '--repo', repo, '--event', await fileOf(`${at}.json`, text));
      expect(code).toBe(0);
      expect(out).toContain('13 edit(s)');
      outs.push(out);
    }
    expect(outs[1]).toBe(outs[0]);
    expect(outs[2]).toBe(outs[0]);
    const other = await fileOf('other.json', '{"source": "aws.ec2", "detail-type": "x", "detail": {}}');
    expect(await type('plan', '--repo', repo, '--event', other)).toMatchObject({
      code: 0,
      out: expect.stringContaining('0 edit(s)'),
      notes: expect.stringContaining('not acted on (ignore): It comes from "aws.ec2"'),
    });
  });

  test('--event says why an event is not acted on, and refuses a file without any that can be trusted', async () => {
    const pending = await fileOf('pending.json', JSON.stringify(labelUpdated(PLACE, VERSION, { label: 'AWSPENDING' })));
    const ignored = await type('plan', '--repo', repo, '--event', pending);
    expect([ignored.code, ignored.notes]).toEqual([0, expect.stringContaining('another label moved, not AWSCURRENT')]);
    for (const text of ['no event', '{}', '[]', '[{"Body": "{}"}, {"Body": "x"}]']) {
      const { code, out, notes } = await type('plan', '--repo', repo, '--event', await fileOf('bad.json', text));
      expect([text, code, out]).toEqual([text, 2, '']);
      expect(notes).toContain('holds no event that can be read and trusted [input-invalid]');
      expect(notes).toMatch(/not acted on \(reject\): .+/);
      expect(notes).toContain('decode FILE shows');
    }
  });

  test('--event says of an event that is acted on nothing else, be it about a parameter or about tags', async () => {
    const place = { account: PLACE.account, region: PLACE.region, name: '/app/url' };
    const label = labelUpdated(PLACE, VERSION, { label: 'blue' });
    for (const event of [putParameter(place, 2), parameterChanged(place), label]) {
      const { code, notes } = await type('plan', '--repo', repo, '--event', await fileOf('acted.json', rawBody(event)));
      expect([code, notes]).toEqual([0, expect.not.stringContaining('not acted on')]);
    }
  });

  test('several events of one file count, each in its own account and region', async () => {
    await rm(repo, { recursive: true });
    await mkdir(repo);
    const other = { ...PLACE, account: '777788889999', region: 'ap-south-1' };
    for (const [at, { account, region }] of [PLACE, other].entries()) {
      const key = `arn:aws:secretsmanager:${region}:${account}:secret:${SECRET}-Ab3dEf`;
      await writeFile(join(repo, `${at}.yaml`), externalSecret(`es-${at}`, key));
    }
    const both = [PLACE, other].map((place) => ({ Body: rawBody(labelUpdated(place, VERSION)) }));
    const file = await fileOf('both.json', JSON.stringify(both));
    const { code, out } = await type('plan', '--repo', repo, '--event', file);
    expect([code, out]).toEqual([0, expect.stringContaining('2 edit(s)')]);
  });

  test('accounts of ARNs among the keys are known; a bare name among several is asked back', async () => {
    await rm(repo, { recursive: true });
    await mkdir(repo);
    const key = (account: string) => `arn:aws:secretsmanager:${WORLD.region}:${account}:secret:${SECRET}-Ab3dEf`;
    await writeFile(join(repo, 'a.yaml'), externalSecret('a', key(WORLD.account)));
    const one = await type('plan', '--repo', repo, '--secret', SECRET);
    expect([one.code, one.out]).toEqual([0, expect.stringContaining('1 edit(s)')]);
    await writeFile(join(repo, 'b.yaml'), externalSecret('b', key('777788889999')));
    await writeFile(join(repo, 'c.yaml'), externalSecret('c', SECRET));
    const three = await type('plan', '--repo', repo, '--secret', SECRET, '--write');
    expect([three.code, three.notes]).toEqual([2, expect.stringContaining('is fetched from several places')]);
    const again = key(WORLD.account).replace('Ab3dEf', 'Zz9Zz9');
    const other = await type('plan', '--repo', repo, '--secret', again);
    expect(other.code).toBe(0);
    expect(other.out).toMatch(
      /ExternalSecret a {2}secret-absent\n.*The ARN in its key ends in -Ab3dEf, that of .* in -Zz9Zz9/,
    );
    const arn = await type('plan', '--repo', repo, '--secret', key('777788889999'));
    expect([arn.code, arn.out]).toEqual([0, expect.stringContaining('ExternalSecret b')]);
  });

  test('--stage 2 restarts what stage one has announced, once', async () => {
    expect((await type('plan', '--repo', repo, '--stage', '2', '--write')).out).toContain('0 edit(s)');
    await type('plan', '--repo', repo, ...NAMED, '--version', VERSION, '--write');
    await git(repo, ['commit', '--quiet', '--all', '--message=One', '--author=Ada <ada@acme.example>'], COMMITTER);
    const second = await type('plan', '--repo', repo, '--stage', '2', '--write');
    expect(second.out).toContain('7 edit(s)');
    const lines = changedLines(await diff());
    const restart = /gitops-reloader\.dev\/secret-versions: "[\w-]+=[0-9a-f]{12}"/;
    expect(lines.filter((line) => restart.test(line)).length).toBe(6);
    expect(lines.filter((line) => !restart.test(line) && !/^\+\s+annotations:\r?$/.test(line))).toEqual([
      '-    metadata: {labels: {app: fraud-agent}}',
      '-    metadata: {labels: {app: refunds}}',
    ]);
    await git(repo, ['commit', '--quiet', '--all', '--message=Two', '--author=Ada <ada@acme.example>'], COMMITTER);
    expect((await type('plan', '--repo', repo, '--stage', '2', '--write')).out).toContain('0 edit(s)');
    expect(await diff()).toBe('');
  });

  test('--order together restarts in the same change, --order refreshOnly not at all', async () => {
    const together = await type('plan', '--repo', repo, ...NAMED, '--order', 'together', '--json');
    const annotations = (JSON.parse(together.out) as { edits: { annotation: string }[] }).edits.map(
      (edit) => edit.annotation,
    );
    expect(annotations.filter((one) => one === 'gitops-reloader.dev/secret-versions').length).toBe(7);
    expect(annotations.filter((one) => one === 'force-sync').length).toBe(7);
    const only = await type('plan', '--repo', repo, ...NAMED, '--order', 'refreshOnly', '--json');
    expect((JSON.parse(only.out) as { edits: unknown[] }).edits.length).toBe(7);
  });

  test('--json has exactly the documented shape, and base is the commit of HEAD', async () => {
    const { out } = await type('plan', '--repo', repo, ...NAMED, '--version', VERSION, '--json');
    const plan = JSON.parse(out) as {
      base: string;
      edits: Record<string, unknown>[];
      skips: Record<string, unknown>[];
    };
    expect(Object.keys(plan)).toEqual(['base', 'edits', 'skips', 'deployers']);
    expect(plan.base).toBe((await git(repo, ['rev-parse', 'HEAD'])).trim());
    for (const { overlay, refreshesEvery, ...edit } of plan.edits) {
      expect(Object.keys(edit).toSorted()).toEqual(EDIT_KEYS);
      expect(refreshesEvery !== undefined).toBe(edit['kind'] === 'ExternalSecret');
      expect(overlay !== undefined).toBe(String(edit['path']).endsWith('gitops-reloader.patch.yaml'));
    }
    for (const skip of plan.skips) expect(Object.keys(skip).toSorted()).toEqual(SKIP_KEYS);
    expect(plan.edits.find(({ name }) => name === 'fraud-db')).toEqual({
      stage: 1,
      path: `${PAYMENTS}/fraud/external-secret.yaml`,
      document: 0,
      kind: 'ExternalSecret',
      namespace: 'payments',
      name: 'fraud-db',
      annotation: 'force-sync',
      line: 7,
      before: '1714564800',
      after: expect.stringMatching(new RegExp(`^${SECRET}=${VERSION}@\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$`)),
      secrets: [`${WORLD.account}:${WORLD.region}:${SECRET}`],
      chain: expect.arrayContaining(['ExternalSecret/fraud-db', 'Secret/fraud-db']),
      reason: expect.stringContaining(VERSION),
      notes: [],
      refreshesEvery: '15m',
    });
    expect(plan.skips.find(({ name }) => name === 'invoices-db')).toEqual({
      path: `${PAYMENTS}/invoices/external-secret.yaml`,
      kind: 'ExternalSecret',
      namespace: 'payments',
      name: 'invoices-db',
      code: 'interval-zero',
      reason: expect.stringContaining('refreshInterval'),
      hint: expect.stringContaining('OnChange'),
    });
  });

  test('a bare name that means two secrets is asked back, and so is a plan without what it needs', async () => {
    const event = await fileOf('event.json', rawBody(labelUpdated(PLACE, VERSION)));
    const wrong: [readonly string[], string, string][] = [
      [['--repo', repo, '--secret', SECRET], 'fetched from several places', '--region'],
      [['--repo', repo], 'exactly one of', 'plan --repo'],
      [['--repo', repo, '--all', ...NAMED], 'exactly one of', 'plan --repo'],
      [['--repo', repo, '--event', event, ...NAMED], 'exactly one of', 'plan --repo'],
      [['--repo', repo, '--stage', '2', ...NAMED], 'the repository alone', 'plan --repo'],
      [NAMED, 'needs a repository', '--repo DIR'],
      [['--repo', repo, '--event', event, '--version', VERSION], '--version belongs to --secret', 'event'],
      [['--repo', repo, '--stage', '2', '--order', 'together'], 'has no stage two', 'Leave one'],
      [['--repo', repo, '--event', join(folder, 'none.json')], 'ENOENT', 'Check the path'],
      [['--repo', repo, '--secret', 'arn:aws:s3:::x'], 'no secret name', 'ARN'],
    ];
    for (const [args, message, hint] of wrong) {
      const { code, out, notes } = await type('plan', ...args, '--write');
      expect([args.join(' '), code, out]).toEqual([args.join(' '), 2, '']);
      expect(notes).toContain(message);
      expect(notes).toContain(hint);
    }
    expect(await diff()).toBe('');
  });

  test('with --config, the rules of the configured branch hold: paths, order, and the address that deployers know', async () => {
    const own = join(folder, 'own');
    await mkdir(join(own, 'apps'), { recursive: true });
    await mkdir(join(own, 'other'));
    // Nothing but the configuration says that it is this repository.
    await writeFile(
      join(own, 'app.yaml'),
      application('https://mirror.example/acme/platform-gitops.git', 'apps', 'payments'),
    );
    await writeFile(join(own, 'b.yaml'), application('https://mirror.example/acme/other.git', 'other', 'stranger'));
    await writeFile(join(own, 'apps', 'in.yaml'), secretNamed('inside'));
    await writeFile(join(own, 'other', 'out.yaml'), secretNamed('outside'));
    const { kind, metadata, spec } = JSON.parse(JSON.stringify(parse(world.config()))) as ConfigText;
    const [platform] = spec.repositories;
    const configOf = (repositories: readonly unknown[]) =>
      fileOf(
        'config.yaml',
        JSON.stringify({ apiVersion: 'gitops-reloader.dev/v1alpha1', kind, metadata, spec: { ...spec, repositories } }),
      );
    const here = { ...platform, url: 'https://mirror.example/acme/platform-gitops.git' };
    const branch = { base: 'main', paths: ['apps/**'], order: 'refreshOnly' };
    const one = await configOf([{ ...here, branches: [branch] }]);
    const asked = ['--repo', own, '--secret', SECRET, '--version', VERSION];
    const plan = async (...args: readonly string[]) =>
      JSON.parse((await type('plan', ...asked, '--config', one, ...args, '--json')).out) as {
        edits: { name: string; namespace: string | null }[];
        skips: { name: string; code: string; namespace: string | null }[];
      };
    const { edits, skips } = await plan();
    expect(edits.map(({ name, namespace }) => `${name} ${namespace}`)).toEqual(['inside payments']);
    expect(skips.map(({ name, code, namespace }) => `${name} ${code} ${namespace}`)).toEqual([
      'outside out-of-scope null',
    ]);
    const two = await configOf([{ ...here, branches: [branch, { ...branch, base: 'next', paths: ['other/**'] }] }]);
    const wrong: [readonly string[], string, string][] = [
      [['--config', two], 'which of 2 configured branches of platform it is', 'main (platform@main), next'],
      [['--config', two, '--base', 'no\u001b[31m'], 'no branch no\\u{1b}[31m of platform', 'main (platform@main)'],
      [['--config', two, '--repository', 'none'], 'no repository none', '--repository: platform.'],
      [['--base', 'main'], 'choose among configured branches', '--config FILE'],
    ];
    for (const [args, message, hint] of wrong) {
      const { code, out, notes } = await type('plan', ...asked, ...args);
      expect([code, out, notes]).toEqual([2, '', expect.stringContaining(message)]);
      expect(notes).toContain(hint);
    }
    const next = await type('plan', ...asked, '--config', two, '--base', 'next');
    expect(next.out).toContain('ExternalSecret outside');
  });

  test('runs nothing that the checkout brings along, nor git itself', async () => {
    const script = join(repo, '.git', 'trap.sh');
    const programs = join(repo, '.git', 'programs');
    await mkdir(programs);
    const hooks = ['pre-commit', 'post-checkout', 'post-index-change', 'reference-transaction', 'fsmonitor-watchman'];
    for (const path of [script, join(programs, 'git'), ...hooks.map((hook) => join(repo, '.git', 'hooks', hook))]) {
      await writeFile(path, `#!/bin/sh\n: > '${join(folder, 'TRAPPED')}'\n`, { mode: 0o755 });
    }
    const config = `[core]\n\tfsmonitor = ${script}\n\tpager = ${script}\n\tsshCommand = ${script}\n[diff]\n\texternal = ${script}\n[filter "t"]\n\tclean = ${script}\n\tsmudge = ${script}\n[alias]\n\tstatus = !${script}\n`;
    await writeFile(join(repo, '.git', 'config'), config, { flag: 'a' });
    await writeFile(join(repo, '.gitattributes'), '* filter=t diff=t\n');
    const environment = { HOME: folder, PATH: programs };
    const { code, stderr } = await startProgram(['plan', '--repo', repo, ...NAMED, '--write'], environment).exit;
    expect([code, stderr]).toEqual([0, expect.stringContaining('12 file(s) written')]);
    expect(await readdir(folder)).toEqual(['checkout']);
    // The trap does work: the git program falls into it.
    for (const run of [() => git(repo, ['status']), () => promisify(execFile)('git', [], { env: environment })]) {
      await run().catch(() => '');
      expect((await readdir(folder)).toSorted()).toEqual(['TRAPPED', 'checkout']);
      await rm(join(folder, 'TRAPPED'));
    }
  });
});

describe('on a host', () => {
  test('plans on the head of the configured branch, with the versions of AWS', async () => {
    world.secrets.put({ name: SECRET, suffix: 'Ab3dEf', versions: { AWSCURRENT: VERSION } });
    const config = await fileOf('config.yaml', world.config());
    const ask = (...args: readonly string[]) =>
      startProgram(['plan', '--config', config, ...args], world.environment).exit;
    const before = await git(world.repository.dir, ['for-each-ref']);
    const { code, stdout } = await ask(...NAMED, '--json');
    const plan = JSON.parse(stdout) as { base: string; edits: { after: string }[] };
    expect(code).toBe(0);
    expect(plan.base).toBe((await git(world.repository.dir, ['rev-parse', WORLD.base])).trim());
    expect(plan.edits.filter(({ after }) => after.startsWith(`${SECRET}=${VERSION}@`)).length).toBe(6);
    const missing = await type('plan', '--config', config, ...NAMED, '--base', 'nowhere');
    expect(missing).toMatchObject({ code: 2, notes: expect.stringContaining('platform@main') });
    const written = await type('plan', '--config', config, ...NAMED, '--write');
    expect(written).toMatchObject({ code: 2, notes: expect.stringContaining('--write needs a local checkout') });
    expect(await git(world.repository.dir, ['for-each-ref'])).toBe(before);
  });
});

describe('what Kustomize makes of it', () => {
  test('every overlay differs in our annotations only', async (context) => {
    const builds = await buildAll();
    if (builds === null) {
      console.warn('kubectl is not here: what Kustomize makes of the edits is not compared');
      return context.skip();
    }
    await type('plan', '--repo', repo, ...NAMED, '--version', VERSION, '--write');
    const after = await buildAll();
    expect(after?.size).toBe(6);
    let changed = 0;
    for (const [name, text] of builds) {
      const lines = (after?.get(name) ?? '').split('\n');
      const kept = lines.filter((line) => !/^ {4}(?:force-sync|gitops-reloader\.dev\/restart-due): /.test(line));
      changed += lines.length - kept.length;
      expect(withoutEmptyAnnotations(kept)).toEqual(withoutEmptyAnnotations(text.split('\n')));
    }
    expect(changed).toBe(8);
  });
});

/** An ExternalSecret whose store is not in the repository. */
function externalSecret(name: string, key: string): string {
  return JSON.stringify({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name },
    spec: { secretStoreRef: { name: 'elsewhere' }, data: [{ secretKey: 'x', remoteRef: { key } }] },
  });
}

const COMMITTER = { GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@acme.example' };
const EDIT_KEYS = [
  'after',
  'annotation',
  'before',
  'chain',
  'document',
  'kind',
  'line',
  'name',
  'namespace',
  'notes',
  'path',
  'reason',
  'secrets',
  'stage',
];
const SKIP_KEYS = ['code', 'hint', 'kind', 'name', 'namespace', 'path', 'reason'];

/** Every kustomization of the checkout as `kubectl kustomize` builds it, by folder; null without a recent kubectl. */
async function buildAll(): Promise<ReadonlyMap<string, string> | null> {
  const run = promisify(execFile);
  if (!hasKustomize) return null;
  const files = (await readdir(repo, { recursive: true })).filter((name) => name.endsWith('/kustomization.yaml'));
  const built = files.map(
    async (file) => [dirname(file), (await run('kubectl', ['kustomize', join(repo, dirname(file))])).stdout] as const,
  );
  return new Map(await Promise.all(built));
}

function withoutEmptyAnnotations(lines: readonly string[]): readonly string[] {
  return lines.filter((line, at) => !(line === '  annotations:' && !/^ {4}/.test(lines[at + 1] ?? '')));
}
