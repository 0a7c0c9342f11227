import type { NextDrop } from '../../plan/life/next-drops.ts';
import { needsManyOwners } from '../../plan/life/owners/code-owners.ts';
import { count } from '../commit-message.ts';
import { code } from '../markdown.ts';

/** How many of each are named. */
const MAX_NAMED = 5;

/** A set of owners as one text; one of them is enough. */
export function ownersText(owners: readonly string[]): string {
  return owners.join(' ');
}

/** UTC, to the minute: `2026-03-09 23:59 UTC`. */
export function minuteText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A warning where so many sets of code owners have to approve that somebody will be waited for; null where not. */
export function manyOwners(sets: readonly (readonly string[])[]): string | null {
  if (!needsManyOwners(sets)) return null;
  const named = sets.slice(0, MAX_NAMED).map((owners) => code(ownersText(owners), 200));
  const more = sets.length > MAX_NAMED ? `; and ${sets.length - MAX_NAMED} more` : '';
  return [
    '### Who has to approve\n',
    `CODEOWNERS names ${sets.length} sets of owners for these files. Where the base requires their reviews, one of each set has to approve: ${named.join('; ')}${more}.`,
    'To ask fewer people at once, split groups by `group.path`, such as `clusters/{cluster}/**`: each part then has a pull request of its own.',
  ].join('\n');
}

/** Until when running pods may still use what they have, where AWS says when it rotates next; null where it does not. */
export function lastsUntil(drops: readonly NextDrop[], limit: number): string | null {
  if (drops.length === 0) return null;
  const shown = drops.slice(0, Math.min(limit, MAX_NAMED));
  const left = drops.length - shown.length;
  const more = left === 0 ? [] : [`- ${shown.length === 0 ? count(left, 'secret') : `and ${left} more`}`];
  return [
    '### Until when the old version lasts\n',
    'AWS keeps one version before the current one. The next scheduled rotation takes away what running pods still use, so merge this, and see the pods restarted, before then:\n',
    ...shown.map(({ secret, at }) => `- ${code(secret)}: ${minuteText(at)} at the latest`),
    ...more,
  ].join('\n');
}
