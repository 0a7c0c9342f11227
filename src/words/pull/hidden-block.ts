import type { Stage } from '../../domain/policy.ts';

/**
 * What a body says for machines, where people do not see it. A hint and nothing more: what was rejected or merged is read
 * from the trailers of commits.
 */
export interface HiddenBlock {
  readonly instance: string;
  /** The group's name for people. */
  readonly group: string;
  readonly stage: Stage;
  /** See `fingerprintOf`. */
  readonly fingerprint: string;
  /** The first of what it brings, as the trailers have it. */
  readonly effects: readonly string[];
  /** How many there are. */
  readonly count: number;
}

/** What a body's block is: `newer` where a later version of ours wrote it. */
export type BlockRead =
  | { readonly kind: 'block'; readonly block: HiddenBlock }
  | { readonly kind: 'none' | 'newer' | 'damaged' };

const VERSION = 1;
const BEGIN = '<!-- gitops-reloader: ';
const END = ' -->';

const MAX_BLOCK = 4096;
const MAX_TEXT = 300;
const MAX_EFFECTS = 20;

/** The longest body that is searched, in characters from its end. */
const MAX_BODY = 262_144;

/** The block as an HTML comment of one line, at most 4,096 characters: as many effects as have room. */
export function formatBlock(block: HiddenBlock): string {
  for (const most of [MAX_EFFECTS, 5, 1, 0]) {
    const text = `${BEGIN}${harmless({ v: VERSION, ...short(block, most) })}${END}`;
    if (text.length <= MAX_BLOCK || most === 0) return text;
  }
  return '';
}

/** The block of a body that anybody may have written. The last one counts. */
export function readBlock(body: string): BlockRead {
  const searched = body.slice(-MAX_BODY);
  const begin = searched.lastIndexOf(BEGIN);
  if (begin === -1) return { kind: 'none' };
  const end = searched.indexOf(END, begin);
  const text = end === -1 ? '' : searched.slice(begin + BEGIN.length, end);
  return text === '' || text.length > MAX_BLOCK || text.includes('\n') ? DAMAGED : parse(text);
}

/** The first paragraph below the last block of a body; empty where there is none. */
export function belowBlock(body: string): string {
  const searched = body.slice(-MAX_BODY);
  const begin = searched.lastIndexOf(BEGIN);
  const end = begin === -1 ? -1 : searched.indexOf(END, begin);
  if (end === -1) return '';
  const [first = ''] = searched
    .slice(end + END.length)
    .trimStart()
    .split(/\r?\n\r?\n/, 1);
  return first;
}

const DAMAGED: BlockRead = { kind: 'damaged' };

function parse(text: string): BlockRead {
  const fields = fieldsOf(text);
  const version = fields?.['v'];
  if (fields === null || typeof version !== 'number' || !Number.isInteger(version)) return DAMAGED;
  if (version > VERSION) return { kind: 'newer' };
  const block = version === VERSION ? blockOf(fields) : null;
  return block === null ? DAMAGED : { kind: 'block', block };
}

function blockOf({ instance, group, stage, fingerprint, effects, count }: Fields): HiddenBlock | null {
  if (!isShort(instance) || !isShort(group) || !isStage(stage)) return null;
  if (!isFingerprint(fingerprint) || !areEffects(effects) || !isCount(count)) return null;
  return { instance, group, stage, fingerprint, effects, count };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT;
}

function isStage(value: unknown): value is Stage {
  return value === 1 || value === 2;
}

function isFingerprint(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}

function areEffects(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_EFFECTS && value.every(isShort);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function short({ instance, group, effects, ...rest }: HiddenBlock, most: number): HiddenBlock {
  const fitting = effects.slice(0, most).filter((effect) => effect.length <= MAX_TEXT);
  const room = most === 0 ? 80 : MAX_TEXT;
  return { instance: instance.slice(0, room), group: group.slice(0, room), ...rest, effects: fitting };
}

/**
 * JSON in which texts have only letters, digits and spaces of their own: the comment cannot be ended, and a squash merge that makes
 * the body a commit message mentions nobody and closes nothing.
 */
function harmless(value: object): string {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'string' ? field.replaceAll(SIGN, escaped) : field,
  ).replaceAll(MARK, '\\u');
}

const SIGN = /[^A-Za-z0-9 /_]/g;
const MARK = '\uE000';

// JSON would write the backslash of an escape twice: a mark stands for it until then.
function escaped(sign: string): string {
  return `${MARK}${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
