import { parseDocuments } from '../../parse-documents.ts';
import { type Budget, entries, field, items, text, type View, viewDocument } from '../../reading/yaml-view.ts';

/** A place in a file that seems to name a Secret: the way to it from its document's root. */
export interface Mention {
  readonly document: number;
  readonly keys: readonly (string | number)[];
}

/** What a file says of a Secret; `unreadable` where it has the name and cannot be read. */
export type Mentions =
  | { readonly kind: 'mentions'; readonly mentions: readonly Mention[] }
  | { readonly kind: 'unreadable' };

const NONE: Mentions = { kind: 'mentions', mentions: [] };
const STEPS = 200_000;

/**
 * Every place of a file that seems to name the Secret of this name, in whatever kind of object: by a key such as `secretName`, by
 * `kind: Secret` beside it, or inside a text. Objects that say another namespace are left out. It rather finds too much: what is
 * found, and not renamed with the Secret, keeps the Secret from being renamed.
 */
export function secretMentions(content: string, name: string, namespace: string | null): Mentions {
  if (!content.includes(name) || !SECRET.test(content)) return NONE;
  const parsed = parseDocuments(content);
  if (parsed.kind === 'unreadable') return namesIt(content, name) ? { kind: 'unreadable' } : NONE;
  const budget: Budget = { left: STEPS };
  const mentions = parsed.documents.flatMap((document, at) => {
    const root = viewDocument(document, parsed.lineCounter, budget);
    const found: Mention[] = [];
    look(root, { keys: [], name, namespace, found: (keys) => found.push({ document: at, keys }) });
    return found;
  });
  return budget.left > 0 ? { kind: 'mentions', mentions } : { kind: 'unreadable' };
}

const SECRET = /secret/i;
/** Keys with the word in them that name something else. */
const OTHER_KEYS: ReadonlySet<string> = new Set([
  'secretKey',
  'secretStoreRef',
  'secretStoreRefs',
  'secretProviderClass',
  'externalSecretName',
]);

interface Look {
  readonly keys: readonly (string | number)[];
  readonly name: string;
  readonly namespace: string | null;
  readonly found: (keys: readonly (string | number)[]) => void;
}

function look(view: View, how: Look): void {
  const list = items(view);
  if (list !== null) {
    for (const [at, item] of list.entries()) look(item, { ...how, keys: [...how.keys, at] });
    return;
  }
  const pairs = entries(view);
  if (pairs === null) {
    const value = text(view);
    if (value !== null && isNamed(value, how)) how.found(how.keys);
    return;
  }
  lookInMap(view, pairs, how);
}

function lookInMap(view: View, pairs: readonly (readonly [string, View])[], how: Look): void {
  const said = text(field(view, 'metadata', 'namespace')) ?? '';
  if (how.namespace !== null && said !== '' && said !== how.namespace) return;
  if (isSecretItself(view, how.name)) how.found([...how.keys, 'metadata', 'name']);
  for (const [key, value] of pairs) {
    if (text(value) === how.name && isNamedBeside(view, key)) how.found([...how.keys, key]);
    else look(value, { ...how, keys: [...how.keys, key] });
  }
}

/** A value whose own key, or that of the map around it, speaks of a Secret; or a text that does so itself. */
function isNamed(value: string, { keys, name }: Look): boolean {
  if (value.includes('\n')) return SECRET.test(value) && namesIt(value, name);
  const [last = '', above = ''] = keys.filter((key) => typeof key === 'string').toReversed();
  const isList = SECRET.test(last) && value.split(/[\s,;]+/).includes(name);
  return speaksOfSecret(last) ? isList : value === name && last === 'name' && speaksOfSecret(above);
}

/** `kind: Secret` beside a name; a JSON patch or a variable whose path or name speaks of a Secret beside a value. */
function isNamedBeside(map: View, key: string): boolean {
  if (key === 'name') return text(field(map, 'kind')) === 'Secret';
  return key === 'value' && ['path', 'name'].some((one) => SECRET.test(text(field(map, one)) ?? ''));
}

/** A Secret, or what makes one of its own name. */
function isSecretItself(view: View, name: string): boolean {
  const kind = text(field(view, 'kind')) ?? '';
  return ['Secret', 'SealedSecret'].includes(kind) && text(field(view, 'metadata', 'name')) === name;
}

function speaksOfSecret(key: string): boolean {
  return SECRET.test(key) && !OTHER_KEYS.has(key);
}

/** True where the name stands in a text as a word of its own. */
function namesIt(content: string, name: string): boolean {
  for (let at = content.indexOf(name); at !== -1; at = content.indexOf(name, at + 1)) {
    const isWord = !WORD.test(content[at - 1] ?? '') && !WORD.test(content[at + name.length] ?? '');
    if (isWord) return true;
  }
  return false;
}

const WORD = /[A-Za-z0-9.-]/;
