import type { LineCounter } from 'yaml';
import { plainText } from '../../../domain/plain-text.ts';
import { FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS } from '../../../domain/policy.ts';
import { lineEnd, lineStart } from '../../edit/text/source-lines.ts';
import { isOnlyReported } from '../../indexing/cluster/only-reported.ts';
import type { Facts, Unreadable } from '../../objects.ts';
import type { ComposedDocument } from '../../parse/compose-plain.ts';
import type { Comment } from '../../parse-documents.ts';
import { readSteering } from '../steering.ts';
import { type Budget, readQuietly, type View, viewDocument } from '../yaml-view.ts';
import { type Leaf, leavesOf, pathText } from './leaves.ts';
import { type MeantMarker, meantMarkers } from './marked-comments.ts';
import { markedScalar, WITHOUT_VALUE } from './marked-scalar.ts';
import { type FoundMarker, markerFacts, sameSecret } from './marker-facts.ts';
import { MARKER_WORD, parseMarker } from './parse-marker.ts';

/** A parsed text that has the marker word. */
export interface MarkedText {
  readonly text: string;
  readonly documents: readonly ComposedDocument[];
  readonly comments: readonly Comment[];
  readonly lineCounter: LineCounter;
  readonly budget: Budget;
}

/** What markers say, and what is wrong with those that say nothing. */
export interface ReadMarkers {
  readonly objects: readonly Facts[];
  readonly unreadable: readonly Unreadable[];
}

/** More markers than anybody writes into one file. */
const MAX_MARKERS = 1000;

/** Reads the inline markers of a text. `objects` are what its documents hold: what those bump by themselves needs no marker. */
export function readMarkers(source: MarkedText, objects: readonly Facts[]): ReadMarkers {
  const meant = meantMarkers(source.text, source.comments);
  if (meant.length === 0) return { objects: [], unreadable: [] };
  if (meant.length > MAX_MARKERS) {
    return { objects: [], unreadable: [wrong(source, meant[0], `is one of more than ${MAX_MARKERS} in its file`)] };
  }
  const places = source.documents.map((document) => placeOf(document, source));
  const looked = meant.map((one) => look(source, one, places, objects));
  const unreadable = looked.flatMap((one) => ('code' in one ? [one] : []));
  const found = looked.flatMap((one) => ('code' in one ? [] : [one]));
  const twice = found.filter((one) =>
    found.some((other) => other !== one && other.name === one.name && other.document === one.document),
  );
  const once = found.filter((one) => !twice.includes(one));
  const alone = once.filter((one) => one.marker.stage === 'restart' && feedersOf(one, once).length === 0);
  return {
    objects: once.flatMap((one) => (alone.includes(one) ? [] : [markerFacts(one, feedersOf(one, once))])),
    unreadable: [
      ...unreadable,
      ...twice.map((one) => wrong(source, one, 'marks a value that another marker marks too')),
      ...alone.map((one) => wrong(source, one, lonely(one))),
    ],
  };
}

/** What is left of the markers of a text that cannot be parsed: the first one, with the reason. */
export function unreadMarkers(text: string, why: string): readonly Unreadable[] {
  const [first] = meantMarkers(text, []);
  if (first === undefined) return [];
  const line = text.slice(0, first.offset).split('\n').length;
  const column = first.offset - lineStart(text, first.offset) + 1;
  return [problem(text, { offset: first.offset, line, column }, `is in a file that cannot be read (${why})`)];
}

/** A document, its leaves, and what its own annotations ask for. */
interface Place {
  readonly document: ComposedDocument;
  readonly leaves: readonly Leaf[];
  readonly root: View;
  /** By SOPS, whose signature covers all documents of a file. */
  readonly isSigned: boolean;
}

function placeOf(document: ComposedDocument, { lineCounter, budget }: MarkedText): Place {
  const leaves = leavesOf(document);
  const root = viewDocument(document, lineCounter, budget);
  const isSigned = leaves.some(({ kind, keys }) => kind === 'value' && keys?.[0] === 'sops' && keys[1] === 'mac');
  return { document, leaves, root, isSigned };
}

