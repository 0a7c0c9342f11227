import type { LineCounter } from 'yaml';
import { plainText } from '../../domain/plain-text.ts';
import type { TemplateKind } from '../../domain/policy.ts';
import type {
  BlobFacts,
  ExternalSecretFacts,
  Facts,
  ObjectFacts,
  RestartSourceFacts,
  StoreFacts,
  Unreadable,
} from '../objects.ts';
import type { ComposedDocument } from '../parse/compose-plain.ts';
import { readDeployer } from './deployers/deployer-facts.ts';
import { readExternalSecret } from './external-secret-facts.ts';
import { readClusterExternalSecret } from './kinds/cluster-external-secret.ts';
import { readLegacyExternalSecret } from './kinds/legacy-external-secret.ts';
import { readPushSecret } from './kinds/push-secret.ts';
import { isRestartSource, readRestartSource } from './kinds/restart-source.ts';
import { readConfigMap } from './kustomize/config-map-facts.ts';
import { readKustomization } from './kustomize/kustomization-facts.ts';
import { isOnlyPatched } from './kustomize/only-patched.ts';
import { readPatch } from './kustomize/patch-facts.ts';
import { plainJson } from './kustomize/plain-value.ts';
import { readReplacements } from './kustomize/replacement-facts.ts';
import { strayKeys } from './markers/marker-to-add.ts';
import { describeObject, groupOf, type ObjectPlace, readHeader } from './object-header.ts';
import { namesSecretFields } from './screen.ts';
import { readStore } from './store-facts.ts';
import { whyUnsupported } from './unsupported-kind.ts';
import { isNamedKind, readWorkload } from './workload/workload-facts.ts';
import { type Budget, field, items, lineAt, takeFlaws, text, type View, viewDocument } from './yaml-view.ts';

/** What a document is read with: its number, the file's whole text, and the steps left for the file. */
export interface DocumentContext {
  readonly document: number;
  readonly text: string;
  readonly lineCounter: LineCounter;
  readonly budget: Budget;
  /** Workloads that only the configuration knows. */
  readonly kinds: readonly TemplateKind[];
}

type Found = Pick<BlobFacts, 'objects' | 'unreadable'>;
type FoundInDocument = Omit<BlobFacts, 'text'>;

const NOTHING: Found = { objects: [], unreadable: [] };
const ESO_KINDS = new Set([
  'ExternalSecret',
  'ClusterExternalSecret',
  'PushSecret',
  'ClusterPushSecret',
  'SecretStore',
  'ClusterSecretStore',
]);
const LEGACY = 'kubernetes-client.io/v1';
const ESO_VERSIONS = new Set(['external-secrets.io/v1', 'external-secrets.io/v1beta1', 'external-secrets.io/v1alpha1']);

/** The objects of one YAML document, and what in it could not be read. */
export function readDocument(document: ComposedDocument, context: DocumentContext): FoundInDocument {
  const root = viewDocument(document, context.lineCounter, context.budget);
  const listed = text(field(root, 'kind'))?.endsWith('List') === true ? items(field(root, 'items')) : null;
  const found =
    listed === null
      ? readObject(root, { document: context.document, item: null }, context.kinds)
      : join(listed.map((item, at) => readObject(item, { document: context.document, item: at }, context.kinds)));
  const patch = listed === null ? readPatch(root) : null;
  const replacements = readReplacements(root);
  const configMap = listed === null ? readConfigMap(root, readHeader(root, { document: 0, item: null })) : null;
  // Whatever is odd in it as a patch is odd in it as an object too.
  takeFlaws(root);
  const explained = found.objects.some(({ type }) => type === 'external-secret' || type === 'store');
  const isWhole = explained || found.unreadable.length > 0;
  const { objects, unreadable } = isWhole ? found : join([found, readStrayFields(document, root, found, context)]);
  return {
    objects,
    unreadable,
    patches: patch === null ? [] : [patch],
    replacements,
    ...(configMap === null ? {} : { configMaps: [configMap] }),
  };
}

function readObject(root: View, place: ObjectPlace, kinds: readonly TemplateKind[]): Found {
  const header = readHeader(root, place);
  const why = whyUnread(root, header, kinds);
  if (why !== null) {
    takeFlaws(root);
    return { objects: [], unreadable: [{ ...why, line: header.line }] };
  }
  const facts = readFacts(root, header, kinds);
  const flaws = takeFlaws(root);
  if (root.source.budget.left <= 0) return NOTHING;
  // Helm values and the like: whatever is odd in them is not ours to report.
  if (facts === null && !isReadable(header, kinds)) return NOTHING;
  if (facts?.kind === '') return { objects: flaws.length === 0 ? [facts] : [], unreadable: [] };
  const unreadable = flaws.map(({ code, message, line }) => ({
    code,
    message: plainText(`${describeObject(header)}: ${message}`),
    line,
  }));
  const broken = flaws.some(({ code }) => code !== 'malformed');
  return { objects: facts === null || broken ? [] : [facts], unreadable };
}

