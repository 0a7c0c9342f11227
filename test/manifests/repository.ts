import { type AllowedAccount, type Bindings, NO_BINDINGS } from '../../src/domain/policy.ts';
import { parseRepoPath, type RepoPath } from '../../src/domain/repo-path.ts';
import { buildIndex } from '../../src/manifests/build-index.ts';
import type { Index } from '../../src/manifests/graph.ts';
import type { BlobFacts } from '../../src/manifests/objects.ts';
import { readBlob } from '../../src/manifests/read-blob.ts';

export const ONE_ACCOUNT: readonly AllowedAccount[] = [{ id: '111122223333', regions: ['eu-west-1'] }];
export const TWO_ACCOUNTS: readonly AllowedAccount[] = [...ONE_ACCOUNT, { id: '444455556666', regions: ['eu-west-1'] }];

export function readText(text: string): BlobFacts {
  return readBlob(new TextEncoder().encode(text));
}

/** The index of a repository that is written down as paths and texts. */
export function indexOf(
  files: Readonly<Record<string, string>>,
  accounts: readonly AllowedAccount[] = ONE_ACCOUNT,
  bindings: Partial<Bindings> = {},
): Index {
  return buildIndex(
    Object.entries(files).map(([path, text]) => ({ path: repoPath(path), facts: readText(text) })),
    { accounts, bindings: { ...NO_BINDINGS, ...bindings } },
  );
}

export function repoPath(text: string): RepoPath {
  const path = parseRepoPath(text);
  if (path === null) throw new Error(`not a path: ${text}`);
  return path;
}

/** An ExternalSecret in short: `spec` is YAML in flow style without its braces. */
export function externalSecret(name: string, spec: string, namespace: string | null = 'app'): string {
  const place = namespace === null ? '' : `, namespace: ${namespace}`;
  return `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: ${name}${place}}\nspec: {${spec}}\n`;
}

export function store(name: string, aws: string, kind = 'SecretStore', namespace: string | null = 'app'): string {
  const place = namespace === null || kind !== 'SecretStore' ? '' : `, namespace: ${namespace}`;
  return `apiVersion: external-secrets.io/v1\nkind: ${kind}\nmetadata: {name: ${name}${place}}\nspec: {provider: {${aws}}}\n`;
}

/** A Deployment whose only container takes its environment from one Secret. */
export function deployment(name: string, secret: string, namespace: string | null = 'app'): string {
  const place = namespace === null ? '' : `, namespace: ${namespace}`;
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}${place}}
spec: {template: {spec: {containers: [{name: main, envFrom: [{secretRef: {name: ${secret}}}]}]}}}
`;
}
