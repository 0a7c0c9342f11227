/** Whether something holds, as far as it can be told. */
export type Certainty = 'yes' | 'no' | 'unknown';

const REQUIREMENT =
  /^(?<not>!)?\s*(?<key>[A-Za-z0-9._/-]+)\s*(?:(?<sign>==?|!=)\s*(?<value>[A-Za-z0-9._-]*)|\s(?<word>in|notin)\s*\((?<list>[A-Za-z0-9._,\s-]*)\))?$/;
const MAX_LENGTH = 2000;

/** Whether labels fit a selector as Kubernetes writes it: `app=web,tier in (a,b),!legacy`. */
export function fitsLabels(expression: string, labels: ReadonlyMap<string, string>): Certainty {
  if (expression.length > MAX_LENGTH) return 'unknown';
  const answers = expression.split(/,(?![^(]*\))/).map((part) => fitsPart(part.trim(), labels));
  if (answers.includes('unknown')) return 'unknown';
  return answers.includes('no') ? 'no' : 'yes';
}

function fitsPart(part: string, labels: ReadonlyMap<string, string>): Certainty {
  const { not, key, sign, value, word, list } = REQUIREMENT.exec(part)?.groups ?? {};
  if (key === undefined) return 'unknown';
  const own = labels.get(key);
  if (sign === undefined && word === undefined) return answer((own !== undefined) === (not === undefined));
  if (not !== undefined) return 'unknown';
  const values = word === undefined ? [value] : (list ?? '').split(',').map((one) => one.trim());
  const isAmong = own !== undefined && values.includes(own);
  // What has no such label is unequal to each value.
  return answer(sign === '!=' || word === 'notin' ? !isAmong : isAmong);
}

function answer(holds: boolean): Certainty {
  return holds ? 'yes' : 'no';
}
