import { plainText } from '../../domain/plain-text.ts';
import { isOnlyReported, isPush } from '../../manifests/indexing/cluster/only-reported.ts';
import type { ExternalSecretFacts, Placed } from '../../manifests/objects.ts';
import type { Obstacle } from '../plan.ts';

/**
 * Whether External Secrets Operator refreshes this object when its annotations change; null when it does.
 * `madeBy` names the ClusterExternalSecret that makes it. The rule is ESO's own `shouldRefresh` (interval before metadata under Periodic) and what it may write.
 */
export function effectOfBump(object: Placed<ExternalSecretFacts>, madeBy?: string): Obstacle | null {
  const other = whyNeverBumped(object, madeBy);
  if (other !== null) return other;
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
  const { refreshInterval } = object;
  if (object.refreshPolicy !== 'OnChange' && refreshInterval !== null && isNotAboveZero(refreshInterval)) {
    return {
      code: 'interval-zero',
      reason: `refreshInterval is ${plainText(refreshInterval, 40)} under the Periodic policy: ESO ignores annotation changes.`,
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

/** Objects that are only reported, and those that somebody else writes. */
function whyNeverBumped(object: Placed<ExternalSecretFacts>, madeBy: string | undefined): Obstacle | null {
  if (isPush(object)) {
    return {
      code: 'pushes-to-aws',
      reason: `This ${object.kind} writes to AWS: a bump would put the cluster's value in the place of the new one.`,
      hint: 'Let one side own the secret: rotate what it pushes, set updatePolicy: IfNotExists, or remove it.',
    };
  }
  if (isOnlyReported(object)) {
    return {
      code: 'legacy-object',
      reason:
        'It is an ExternalSecret of kubernetes-client.io, whose controller is no longer maintained: it takes no token.',
      hint: 'Migrate it: write it as external-secrets.io/v1 with a SecretStore (External Secrets Operator ships kes-to-eso).',
    };
  }
  if (madeBy === undefined) return null;
  return {
    code: 'cluster-child',
    reason: `ClusterExternalSecret ${plainText(madeBy, 260)} makes it and sets back whatever is changed here.`,
    hint: 'Keep only the ClusterExternalSecret in Git: it is refreshed instead.',
  };
}

const NANOSECONDS: Readonly<Record<string, number>> = {
  h: 3600e9,
  m: 60e9,
  s: 1e9,
  ms: 1e6,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ns: 1,
};

/**
 * True for a Go duration that is not above zero: `0`, `0s`, `0h0m`, `-5m`, `0.1ns` (Go cuts to whole nanoseconds).
 * False for what is no duration: Kubernetes does not take it. Each part is read once, so no text is slow to read.
 */
function isNotAboveZero(text: string): boolean {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return true;
  // A sticky pattern begins where the one before it ended.
  const part = /(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|μs|ns|m|s)/y;
  let nanoseconds = 0;
  let end = 0;
  for (let match = part.exec(unsigned); match !== null; match = part.exec(unsigned)) {
    nanoseconds += Math.floor(Number(match[1]) * (NANOSECONDS[match[2] ?? ''] ?? 0));
    end = part.lastIndex;
  }
  if (end === 0 || end < unsigned.length) return false;
  return text.startsWith('-') || nanoseconds === 0;
}
