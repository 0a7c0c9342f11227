import type { ExternalSecretFacts, Follows, ObjectFacts, SecretReference } from '../../objects.ts';
import { readSteering } from '../steering.ts';
import { entries, field, items, lineAt, text, type View } from '../yaml-view.ts';
import { NOTHING_FETCHED } from './push-secret.ts';

const SERVICES: Readonly<Record<string, string>> = {
  secretsManager: 'SecretsManager',
  secretManager: 'SecretsManager',
  systemManager: 'ParameterStore',
};
const ROLE = /^arn:aws[a-z-]*:iam::(\d{12}):role\/./;

/** What the ExternalSecret of `kubernetes-client.io` names; null where its backend is not AWS. It is only reported. */
export function readLegacyExternalSecret(root: View, header: ObjectFacts): ExternalSecretFacts | null {
  // Its first versions had the specification under this name.
  const isOld = entries(field(root, 'spec')) === null;
  const at = isOld ? 'secretDescriptor' : 'spec';
  const spec = field(root, at);
  const backend = text(field(spec, 'backendType')) ?? '';
  const known = Object.hasOwn(SERVICES, backend) ? (SERVICES[backend] ?? '') : null;
  // A backend that is not said, or filled in later, may be AWS.
  const service = known ?? (/^$|[{}]/.test(backend) ? '' : null);
  if (service === null) return null;
  return {
    ...header,
    ...NOTHING_FETCHED,
    references: readReferences(spec, at),
    store: null,
    ownStore: {
      service,
      region: text(field(spec, 'region')),
      account: ROLE.exec(text(field(spec, 'roleArn')) ?? '')?.[1] ?? null,
      prefix: '',
    },
    targetName: header.name,
    secretAnnotations: new Map(),
    steering: readSteering(root, 'external-secret'),
  };
}

function readReferences(spec: View | null, at: string): readonly SecretReference[] {
  const maps = ['data', 'properties', 'dataFromWithOptions'].flatMap((list) =>
    (items(field(spec, list)) ?? []).flatMap((entry, n) => {
      const place = `${at}.${list}[${n}]`;
      return referenceTo(field(entry, 'key') ?? field(entry, 'name'), place, followsOf(entry));
    }),
  );
  const names = (items(field(spec, 'dataFrom')) ?? []).flatMap((entry, n) =>
    referenceTo(entry, `${at}.dataFrom[${n}]`, CURRENT),
  );
  return [...maps, ...names];
}

const CURRENT: Follows = { kind: 'label', label: 'AWSCURRENT' };

function followsOf(entry: View): Follows {
  const versionId = text(field(entry, 'versionId')) ?? '';
  const label = text(field(entry, 'versionStage')) ?? '';
  if (versionId !== '') return { kind: 'pinned', versionId };
  return label === '' ? CURRENT : { kind: 'label', label };
}

function referenceTo(view: View | null, place: string, follows: Follows): readonly SecretReference[] {
  const key = text(view);
  if (view === null || key === null || key === '') return [];
  return [{ kind: 'key', field: place, line: lineAt(view), key, find: null, follows, version: '', store: null }];
}
