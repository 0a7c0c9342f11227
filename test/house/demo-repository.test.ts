import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = 'fixtures/demo/repository';
const PAYMENTS = 'environments/production/payments';
const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) =>
  statSync(join(ROOT, name)).isFile(),
);
const explained = [...readFileSync('fixtures/demo/README.md', 'utf8').matchAll(/`([\w./-]+\.yaml)`/g)].map((match) => {
  const path = match[1] ?? '';
  return path.startsWith('environments/') || path.startsWith('shared/') ? path : `${PAYMENTS}/${path}`;
});
const kubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

test('every file that names the rotated secret is explained, and every explained file exists', () => {
  const naming = files.filter((file) => /(prod|kv)\/payments\/db\b|secret:prod/.test(read(file)));
  expect(naming.filter((file) => !explained.includes(file))).toEqual([]);
  expect(explained.filter((file) => !files.includes(file))).toEqual([]);
  expect(naming.length).toBeGreaterThan(12);
});

test('the traps in the bytes are still there', () => {
  const crlf = read(`${PAYMENTS}/gateway/gateway.yaml`);
  expect(crlf.split('\n').filter((line) => line !== '' && !line.endsWith('\r'))).toEqual([]);
  expect(crlf.split('\r\n---\r\n').length).toBe(3);
  expect(read(`${PAYMENTS}/fraud/external-secret.yaml`)).toMatch(/[^\n]$/);
  expect(read(`${PAYMENTS}/ledger/stateful-set.yaml`)).toMatch(/^ {20}defaultMode: 0400$/m);
  expect(read(`${PAYMENTS}/ledger/external-secret.yaml`)).toMatch(/^metadata:\n {4}name: /m);
});

test('no file could be taken for a credential', () => {
  const looksSecret = /AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20}|-----BEGIN|AGE-SECRET-KEY/;
  expect(files.filter((file) => looksSecret.test(read(file)))).toEqual([]);
});

test.skipIf(!kubectl)('every kustomization builds (needs kubectl)', () => {
  const kustomizations = files.filter((file) => file.endsWith('/kustomization.yaml')).map((file) => dirname(file));
  const built = kustomizations.map((folder) => [
    folder,
    execFileSync('kubectl', ['kustomize', join(ROOT, folder)], { encoding: 'utf8' }).match(/^kind: /gm)?.length ?? 0,
  ]);
  expect(Object.fromEntries(built)).toEqual({
    'environments/production/payments/checkout/base': 4,
    'environments/production/payments/checkout/overlay': 4,
    'environments/production/payments/db-exporter': 2,
    'environments/production/stores': 4,
    'environments/staging/payments/db-exporter': 2,
    'shared/db-exporter': 2,
  });
});
