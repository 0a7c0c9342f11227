import type { KustomizePatch } from '../../kustomize-facts.ts';
import { parseDocuments } from '../../parse-documents.ts';
import { readKustomization } from '../../reading/kustomize/kustomization-facts.ts';
import type { Plain } from '../../reading/kustomize/plain-value.ts';
import { readHeader } from '../../reading/object-header.ts';
import { viewDocument } from '../../reading/yaml-view.ts';
import { plainAt } from './plain-fields.ts';

const LISTS = ['patches', 'patchesStrategicMerge', 'patchesJson6902'];
const MAX_STEPS = 100_000;

/** The patches that a deployer applies on its own account, read as those of a kustomization are. */
export function inlinePatches(value: Plain, commonAnnotations: Plain): readonly KustomizePatch[] {
  const lists = LISTS.map((key) => [key, plainAt(value, key)] as const).filter(([, list]) => Array.isArray(list));
  if (lists.length === 0 && commonAnnotations === null) return [];
  const text = JSON.stringify({ kind: 'Kustomization', ...Object.fromEntries(lists), commonAnnotations });
  const parsed = parseDocuments(text);
  const [document] = parsed.kind === 'documents' ? parsed.documents : [];
  if (parsed.kind === 'unreadable' || document === undefined) return [];
  const root = viewDocument(document, parsed.lineCounter, { left: MAX_STEPS });
  return readKustomization(root, readHeader(root, { document: 0, item: null }))?.patches ?? [];
}
