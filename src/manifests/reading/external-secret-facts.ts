import type { ExternalSecretFacts, Follows, ObjectFacts, SecretReference, StoreRef } from '../objects.ts';
import { readStrings } from './object-header.ts';
import { readSteering } from './steering.ts';
import { entries, field, isNull, isTrue, items, lineAt, noteMalformed, text, type View } from './yaml-view.ts';

/**
 * What an ExternalSecret (`external-secrets.io` v1, v1beta1 or v1alpha1) fetches and writes. Entries that name nothing
 * are noted as malformed and left out.
 */
export function readExternalSecret(root: View, header: ObjectFacts): ExternalSecretFacts {
  const owner = ownerOf(root);
  const facts = readSpec(root, header, ['spec']);
  return owner === null ? facts : { owner, ...facts };
}

/** The same for a specification that stands elsewhere: the key by key way to it. */
export function readSpec(root: View, header: ObjectFacts, at: readonly string[]): ExternalSecretFacts {
  const spec = field(root, ...at);
  const place = at.join('.');
  const target = field(spec, 'target');
  const dataFrom = listAt(spec, 'dataFrom');
  const store = readStoreRef(field(spec, 'secretStoreRef'));
  return {
    type: 'external-secret',
    ...header,
    references: [
      ...listAt(spec, 'data').flatMap((entry, n) => readData(entry, `${place}.data[${n}]`, store)),
      ...dataFrom.flatMap((entry, n) => readDataFrom(entry, `${place}.dataFrom[${n}]`, store)),
    ],
    store,
    generators: dataFrom.some((entry) => field(entry, 'sourceRef', 'generatorRef') !== null),
    refreshPolicy: text(field(spec, 'refreshPolicy')),
    refreshInterval: text(field(spec, 'refreshInterval')),
    creationPolicy: text(field(target, 'creationPolicy')),
    immutable: isTrue(field(target, 'immutable')),
    targetName: text(field(target, 'name')) || header.name,
    namesTarget: (text(field(target, 'name')) ?? '') !== '',
    secretAnnotations:
      field(target, 'template') === null
        ? header.annotations
        : readStrings(field(target, 'template', 'metadata', 'annotations')),
    steering: readSteering(root, 'external-secret'),
  };
}

function ownerOf(root: View): string | null {
  const owners = items(field(root, 'metadata', 'ownerReferences')) ?? [];
  const owner = owners.find((one) => text(field(one, 'kind')) === 'ClusterExternalSecret') ?? null;
  return text(field(owner, 'name'));
}

/** The items of a list, noted where it is none. */
export function listAt(spec: View | null, key: string): readonly View[] {
  const value = field(spec, key);
  const list = items(value);
  if (value !== null && list === null) noteMalformed(value, `spec.${key} is not a list`);
  return list ?? [];
}

function readData(entry: View, place: string, store: StoreRef | null): readonly SecretReference[] {
  return readKey(field(entry, 'remoteRef') ?? entry, `${place}.remoteRef`, ownStore(entry) ?? store);
}

function readDataFrom(entry: View, place: string, store: StoreRef | null): readonly SecretReference[] {
  const used = ownStore(entry) ?? store;
  const find = field(entry, 'find');
  if (find !== null) return readFind(find, `${place}.find`, used);
  const extract = field(entry, 'extract');
  if (extract !== null) return readKey(extract, `${place}.extract`, used);
  if (field(entry, 'sourceRef', 'generatorRef') !== null) return [];
  // v1alpha1 has the key in the entry itself.
  return readKey(entry, place, used);
}

function readKey(remote: View, place: string, store: StoreRef | null): readonly SecretReference[] {
  const key = text(field(remote, 'key')) ?? (isLeftOpen(remote) ? '' : null);
  if (key === null) {
    noteMalformed(remote, `${place} has no key`);
    return [];
  }
  const version = text(field(remote, 'version')) ?? '';
  const follows = readFollows(remote, version);
  return [{ kind: 'key', field: place, line: lineAt(remote), key, find: null, follows, version, store }];
}

/** True for a key without a value: in a base it stands for what each overlay's patch fills in. */
function isLeftOpen(remote: View): boolean {
  return (entries(remote) ?? []).some(([name, value]) => name === 'key' && isNull(value));
}

function readFind(find: View, place: string, store: StoreRef | null): readonly SecretReference[] {
  // A name without a pattern finds every name.
  const regexp = text(field(find, 'name', 'regexp')) ?? (entries(field(find, 'name')) === null ? null : '');
  const path = text(field(find, 'path'));
  const malformed = malformedPart(find);
  if (malformed !== null) {
    noteMalformed(find, `${place}.${malformed} is no text`);
    return [];
  }
  const tags = (entries(field(find, 'tags')) ?? []).map(([key, value]) => [key, text(value) ?? ''] as const);
  if (regexp === null && path === null && tags.length === 0) {
    noteMalformed(find, `${place} has neither a name pattern nor tags`);
    return [];
  }
  const parts = [
    ...(regexp === null ? [] : [`name ~ ${regexp}`]),
    ...(path === null ? [] : [`path ${path}`]),
    ...(tags.length === 0 ? [] : [`tags ${tags.map(([key]) => key).join(', ')}`]),
  ];
  return [
    {
      kind: 'find',
      field: place,
      line: lineAt(find),
      key: parts.join(', '),
      find: { regexp, path, tags: tags.toSorted(([left], [right]) => (left < right ? -1 : 1)) },
      follows: { kind: 'label', label: 'AWSCURRENT' },
      version: '',
      store,
    },
  ];
}

/** A part of what it looks for that is a list or a map: read as none, it would find what nobody asked for. */
function malformedPart(find: View): string | null {
  const parts: readonly (readonly [string, View | null])[] = [
    ['name.regexp', field(find, 'name', 'regexp')],
    ['path', field(find, 'path')],
    ...(entries(field(find, 'tags')) ?? []).map(([, value]) => ['tags', value] as const),
  ];
  return parts.find(([, value]) => items(value) !== null || entries(value) !== null)?.[0] ?? null;
}

/** With `metadataPolicy: Fetch` the value is the secret's tags, and `version` is ignored. */
function readFollows(remote: View, version: string): Follows {
  return text(field(remote, 'metadataPolicy')) === 'Fetch' ? { kind: 'tags' } : followsOf(version);
}

/** What `version` says, as Secrets Manager reads it. */
export function followsOf(version: string): Follows {
  if (version.startsWith('uuid/')) return { kind: 'pinned', versionId: version.slice('uuid/'.length) };
  return { kind: 'label', label: version === '' ? 'AWSCURRENT' : version };
}

function ownStore(entry: View): StoreRef | null {
  return readStoreRef(field(entry, 'sourceRef', 'storeRef'));
}

/** A store by kind and name; null where it has no name. */
export function readStoreRef(view: View | null): StoreRef | null {
  const name = text(field(view, 'name'));
  if (name === null || name === '') return null;
  return { kind: text(field(view, 'kind')) || 'SecretStore', name };
}