function look(
  source: MarkedText,
  meant: MeantMarker,
  places: readonly Place[],
  objects: readonly Facts[],
): FoundMarker | Unreadable {
  const at = places.findLastIndex(({ document }) => document.range[0] <= meant.offset);
  const place = places[at];
  if (place === undefined) return wrong(source, meant, WITHOUT_VALUE);
  const scalar = markedScalar(source.text, place.leaves, meant);
  if (scalar.kind === 'wrong') return wrong(source, meant, scalar.message);
  const parsed = parseMarker(meant.json ?? '');
  if (parsed.kind === 'wrong') return wrong(source, meant, parsed.message);
  const { keys, value } = scalar;
  if (value === parsed.marker.secret || keys.at(-1) === 'key') return wrong(source, meant, NAMES_SECRET);
  const name = pathText(keys);
  if (name.length > MAX_NAME) return wrong(source, meant, 'marks a value whose keys are too long to be named');
  if (places.some(({ isSigned }) => isSigned)) {
    return wrong(source, meant, 'is in a file encrypted with SOPS: a change would break its signature');
  }
  const self = whyNotNeeded(
    objects.filter(({ document }) => document === at),
    keys.at(-1),
  );
  if (self !== null) return wrong(source, meant, self);
  const { line } = source.lineCounter.linePos(meant.offset);
  const steering = readQuietly(place.root, () => readSteering(place.root, 'external-secret'));
  return { offset: meant.offset, document: at, keys, name, line, value, marker: parsed.marker, steering };
}

/** The token would take the place of what names the secret. */
const NAMES_SECRET =
  'stands behind the name of a secret, which must stay: put it behind the value that the chart writes as an annotation';

const MAX_NAME = 300;

function whyNotNeeded(objects: readonly Facts[], last: string | number | undefined): string | null {
  const own = objects.find(({ type }) => type === 'external-secret' || type === 'store');
  if (own !== undefined) {
    const why = isOnlyReported(own) ? 'which takes no token' : 'which is looked after without it';
    return `is in ${own.kind} ${plainText(own.name, 100)}, ${why}: remove it`;
  }
  const workload = objects.find(({ type }) => type === 'workload');
  if (workload === undefined || !OURS.includes(String(last))) return null;
  return `is on ${String(last)} of ${workload.kind} ${plainText(workload.name, 100)}, which is written without it: remove it`;
}

const OURS: readonly string[] = [FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS, 'restartAt'];

function feedersOf(restart: FoundMarker, found: readonly FoundMarker[]): readonly FoundMarker[] {
  if (restart.marker.stage !== 'restart') return [];
  return found.filter(({ marker }) => marker.stage === 'refresh' && sameSecret(restart.marker, marker));
}

function lonely({ marker }: FoundMarker): string {
  const fix = `# {"${MARKER_WORD}": {"secret": "${marker.secret}", "stage": "refresh"}}`;
  return `restarts for a secret that no refresh marker of this file names in the same words: mark the value that refreshes it with ${fix}`;
}

function wrong(
  { text, lineCounter }: MarkedText,
  at: Pick<MeantMarker, 'offset'> | undefined,
  why: string,
): Unreadable {
  const offset = at?.offset ?? 0;
  const { line, col: column } = lineCounter.linePos(offset);
  return problem(text, { offset, line, column }, why);
}

interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** Only the marker's own line is kept to be searched for names: the others are read. */
function problem(text: string, { offset, line, column }: Position, why: string): Unreadable {
  const excerpt = text.slice(lineStart(text, offset), lineEnd(text, offset)).slice(0, MAX_EXCERPT);
  return {
    code: 'wrong-marker',
    message: plainText(`line ${line}, column ${column}: this inline marker ${why}`, 600),
    line,
    excerpt,
  };
}

const MAX_EXCERPT = 8192;
