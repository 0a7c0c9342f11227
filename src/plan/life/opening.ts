import type { Limits, WaitCode, Windows } from '../../domain/life/opening-policy.ts';
import { nextWindow } from './windows.ts';

/** The label by which people confirm a pull request that changes more objects than `limits.maxObjects`. */
export const CONFIRM_LABEL = 'gitops-reloader:confirm';

const HOUR = 3_600_000;

/** Pull requests that there are already. */
export interface OpeningCounts {
  readonly open: number;
  /** When those of about the last hour were opened, in any order, epoch milliseconds. */
  readonly createdAt: readonly number[];
}

export interface OpeningFacts {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly windows: Windows;
  readonly limits: Limits;
  readonly counts: OpeningCounts;
  /** How many others wait for longer: their turn comes first. */
  readonly ahead: number;
  /** How many objects it changes. */
  readonly objects: number;
  /** Of the pull request that is open already; null where none is. */
  readonly labels: readonly string[] | null;
  /** Passes windows and limits, but not `maxObjects`. */
  readonly isUrgent: boolean;
}

export interface Wait {
  readonly kind: 'wait';
  readonly why: WaitCode;
  /** The first moment at which it is opened if nothing but time passes, epoch milliseconds; null where time alone does not help. */
  readonly until: number | null;
  readonly reason: string;
  readonly hint: string;
}

export type Opening = { readonly kind: 'open' } | Wait;

const OPEN: Opening = { kind: 'open' };

/**
 * Decides whether a pull request may be opened now. One that is open already is neither bound to windows nor counted against
 * limits: its content may change at any time, and only its confirmation is asked for.
 */
export function openingOf(facts: OpeningFacts): Opening {
  const isBound = facts.labels === null && !facts.isUrgent;
  return (isBound ? heldBack(facts) : null) ?? unconfirmed(facts) ?? OPEN;
}

/** True where it is opened at once, if only to be confirmed. */
export function isOpened(opening: Opening): boolean {
  return opening.kind === 'open' || opening.why === 'needs-confirmation';
}

/** True where nothing that was opened before can keep it back, so that nobody need count. */
export function needsNoCounts({ now, windows, limits, labels, isUrgent }: Omit<OpeningFacts, 'counts'>): boolean {
  const isUnbound = labels !== null || isUrgent || (limits.open === null && limits.perHour === null);
  return isUnbound || nextWindow(windows, now) !== now;
}

/** How many more may be opened within the limits, as far as they are counted now; without end where there are none. */
export function roomToOpen({
  now,
  limits,
  counts,
  ahead,
}: Pick<OpeningFacts, 'now' | 'limits' | 'counts' | 'ahead'>): number {
  const recent = counts.createdAt.filter((at) => at > now - HOUR).length;
  const atOnce = limits.open === null ? Number.POSITIVE_INFINITY : limits.open - counts.open;
  const perHour = limits.perHour === null ? Number.POSITIVE_INFINITY : limits.perHour - recent;
  return Math.max(0, Math.min(atOnce, perHour) - ahead);
}

/** GitHub knows no two labels that differ by case alone. */
function isConfirmed(labels: readonly string[]): boolean {
  return labels.some((label) => label.toLowerCase() === CONFIRM_LABEL);
}

function heldBack(facts: OpeningFacts): Wait | null {
  const { now, windows, limits, counts, ahead } = facts;
  const isFull = limits.open !== null && counts.open + ahead >= limits.open;
  const freeAt = timeOfRoom(facts);
  const until = isFull || freeAt === null ? null : nextWindow(windows, Math.max(now, freeAt));
  const opensAt = nextWindow(windows, now);
  const others = ahead === 0 ? '' : `, and ${ahead} wait for longer`;
  if (opensAt !== now) {
    const next = opensAt === null ? 'none begins in sight' : `the next begins at ${utcSeconds(opensAt)}`;
    const reason = `No window for opening pull requests is open: ${next}.`;
    return wait('window-closed', until, { reason, hint: `Look at windows in the configuration. ${URGENT_HINT}` });
  }
  if (isFull) {
    const reason = `${counts.open} pull request(s) are open${others}; limits.open is ${limits.open}.`;
    const hint = `Merge or close some of them, or raise the limit. ${URGENT_HINT}`;
    return wait('too-many-open', until, { reason, hint });
  }
  if (freeAt !== null && freeAt <= now) return null;
  const recent = counts.createdAt.filter((at) => at > now - HOUR).length;
  const reason = `${recent} pull request(s) were opened within the last hour${others}; limits.perHour is ${limits.perHour}.`;
  return wait('too-many-this-hour', until, { reason, hint: `It is opened as time passes. ${URGENT_HINT}` });
}

const URGENT_HINT = 'What is urgent does not wait: see spec.coalesce.urgent.';

/** When so few count for the last hour that there is room for one more; null where those ahead take all of it. */
function timeOfRoom({ now, limits, counts, ahead }: OpeningFacts): number | null {
  if (limits.perHour === null) return now;
  const room = limits.perHour - ahead;
  if (room <= 0) return null;
  // The newest that must be an hour old by then.
  const blocking = counts.createdAt.toSorted((left, right) => right - left)[room - 1];
  return blocking === undefined ? now : Math.max(now, blocking + HOUR);
}

function unconfirmed({ limits, objects, labels }: OpeningFacts): Wait | null {
  if (limits.maxObjects === null || objects <= limits.maxObjects || isConfirmed(labels ?? [])) return null;
  const reason = `It changes ${objects} objects, more than limits.maxObjects (${limits.maxObjects}): a person must confirm it.`;
  const hint = `Look through it, add the label ${CONFIRM_LABEL} to its pull request, and mark it as ready for review.`;
  return wait('needs-confirmation', null, { reason, hint });
}

function wait(why: WaitCode, until: number | null, said: Pick<Wait, 'reason' | 'hint'>): Wait {
  return { kind: 'wait', why, until, ...said };
}

/** UTC, to the second, never too early. */
export function utcSeconds(at: number): string {
  return new Date(Math.ceil(at / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
