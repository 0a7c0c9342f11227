import { Environment } from '@marcbachmann/cel-js';

/** An entry of `spec.healthCheckExprs`. */
export interface HealthExpressions {
  readonly apiVersion: string;
  readonly kind: string;
  readonly inProgress?: string;
  readonly failed?: string;
  readonly current: string;
}

/** What Flux makes of an object: `waits` for one that is in progress, and for an expression that cannot be evaluated. */
export type FluxHealth = 'current' | 'failed' | 'waits';

const environment = new Environment({ unlistedVariablesAreDyn: true });
const parsed = new Map<string, ReturnType<typeof environment.parse>>();

/** Parsed once: every row of a table asks the same. */
function isTrue(expression: string, object: Readonly<Record<string, unknown>>): boolean {
  const known = parsed.get(expression) ?? environment.parse(expression);
  parsed.set(expression, known);
  return known(object) === true;
}

/** Evaluates them as Flux does: `inProgress`, `failed`, `current`, each against the fields of the object; the first that is true. */
export function runCel(expressions: HealthExpressions, object: Readonly<Record<string, unknown>>): FluxHealth {
  const { inProgress = 'false', failed = 'false', current } = expressions;
  try {
    if (isTrue(inProgress, object)) return 'waits';
    if (isTrue(failed, object)) return 'failed';
    return isTrue(current, object) ? 'current' : 'waits';
  } catch (error) {
    // Flux looks again until its timeout: an object without `status` has no variable of that name, and some texts are no times.
    if (error instanceof Error && /^(?:Unknown variable: status|.*timestamp)/.test(error.message)) return 'waits';
    throw error;
  }
}
