import { GROUP, IGNORE, ORDER, ORDERS, PIN, PINS, RESTART, type Steering } from '../../domain/policy.ts';
import { entries, field, isNull, lineAt, text, type View } from './yaml-view.ts';

interface Rule {
  /** Completes "it must be …". */
  readonly allowed: string;
  readonly pattern: RegExp;
}

const FLAG: Rule = { allowed: '"true" or "false"', pattern: /^(?:true|false)$/ };
const RULES: ReadonlyMap<string, Rule> = new Map([
  [IGNORE, FLAG],
  [RESTART, FLAG],
  [ORDER, { allowed: ORDERS.join(', '), pattern: new RegExp(`^(?:${ORDERS.join('|')})$`) }],
  [PIN, { allowed: PINS.join(', '), pattern: new RegExp(`^(?:${PINS.join('|')})$`) }],
  [
    GROUP,
    {
      allowed: 'lower-case letters, digits and hyphens, at most 63',
      pattern: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    },
  ],
]);

/** A workload belongs to the group of what feeds it, and names what that writes. */
const NOT_ON_WORKLOADS: readonly string[] = [GROUP, PIN];
const NO_WORKLOAD: Rule = { allowed: 'on an ExternalSecret: a workload follows those that feed it', pattern: /(?!)/ };

/** What an object's own annotations ask of us. What they say wrongly is told with its line, and never guessed. */
export function readSteering(root: View, type: 'external-secret' | 'workload'): Steering {
  const written = (entries(field(root, 'metadata', 'annotations')) ?? []).filter(([key]) => RULES.has(key));
  const values = new Map(written.map(([key, view]) => [key, isNull(view) ? '' : (text(view) ?? '')]));
  const wrong = written.flatMap(([annotation, view]) => {
    const isMisplaced = type === 'workload' && NOT_ON_WORKLOADS.includes(annotation);
    const rule = isMisplaced ? NO_WORKLOAD : RULES.get(annotation);
    if (rule === undefined || rule.pattern.test(values.get(annotation) ?? '')) return [];
    return [{ annotation, line: lineAt(view), allowed: rule.allowed }];
  });
  const order = values.get(ORDER);
  const pin = PINS.find((one) => one === values.get(PIN));
  return {
    isIgnored: values.get(IGNORE) === 'true',
    order: ORDERS.find((one) => one === order) ?? null,
    ...(pin === undefined ? {} : { pin }),
    restarts: values.get(RESTART) !== 'false',
    group: wrong.length === 0 ? (values.get(GROUP) ?? null) : null,
    wrong: wrong[0] ?? null,
  };
}
