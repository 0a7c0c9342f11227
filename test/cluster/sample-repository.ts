import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Files } from '../plan/repository.ts';
import { deployment, externalSecret, STORE } from '../service/manifests.ts';
import type { Manifest } from './models/cluster.ts';

/** How the objects are deployed. */
export const LAYOUTS = ['one wave', 'two waves', 'one Kustomization', 'two Kustomizations'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** One ExternalSecret, and the secrets that it fetches. */
export interface Source {
  readonly name: string;
  readonly keys: readonly string[];
}

export interface SampleOptions {
  readonly layout: Layout;
  readonly sources: readonly Source[];
  readonly policy: 'Periodic' | 'OnChange';
  /** `refreshInterval`. */
  readonly interval: string;
}

/** Where the workloads are deployed from, and what they need. */
export const SECRETS_PATH = 'secrets/';
export const APPS_PATH = 'apps/';
export const WORKLOAD = 'api';

/** What deploys the rest is deployed by others. */
const DEPLOYERS_PATH = 'deployers/';

const URL = 'https://example.com/acme/gitops.git';

const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: all
  namespace: argocd
spec:
  project: default
  source:
    repoURL: ${URL}
    targetRevision: main
    path: .
    directory:
      recurse: true
      exclude: '${DEPLOYERS_PATH}*'
  destination:
    server: https://kubernetes.default.svc
    namespace: app
  syncPolicy:
    automated: {}
    retry: {limit: -1}
`;

const GIT_REPOSITORY = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1m
  url: ${URL}
  ref:
    branch: main
`;

/** Where anything is waited for: with the files that ship, as they are. Their Kustomizations have the paths above. */
const DEPLOYERS: Readonly<Record<Layout, Files>> = {
  'one wave': {},
  'two waves': { 'application.yaml': APPLICATION, 'argocd-cm.yaml': shipped('argo-cd.yaml') },
  'one Kustomization': {},
  'two Kustomizations': { 'source.yaml': GIT_REPOSITORY, 'flux.yaml': shipped('flux.yaml') },
};

function shipped(file: string): string {
  return readFileSync(`templates/health-checks/${file}`, 'utf8');
}

/** ExternalSecrets that feed one Deployment of two pods. With two waves the ExternalSecrets are in the first. */
export function sampleRepository({ layout, sources, policy, interval }: SampleOptions): Files {
  const wave = layout === 'two waves' ? "  annotations:\n    argocd.argoproj.io/sync-wave: '-1'\n" : '';
  const refreshed = sources.map(({ name, keys }) => {
    const text = externalSecret(name, keys, `  refreshPolicy: ${policy}\n`)
      .replace('refreshInterval: 1h', `refreshInterval: ${interval}`)
      .replace('  namespace: app\n', `  namespace: app\n${wave}`);
    return [`${SECRETS_PATH}${name}.yaml`, text] as const;
  });
  const workload = deployment(WORKLOAD, ...sources.map(({ name }) => name));
  const deployers = Object.entries(DEPLOYERS[layout]).map(
    ([file, text]) => [`${DEPLOYERS_PATH}${file}`, text] as const,
  );
  return {
    [`${SECRETS_PATH}stores.yaml`]: STORE,
    ...Object.fromEntries([...refreshed, ...deployers]),
    [`${APPS_PATH}${WORKLOAD}.yaml`]: workload,
  };
}

// Deployers look at the same commit again and again, and most of its files are in others as well.
const READ = new Map<string, readonly Manifest[]>();
const COMMITS = new WeakMap<Files, ReadonlyMap<string, readonly Manifest[]>>();

/** What is deployed, as a plain YAML reader tells it: nothing of our own reader is in it. */
export function manifestsOf(files: Files): ReadonlyMap<string, readonly Manifest[]> {
  const deployed = Object.entries(files).filter(([path]) => !path.startsWith(DEPLOYERS_PATH));
  const known = COMMITS.get(files) ?? new Map(deployed.map(([path, text]) => [path, read(text)]));
  COMMITS.set(files, known);
  return known;
}

function read(text: string): readonly Manifest[] {
  const known = READ.get(text);
  if (known !== undefined) return known;
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  READ.set(text, documents);
  return documents;
}
