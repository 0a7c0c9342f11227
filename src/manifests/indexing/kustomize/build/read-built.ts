import type {
  ExternalSecretFacts,
  ObjectFacts,
  RestartSourceFacts,
  StoreFacts,
  WorkloadFacts,
} from '../../../objects.ts';
import { readExternalSecret } from '../../../reading/external-secret-facts.ts';
import { readClusterExternalSecret } from '../../../reading/kinds/cluster-external-secret.ts';
import { readRestartSource } from '../../../reading/kinds/restart-source.ts';
import { type Plain, readPlain } from '../../../reading/kustomize/plain-value.ts';
import { viewPlain } from '../../../reading/kustomize/view-plain.ts';
import { readHeader } from '../../../reading/object-header.ts';
import { readStore } from '../../../reading/store-facts.ts';
import { readClassUses, readSecretUses } from '../../../reading/workload/secret-uses.ts';
import { field, takeFlaws, type View } from '../../../reading/yaml-view.ts';
import { isPlainMap } from '../patch-value.ts';
import { type BuiltObject, startObject } from './built-object.ts';

/** An object of which all is followed, as it is written; null where its specification is too large to be kept. */
export function writtenObject(object: ExternalSecretFacts | StoreFacts | RestartSourceFacts): BuiltObject | null {
  const { spec } = object;
  return spec === undefined ? null : startObject(object, { metadata: metadataOf(object), spec: readPlain(spec) });
}

/** Kustomize keeps notes of its own among the annotations: there is always a map of them. */
export function metadataOf({
  name,
  labels,
  annotations,
}: Pick<ExternalSecretFacts, 'name' | 'labels' | 'annotations'>): Plain {
  const own = labels.size === 0 ? {} : { labels: Object.fromEntries(labels) };
  return { name, ...own, annotations: Object.fromEntries(annotations) };
}

/** What the reader of manifests says of an object that was built; null where it does not read it without complaint. */
export function readBuilt(object: ExternalSecretFacts, built: BuiltObject): ExternalSecretFacts | null {
  const { kind, line, document, item } = object;
  const root = viewBuilt(object, built);
  if (root === null) return null;
  const header = { ...readHeader(root, { document, item }), line };
  const facts =
    kind === 'ClusterExternalSecret' ? readClusterExternalSecret(root, header) : readExternalSecret(root, header);
  if (takeFlaws(root).length > 0) return null;
  const { steering, references } = facts;
  const wrong = steering.wrong === null ? null : { ...steering.wrong, line };
  return {
    ...object,
    ...facts,
    // Kustomizations add labels to objects that nothing is built of, too: those of the manifest count.
    labels: object.labels,
    steering: { ...steering, wrong },
    references: references.map((reference) => ({ ...reference, line })),
  };
}

/** The same for a store. */
export function readBuiltStore(object: StoreFacts, built: BuiltObject): StoreFacts | null {
  const root = viewBuilt(object, built);
  const facts = root === null ? null : readStore(root, object);
  return root === null || takeFlaws(root).length > 0 ? null : facts;
}

/** The same for a SecretProviderClass or a SecretsRotationMapping; undefined where it cannot be told, null where it is none of ours any more. */
export function readBuiltSource(object: RestartSourceFacts, built: BuiltObject): RestartSourceFacts | null | undefined {
  const { line, document, item } = object;
  const root = viewBuilt(object, built);
  if (root === null) return undefined;
  const facts = readRestartSource(root, { ...readHeader(root, { document, item }), line });
  if (takeFlaws(root).length > 0) return undefined;
  const { labels } = object;
  return facts && { ...facts, labels, references: facts.references.map((reference) => ({ ...reference, line })) };
}

/** A workload with the Secrets that its pods get once it is built; null where that cannot be told. */
export function readBuiltPods<T extends WorkloadFacts>(object: T, built: BuiltObject): T | null {
  if (object.pods === undefined) {
    return isPlainMap(built.value) && built.value['spec'] !== undefined ? null : object;
  }
  const root = viewBuilt(object, built);
  const pod = root === null ? null : field(root, ...object.template, 'spec');
  const uses = { secrets: readSecretUses(pod), classes: readClassUses(pod) };
  return root === null || takeFlaws(root).length > 0 ? null : { ...object, ...uses };
}

/** A store of which nobody can tell what it reads: any key, anywhere. */
export function unknownStore<T extends StoreFacts>(object: T): T {
  return { ...object, aws: { service: '', region: null, account: null, prefix: '${}' } };
}

function viewBuilt({ apiVersion, kind, name, namespace }: ObjectFacts, { value }: BuiltObject): View | null {
  const { metadata = {}, ...rest } = isPlainMap(value) ? value : {};
  const own = isPlainMap(metadata) ? metadata : {};
  return viewPlain({ apiVersion, kind, ...rest, metadata: { ...own, name, namespace } });
}
