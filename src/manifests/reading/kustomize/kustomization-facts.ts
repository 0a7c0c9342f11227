import type { GeneratedSecret, KustomizePatch, PatchFacts, ReplicaCount } from '../../kustomize-facts.ts';
import type { KustomizationFacts, ObjectFacts } from '../../objects.ts';
import { parseDocuments } from '../../parse-documents.ts';
import { groupOf } from '../object-header.ts';
import {
  entries,
  field,
  isTrue,
  items,
  noteMalformed,
  text,
  type View,
  viewDocument,
  wholeNumber,
} from '../yaml-view.ts';
import { namesOurs, readPatch } from './patch-facts.ts';
import { readReplacements } from './replacement-facts.ts';

const LISTS = ['resources', 'bases', 'components'];
const PATCH_LISTS = ['patches', 'patchesJson6902'];
const SIGNS = [...LISTS, ...PATCH_LISTS, 'patchesStrategicMerge', 'namespace'];
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
    // What nearly no kustomization has is not kept for all of them.
    ...(replicas.length === 0 ? {} : { replicas }),
    ...(secrets.length === 0 ? {} : { secrets }),
    replacements: replacements.flatMap((entry) => readReplacements(entry)),
    replacementFiles: replacements.flatMap((entry) => text(field(entry, 'path')) ?? []),
  };
}

function readReplicas(root: View): readonly ReplicaCount[] {
  return entriesOf(root, 'replicas')
    .slice(0, MAX_ENTRIES)
    .flatMap((entry) => {
      const name = text(field(entry, 'name'));
      return name === null ? [] : [{ name, count: wholeNumber(field(entry, 'count')) }];
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

/** `commonAnnotations` are a patch of everything. */
function readPatches(root: View): readonly KustomizePatch[] {
  const readInline = createInlineReader(root);
  const listed = PATCH_LISTS.flatMap((key) =>
    entriesOf(root, key).map((entry): KustomizePatch => {
      const target = field(entry, 'target');
      return {
        path: text(field(entry, 'path')),
        target: target === null ? null : { kind: text(field(target, 'kind')), name: text(field(target, 'name')) },
        changes: readInline(text(field(entry, 'patch')) ?? ''),
        selects: selectsByName(target) ? 'by-name' : 'by-more',
      };
    }),
  );
  const merged = textsOf(root, 'patchesStrategicMerge').map((written): KustomizePatch => {
    const inline = written.includes('\n');
    return {
      path: inline ? null : written,
      target: null,
      changes: inline ? readInline(written) : [],
      selects: 'by-name',
    };
  });
  const common: KustomizePatch = {
    path: null,
    target: { kind: null, name: null },
    changes: [{ kind: '', name: '', touches: EVERYTHING }],
    selects: 'by-more',
  };
  return [...listed, ...merged, ...(namesOurs(field(root, 'commonAnnotations')) ? [common] : [])];
}

/** True where kind and name alone decide what the patch is for, as far as ExternalSecrets go. */
function selectsByName(target: View | null): boolean {
  return (entries(target) ?? []).every(
    ([key, value]) => key === 'kind' || key === 'name' || (key === 'group' && text(value) === 'external-secrets.io'),
  );
}

/** The steps of the file count for its inline patches too; one that aliases repeat is read once. */
function createInlineReader({ source }: View): (written: string) => readonly PatchFacts[] {
  const known = new Map<string, readonly PatchFacts[]>([['', []]]);
  return (written) => {
    const earlier = known.get(written);
    if (earlier !== undefined) return earlier;
    const parsed = parseDocuments(written);
    const found =
      parsed.kind === 'unreadable'
        ? [{ kind: '', name: '', touches: EVERYTHING }]
        : parsed.documents.flatMap((document) => {
            return readPatch(viewDocument(document, parsed.lineCounter, source.budget)) ?? [];
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
