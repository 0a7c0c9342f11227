import type { RepoPath } from '../../../domain/repo-path.ts';
import type {
  KustomizePatch,
  KustomizeSelector,
  PatchFacts,
  ReplacementFacts,
  ReplicaCount,
} from '../../kustomize-facts.ts';
import type { BlobFacts } from '../../objects.ts';
import { fileAt, type KustomizeNode } from './kustomize-graph.ts';
import { matcherOf } from './select/match-pattern.ts';

/** Something that a kustomization changes in objects of the files it reaches. */
export interface Overlay {
  /** The kustomization that makes the change, and the file that says it: the same one, or a patch. */
  readonly from: RepoPath;
  readonly by: RepoPath;
  readonly selects: (kind: string, names: readonly string[]) => boolean;
  readonly touches: { readonly externalSecret: boolean; readonly workload: boolean };
  /** Fields that are filled in: `spec.data.0.remoteRef.key`; empty for a patch. */
  readonly fields: readonly string[];
  /** The Application or Flux Kustomization that patches what it deploys; left out for kustomizations. */
  readonly deployer?: string;
  /** What it does, step by step. */
  readonly step: PatchStep | UnreadPatch | ReplicasStep | ReplacementStep;
}

/** One document of a patch. */
export interface PatchStep extends Pick<KustomizePatch, 'target' | 'phase'> {
  readonly kind: 'patch';
  readonly patch: PatchFacts;
  readonly renames: boolean;
}

/** A patch that is not here, or cannot be read. */
interface UnreadPatch extends Pick<KustomizePatch, 'phase'> {
  readonly kind: 'unread';
}

/** An entry of `replicas`. */
interface ReplicasStep {
  readonly kind: 'replicas';
  readonly facts: ReplicaCount;
}

interface ReplacementStep {
  readonly kind: 'replacement';
  readonly facts: ReplacementFacts;
}

/** What the files of a repository say. */
export type FactsByPath = Pick<ReadonlyMap<string, BlobFacts>, 'has' | 'get'>;

const EVERYTHING = { externalSecret: true, workload: true };
const NOTHING = { externalSecret: false, workload: false };

/** What kustomizations change. */
export interface Overlays {
  /** In each file that they reach as a resource, by path, in the order of the kustomizations. */
  readonly byFile: ReadonlyMap<RepoPath, readonly Overlay[]>;
  /** By kustomization, in the order in which Kustomize does it. */
  readonly byKustomization: ReadonlyMap<RepoPath, readonly Overlay[]>;
}

/** Collects what all kustomizations change. */
export function findOverlays(nodes: readonly KustomizeNode[], facts: FactsByPath): Overlays {
  const parents = parentsOfComponents(nodes);
  const byFile = new Map<RepoPath, Overlay[]>();
  const byKustomization = new Map<RepoPath, readonly Overlay[]>();
  for (const node of nodes) {
    if (changesNothing(node)) continue;
    const overlays = [...patchesOf(node, facts), ...replicasOf(node), ...replacementsOf(node, facts)];
    if (overlays.length === 0) continue;
    byKustomization.set(node.path, overlays);
    for (const path of filesBelow(node, parents)) {
      const known = byFile.get(path);
      if (known === undefined) byFile.set(path, [...overlays]);
      else known.push(...overlays);
    }
  }
  return { byFile, byKustomization };
}

/** Most kustomizations only list files. */
function changesNothing({ facts }: KustomizeNode): boolean {
  const { patches, replicas = [], replacements, replacementFiles } = facts;
  return patches.length + replicas.length + replacements.length + replacementFiles.length === 0;
}

function parentsOfComponents(nodes: readonly KustomizeNode[]): ReadonlyMap<KustomizeNode, readonly KustomizeNode[]> {
  const parents = new Map<KustomizeNode, KustomizeNode[]>();
  for (const node of nodes) {
    for (const component of node.components) {
      const known = parents.get(component);
      if (known === undefined) parents.set(component, [node]);
      else known.push(node);
    }
  }
  return parents;
}

