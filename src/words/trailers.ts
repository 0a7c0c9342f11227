import type { EventFacts } from '../domain/change.ts';
import { lastParagraph } from '../domain/life/last-paragraph.ts';
import { SECRET_VERSIONS } from '../domain/policy.ts';
import { findKeyed } from '../domain/token.ts';
import { broughtBy, type Edit } from '../plan/plan.ts';
import { restartName } from '../plan/restart/due-restarts.ts';

/**
 * Room `words`: text for people, and the trailers that machines read back. It knows plans; it knows no host.
 *
 * The trailer block ends every commit and every pull-request body, so that a squash merge keeps it.
 */
export const ROTATION = 'Secret-Rotation';

/** Stage two's: one for each workload that a commit restarts, and with what. */
export const RESTART = 'Workload-Restart';

/** On a commit that records a baseline: the digest of its text. */
export const BASELINE = 'Baseline';

/** On a commit that stands on others which must stay: the commit beneath it. */
export const BUILDS_ON = 'Builds-On';

/** The most events that one commit names; the rest of a storm is in the log. */
const MAX_EVENTS = 20;

/** The longest message that is searched for trailers, in characters from its end. */
const MAX_MESSAGE = 1_048_576;

/** The trailer block of a plan's edits and the events that asked for them. Same input, same lines. */
export function formatTrailers(edits: readonly Edit[], events: readonly EventFacts[]): string {
  return [...effectLines(edits), ...eventLines(events)].join('\n');
}

/** One line for each secret version that these edits bring, or for each workload that they restart by stage two. */
export function effectLines(edits: readonly Edit[]): readonly string[] {
  const restarts = edits.filter(isRestart).map((edit) => `${RESTART}: ${restartName(edit)}`);
  return [...rotationsOf(edits).map(rotationLine), ...[...new Set(restarts)].toSorted()];
}

/** `restartAt` has the versions beside it. */
function isRestart({ stage, annotation }: Edit): boolean {
  return stage === 2 && annotation === SECRET_VERSIONS;
}

/** One line of the block. */
function rotationLine(rotation: string): string {
  return `${ROTATION}: ${rotation}`;
}

/** `key=version` of every secret version that these edits bring into an ExternalSecret, sorted. */
export function rotationsOf(edits: readonly Edit[]): readonly string[] {
  const rotations = edits.flatMap((edit) => {
    const token = broughtBy(edit);
    return edit.secrets.flatMap((key) => {
      const entry = token === null ? undefined : findKeyed(token, key);
      return entry === undefined ? [] : [`${key}=${entry.version}`];
    });
  });
  return [...new Set(rotations)].toSorted();
}

/** Three lines for each event, the oldest first; of too many, the newest. The order of `events` does not matter. */
export function eventLines(events: readonly EventFacts[]): readonly string[] {
  const blocks = events.map((event): readonly [string, string] => {
    const [id, name, time] = [plainId(event.id), plainName(event.name), plainTime(event.time)];
    const order = [time === UNKNOWN ? '' : time, id, name].join(' ');
    return [order, `Event-Id: ${id}\nEvent-Name: ${name}\nEvent-Time: ${time}`];
  });
  const sorted = [...new Map(blocks)].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return sorted.slice(-MAX_EVENTS).map(([, lines]) => lines);
}

/** The values of one trailer in the last paragraph of a message that a stranger may have written. */
export function readTrailers(message: string, key: string): readonly string[] {
  const lines = lastParagraph(message.slice(-MAX_MESSAGE)).split(/\r?\n/);
  return lines.flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2).trim()] : []));
}

/** The events that an earlier commit of ours names, so that rewriting it keeps them. */
export function readEvents(message: string): readonly EventFacts[] {
  const ids = readTrailers(message, 'Event-Id');
  const names = readTrailers(message, 'Event-Name');
  const times = readTrailers(message, 'Event-Time');
  if (ids.length !== names.length || ids.length !== times.length) return [];
  return ids.slice(0, MAX_EVENTS).map((id, at) => ({
    id: id === UNKNOWN ? null : id,
    name: names[at] ?? UNKNOWN,
    time: times[at] === UNKNOWN ? null : (times[at] ?? null),
    actorKind: null,
  }));
}

const UNKNOWN = 'unknown';

// Whatever an event or a stranger's commit says, these have no sign that means something to Git, Markdown or a forge. What
// is written is read back and written again: doing it twice changes nothing.
function plainId(id: string | null): string {
  const word = (id ?? '').replaceAll(/[^A-Za-z0-9-]+/g, '-').slice(0, 64);
  return word.replaceAll(/(gh)-+(?=\d)/gi, '$1') || UNKNOWN;
}

function plainName(name: string): string {
  return (
    name
      .replaceAll(/[^A-Za-z ]+/g, '-')
      .replaceAll(/ +/g, ' ')
      .slice(0, 64)
      .trim() || UNKNOWN
  );
}

function plainTime(time: string | null): string {
  return (time ?? '').replaceAll(/[^0-9TZ:-]+/g, '-').slice(0, 24) || UNKNOWN;
}
