import type { ExternalSecretFacts, Placed } from '../manifests/objects.ts';
import type { SkipCode } from './plan.ts';

/** Why a bump would do nothing, or harm. */
export interface NoEffect {
  readonly code: SkipCode;
  readonly reason: string;
  readonly hint: string;
}

/**
 * Whether External Secrets Operator refreshes this object when its annotations change; null when it does.
 * The rule is ESO's own `shouldRefresh` (interval before metadata under Periodic) and what it may write.
 */
export function effectOfBump(object: Placed<ExternalSecretFacts>): NoEffect | null {
  if (object.generators) {
    return {
      code: 'generator',
      reason: 'It uses a generator: every refresh would make new credentials.',
      hint: 'Move the generator into an ExternalSecret of its own.',
    };
  }
  if (object.refreshPolicy === 'CreatedOnce') {
    return {
      code: 'created-once',
      reason: 'refreshPolicy is CreatedOnce: ESO never refreshes it.',
      hint: 'Use refreshPolicy: OnChange.',
    };
  }
  if (object.refreshPolicy !== 'OnChange' && isZeroInterval(object.refreshInterval)) {
    return {
      code: 'interval-zero',
      reason: `refreshInterval is ${object.refreshInterval ?? '0'} under the Periodic policy: ESO ignores annotation changes.`,
      hint: 'Set refreshPolicy: OnChange.',
    };
  }
  if (object.creationPolicy === 'None') {
    return {
      code: 'creation-policy-none',
      reason: 'creationPolicy is None: a refresh writes no Secret.',
      hint: 'Use another creationPolicy, or ignore this object.',
    };
  }
  if (object.immutable) {
    return {
      code: 'immutable-target',
      reason: 'target.immutable is true: ESO does not rewrite the Secret.',
      hint: 'Remove immutable, or give the target a new name.',
    };
  }
  return null;
}

/** True for every Go duration that is not above zero: `0`, `0s`, `0h0m`, `-5m`. */
function isZeroInterval(interval: string | null): boolean {
  if (interval === null) return false;
  return interval.trim().startsWith('-') || /^[+]?(0+(\.0*)?([a-zµ]+)?)+$/.test(interval.trim());
}
