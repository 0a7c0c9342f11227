import { Cron } from 'croner';
import type { Form } from '../keys/forms.ts';

const MAX_PATTERN = 200;
/** A leap year begins: every date comes within a few years, and the same pattern is judged alike at all times. */
const FROM = new Date(Date.UTC(2024, 0, 1));

/** When a window begins. */
export const CRON: Form = { says: 'a cron pattern of five fields such as 0 22 * * 1-5', refuse: refuseCron };

/** In which a pattern is meant. */
export const TIME_ZONE: Form = { says: 'an IANA time zone such as Europe/Berlin', refuse: refuseTimeZone };

function refuseCron(text: string): string | null {
  // A `?` would stand for the time at which it is read.
  if (text.length > MAX_PATTERN || !/^[\dA-Za-z*,/#-]+(?: +[\dA-Za-z*,/#-]+){4}$/.test(text)) {
    return 'minute, hour, day of the month, month and day of the week';
  }
  try {
    const pattern = new Cron(text, { timezone: 'UTC', mode: '5-part', paused: true });
    return pattern.nextRun(FROM) === null ? 'no such date ever comes' : null;
  } catch {
    return 'each field is *, a number, a range a-b, a list a,b or a step */n';
  }
}

function refuseTimeZone(text: string): string | null {
  if (!/^[A-Za-z][\w+-]*(?:\/[\w+-]+){0,2}$/.test(text) || text.length > 64) return '';
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone === '' ? '' : null;
  } catch {
    return 'see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones';
  }
}
