import { awsError } from '../../../src/demo/aws/aws-json.ts';
import { createFaults, type FaultEffect, type Faults } from '../../../src/demo/faults.ts';
import type { RandomNumbers } from '../kill-loop/random-numbers.ts';

/** Every kind of trouble that the embedded SQS can make. */
const KINDS = [
  'closed socket',
  'lost answer',
  'server error',
  'throttled',
  'page of a proxy',
  'late',
  'late answer',
  'partial failure',
] as const;

export type FaultKind = (typeof KINDS)[number];

export interface RandomFaults extends Faults {
  readonly counts: ReadonlyMap<FaultKind, number>;
}

/** One operation in so many goes wrong, each kind as often as any other. `wait` is how a server is slow with an operation. */
export function randomFaults(
  share: number,
  random: RandomNumbers,
  wait: (operation: string) => Promise<void>,
): RandomFaults {
  const counts = new Map<FaultKind, number>(KINDS.map((kind) => [kind, 0]));
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];
  const effects: Readonly<Record<FaultKind, (operation: string) => FaultEffect>> = {
    'closed socket': () => ({ kind: 'drop' }),
    'lost answer': () => ({ kind: 'drop-after-effect' }),
    'server error': () =>
      pick([awsError('InternalFailure', 500), { kind: 'answer', status: 502 }, awsError('ServiceUnavailable', 503)]),
    throttled: () => pick([awsError('RequestThrottled'), awsError('OverLimit', 403), { kind: 'answer', status: 429 }]),
    'page of a proxy': () => ({ kind: 'answer', status: 200, body: '<html>a proxy</html>' }),
    late: (operation) => ({ kind: 'before', act: () => wait(operation) }),
    'late answer': (operation) => ({ kind: 'after', act: () => wait(operation) }),
    'partial failure': () => ({ kind: 'partly' }),
  };
  return {
    ...createFaults(),
    counts,
    take: (operation) => {
      if (random() >= share) return null;
      const [first, ...others] = KINDS.filter((kind) => kind !== 'partial failure' || operation.endsWith('Batch'));
      const kind = pick([first ?? 'closed socket', ...others]);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return effects[kind](operation);
    },
  };
}
