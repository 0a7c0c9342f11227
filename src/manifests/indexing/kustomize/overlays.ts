import { RE2JS } from 're2js';
import type { RepoPath } from '../../../domain/repo-path.ts';
import type { KustomizePatch, KustomizeSelector, ReplacementFacts } from '../../kustomize-facts.ts';
import type { BlobFacts } from '../../objects.ts';
import { fileAt, type KustomizeNode } from './kustomize-graph.ts';

/** Something that a kustomization changes in objects of the files it reaches. */
export interface Overlay {
  /** The kustomization that makes the change, and the file that says it: the same one, or a patch. */
  readonly from: RepoPath;
  readonly by: RepoPath;
  readonly selects: (kind: string, names: readonly string[]) => boolean;
  readonly touches: { readonly externalSecret: boolean; readonly workload: boolean };
  /** See `PatchFacts`; only where it is certain what the patch is for. */
  readonly change?: string;
  /** True for the written name of an object that it selects for certain. */
  readonly surely: (name: string) => boolean;
  /** Fields that are filled in: `spec.data.0.remoteRef.key`; empty for a patch. */
  readonly fields: readonly string[];
  /** See `PatchFacts`; null where it is not certain what the patch is for. */
  readonly replicas?: number | null;
  /** The Application or Flux Kustomization that patches what it deploys; left out for kustomizations. */
  readonly deployer?: string;
}

const EVERYTHING = { externalSecret: true, workload: true };
const NOTHING = { externalSecret: false, workload: false };
const MAX_PATTERN_LENGTH = 2000;

/** What one kustomization changes, wherever it reaches. */
export function overlaysIn(node: KustomizeNode, facts: ReadonlyMap<string, BlobFacts>): readonly Overlay[] {
  return [...patchesOf(node, facts), ...replacementsOf(node, facts)];
}

/** What kustomizations change in each file that they reach as a resource, by path, in the order of `nodes`. */
export function findOverlays(
  nodes: readonly KustomizeNode[],
  changes: ReadonlyMap<KustomizeNode, readonly Overlay[]>,
): ReadonlyMap<RepoPath, readonly Overlay[]> {
  const parents = parentsOfComponents(nodes);
  const byFile = new Map<RepoPath, Overlay[]>();
  for (const node of nodes) {
    const overlays = changes.get(node) ?? [];
    if (overlays.length === 0) continue;
    for (const path of filesBelow(node, parents)) {
      const known = byFile.get(path);
      if (known === undefined) byFile.set(path, [...overlays]);
      else known.push(...overlays);
    }
  }
  return byFile;
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
  facts: ReadonlyMap<string, BlobFacts>,
): readonly Overlay[] {
  return node.facts.patches.flatMap((patch) => {
    const file = patch.path === null ? null : fileAt(node, patch.path, facts);
    const changes = patch.path === null ? patch.changes : changesOfFile(file === null ? null : facts.get(file), patch);
    return changes.map(({ kind, name, touches, change, replicas }): Overlay => {
      const { target } = patch;
      const selects = selectorOf(target ?? { kind, name });
      // Without a target the name is no pattern.
      const surely = target === null ? (own: string) => own === name : matcherOf(target.name);
      const scaling = replicas === undefined ? {} : { replicas: patch.selects === 'by-more' ? null : replicas };
      const overlay = { from: node.path, by: file ?? node.path, selects, touches, fields: [], surely, ...scaling };
      return change === undefined || patch.selects === 'by-more' ? overlay : { ...overlay, change };
    });
  });
}

/** A file that is not here or cannot be read may change everything, where the kustomization says of what. */
function changesOfFile(facts: BlobFacts | null | undefined, { target }: KustomizePatch): KustomizePatch['changes'] {
  const unread = facts === null || facts === undefined || facts.unreadable.some(({ code }) => OPAQUE.has(code));
  if (!unread) return facts.patches;
  return target === null ? [] : [{ kind: '', name: '', touches: EVERYTHING }];
}

const OPAQUE: ReadonlySet<string> = new Set(['not-yaml', 'helm-template', 'too-large', 'not-text', 'encrypted']);

function replacementsOf(node: KustomizeNode, facts: ReadonlyMap<string, BlobFacts>): readonly Overlay[] {
  const inFiles = node.facts.replacementFiles.flatMap((written): readonly ReplacementFacts[] => {
    const file = fileAt(node, written, facts);
    return file === null ? [] : (facts.get(file)?.replacements ?? []);
  });
  return [...node.facts.replacements, ...inFiles].map(({ select, fields }) => {
    return {
      from: node.path,
      by: node.path,
      selects: selectorOf(select),
      touches: NOTHING,
      fields,
      surely: () => false,
    };
  });
}

function selectorOf({ kind, name }: KustomizeSelector): Overlay['selects'] {
  const isKind = matcherOf(kind);
  const isName = matcherOf(name);
  return (ownKind, names) => {
    if (!isKind(ownKind)) return false;
    return (name !== null && isNameOnTheWay(name, names)) || names.some((one) => isName(one));
  };
}

/** A kustomization may use the name as it is at its own level: some of the prefixes, not all of them. The written name comes first. */
export function isNameOnTheWay(name: string, [own = '', ...effective]: readonly string[]): boolean {
  return effective.some((full) => full.includes(name) && name.includes(own));
}

/** Patterns match the whole text, as in Kustomize. One that cannot be read may match anything. */
function matcherOf(pattern: string | null): (text: string) => boolean {
  if (pattern === null || pattern === '') return () => true;
  const compiled = compile(pattern);
  return (text) => text === pattern || compiled === null || compiled.matcher(text).find();
}

function compile(pattern: string): RE2JS | null {
  if (pattern.length > MAX_PATTERN_LENGTH) return null;
  try {
    return RE2JS.compile(`^(?:${pattern})$`);
  } catch {
    return null;
  }
}