/** Why an object of interest is not read at all; null for every other object. */
function whyUnread(
  root: View,
  header: ObjectFacts,
  kinds: readonly TemplateKind[],
): Pick<Unreadable, 'code' | 'message'> | null {
  const object = plainText(describeObject(header));
  const supported = isReadable(header, kinds);
  const why = supported ? null : whyUnsupported(header);
  if (!supported && why === null) return null;
  if (field(root, 'sops', 'mac') !== null) {
    return { code: 'encrypted', message: `${object} is encrypted with SOPS: a change would break its signature` };
  }
  if (why !== null) return { code: 'unsupported-kind', message: `${object}: ${why}` };
  if (hasBraces(header)) return { code: 'helm-template', message: `${object}: template braces in its name` };
  return header.name === '' && ESO_VERSIONS.has(header.apiVersion)
    ? { code: 'malformed', message: `${header.kind} without a name` }
    : null;
}

/** True for what a template engine still makes of a text in quotes: no object of a cluster has such a name. */
function hasBraces({ name, namespace }: ObjectFacts): boolean {
  return name.includes('{{') || namespace?.includes('{{') === true;
}

function isReadable(header: ObjectFacts, kinds: readonly TemplateKind[]): boolean {
  const { apiVersion, kind } = header;
  if (isNamedKind(header, kinds)) return true;
  if (ESO_VERSIONS.has(apiVersion)) return ESO_KINDS.has(kind);
  if (apiVersion === LEGACY) return kind === 'ExternalSecret';
  if (isRestartSource(header)) return true;
  if (apiVersion === 'v1') return kind === 'Namespace';
  return ['apps', 'extensions', 'batch', 'argoproj.io', 'kustomize.config.k8s.io'].includes(groupOf(apiVersion));
}

function readFacts(root: View, header: ObjectFacts, kinds: readonly TemplateKind[]): Facts | null {
  if (ESO_VERSIONS.has(header.apiVersion)) {
    return readEsoFacts(root, header);
  }
  if (isRestartSource(header)) return withSpec(root, readRestartSource(root, header));
  if (header.apiVersion === LEGACY) return readLegacyExternalSecret(root, header);
  if (header.apiVersion === 'v1') return header.kind === 'Namespace' ? { type: 'namespace', ...header } : null;
  return readWorkload(root, header, kinds) ?? readKustomization(root, header) ?? readDeployer(root, header);
}

function readEsoFacts(root: View, header: ObjectFacts): Facts | null {
  switch (header.kind) {
    case 'ExternalSecret':
      return withSpec(root, readExternalSecret(root, header));
    case 'ClusterExternalSecret':
      return withSpec(root, readClusterExternalSecret(root, header));
    case 'PushSecret':
    case 'ClusterPushSecret':
      return readPushSecret(root, header);
    case 'SecretStore':
    case 'ClusterSecretStore':
      return withSpec(root, readStore(root, header));
    default:
      return null;
  }
}

function withSpec<T extends ExternalSecretFacts | StoreFacts | RestartSourceFacts>(
  root: View,
  facts: T | null,
): T | null {
  const spec = facts === null ? null : plainJson(field(root, 'spec'));
  return facts === null || spec === null ? facts : { spec, ...facts };
}

/** An ExternalSecret inside something else is not an object of the repository, but it may name a secret. */
function readStrayFields(
  document: ComposedDocument,
  root: View,
  { objects }: Pick<Found, 'objects'>,
  context: DocumentContext,
): Found {
  const [start, , end] = document.range;
  if (!namesSecretFields(context.text.slice(start, end))) return NOTHING;
  if (text(field(root, 'kind')) === 'CustomResourceDefinition') return NOTHING;
  const message = 'fields of an ExternalSecret inside another document (a patch, Helm values, a ConfigMap)';
  const { keys, hint } = strayKeys(document, context.lineCounter);
  const isPatch = items(root) !== null || isOnlyPatched(document, context.text, objects);
  const known = {
    ...(keys === null ? {} : { keys }),
    ...(hint === null ? {} : { hint }),
    ...(isPatch ? { isPatch } : {}),
  };
  return { objects: [], unreadable: [{ code: 'unsupported-kind', message, line: lineAt(root), ...known }] };
}

function join(found: readonly Found[]): Found {
  return {
    objects: found.flatMap(({ objects }) => objects),
    unreadable: found.flatMap(({ unreadable }) => unreadable),
  };
}
