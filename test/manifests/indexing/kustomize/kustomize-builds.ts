import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type KustomizeMode, NO_BINDINGS } from '../../../../src/domain/policy.ts';
import { buildIndex } from '../../../../src/manifests/build-index.ts';
import type { IndexedExternalSecret } from '../../../../src/manifests/graph.ts';
import type { ExternalSecretFacts, Facts, Placed, WorkloadFacts } from '../../../../src/manifests/objects.ts';
import { ONE_ACCOUNT, readText, repoPath } from '../../repository.ts';
import type { RandomTree } from './random-kustomizations.ts';

/** What an ExternalSecret is in one overlay, or that nobody can tell. */
export interface Claim {
  readonly name: string;
  readonly namespace: string | null;
  readonly keys: readonly string[];
  readonly store: string;
  readonly target: string;
  /** Left out where one manifest stands for several overlays. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How many pods a workload has in one overlay, and which Secrets they get; `pods` is left out where nobody can tell. */
export interface Run {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly pods?: number | null;
}

/** What Kustomize builds of an overlay. */
export interface Built {
  readonly claims: readonly Claim[];
  readonly runs: readonly Run[];
}

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
  spec?: {
    data?: ({ remoteRef?: { key?: string } } | null)[];
    dataFrom?: ({ extract?: { key?: string } } | null)[];
    secretStoreRef?: { kind?: string; name?: string };
    target?: { name?: string };
  };
}

/** What Kustomize builds of each overlay; null for one that it refuses. */
export function builtBy(tree: RandomTree): ReadonlyMap<string, Built | null> {
  const folder = mkdtempSync(join(tmpdir(), 'gitops-reloader-kustomize-'));
  try {
    for (const [path, text] of Object.entries(tree.files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return new Map(
      tree.overlays.map((overlay) => {
        const { status, stdout } = spawnSync('kubectl', ['kustomize', join(folder, overlay)], { encoding: 'utf8' });
        return [overlay, status === 0 ? { claims: claimsIn(stdout), runs: runsIn(stdout) } : null];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function claimsIn(text: string): readonly Claim[] {
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest | null);
  return objects.flatMap((one) => (one?.kind === 'ExternalSecret' ? [claimOf(one)] : []));
}

function runsIn(text: string): readonly Run[] {
  return readText(text).objects.flatMap((one) =>
    one.type === 'workload' ? [{ name: one.name, secrets: usesOf(one), pods: one.rollout.replicas }] : [],
  );
}

function usesOf({ secrets }: Pick<WorkloadFacts, 'secrets'>): readonly string[] {
  return secrets.map(({ name, via }) => `${via} ${name}`).toSorted();
}

function claimOf({ metadata, spec = {} }: Manifest): Claim {
  const keys = [
    ...(spec.data ?? []).map((one) => one?.remoteRef?.key),
    ...(spec.dataFrom ?? []).map((one) => one?.extract?.key),
  ];
  const { kind = 'SecretStore', name = '' } = spec.secretStoreRef ?? {};
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? null,
    keys: keys.map((key) => String(key)),
    store: `${kind}/${name}`,
    target: spec.target?.name ?? metadata.name,
    annotations: metadata.annotations ?? {},
  };
}

/** What the index says of an overlay: claims, and how many objects of it nobody can tell. */
export interface Said {
  readonly claims: readonly Claim[];
  readonly unknown: number;
  /** Of workloads that were built. */
  readonly runs: readonly Run[];
}

/** What the index says of each overlay. */
export function saidOf({ files, overlays }: RandomTree, mode: KustomizeMode): ReadonlyMap<string, Said> {
  const read = Object.entries(files).map(([path, text]) => ({ path: repoPath(path), facts: readText(text) }));
  const index = buildIndex(read, { accounts: ONE_ACCOUNT, bindings: NO_BINDINGS }, [], mode);
  return new Map(
    overlays.map((overlay) => {
      const here = index.externalSecrets.filter(({ object }) =>
        object.roots.some((root) => root.startsWith(`${overlay}/`)),
      );
      const claims = here.filter((one) => isKnown(one)).map(({ object }) => claimOn(object, overlay));
      const runs = index.workloads.flatMap((one) => runOn(one, overlay) ?? []);
      return [overlay, { claims, unknown: here.length - claims.length, runs }];
    }),
  );
}

/** Null where it is not in this overlay, or nobody can tell what that makes of it. */
function runOn(object: Located<WorkloadFacts>, overlay: string): Run | null {
  const [place] = (object.placements ?? []).filter(({ root }) => root?.startsWith(`${overlay}/`));
  if (place === undefined || (object.overlays ?? []).length > 0) return null;
  const scaled = object.scaled?.find(({ root }) => root === place.root);
  const pods = scaled === undefined ? object.rollout.replicas : scaled.count;
  const isTold = scaled === undefined || scaled.count !== null;
  const name = `${place.prefix}${object.name}${place.suffix}`;
  return { name, secrets: usesOf(object), ...(isTold ? { pods } : {}) };
}

/** One whose annotations are overwritten is known all the same where everything was carried out. */
function isKnown({ object, references }: IndexedExternalSecret): boolean {
  const { overlays = [] }: PlacedSecret = object;
  return (
    (object.patchedBy === null || overlays.length === 0) &&
    references.every(({ resolution }) => resolution.kind !== 'unresolved')
  );
}

type PlacedSecret = Located<ExternalSecretFacts>;

type Located<T extends Facts> = Placed<T> & {
  /** What was not carried out. */
  readonly overlays?: readonly unknown[];
  readonly placements?: readonly { root: string | null; namespace: string | null; prefix: string; suffix: string }[];
};

function claimOn(object: PlacedSecret, overlay: string): Claim {
  const [place] = (object.placements ?? []).filter(({ root }) => root?.startsWith(`${overlay}/`));
  const { prefix = '', suffix = '', namespace = null } = place ?? {};
  const name = `${prefix}${object.name}${suffix}`;
  const { kind, name: store } = object.store ?? { kind: 'SecretStore', name: '' };
  return {
    name,
    namespace,
    keys: object.references.map(({ key }) => key),
    store: `${kind}/${store}`,
    target: object.namesTarget ? object.targetName : name,
    ...(object.roots.length > 1 ? {} : { annotations: Object.fromEntries(object.annotations) }),
  };
}
