import type { EventFacts } from '../domain/change.ts';
import { plainText } from '../domain/plain-text.ts';
import { FORCE_SYNC } from '../domain/policy.ts';
import { findEntry, parseToken } from '../domain/token.ts';
import type { Edit } from '../plan/plan.ts';

/**
 * Room `words`: text for people, and the trailers that machines read back. It knows plans; it knows no host.
 *
 * The trailer block ends every commit and every pull-request body, so that a squash merge keeps it.
 */
export const ROTATION = 'Secret-Rotation';

/** The most events that one commit names; the rest of a storm is in the log. */
const MAX_EVENTS = 20;

/** The trailer block of a plan's edits and the events that asked for them. Same input, same lines. */
export function formatTrailers(edits: readonly Edit[], events: readonly EventFacts[]): string {
  const rotations = rotationsOf(edits).map((rotation) => `${ROTATION}: ${rotation}`);
  return [...rotations, ...uniqueEvents(events).flatMap(eventLines)].join('\n');
}

/** `key=version` of every secret version that these edits bring into an ExternalSecret, sorted. */
export function rotationsOf(edits: readonly Edit[]): readonly string[] {
  const rotations = edits.flatMap((edit) => {
    const token = edit.annotation === FORCE_SYNC ? parseToken(edit.after) : null;
    return edit.secrets.flatMap((key) => {
      const entry = token === null ? undefined : findEntry(token, key);
      return entry === undefined ? [] : [`${key}=${entry.version}`];
    });
  });
  return [...new Set(rotations)].toSorted();
}

/** The values of one trailer in the last paragraph of a message that a stranger may have written; at most 1,000. */
export function readTrailers(message: string, key: string): readonly string[] {
  const paragraphs = message
    .slice(-262_144)
    .trimEnd()
    .split(/\r?\n\r?\n/);
  const lines = (paragraphs.at(-1) ?? '').split(/\r?\n/);
  const values = lines.flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2).trim()] : []));
  return values.slice(0, 1000);
}

/** The events that an earlier commit of ours names, so that rewriting it keeps them. */
export function readEvents(message: string): readonly EventFacts[] {
  const ids = readTrailers(message, 'Event-Id');
  const names = readTrailers(message, 'Event-Name');
  const times = readTrailers(message, 'Event-Time');
  if (ids.length !== names.length || ids.length !== times.length) return [];
  return ids.slice(0, MAX_EVENTS).map((id, at) => ({
    id: id === 'unknown' ? null : id,
    name: names[at] ?? 'unknown',
    time: times[at] === 'unknown' ? null : (times[at] ?? null),
    actorKind: null,
  }));
}

function uniqueEvents(events: readonly EventFacts[]): readonly EventFacts[] {
  const byId = new Map(events.map((event) => [`${event.time} ${event.id} ${event.name}`, event]));
  return [...byId]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([, event]) => event)
    .slice(0, MAX_EVENTS);
}

function eventLines(event: EventFacts): readonly string[] {
  return [
    `Event-Id: ${plainText(event.id ?? 'unknown', 100)}`,
    `Event-Name: ${plainText(event.name, 100)}`,
    `Event-Time: ${plainText(event.time ?? 'unknown', 40)}`,
  ];
}
