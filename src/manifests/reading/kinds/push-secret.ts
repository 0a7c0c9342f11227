import type { ExternalSecretFacts, ObjectFacts, SecretReference, StoreRef } from '../../objects.ts';
import { listAt, readStoreRef } from '../external-secret-facts.ts';
import { readSteering } from '../steering.ts';
import { field, lineAt, text, type View } from '../yaml-view.ts';

// Each entry goes to each store: of a hostile manifest no more than this.
const MAX_REFERENCES = 2000;

/** The remote keys that a PushSecret or ClusterPushSecret writes, each through each of its stores. It is only reported. */
export function readPushSecret(root: View, header: ObjectFacts): ExternalSecretFacts {
  const at = header.kind === 'ClusterPushSecret' ? ['spec', 'pushSecretSpec'] : ['spec'];
  const spec = field(root, ...at);
  const written = listAt(spec, 'secretStoreRefs').map((one) => readStoreRef(one));
  // A store chosen by labels is one that nobody names.
  const stores = written.length === 0 ? [null] : written;
  const named = listAt(spec, 'data').flatMap((entry, n) => {
    const remote = field(entry, 'match', 'remoteRef', 'remoteKey');
    const place = `${at.join('.')}.data[${n}].match.remoteRef`;
    return stores.flatMap((store) => readKey(remote, place, store));
  });
  const bundles = listAt(spec, 'dataTo').flatMap((entry, n) =>
    readKey(field(entry, 'remoteKey'), `${at.join('.')}.dataTo[${n}]`, readStoreRef(field(entry, 'storeRef'))),
  );
  return {
    ...header,
    ...NOTHING_FETCHED,
    references: [...named, ...bundles].slice(0, MAX_REFERENCES),
    store: stores[0] ?? null,
    targetName: header.name,
    secretAnnotations: new Map(),
    steering: readSteering(root, 'external-secret'),
  };
}

/** What an object that is only reported says of refreshing: nothing. */
export const NOTHING_FETCHED = {
  type: 'external-secret',
  generators: false,
  refreshPolicy: null,
  refreshInterval: null,
  creationPolicy: null,
  immutable: false,
  namesTarget: true,
} as const;

function readKey(view: View | null, place: string, store: StoreRef | null): readonly SecretReference[] {
  const key = text(view);
  if (view === null || key === null || key === '') return [];
  const follows = { kind: 'label', label: 'AWSCURRENT' } as const;
  return [{ kind: 'key', field: place, line: lineAt(view), key, find: null, follows, version: '', store }];
}
