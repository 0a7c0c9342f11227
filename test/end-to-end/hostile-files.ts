import { gitWithInput } from '../../src/demo/git/git-cli.ts';
import { externalSecret } from './manifests.ts';

/** The secret that every one of these files names. */
export const HOSTILE_SECRET = 'prod/hostile';

const NAMED = externalSecret('plain', HOSTILE_SECRET);
const TEN_MEGABYTES = 10 * 1024 * 1024;

/** Files with odd names and bytes that are edited all the same, by path. */
export const EDITABLE: ReadonlyMap<string, string> = new Map([
  ['hostile/mit Leerzeichen/schlüssel ☃.yaml', externalSecret('unicode', HOSTILE_SECRET)],
  ['hostile/crlf.yaml', externalSecret('crlf', HOSTILE_SECRET).replaceAll('\n', '\r\n')],
  ['hostile/bom.yaml', `\uFEFF${externalSecret('bom', HOSTILE_SECRET)}`],
  ['hostile/no-final-newline.yaml', externalSecret('no-final-newline', HOSTILE_SECRET).trimEnd()],
  ['hostile/behind-an-alias-bomb.yaml', `${aliasBomb()}---\n${externalSecret('behind', HOSTILE_SECRET)}`],
]);

/** Files that name the secret and must stay as they are, by path, with what the pull request says of them. */
export const LEFT_ALONE: ReadonlyMap<string, { readonly text: string; readonly says: string }> = new Map([
  ['hostile/ten-megabytes.yaml', { text: tenMegabytes(), says: 'larger than 1 MiB' }],
  ['hostile/back\\slash.yaml', { text: NAMED, says: 'its path is not safe' }],
  ['hostile/not-yaml.yaml', { text: `${NAMED}  broken: [\n`, says: 'Flow sequence' }],
  ['hostile/helm/templates/if.yaml', { text: `{{- if .Values.on }}\n${NAMED}{{- end }}\n`, says: 'template braces' }],
  [
    'hostile/chart/templates/quoted.yaml',
    { text: NAMED.replace('name: plain', 'name: "{{ .Release.Name }}"'), says: 'template of a Helm chart' },
  ],
  [
    'hostile/uneditable.yaml',
    { text: `x: &x {a: b}\n${NAMED.replace('  namespace', '  annotations: *x\n  namespace')}`, says: 'is an alias' },
  ],
  ['.github/manifests/external-secret.yaml', { text: NAMED, says: 'lies under a .git' }],
]);

const CHART = 'apiVersion: v2\nname: web\nversion: 1.0.0\n';

/** Commits all of it to a branch, with a symbolic link, one that leaves the repository, and a submodule. */
export async function commitHostileFiles(dir: string, branch: string): Promise<void> {
  const texts = [...EDITABLE, ...[...LEFT_ALONE].map(([path, { text }]) => [path, text] as const)];
  const parts = [
    `commit refs/heads/${branch}\ncommitter Mallory <mallory@acme.example> 1767300000 +0000\n`,
    `data 8\nHostile\n\nfrom refs/heads/${branch}^0\n`,
    ...[...texts, ['hostile/chart/Chart.yaml', CHART] as const].map(([path, text]) => entry('100644', path, text)),
    entry('120000', 'hostile/link.yaml', 'crlf.yaml'),
    entry('120000', 'hostile/outside.yaml', '../../../../etc/passwd'),
    entry('120000', 'hostile/folder', '../apps'),
    `M 160000 ${'1'.repeat(40)} hostile/submodule\n`,
    'done\n',
  ];
  await gitWithInput(dir, ['fast-import', '--quiet', '--date-format=raw'], parts.join(''));
}

function entry(mode: string, path: string, text: string): string {
  const quoted = `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
  return `M ${mode} inline ${quoted}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
}

/** Three thousand million scalars, if anybody unfolded it. */
function aliasBomb(): string {
  const levels = Array.from({ length: 9 }, (_, at) => {
    const one = at === 0 ? '"lol"' : `*l${at - 1}`;
    return `l${at}: &l${at} [${Array.from({ length: 10 }, () => one).join(', ')}]\n`;
  });
  return `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: bomb}\n${levels.join('')}spec: {data: *l8}\n`;
}

function tenMegabytes(): string {
  const filler = `  # ${'x'.repeat(1000)}\n`;
  return NAMED + filler.repeat(Math.ceil(TEN_MEGABYTES / filler.length));
}
