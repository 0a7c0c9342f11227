import { tokenTime } from '../../../src/domain/token.ts';
import type { KnownSecret } from '../../../src/plan/truth/wish.ts';
import { EPOCH } from './cluster.ts';
import type { Simulation } from './simulation.ts';

/** Secrets Manager: which version of each secret is current. Versions are numbered from 1. */
export interface Aws {
  /** AWSCURRENT moves to the next version. */
  rotate(secret: string): number;
  current(secret: string): number;
  /** The number behind a VersionId; null for one that was never made. */
  versionOf(secret: string, id: string): number | null;
  /** DescribeSecret: its time is that of the answer, by AWS's clock. */
  describe(secret: string): KnownSecret;
}

/** The VersionId of a version. */
export function versionId(version: number): string {
  return `0a1b2c3d-0000-4000-8000-${String(version).padStart(12, '0')}`;
}

export function createAws(simulation: Simulation): Aws {
  const currents = new Map<string, number>();
  const current = (secret: string) => currents.get(secret) ?? 1;
  return {
    rotate: (secret) => {
      const version = current(secret) + 1;
      currents.set(secret, version);
      simulation.tell(`AWS makes version ${version} of ${secret} current`);
      return version;
    },
    current,
    versionOf: (secret, id) => {
      const version = Number(/(\d{12})$/.exec(id)?.[1] ?? Number.NaN);
      return versionId(version) === id && version <= current(secret) ? version : null;
    },
    describe: (secret) => ({
      kind: 'described',
      name: secret,
      versions: new Map([['AWSCURRENT', versionId(current(secret))]]),
      seenAt: tokenTime(EPOCH + simulation.now()),
      deleted: false,
      tags: new Map(),
    }),
  };
}
