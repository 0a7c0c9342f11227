import type { Follows, ObjectFacts, RestartSourceFacts, SourceReference } from '../../objects.ts';
import { parseDocuments } from '../../parse-documents.ts';
import { groupOf, readStrings } from '../object-header.ts';
import { readSteering } from '../steering.ts';
import {
  field,
  isNull,
  items,
  lineAt,
  noteMalformed,
  spendOnText,
  text,
  type View,
  viewDocument,
} from '../yaml-view.ts';

const MAX_STEPS = 20_000;
const SERVICES: Readonly<Record<string, string>> = { secretsmanager: 'SecretsManager', ssmparameter: 'ParameterStore' };

/** True for a kind whose objects restart workloads by themselves. */
export function isRestartSource({ apiVersion, kind }: Pick<ObjectFacts, 'apiVersion' | 'kind'>): boolean {
  if (kind === 'SecretProviderClass') return groupOf(apiVersion) === 'secrets-store.csi.x-k8s.io';
  return kind === 'SecretsRotationMapping' && groupOf(apiVersion) === 'awssecretsoperator.secretoperator';
}

/** What a SecretProviderClass or SecretsRotationMapping names; null for the class of another provider. */
export function readRestartSource(root: View, header: ObjectFacts): RestartSourceFacts | null {
  return header.kind === 'SecretProviderClass' ? readClass(root, header) : readMapping(root, header);
}

function readClass(root: View, header: ObjectFacts): RestartSourceFacts | null {
  const spec = field(root, 'spec');
  if (text(field(spec, 'provider')) !== 'aws') return null;
  const synced = (items(field(spec, 'secretObjects')) ?? []).flatMap((one) => text(field(one, 'secretName')) || []);
  return {
    ...header,
    type: 'restart-source',
    references: readObjects(field(spec, 'parameters', 'objects')),
    region: text(field(spec, 'parameters', 'region')) || null,
    synced: [...new Set(synced)],
    selects: new Map(),
    steering: readSteering(root, 'external-secret'),
  };
}

function readMapping(root: View, header: ObjectFacts): RestartSourceFacts {
  const id = field(root, 'spec', 'SecretID');
  const key = text(id) ?? '';
  if (key === '') noteMalformed(id ?? root, 'spec.SecretID is missing');
  const place = { field: 'spec.SecretID', line: lineAt(id ?? root) };
  return {
    ...header,
    type: 'restart-source',
    references: key === '' ? [] : [referenceTo(key, place, { service: '', version: '', label: '' })],
    region: null,
    synced: [],
    selects: readStrings(field(root, 'spec', 'Labels')),
    steering: readSteering(root, 'external-secret'),
  };
}

/** The objects are a YAML text inside the YAML. */
function readObjects(written: View | null): readonly SourceReference[] {
  const source = text(written);
  if (written === null || source === null || !spendOnText(written, source)) return [];
  const parsed = parseDocuments(source);
  const [document] = parsed.kind === 'documents' ? parsed.documents : [];
  if (parsed.kind === 'unreadable' || document === undefined) {
    noteMalformed(written, 'spec.parameters.objects is not YAML');
    return [];
  }
  const root = viewDocument(document, parsed.lineCounter, { left: MAX_STEPS });
  const list = items(root);
  if (list === null && !isNull(root)) noteMalformed(written, 'spec.parameters.objects is not a list');
  return (list ?? []).flatMap((entry, at) => {
    const key = text(field(entry, 'objectName')) ?? '';
    if (key === '') {
      noteMalformed(written, `spec.parameters.objects[${at}] has no objectName`);
      return [];
    }
    const place = { field: `spec.parameters.objects[${at}]`, line: lineAt(written) };
    return [referenceTo(key, place, whichOf(entry))];
  });
}

function whichOf(entry: View): Which {
  const type = text(field(entry, 'objectType')) ?? '';
  return {
    service: Object.hasOwn(SERVICES, type) ? (SERVICES[type] ?? '') : '',
    version: text(field(entry, 'objectVersion')) ?? '',
    label: text(field(entry, 'objectVersionLabel')) ?? '',
  };
}

interface Which {
  readonly service: string;
  readonly version: string;
  readonly label: string;
}

/** A reference to a key of what has no store. */
export function referenceTo(
  key: string,
  place: Pick<SourceReference, 'field' | 'line'>,
  { service, version, label }: Which,
): SourceReference {
  const current: Follows = { kind: 'label', label: label === '' ? 'AWSCURRENT' : label };
  const follows: Follows = version === '' ? current : { kind: 'pinned', versionId: version };
  return { kind: 'key', key, ...place, find: null, follows, version: version || label, store: null, service };
}