/** A component changes what those that use it include, too. */
function filesBelow(
  start: KustomizeNode,
  parents: ReadonlyMap<KustomizeNode, readonly KustomizeNode[]>,
): ReadonlySet<RepoPath> {
  const changed = new Set([start]);
  for (const node of changed) for (const parent of parents.get(node) ?? []) changed.add(parent);
  const nodes = new Set(changed);
  const files = new Set<RepoPath>();
  for (const node of nodes) {
    for (const child of node.children) nodes.add(child);
    for (const file of node.files) files.add(file);
  }
  return files;
}

/** What the patches of a kustomization, or of what deploys one, change. */
export function patchesOf(
  node: { readonly path: RepoPath; readonly facts: Pick<KustomizeNode['facts'], 'patches'> },
  facts: FactsByPath,
): readonly Overlay[] {
  return node.facts.patches.flatMap((patch) => {
    const file = patch.path === null ? null : fileAt(node, patch.path, facts);
    const { target, phase, renames = false } = patch;
    const common = { from: node.path, by: file ?? node.path, fields: [] };
    const changes = patch.path === null ? patch.changes : changesOfFile(file === null ? null : facts.get(file));
    if (changes === null) {
      const step = { kind: 'unread', phase } as const;
      return target === null ? [] : [{ selects: selectorOf(target), touches: EVERYTHING, step, ...common }];
    }
    return changes.map((change): Overlay => {
      const step = { kind: 'patch', target, phase, patch: change, renames } as const;
      return { selects: selectorOf(target ?? change), touches: change.touches, step, ...common };
    });
  });
}

/** Null for a file that is not here or cannot be read: it may change everything that the kustomization says. */
function changesOfFile(facts: BlobFacts | null | undefined): KustomizePatch['changes'] | null {
  const unread = facts === null || facts === undefined || facts.unreadable.some(({ code }) => OPAQUE.has(code));
  return unread ? null : facts.patches;
}

const OPAQUE: ReadonlySet<string> = new Set([
  'not-yaml',
  'helm-template',
  'too-large',
  'too-costly',
  'not-text',
  'encrypted',
]);

/** The kinds that `replicas` of a kustomization is about. */
const COUNTED = 'Deployment|StatefulSet|ReplicaSet|ReplicationController';

function replicasOf({ path, facts: { replicas = [] } }: KustomizeNode): readonly Overlay[] {
  return replicas.map((facts) => ({
    from: path,
    by: path,
    selects: selectorOf({ kind: COUNTED, name: facts.name }),
    touches: NOTHING,
    fields: [],
    step: { kind: 'replicas', facts },
  }));
}

function replacementsOf(node: KustomizeNode, facts: FactsByPath): readonly Overlay[] {
  const inFiles = node.facts.replacementFiles.flatMap((written): readonly ReplacementFacts[] => {
    const file = fileAt(node, written, facts);
    return file === null ? [] : (facts.get(file)?.replacements ?? []);
  });
  return [...node.facts.replacements, ...inFiles].map((one) => ({
    from: node.path,
    by: node.path,
    selects: selectorOf(one.select),
    touches: NOTHING,
    fields: one.fields,
    step: { kind: 'replacement', facts: one },
  }));
}

function selectorOf({ kind, name }: KustomizeSelector): Overlay['selects'] {
  const isKind = matcherOrAll(kind);
  const isName = matcherOrAll(name);
  return (ownKind, names) => {
    if (!isKind(ownKind)) return false;
    // A patch may use the name as it is at its own level: some of the prefixes, not all of them.
    const [own = '', ...effective] = names;
    const isRenamed = effective.some((full) => full !== own);
    const partly = effective.some((full) => name !== null && full.includes(name) && name.includes(own));
    return partly || (isRenamed && isPattern(name)) || names.some((one) => isName(one));
  };
}

function isPattern(name: string | null): boolean {
  return name !== null && /[^a-z0-9-]/.test(name);
}

/** One that cannot be read may match anything. */
function matcherOrAll(pattern: string | null): (text: string) => boolean {
  if (pattern === null || pattern === '') return () => true;
  const matches = matcherOf(pattern);
  return (text) => text === pattern || matches === null || matches(text);
}
