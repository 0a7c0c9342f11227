import { acts, always, type Meaning, quiet } from './verdict.ts';

const READ = always(quiet('a read, which changes nothing'));
const LABEL_ONLY = always(quiet('a label moved; the latest version did not change'));
const GONE = always(quiet('the parameter is gone; there is no new value'));
const WRITTEN = acts('yes', 'a new version was written');

/** What several parameters share names no single one. */
function several(meaning: Meaning): Meaning {
  return { ...meaning, names: 'nothing' };
}

/**
 * Operations of Parameter Store: the native events' `operation` or `policy-type`, and CloudTrail's names. docs/events.md
 * shows the same.
 */
export const PARAMETER_EVENTS: ReadonlyMap<string, Meaning> = new Map([
  ['Create', always(WRITTEN)],
  ['Update', always(WRITTEN)],
  ['Delete', GONE],
  ['Expiration', GONE],
  ['ExpirationNotification', always(quiet('the parameter will expire; its value did not change'))],
  ['NoChangeNotification', always(quiet('the parameter has not changed for long'))],
  ['PutParameter', always(WRITTEN, ['responseElements', 'version'])],
  ['DeleteParameter', GONE],
  ['DeleteParameters', several(always(quiet('parameters are gone; there is no new value')))],
  ['LabelParameterVersion', LABEL_ONLY],
  ['UnlabelParameterVersion', LABEL_ONLY],
  ['GetParameter', READ],
  ['GetParameterHistory', READ],
  ['GetParameters', several(READ)],
  ['GetParametersByPath', several(READ)],
  ['DescribeParameters', several(READ)],
]);
