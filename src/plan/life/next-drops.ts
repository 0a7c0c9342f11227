import { isSyncAnnotation } from '../../domain/policy.ts';
import { findKeyed, parseToken, tokenKey, tokenVersion } from '../../domain/token.ts';
import { pinnedAs } from '../pin/pin-place.ts';
import type { Edit } from '../plan.ts';
import type { KnownSecret, Truth } from '../truth/wish.ts';

/** A secret whose next rotation takes away what running pods still use. */
export interface NextDrop {
  /** As the edits call it: with account and Region where its object has a home. */
  readonly secret: string;
  /** When AWS is to rotate it at the latest, epoch milliseconds. */
  readonly at: number;
}

/**
 * The secrets among what a plan refreshes whose next scheduled rotation drops the version that the base has: AWS keeps the
 * version before the current one under AWSPREVIOUS, until it rotates again. None twice, the soonest first.
 */
export function nextDrops(edits: readonly Edit[], truth: Truth): readonly NextDrop[] {
  const scheduled = new Map([...truth].flatMap(([key, known]) => scheduledAs(key, known)));
  const drops = new Map<string, NextDrop>();
  for (const { annotation, before, secrets, fields = [] } of edits) {
    if (!isSyncAnnotation(annotation)) continue;
    for (const secret of secrets) {
      const known = scheduled.get(secret);
      // Without an entry it is at its baseline: what was current before.
      const version = findKeyed(parseToken(before) ?? [], secret)?.version ?? known?.previous;
      // Whatever the token says, pods have what a pin names.
      const pins = fields.flatMap((one) => (one.secret === secret ? (pinnedAs(one.before ?? '') ?? []) : []));
      const used = pins.length === 0 ? [version] : pins.map((pin) => tokenVersion(pin));
      if (known !== undefined && used.includes(known.previous)) drops.set(secret, { secret, at: known.at });
    }
  }
  return [...drops.values()].toSorted(
    (left, right) => left.at - right.at || (left.secret < right.secret ? -1 : left.secret > right.secret ? 1 : 0),
  );
}

interface Scheduled {
  readonly at: number;
  /** The version that the next rotation drops, as tokens have it. */
  readonly previous: string;
}

/** A secret that AWS rotates by itself, under every name by which edits may call it; `key`: what it was asked for by. */
function scheduledAs(key: string, known: KnownSecret): readonly (readonly [string, Scheduled])[] {
  if (known.kind !== 'described' || known.deleted || !isDate(known.nextRotationAt)) return [];
  const previous = known.versions.get('AWSPREVIOUS');
  if (previous === undefined) return [];
  const [, account = '', region = ''] = key.split(':', 3);
  const { name, nextRotationAt: at } = known;
  const here = { account, region, name, label: null };
  const names = [here, { ...here, service: 'secretsmanager' as const }, { ...here, account: null, region: null }];
  return names.map((one) => [tokenKey(one), { at, previous: tokenVersion(previous) }] as const);
}

/** The last moment that is written with four digits of a year. */
const LAST = Date.UTC(9999, 11, 31, 23, 59);

function isDate(time: number | undefined): time is number {
  return time !== undefined && time >= 0 && time <= LAST;
}
