import { isMap, isScalar, type ParsedNode } from 'yaml';
import { type EditableText, parseEditable } from '../../parse-documents.ts';
import { isSurelyText, type Refusal, refuse } from '../annotation-edit.ts';
import { endOfNode } from '../insert-block.ts';
import { valueOf } from '../map-access.ts';
import { lineBreak } from '../text/source-lines.ts';

/** An object as Kustomize tells it from others when it looks for what a patch is for: as its manifest is written. */
export interface PatchedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** As the manifest says it; null where it says none. */
  readonly namespace: string | null;
}

/** A patch file's text with a document for each object, as far as there can be one. */
export interface PatchDocuments<T> {
  readonly text: string;
  /** Which document is for which object. */
  readonly documents: ReadonlyMap<T, number>;
  readonly refused: ReadonlyMap<T, Refusal>;
}

const SIGN = '# Kept by gitops-reloader';
const HEADER = `${SIGN}: annotations of objects that this overlay shares with others. Keep it in kustomization.yaml.`;

const API_VERSION = /^[a-z0-9.-]{1,253}(?:\/[a-z0-9]{1,63})?$/;
const KIND = /^[A-Za-z][A-Za-z0-9]{0,62}$/;
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const MAX_DOCUMENTS = 2000;

/** Finds the document of each object, and adds those that are missing. `text` null: the file does not exist yet. */
export function findDocuments<T extends PatchedObject>(text: string | null, objects: readonly T[]): PatchDocuments<T> {
  const opened = openPatch(text);
  if (opened.kind === 'refused') {
    return { text: text ?? '', documents: new Map(), refused: new Map(objects.map((one) => [one, opened])) };
  }
  const known = opened.documents.map((document) => readObject(document.contents));
  const documents = new Map<T, number>();
  const refused = new Map<T, Refusal>();
  const added: PatchedObject[] = [];
  for (const object of objects) {
    const all = [...known, ...added];
    const place = placeOf(object, all);
    if (typeof place !== 'number') refused.set(object, place);
    else {
      documents.set(object, place);
      if (place === all.length) added.push(object);
    }
  }
  return { text: opened.text + writeDocuments(opened, added), documents, refused };
}

/** A file that somebody else keeps under our name is left alone. */
function openPatch(text: string | null): EditableText | Refusal {
  const source = parseEditable(text === null ? `${HEADER}\n` : text);
  if (source.kind === 'unreadable') {
    return refuse(`the patch file cannot be read: ${source.message}`, 'Correct it, or remove it: it is written again.');
  }
  if (!source.text.split(/\r?\n/).some((line) => line.startsWith(SIGN))) {
    return refuse(
      `the overlay has a gitops-reloader.patch.yaml without the line "${SIGN}"`,
      'Give that file another name, or put the line at its top.',
    );
  }
  const last = source.documents.at(-1)?.contents ?? null;
  if (!source.text.endsWith('\n') && last !== null && endOfNode(source.text, last) === null) {
    return refuse(
      'the patch file ends inside a block scalar, which a line behind it would change',
      'End it with a line break.',
    );
  }
  const isFull = source.documents.length > MAX_DOCUMENTS;
  return isFull ? refuse('the patch file has too many documents', 'Remove what is no longer used.') : source;
}

function readObject(root: ParsedNode | null): PatchedObject | null {
  if (!isMap(root)) return null;
  const metadata = valueOf(root, 'metadata');
  const [apiVersion, kind] = [textOf(valueOf(root, 'apiVersion')), textOf(valueOf(root, 'kind'))];
  const name = isMap(metadata) ? textOf(valueOf(metadata, 'name')) : null;
  if (apiVersion === null || kind === null || name === null) return null;
  return { apiVersion, kind, name, namespace: isMap(metadata) ? textOf(valueOf(metadata, 'namespace')) : null };
}

function textOf(node: ParsedNode | null): string | null {
  return isScalar(node) && node.source !== undefined ? node.source : null;
}

/** The number of the object's document, or of the next one where it has none. */
function placeOf(object: PatchedObject, known: readonly (PatchedObject | null)[]): number | Refusal {
  const at = known.findIndex(
    (one) => one?.kind === object.kind && one.name === object.name && one.namespace === object.namespace,
  );
  const found = known[at];
  if (found === undefined || found === null) {
    const namespace = object.namespace ?? 'default';
    const isWritable = API_VERSION.test(object.apiVersion) && KIND.test(object.kind);
    if (isWritable && NAME.test(object.name) && NAME.test(namespace)) return known.length;
    return refuse('its apiVersion, kind, name or namespace is none that Kubernetes takes', 'Correct the manifest.');
  }
  if (found.apiVersion === object.apiVersion) return at;
  return refuse(
    `the patch file has it as ${found.apiVersion}, its manifest as ${object.apiVersion}: Kustomize does not find it`,
    'Write the same apiVersion into the patch file.',
  );
}

/** An empty text parses as one empty document: what is added then takes its place. */
function writeDocuments({ text, documents }: EditableText, objects: readonly PatchedObject[]): string {
  if (objects.length === 0) return '';
  const feed = lineBreak(text, 0);
  const open = text === '' || text.endsWith('\n') ? '' : feed;
  const lines = objects.flatMap((object, at) => [
    ...(documents.length > 0 || at > 0 ? ['---'] : []),
    `apiVersion: ${scalar(object.apiVersion)}`,
    `kind: ${scalar(object.kind)}`,
    'metadata:',
    `  name: ${scalar(object.name)}`,
    ...(object.namespace === null ? [] : [`  namespace: ${scalar(object.namespace)}`]),
  ]);
  return open + lines.map((line) => `${line}${feed}`).join('');
}

function scalar(text: string): string {
  return isSurelyText(text) ? text : `"${text}"`;
}
