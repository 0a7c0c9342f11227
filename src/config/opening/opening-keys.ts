import { duration, type KeyRow, limit, SECTION, SECTIONS, text } from '../keys/key.ts';
import { CRON, TIME_ZONE } from './window-forms.ts';

const LIST = 'spec.repositories[]';
const BRANCH = `${LIST}.branches[]`;

/** More than these help nobody, and each is asked whenever something waits. */
export const MOST_WINDOWS = 10;

/** Of a repository: how many pull requests there are to be, and when they may be opened. */
export const OPENING_KEYS: readonly KeyRow[] = [
  {
    path: `${LIST}.limits`,
    type: SECTION,
    default: null,
    about:
      'How many pull requests there may be. What is beyond waits on its branch, and what waits longest is opened first. Every process counts what the code host shows of this instance in this repository: N replicas at once may open up to N - 1 more.',
    example: '{open: 20}',
  },
  {
    path: `${LIST}.limits.open`,
    type: limit(1, 1000),
    default: 50,
    about: 'Open at once. The default is more than anybody looks through, and less than a storm makes.',
    example: '20',
  },
  {
    path: `${LIST}.limits.perHour`,
    type: limit(1, 1000),
    default: 100,
    about:
      'Opened within an hour. Each takes at most four requests that create something, of which GitHub allows 500 an hour.',
    example: '30',
  },
  {
    path: `${LIST}.limits.maxObjects`,
    type: limit(1, 100_000),
    default: 250,
    about:
      'A pull request that changes more objects is a draft, with a comment that asks for the label `gitops-reloader:confirm`; urgent or not.',
    example: '100',
  },
  {
    path: `${LIST}.windows`,
    type: SECTION,
    default: null,
    about:
      'When pull requests may be opened: within one of `allow` (always, where there is none) and within none of `exclude`, at most ten of each. Newer versions are added to an open one at any time. What is urgent (`spec.coalesce.urgent`) waits neither for windows nor for limits.',
    example: '{allow: [{cron: "0 9 * * 1-5", duration: 8h}]}',
  },
  ...windowKeys(LIST),
];

/** The same of a base branch. */
export const BRANCH_OPENING_KEYS: readonly KeyRow[] = [
  {
    path: `${BRANCH}.limits`,
    type: SECTION,
    default: null,
    about:
      'For this base alone; each key that is left out is as in `repositories[].limits`. All pull requests of the repository count, whatever their base.',
    example: '{open: 5}',
  },
  {
    path: `${BRANCH}.limits.open`,
    type: limit(1, 1000),
    default: null,
    about: 'Open at once.',
    example: '5',
  },
  {
    path: `${BRANCH}.limits.perHour`,
    type: limit(1, 1000),
    default: null,
    about: 'Opened within an hour.',
    example: '10',
  },
  {
    path: `${BRANCH}.limits.maxObjects`,
    type: limit(1, 100_000),
    default: null,
    about: 'The most objects without confirmation.',
    example: '50',
  },
  {
    path: `${BRANCH}.windows`,
    type: SECTION,
    default: null,
    about: 'For this base, in place of all of `repositories[].windows`.',
    example: '{exclude: [{cron: "0 0 20 12 *", duration: 336h}]}',
  },
  ...windowKeys(BRANCH),
];

function windowKeys(parent: string): readonly KeyRow[] {
  return [
    {
      path: `${parent}.windows.timeZone`,
      type: text(TIME_ZONE),
      default: 'UTC',
      about: 'Of its patterns.',
      example: 'Europe/Berlin',
    },
    {
      path: `${parent}.windows.(allow|exclude)`,
      type: SECTIONS,
      default: null,
      about: 'A window begins whenever its pattern matches, and lasts for its duration. `exclude` wins.',
      example: '[{cron: "0 9 * * 1-5", duration: 8h}]',
    },
    {
      path: `${parent}.windows.(allow|exclude)[].cron`,
      type: text(CRON),
      about:
        'Minute, hour, day of the month, month, day of the week. A time that the clock leaves out in spring begins when it goes on; one that it repeats in autumn counts once.',
      example: '0 22 * * 1-5',
    },
    {
      path: `${parent}.windows.(allow|exclude)[].duration`,
      type: duration(60_000),
      about: 'At least a minute, at most 30 days.',
      example: '4h',
    },
  ];
}
