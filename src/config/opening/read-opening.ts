import { ALWAYS, type Limits, type Windows, type WindowTime } from '../../domain/life/opening-policy.ts';
import { nameOf, type Section } from '../read/section.ts';
import {
  readDuration,
  readLimit,
  readSection,
  readSectionOrNull,
  readSectionsOrNull,
  readText,
} from '../read/values.ts';
import { MOST_WINDOWS } from './opening-keys.ts';

/** How many pull requests there may be, and when they may be opened. */
export interface OpeningPolicy {
  readonly limits: Limits;
  readonly windows: Windows;
}

/** Where nothing is written. */
export const STANDARD_OPENING: OpeningPolicy = {
  limits: { open: 50, perHour: 100, maxObjects: 250 },
  windows: ALWAYS,
};

/** `limits`, key by key, and `windows`, as a whole, of a repository or a base branch; what is not written is as in `outer`. */
export function readOpening(section: Section, outer: OpeningPolicy): OpeningPolicy {
  const limits = readSection(section, 'limits');
  const windows = readSectionOrNull(section, 'windows');
  return {
    limits: {
      open: readLimit(limits, 'open', outer.limits.open),
      perHour: readLimit(limits, 'perHour', outer.limits.perHour),
      maxObjects: readLimit(limits, 'maxObjects', outer.limits.maxObjects),
    },
    windows: windows === null ? outer.windows : readWindows(windows),
  };
}

function readWindows(windows: Section): Windows {
  return {
    allow: readTimes(windows, 'allow'),
    exclude: readTimes(windows, 'exclude'),
    timeZone: readText(windows, 'timeZone'),
  };
}

function readTimes(windows: Section, name: 'allow' | 'exclude'): readonly WindowTime[] {
  const times = readSectionsOrNull(windows, name) ?? [];
  const [first] = times.slice(MOST_WINDOWS);
  if (first !== undefined) {
    const hint = 'join them: a field may be a list, such as 0 9,14 * * 1-5';
    windows.report.problem(first.offset, `${nameOf(windows, name)} has more than ${MOST_WINDOWS} entries`, hint);
  }
  return times.slice(0, MOST_WINDOWS).map((time) => ({
    cron: readText(time, 'cron'),
    durationMilliseconds: readDuration(time, 'duration'),
  }));
}
