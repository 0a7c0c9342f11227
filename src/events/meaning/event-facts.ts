import type { EventFacts } from '../../domain/change.ts';
import type { Frame } from '../frame.ts';
import { textField } from '../read-json.ts';

// The types that CloudTrail documents. Anything else is left out: a type is shown to people and must name nobody.
const ACTOR_KINDS: ReadonlySet<string> = new Set([
  'Root',
  'IAMUser',
  'AssumedRole',
  'Role',
  'FederatedUser',
  'Directory',
  'AWSAccount',
  'AWSService',
  'IdentityCenterUser',
  'SAMLUser',
  'WebIdentityUser',
  'Unknown',
]);

const EVENT_ID = /^[A-Za-z0-9-]{1,64}$/;
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Who, when and which event, for commit trailers: `name` is a name we know, never one that an event brings. */
export function eventFacts(frame: Frame, name: string): EventFacts {
  const id = frame.id ?? textField(frame.detail, 'eventID');
  const actor = textField(frame.detail, 'userIdentity', 'type');
  return {
    id: id !== null && EVENT_ID.test(id) ? id : null,
    name,
    time: eventTime(textField(frame.detail, 'eventTime') ?? frame.time, frame.sentAt),
    actorKind: actor !== null && ACTOR_KINDS.has(actor) ? actor : null,
  };
}

/**
 * A time as `YYYY-MM-DDTHH:MM:SSZ`, cut to the second and not later than `sentAt` (epoch milliseconds, null for no
 * limit). Null when the text is no time with a zone, or no day of the calendar.
 */
export function eventTime(text: string | null, sentAt: number | null): string | null {
  if (text === null || !isCalendarTime(text)) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return null;
  const iso = new Date(sentAt === null ? time : Math.min(time, sentAt)).toISOString();
  return iso.length === 24 ? `${iso.slice(0, 19)}Z` : null;
}

/** The engine reads February 30 as March 1; AWS never writes it. */
function isCalendarTime(text: string): boolean {
  const [, year, month, day] = TIME.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return Number(year) >= 1970 && date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
}
