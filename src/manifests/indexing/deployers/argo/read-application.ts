import { RE2JS } from 're2js';
import type { RepoPath } from '../../../../domain/repo-path.ts';
import type { DeployedBy } from '../../../reading/deployers/deployed-by.ts';
import type { Plain } from '../../../reading/kustomize/plain-value.ts';
import { type Deployer, type FileChoice, folderAt, isOpen, type OtherDeployer, type Sources } from '../deployer.ts';
import { inlinePatches } from '../inline-patches.ts';
import { listAt, plainAt, textAt } from '../plain-fields.ts';

/** An Application by itself, or one that an ApplicationSet makes. */
export interface ApplicationText {
  readonly name: string;
  readonly manifest: RepoPath;
  readonly spec: Plain;
  /** True where an annotation tells Argo CD to leave it alone. */
  readonly isPaused: boolean;
}

const IN_CLUSTER = ['https://kubernetes.default.svc', 'in-cluster'];

/** What one Application deploys from here: one entry for each of its sources. */
export function readApplication(application: ApplicationText, sources: Sources): readonly (Deployer | OtherDeployer)[] {
  const { spec } = application;
  const all = plainAt(spec, 'sources');
  const listed = Array.isArray(all) && all.length > 0 ? all : [plainAt(spec, 'source')];
  return listed.flatMap((source, at) => readSource(source, { application, at, sources }));
}

/** The sources of an Application that have a folder, as they are written. */
export function sourcesOf(spec: Plain): readonly Plain[] {
  return [...listAt(spec, 'sources'), plainAt(spec, 'source')].filter((source) => textAt(source, 'path') !== null);
}

interface SourceContext {
  readonly application: ApplicationText;
  readonly at: number;
  readonly sources: Sources;
}

function readSource(source: Plain, { application, at, sources }: SourceContext): readonly (Deployer | OtherDeployer)[] {
  const { manifest, spec } = application;
  const name = at === 0 ? application.name : `${application.name}, source ${at + 1}`;
  const other = (kind: OtherDeployer['kind'], reason: string) => [{ kind, name, manifest, reason }];
  const [path, url] = [textAt(source, 'path'), textAt(source, 'repoURL')];
  if (path === null || url === null || textAt(source, 'chart') !== null) return [];
  const revision = textAt(source, 'targetRevision');
  if (isOpen(url) || isOpen(revision)) return other('unresolved', 'Its repoURL or targetRevision is filled in later.');
  if (!sources.isHere({ url, revision })) return other('elsewhere', 'It deploys another repository or revision.');
  const folder = folderAt(path);
  const why = whyUnread(source);
  if (folder === null || why !== null)
    return other('unresolved', why ?? 'Its path is filled in later, or leads elsewhere.');
  const target = textAt(spec, 'destination', 'namespace');
  const kustomize = plainAt(source, 'kustomize');
  return [
    {
      kind: 'deploys',
      deployment: {
        name,
        manifest,
        otherwise: isOpen(target) ? null : target,
        cluster: clusterOf(spec),
        substitution: null,
        state: stateOf(application),
        gate: { kind: 'argo-cd', application: application.name },
      },
      folder,
      namespace: textAt(kustomize, 'namespace'),
      prefix: textAt(kustomize, 'namePrefix'),
      suffix: textAt(kustomize, 'nameSuffix'),
      patches: inlinePatches(kustomize, plainAt(kustomize, 'commonAnnotations')),
      files: filesOf(plainAt(source, 'directory'), folder),
    },
  ];
}

/** Why it cannot be told what becomes of the folder; null where it can. */
function whyUnread(source: Plain): string | null {
  if (plainAt(source, 'plugin') !== null) return 'A plugin makes its manifests.';
  if (plainAt(source, 'directory', 'jsonnet') !== null) return 'Its manifests are made by Jsonnet.';
  const kustomize = plainAt(source, 'kustomize');
  if (listAt(kustomize, 'components').length > 0) return 'Components that it adds to a kustomization are not followed.';
  const fields = ['namespace', 'namePrefix', 'nameSuffix'].map((key) => textAt(kustomize, key));
  if (fields.some(isOpen)) return 'What it sets in the kustomization is filled in later.';
  const { include, exclude } = globsOf(plainAt(source, 'directory'));
  return [include, exclude].includes('unreadable')
    ? 'directory.include or exclude is no pattern that is read here.'
    : null;
}

/** Where it goes, if that can be compared: the cluster that Argo CD itself runs in is another one for each Argo CD. */
function clusterOf(spec: Plain): string | null {
  for (const key of ['server', 'name']) {
    const cluster = textAt(spec, 'destination', key);
    if (cluster !== null) return isOpen(cluster) || IN_CLUSTER.includes(cluster) ? null : `${key} ${cluster}`;
  }
  return null;
}

function stateOf({ spec, isPaused }: ApplicationText): DeployedBy['state'] {
  if (isPaused) return 'suspended';
  const automated = plainAt(spec, 'syncPolicy', 'automated');
  return automated === null || textAt(automated, 'enabled') === 'false' ? 'manual' : 'automatic';
}

function filesOf(directory: Plain, folder: string): FileChoice {
  const { include, exclude } = globsOf(directory);
  const within = (path: string) => (folder === '' ? path : path.slice(folder.length + 1));
  return {
    kind: 'listed',
    recurse: textAt(directory, 'recurse') === 'true',
    isTaken: (path) => (include === null || fits(include, within(path))) && !fits(exclude, within(path)),
  };
}

function fits(glob: Glob, path: string): boolean {
  return glob !== null && glob !== 'unreadable' && glob.matcher(path).find();
}

type Glob = RE2JS | 'unreadable' | null;

function globsOf(directory: Plain): { readonly include: Glob; readonly exclude: Glob } {
  return { include: globOf(textAt(directory, 'include')), exclude: globOf(textAt(directory, 'exclude')) };
}

/** Argo CD's globs: `*` stands for anything, slashes included; `{a,b}` for either. */
function globOf(glob: string | null): Glob {
  if (glob === null) return null;
  if (glob.length > 500 || /[[\]\\]/.test(glob) || isOpen(glob)) return 'unreadable';
  const isBalanced = /^[^{}]*(?:\{[^{}]*\}[^{}]*)*$/.test(glob);
  if (!isBalanced) return 'unreadable';
  const pattern = glob.replaceAll(/\{([^{}]*)\}|[*?]|[^*?{}]+/g, (part, either: string | undefined) => {
    if (either !== undefined) return `(?:${either.split(',').map(asPattern).join('|')})`;
    return asPattern(part);
  });
  return RE2JS.compile(`^${pattern}$`, RE2JS.DOTALL);
}

function asPattern(text: string): string {
  return text.replaceAll(/[*?]|[^*?]+/g, (part) => (part === '*' ? '.*' : part === '?' ? '.' : RE2JS.quote(part)));
}
