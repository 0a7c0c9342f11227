import { parseDocuments } from '../../parse-documents.ts';
import { readExternalSecret } from '../../reading/external-secret-facts.ts';
import { type Plain, readPlain } from '../../reading/kustomize/plain-value.ts';
import { takeFlaws, viewDocument } from '../../reading/yaml-view.ts';
import type { Overlay } from './overlays.ts';
import { isPlainMap, mergeValue, operateOn } from './patch-value.ts';
import type { PlacedObject } from './place-object.ts';

type PlacedSecret = Extract<PlacedObject, { readonly type: 'external-secret' }>;

const MAX_STEPS = 100_000;

/**
 * An ExternalSecret as the patches of one kustomization make it. Where it cannot be told for certain what becomes of it, it
 * stays as it is written, and patched.
 */
export function asPatched(object: PlacedSecret): PlacedSecret {
  const changing = object.overlays.filter(({ touches }) => touches.externalSecret);
  const isOneStep = new Set(changing.map(({ from }) => from)).size === 1;
  if (!isOneStep || object.spec === undefined || object.overlays.some(({ fields }) => fields.length > 0)) return object;
  let patched: Plain | undefined = { spec: readPlain(object.spec) };
  for (const overlay of changing) patched = patched === undefined ? undefined : applyTo(patched, object, overlay);
  const facts = isPlainMap(patched) ? readAgain(object, patched['spec'] ?? null) : null;
  if (facts === null) return object;
  const overlays = object.overlays.filter((one) => !changing.includes(one));
  // Its name in the cluster stays; what `target.name` says may have changed.
  const targetName = facts.namesTarget ? facts.targetName : object.targetName;
  return { ...object, ...facts, targetName, overlays, patchedBy: null };
}

/** Undefined where it is not certain that the patch is for this object, or what it makes of it. */
function applyTo(value: Plain, { name, namespace }: PlacedSecret, { change, surely }: Overlay): Plain | undefined {
  if (change === undefined || !surely(name)) return undefined;
  const { merge, operations, namespace: own } = asMap(readPlain(change));
  if (operations !== undefined) return operateOn(value, operations);
  const isFor = (typeof own === 'string' ? own : 'default') === (namespace ?? 'default');
  return merge === undefined || !isFor ? undefined : mergeValue(value, { spec: merge });
}

function asMap(value: Plain): { readonly [key: string]: Plain } {
  return isPlainMap(value) ? value : {};
}

/** What the reader of manifests says of the patched specification; null where it is not read without complaint. */
function readAgain(object: PlacedSecret, spec: Plain) {
  const parsed = parseDocuments(JSON.stringify({ spec }));
  const [document] = parsed.kind === 'documents' ? parsed.documents : [];
  if (parsed.kind === 'unreadable' || document === undefined) return null;
  const root = viewDocument(document, parsed.lineCounter, { left: MAX_STEPS });
  const { references, store, generators, refreshPolicy, refreshInterval, creationPolicy, ...rest } = readExternalSecret(
    root,
    object,
  );
  if (takeFlaws(root).length > 0) return null;
  const { immutable, targetName, namesTarget } = rest;
  const placed = references.map((reference) => ({ ...reference, line: object.line }));
  const facts = { references: placed, store, generators, refreshPolicy, refreshInterval, creationPolicy };
  return { ...facts, immutable, targetName, namesTarget };
}
