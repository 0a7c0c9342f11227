import { expect, test } from 'vitest';
import { leftAloneOn, rejectedBy } from '../../../src/plan/report/branch-status.ts';
import type { ShownPull } from '../../../src/plan/report/look.ts';
import { nearNames } from '../../../src/plan/report/near-names.ts';
import { versionsNamed } from '../../../src/plan/report/token-entries.ts';
import { everything } from '../../../src/plan/scope.ts';
import { untoldDeployers } from '../../../src/plan/unproven-uses.ts';
import { es, FAR, type Files, HOME, indexOf, moved, repoPath, v, workload } from '../repository.ts';

const SECRET = { service: 'secretsmanager' as const, ...HOME, names: ['prod/db'] };

test.each([
  [`prod/db=${v(1)}`, [v(1)]],
  [`prod/db#CANARY=${v(1)}`, [v(1)]],
  [`${HOME.account}:${HOME.region}:prod/db=${v(1)}`, [v(1)]],
  [`${FAR.account}:${FAR.region}:prod/db=${v(1)}`, []],
  [`prod/dbx=${v(1)}`, []],
  [`prod/db=${v(1)}@2026-01-01T00:00:00Z prod/db2=${v(2)}`, []],
  ['prod/db=1', []],
  ['', []],
  ['db.yaml:Deployment/app/api db=0123456789ab', []],
])('versions that %j names', (text, expected) => {
  expect(versionsNamed([text, text], SECRET)).toEqual(expected);
});

test.each<[string, readonly string[]]>([
  ['prod/payments/db', ['prod/payments/db', 'prod/payments/stripe', 'staging/payments/db']],
  ['PROD/PAYMENTS/DB', ['prod/payments/db', 'prod/payments/stripe', 'staging/payments/db']],
  ['prod/payment-db', ['prod/payments/db', 'prod/payments/stripe', 'staging/payments/db']],
  ['zzz', []],
  ['', []],
  ['x'.repeat(100_000), []],
])('names that resemble %.40s', (name, expected) => {
  const names = ['prod/payments/db', 'prod/payments/stripe', 'staging/payments/db', 'shared/tls'];
  const index = indexOf({ 'x.yaml': es('x', names) });
  expect(nearNames(index, [name]).toSorted()).toEqual(expected);
});

function codes(files: Files, exclude: readonly string[] = []): readonly string[] {
  const found = leftAloneOn(indexOf(files), { ...everything('staged'), exclude }, [], 'open');
  return found.map(({ code, objects }) => `${code} ${objects.map(({ name }) => name).join(' ')}`);
}

test('what is never bumped, whichever of its secrets moves', () => {
  expect(codes({ 'a.yaml': es('a', ['a']), 'b.yaml': es('b', ['b#uuid/x', 'c']) })).toEqual([]);
  expect(
    codes(
      {
        'a.yaml': es('a', ['b#uuid/x']),
        'b.yaml': es('b', ['b'], { spec: { refreshInterval: '0' } }),
        'c.yaml': es('c', ['b'], { spec: { refreshInterval: '0' } }),
        'd.yaml': es('d', [], { spec: { dataFrom: [{ find: { name: { regexp: 'x' } } }] } }),
        'e.yaml': es('e', ['e']),
        'f.yaml': '{{ if x }}\nremoteRef: {key: y}\n',
        'g.yaml': '{{ if x }}\nkind: Deployment\n',
      },
      ['e.yaml'],
    ),
  ).toEqual(['interval-zero b c', 'find-reference d', 'out-of-scope e', 'pinned-version a', 'unreadable-file f.yaml']);
});

test('an object with a patch that is not carried out is told once', () => {
  const patched = {
    'base/kustomization.yaml': 'resources: [es.yaml]',
    'base/es.yaml': es('db', ['a']),
    'live/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml, target: {kind: ExternalSecret}}]',
    'live/p.yaml': '- {op: replace, path: /spec/data/0/remoteRef, value: {key: b}} # remoteRef',
  };
  expect(codes(patched)).toEqual(['patched db']);
});

test('restart sources that restart nothing, each once', () => {
  const left = {
    'used.yaml': providerClass('used'),
    'idle.yaml': providerClass('idle'),
    'job.yaml': providerClass('job'),
    'api.yaml': workload('Deployment', 'api', [], { pod: csi('used') }),
    'batch.yaml': workload('Job', 'batch', [], { pod: csi('job') }),
    'late.yaml': workload('Job', 'late', [], { pod: csi('used') }),
  };
  expect(codes(left)).toEqual(['next-run-only job', 'no-workload idle']);
});

function csi(name: string): object {
  return {
    containers: [{ name: 'x' }],
    volumes: [
      { name: 's', csi: { driver: 'secrets-store.csi.k8s.io', volumeAttributes: { secretProviderClass: name } } },
    ],
  };
}

function providerClass(name: string): string {
  const objects = JSON.stringify([
    { objectName: `arn:aws:secretsmanager:${HOME.region}:${HOME.account}:secret:prod/db-AbCdEf` },
  ]);
  const spec = { provider: 'aws', parameters: { region: HOME.region, objects } };
  return JSON.stringify({
    apiVersion: 'secrets-store.csi.x-k8s.io/v1',
    kind: 'SecretProviderClass',
    metadata: { name, namespace: 'app' },
    spec,
  });
}

test('rejected: the newest pull request that a person closed for it', () => {
  const pulls = [pull(3, 'open', 'a'), pull(2, 'closed-by-person', 'a', 'b'), pull(1, 'closed-by-person', 'a')];
  const found = rejectedBy(pulls, new Set(['b', 'a', 'c']));
  expect(found.map(({ name, pullRequest }) => `${name} ${pullRequest.number}`)).toEqual(['a 2', 'b 2']);
});

test('a wish and a secret are the same to it', () => {
  expect(versionsNamed([`prod/db=${v(1)}`], moved('prod/db'))).toEqual([v(1)]);
});

function pull(number: number, state: ShownPull['state'], ...names: readonly string[]): ShownPull {
  return { number, url: '', state, names };
}

test('deployers of which nobody can tell what they deploy: none twice, what can be mended first, whatever the order', () => {
  const [set, flux, other] = [
    { kind: 'unresolved', name: 'Argo CD ApplicationSet all (b.yaml)', manifest: repoPath('b.yaml'), reason: 'It is.' },
    { kind: 'unresolved', name: 'Flux Kustomization x (c.yaml)', manifest: repoPath('c.yaml'), reason: 'It is.' },
    { kind: 'elsewhere', name: 'Argo CD Application y (a.yaml)', manifest: repoPath('a.yaml'), reason: 'It is.' },
  ] as const;
  const found = untoldDeployers({ otherDeployers: [other, flux, set, flux] });
  expect(found.map(({ code, path }) => `${code} ${path}`)).toEqual([
    'unresolved b.yaml',
    'unresolved c.yaml',
    'elsewhere a.yaml',
  ]);
  expect(found.every(({ hint }) => hint.endsWith('.'))).toBe(true);
  expect(untoldDeployers({ otherDeployers: [set, flux, other] })).toEqual(found);
});
