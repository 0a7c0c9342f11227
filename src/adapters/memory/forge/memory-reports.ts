import { plainText } from '../../../domain/plain-text.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import type { DeliveredCommit, StatusReport } from '../../../plan/restart/statuses/delivered.ts';
import type { MemoryForgeOptions } from './memory-forge-options.ts';

/** What controllers report on commits. */
export interface MemoryReports {
  report(commit: Oid, name: string, state: StatusReport['state']): Promise<void>;
}

const MOST_COMMITS = 20;
const MOST_REPORTS = 100;

/** The statuses of one repository in memory. */
export function createReports({ parents = () => Promise.resolve(null), now }: MemoryForgeOptions) {
  const reports = new Map<Oid, Map<string, StatusReport>>();
  return {
    report: async (commit: Oid, written: string, state: StatusReport['state']): Promise<void> => {
      const name = plainText(written);
      const known = reports.get(commit) ?? new Map<string, StatusReport>();
      reports.set(commit, known.set(name, state === 'pending' ? { name, state } : { name, state, at: now() }));
    },
    delivered: async (head: Oid): Promise<readonly DeliveredCommit[]> => {
      const commits = new Map<Oid, DeliveredCommit>();
      const waiting = new Set([head]);
      // What is added while it is gone through is gone through too.
      for (const oid of waiting) {
        const own = commits.size < MOST_COMMITS ? await parents(oid) : null;
        if (own === null) continue;
        const all = [...(reports.get(oid)?.values() ?? [])];
        const isWhole = all.length <= MOST_REPORTS;
        commits.set(oid, { oid, parents: own, reports: all.slice(0, MOST_REPORTS), isWhole });
        for (const parent of own) waiting.add(parent);
      }
      return [...commits.values()];
    },
  };
}
