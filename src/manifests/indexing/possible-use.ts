import type { SecretService } from '../../domain/secret-id.ts';
import type { FileProblem, Resolution, ResolvedReference } from '../graph.ts';
import type { SecretReference } from '../objects.ts';
import { namesSecretFields } from '../reading/screen.ts';
import { compilePattern } from './find/compile-pattern.ts';
import { namesSecret } from './name-in-text.ts';
import { couldBecome, isTemplated, saysNothing } from './templated.ts';

// A key that is filled in later, in a text that could not be parsed. Bounded: the text is hostile.
const WRITTEN_KEY = /\bkey["']?\s{0,20}:\s{0,20}["']?((?:\{\{[^{}\n]{0,200}\}\}|\$\{[^{}\n]{0,200}\}|[^\s"',}])+)/g;

/** How much speaks for a possible use: the name fits something written there, or nothing there can rule it out. */
export type Certainty = 'fits' | 'open';

/** The secret that is asked about, and every prefix that a store of the repository puts before a key. */
export interface Question {
  readonly service: SecretService;
  readonly names: readonly string[];
  readonly account: string;
  readonly region: string;
  readonly prefixes: readonly string[];
  readonly finds: Finds;
}

/** Whether AWS is asked what a find finds (then the plan itself tells), or nobody can be. */
export type Finds = 'told' | 'open';

/** What a reference that leaves a doubt has to do with a secret; null when it cannot mean it. */
export function judgeReference({ reference, resolution }: ResolvedReference, question: Question): Certainty | null {
  if (resolution.kind === 'secret') return judgeResolved(reference, resolution, question);
  if (resolution.kind === 'foreign') return null;
  const clue = resolution.clue ?? { service: null, account: null, region: null, key: reference.key };
  if (!isPossible(clue, question)) return null;
  if (isTemplated(clue.key) && saysNothing(clue.key)) return 'open';
  if (reference.find !== null) return best(question.names.map((name) => judgeFind(reference.find, name)));
  const keys = [clue.key, ...question.prefixes.map((prefix) => `${prefix}${reference.key}`)];
  return keys.some((key) => question.names.some((name) => couldBecome(key, name))) ? 'fits' : null;
}

/** False where what is known of a reference is of another service, account or region. */
function isPossible(clue: Pick<Clue, 'service' | 'account' | 'region'>, question: Question): boolean {
  if (![null, question.service].includes(clue.service)) return false;
  return [null, question.account].includes(clue.account) && [null, question.region].includes(clue.region);
}

type Clue = NonNullable<Extract<Resolution, { readonly kind: 'unresolved' }>['clue']>;

/** What a resolved reference leaves open: where its store's manifest lies, and what a find finds where AWS is not asked. */
function judgeResolved(
  { find }: SecretReference,
  resolution: Extract<Resolution, { readonly kind: 'secret' }>,
  question: Question,
): Certainty | null {
  if (find === null)
    return isOverridden(resolution, question) || isOfOtherService(resolution, question) ? 'fits' : null;
  const isOther = question.service === 'ssm';
  // It lists secrets; where nothing says which service its store reads, it may find parameters as well.
  if (isOther && resolution.isServiceSaid) return null;
  const places = [...(isOther || question.finds === 'open' ? [resolution.ref] : []), ...resolution.overrides];
  const isThere = places.some(({ account, region }) => account === question.account && region === question.region);
  return isThere ? best(question.names.map((name) => judgeFind(find, name))) : null;
}

/** True for the secret that a store's manifest names, where the configuration binds the store to another place. */
function isOverridden(
  { ref, names, overrides }: Extract<Resolution, { readonly kind: 'secret' }>,
  question: Question,
): boolean {
  if (ref.service !== question.service) return false;
  const isThere = overrides.some(({ account, region }) => account === question.account && region === question.region);
  if (!isThere) return false;
  return names.some((name) => question.names.includes(name));
}

/** True where the same name in the other service may be meant: nothing says which one the store reads. */
function isOfOtherService(
  { ref, names, isServiceSaid }: Extract<Resolution, { readonly kind: 'secret' }>,
  question: Question,
): boolean {
  if (isServiceSaid || ref.service === question.service) return false;
  if (ref.account !== question.account || ref.region !== question.region) return false;
  return names.some((name) => question.names.includes(name));
}

/** What the text of an unreadable file has to do with a secret; null when it cannot mean it. */
export function judgeProblem(problem: FileProblem, { names, prefixes }: Question): Certainty | null {
  const { code, text } = problem;
  // What they lead to is either read under its own path, or is no part of this repository.
  if (code === 'symlink' || code === 'submodule') return null;
  if (text === null) return code === 'helm-template' ? null : 'open';
  const { plain, hides, templated } = searched(problem, text);
  const short = names.flatMap((name) =>
    prefixes.flatMap((prefix) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])),
  );
  if ([...names, ...short].some((name) => namesSecret(plain, name))) return 'fits';
  if (hides) return 'open';
  return best(
    templated.map((key) => {
      if (saysNothing(key)) return 'open';
      return names.some((name) => couldBecome(key, name)) ? 'fits' : null;
    }),
  );
}

/** What an unparsed text says, whichever secret is asked about. */
interface Searched {
  readonly plain: string;
  /** It names keys without spelling them: encrypted, or searched for by pattern. */
  readonly hides: boolean;
  /** Keys that are filled in later. */
  readonly templated: readonly string[];
}

// A problem never changes, and thousands of secrets may be asked about thousands of files: each text is looked through once.
const SEARCHED = new WeakMap<FileProblem, Searched>();

function searched(problem: FileProblem, text: string): Searched {
  const known = SEARCHED.get(problem);
  if (known !== undefined) return known;
  const found = lookThrough(text.replaceAll('\\/', '/'));
  SEARCHED.set(problem, found);
  return found;
}

/** What is encrypted, searched for by pattern, or filled in later. */
function lookThrough(plain: string): Searched {
  if (!namesSecretFields(plain)) return { plain, hides: false, templated: [] };
  const hides = plain.includes('ENC[') || /\bregexp["']?\s{0,20}:/.test(plain);
  const keys = [...plain.matchAll(WRITTEN_KEY)].flatMap(([, key = '']) => (isTemplated(key) ? [key] : []));
  return { plain, hides, templated: [...new Set(keys)] };
}

/** A pattern counts on the name, anywhere in it; a path is a prefix of it; tags can only narrow the choice. */
function judgeFind(find: SecretReference['find'], name: string): Certainty | null {
  if (find === null) return null;
  const { regexp, path } = find;
  if ([regexp, path].some((part) => part !== null && isTemplated(part))) return 'open';
  if (path !== null && !path.startsWith('!') && !name.startsWith(path)) return null;
  if (regexp !== null) {
    const pattern = compilePattern(find, regexp);
    if (pattern === null) return 'open';
    if (!pattern.matcher(name).find()) return null;
  }
  return find.tags.length > 0 || path?.startsWith('!') === true ? 'open' : 'fits';
}

function best(found: readonly (Certainty | null)[]): Certainty | null {
  if (found.includes('fits')) return 'fits';
  return found.includes('open') ? 'open' : null;
}
