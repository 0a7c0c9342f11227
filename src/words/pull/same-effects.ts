import { sha256Hex } from '../../domain/digest.ts';
import { RESTART_DUE, SECRET_VERSIONS } from '../../domain/policy.ts';
import { broughtBy, type Edit } from '../../plan/plan.ts';
import { BASELINE, RESTART, ROTATION } from '../trailers.ts';
import { readBodyTrailers } from './body-trailers.ts';
import { type HiddenBlock, readBlock } from './hidden-block.ts';

/**
 * A digest of what edits do: which versions they bring to which objects. Neither words nor line numbers nor times are in it.
 */
export function fingerprintOf(edits: readonly Edit[]): string {
  return sha256Hex(JSON.stringify(edits.map(effectOf).toSorted()), 32);
}

function effectOf(edit: Edit): string {
  const { stage, path, kind, namespace, name, target, keys, annotation, after, fields = [] } = edit;
  const versions = broughtBy(edit)?.map(({ time: _time, ...entry }) => entry);
  const digests = annotation === RESTART_DUE || annotation === SECRET_VERSIONS ? after : null;
  const pins = fields.map((one) => [one.field, one.after]);
  const place = [stage, path, kind, namespace, name, target, keys ?? null, annotation];
  return JSON.stringify([...place, versions ?? digests, ...(pins.length === 0 ? [] : [pins])]);
}

/**
 * Whether two bodies name the same effects. A change of wording alone rewrites nothing, so that people may edit it. The
 * trailers decide; where they are equal, or cut at the same place, the hidden blocks may tell a difference that they do not.
 */
export function sameEffects(left: string, right: string): boolean {
  if (trailersOf(left) !== trailersOf(right)) return false;
  const [one, other] = [readBlock(left), readBlock(right)];
  if (one.kind !== 'block' || other.kind !== 'block' || !isSameHome(one.block, other.block)) return true;
  return one.block.fingerprint === other.block.fingerprint;
}

function isSameHome(left: HiddenBlock, right: HiddenBlock): boolean {
  return left.instance === right.instance && left.group === right.group && left.stage === right.stage;
}

function trailersOf(body: string): string {
  return [ROTATION, RESTART, BASELINE].flatMap((trailer) => readBodyTrailers(body, trailer)).join('\n');
}
