import type { TemplateKind } from '../domain/policy.ts';
import type { ConfigMapFacts, PatchFacts, ReplacementFacts } from './kustomize-facts.ts';
import type { BlobFacts, Facts, Unreadable, UnreadableCode } from './objects.ts';
import { MAX_MANIFEST_BYTES, parseDocuments } from './parse-documents.ts';
import { decodeText } from './reading/decode-text.ts';
import { MARKER_WORD } from './reading/markers/parse-marker.ts';
import { readMarkers, unreadMarkers } from './reading/markers/read-markers.ts';
import { readDocument } from './reading/read-document.ts';
import { screen } from './reading/screen.ts';

// The text of a file that is too large to parse is kept up to this size, to be searched for names.
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

// However far its aliases unfold, no file is read for longer than a fraction of a second.
const MAX_STEPS = 1_000_000;

/** What a file says that is of no interest. */
export const NOTHING: BlobFacts = { objects: [], unreadable: [], patches: [], replacements: [], text: null };
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/**
 * Everything that one file's bytes say. Never throws: what cannot be read is listed with its code, and the text is kept
 * so that it can still be asked whether it names a secret. `kinds` are workloads that only the configuration knows.
 */
export function readBlob(bytes: Uint8Array, kinds: readonly TemplateKind[] = []): BlobFacts {
  const decoded = decodeText(bytes);
  if (decoded.kind === 'too-large') return unreadable('too-large', 'the file is far too large', null);
  const { text } = decoded;
  if (text.startsWith(LFS_POINTER)) return unreadable('not-text', 'a Git LFS pointer: its content is not in Git', null);
  if (!screen(text, kinds)) return NOTHING;
  const kept = bytes.length > MAX_KEPT_BYTES ? null : text;
  if (decoded.kind === 'not-text') return unreadable('not-text', 'the file is not UTF-8', kept);
  return bytes.length > MAX_MANIFEST_BYTES ? readLarge(text, kept !== null) : readText(text, kinds);
}

/**
 * A file that nobody could finish reading, for a `message` that says why. It is not looked into at all: its text is kept so
 * that it can be asked whether it names a secret.
 */
export function unreadBlob(bytes: Uint8Array, message: string): BlobFacts {
  const decoded = bytes.length > MAX_KEPT_BYTES ? null : decodeText(bytes);
  return unreadable('too-costly', message, decoded === null || decoded.kind === 'too-large' ? null : decoded.text);
}

/** Large files are mostly bundles of CRDs, whose schemas name every field and no secret: they are left out of the text. */
function readLarge(text: string, keep: boolean): BlobFacts {
  const rest = text
    .split(/^---/m)
    .filter((document) => !/^kind:\s*["']?CustomResourceDefinition/m.test(document))
    .join('\n---');
  return screen(rest) ? unreadable('too-large', 'the file is larger than 1 MiB', keep ? rest : null) : NOTHING;
}

function readText(text: string, kinds: readonly TemplateKind[]): BlobFacts {
  const parsed = parseDocuments(text);
  if (parsed.kind === 'unreadable') {
    const { code, message, line } = parsed;
    const marked = text.includes(MARKER_WORD) ? unreadMarkers(text, message) : [];
    return { ...NOTHING, unreadable: [{ code, message, line }, ...marked], text };
  }
  const { documents, lineCounter, comments } = parsed;
  const budget = { left: MAX_STEPS };
  const objects: Facts[] = [];
  let problems: Unreadable[] = [];
  const patches: PatchFacts[] = [];
  const replacements: ReplacementFacts[] = [];
  const configMaps: ConfigMapFacts[] = [];
  for (const [at, document] of documents.entries()) {
    const found = readDocument(document, { document: at, text, lineCounter, budget, kinds });
    objects.push(...found.objects);
    problems.push(...found.unreadable);
    patches.push(...found.patches);
    replacements.push(...found.replacements);
    configMaps.push(...(found.configMaps ?? []));
  }
  if (text.includes(MARKER_WORD)) {
    const marked = readMarkers({ text, documents, comments, lineCounter, budget }, objects);
    objects.push(...marked.objects);
    problems.push(...marked.unreadable);
    problems = problems.filter((one) => !isMarked(one, marked.objects));
  }
  if (budget.left <= 0) {
    problems.push({ code: 'too-large', message: 'aliases unfold to more than can be read', line: null });
  }
  const kept = problems.every(({ excerpt }) => excerpt !== undefined) ? null : text;
  const values = configMaps.length === 0 ? {} : { configMaps };
  return { objects, unreadable: unique(problems), patches, replacements, ...values, text: kept };
}

/** True for fields of an ExternalSecret whose every key has a refresh marker in its file. */
function isMarked({ keys }: Unreadable, markers: readonly Facts[]): boolean {
  const marked = markers.flatMap((one) => (one.type === 'external-secret' ? one.references : []));
  return keys?.every((key) => marked.some((reference) => reference.key === key)) === true;
}

/** The first of each code and message: the same words at ten lines are no more help. */
function unique(problems: readonly Unreadable[]): readonly Unreadable[] {
  const firsts = new Map<string, Unreadable>();
  for (const problem of problems) {
    const key = JSON.stringify([problem.code, problem.message]);
    if (!firsts.has(key)) firsts.set(key, problem);
  }
  return [...firsts.values()];
}

function unreadable(code: UnreadableCode, message: string, text: string | null): BlobFacts {
  return { ...NOTHING, unreadable: [{ code, message, line: null }], text };
}
