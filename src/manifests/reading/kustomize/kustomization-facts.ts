import type { GeneratedSecret, KustomizePatch, PatchFacts, ReplicaCount } from '../../kustomize-facts.ts';
import type { KustomizationFacts, ObjectFacts } from '../../objects.ts';
import { parseDocuments } from '../../parse-documents.ts';
import { groupOf, readStrings } from '../object-header.ts';
import {
  field,
  isTrue,
  items,
  noteMalformed,
  spendOnText,
  text,
  type View,
  viewDocument,
  wholeNumber,
} from '../yaml-view.ts';
import { readGenerators } from './config-map-facts.ts';
import { commonChange, readPatch } from './patch-facts.ts';
import { readReplacements, readSelector } from './replacement-facts.ts';

const LISTS = ['resources', 'bases', 'components'];
const PATCH_LISTS = ['patches', 'patchesJson6902'] as const;
const SIGNS: readonly string[] = [...LISTS, ...PATCH_LISTS, 'patchesStrategicMerge', 'namespace'];
// More of them are not looked at: each is compared with every workload below.
const MAX_ENTRIES = 200;
const EVERYTHING = { externalSecret: true, workload: true };

/**
 * What a kustomization includes and changes; null for every other document. One without a kind is taken for a
 * kustomization when it has a kustomization's keys: whether it is one, its file name decides later.
 */
export function readKustomization(root: View, header: ObjectFacts): KustomizationFacts | null {
  if (!isKustomization(root, header)) return null;
  const replacements = entriesOf(root, 'replacements');
  const replicas = readReplicas(root);
  const secrets = readGenerated(root);
  return {
    ...header,
    type: 'kustomization',
    namespace: text(field(root, 'namespace')),
    includes: LISTS.flatMap((key) => textsOf(root, key)),
    components: textsOf(root, 'components'),
    patches: readPatches(root),
    prefix: text(field(root, 'namePrefix')) ?? '',
    suffix: text(field(root, 'nameSuffix')) ?? '',
    replacements: replacements.flatMap((entry) => readReplacements(entry)),
    replacementFiles: replacements.flatMap((entry) => text(field(entry, 'path')) ?? []),
    addedLabels: readLabels(root),
    generates: readGenerators(root),
    // What nearly no kustomization has is not kept for all of them.
    ...(replicas.length === 0 ? {} : { replicas }),
    ...(secrets.length === 0 ? {} : { secrets }),
  };
}

function readReplicas(root: View): readonly ReplicaCount[] {
  return entriesOf(root, 'replicas')
    .slice(0, MAX_ENTRIES)
    .flatMap((entry) => {
      const name = text(field(entry, 'name')) ?? '';
      return name === '' ? [] : [{ name, count: wholeNumber(field(entry, 'count')) }];
    });
}

/** Where either says that no hash is put behind a name, none is. */
function readGenerated(root: View): readonly GeneratedSecret[] {
  const isPlain = isTrue(field(root, 'generatorOptions', 'disableNameSuffixHash'));
  return entriesOf(root, 'secretGenerator')
    .slice(0, MAX_ENTRIES)
    .flatMap((entry) => {
      const name = text(field(entry, 'name'));
      const isHashed = !isPlain && !isTrue(field(entry, 'options', 'disableNameSuffixHash'));
      return name === null ? [] : [{ name, namespace: text(field(entry, 'namespace')), isHashed }];
    });
}

/** Kustomize lets both be absent; a kind of another group (Flux has a Kustomization too) is something else. */
function isKustomization(root: View, { apiVersion, kind }: ObjectFacts): boolean {
  if (apiVersion !== '' && groupOf(apiVersion) !== 'kustomize.config.k8s.io') return false;
  if (kind === 'Kustomization' || kind === 'Component') return true;
  return kind === '' && SIGNS.some((key) => field(root, key) !== null);
}

/** What it adds to the labels of each object: the later list wins. */
function readLabels(root: View): ReadonlyMap<string, string> {
  const common = field(root, 'commonLabels');
  const pairs = entriesOf(root, 'labels').map((entry) => field(entry, 'pairs'));
  return new Map([common, ...pairs].flatMap((labels) => [...readStrings(labels)]));
}

/** In the order in which Kustomize applies them. `commonAnnotations` are a patch of everything. */
function readPatches(root: View): readonly KustomizePatch[] {
  const readInline = createInlineReader(root);
  const merged = textsOf(root, 'patchesStrategicMerge').map((written): KustomizePatch => {
    const inline = /^\s*\{|\n/.test(written);
    const changes = inline ? readInline(written) : [];
    return { path: inline ? null : written, target: null, changes, phase: 'before-names' };
  });
  const [listed, late] = PATCH_LISTS.map((key) =>
    entriesOf(root, key).map((entry): KustomizePatch => {
      const target = field(entry, 'target');
      const renames = ['allowNameChange', 'allowKindChange'].some((option) => isTrue(field(entry, 'options', option)));
      return {
        path: text(field(entry, 'path')),
        target: target === null ? null : readSelector(target),
        changes: readInline(text(field(entry, 'patch')) ?? ''),
        phase: key === 'patches' ? 'before-names' : 'after-names',
        ...(renames ? { renames } : {}),
      };
    }),
  );
  const change = commonChange(field(root, 'commonAnnotations'));
  const common: KustomizePatch = {
    path: null,
    target: { kind: null, name: null },
    changes: change === null ? [] : [change],
    phase: 'after-names',
  };
  return [...merged, ...(listed ?? []), ...(change === null ? [] : [common]), ...(late ?? [])];
}

/** The steps of the file count for its inline patches too; one that aliases repeat is read once. */
function createInlineReader(view: View): (written: string) => readonly PatchFacts[] {
  const known = new Map<string, readonly PatchFacts[]>([['', []]]);
  return (written) => {
    const earlier = known.get(written);
    if (earlier !== undefined) return earlier;
    if (!spendOnText(view, written)) return [];
    const parsed = parseDocuments(written);
    const found =
      parsed.kind === 'unreadable'
        ? [{ kind: '', name: '', touches: EVERYTHING }]
        : parsed.documents.flatMap((document) => {
            return readPatch(viewDocument(document, parsed.lineCounter, view.source.budget)) ?? [];
          });
    known.set(written, found);
    return found;
  };
}

function textsOf(root: View, key: string): readonly string[] {
  return entriesOf(root, key).flatMap((entry) => text(entry) ?? []);
}

function entriesOf(root: View, key: string): readonly View[] {
  const value = field(root, key);
  const list = items(value);
  if (value !== null && list === null) noteMalformed(value, `${key} is not a list`);
  return list ?? [];
}
