import { afterAll, beforeAll } from 'vitest';
import { git, identityEnvironment } from '../../../src/demo/git/git-cli.ts';
import { type DeliveredWorld, deliveredContract } from '../../contracts/forge-delivered.ts';
import { type Hub, openHub } from './hub.ts';

// One for all: each test has commits of its own.
let hub: Hub;
let count = 0;
beforeAll(async () => {
  hub = await openHub();
});
afterAll(() => hub.close());

type Reports = Pick<DeliveredWorld, 'report'>;

const STATUS = { success: 'SUCCESS', pending: 'PENDING', failed: 'FAILURE' } as const;
const CHECK = { success: 'SUCCESS', pending: 'IN_PROGRESS', failed: 'TIMED_OUT' } as const;

/** Statuses, or checks, which are kept each under a name of their own as long as they run. */
const KINDS: Readonly<Record<string, () => Reports>> = {
  'GitHub, statuses': () => ({
    report: (commit, name, state) => hub.people.report(commit, { kind: 'status', name, state: STATUS[state] }),
  }),
  'GitHub, checks': () => ({
    report: async (commit, name, state) => {
      // A check that ends is no longer running.
      await hub.people.endCheck(commit, name);
      await hub.people.report(commit, { kind: 'check', name, state: CHECK[state] });
    },
  }),
};

for (const [name, reports] of Object.entries(KINDS)) {
  deliveredContract(name, () =>
    Promise.resolve({
      forge: hub.forge(),
      commit: async (...parents) => {
        count += 1;
        const args = ['commit-tree', 'refs/heads/main^{tree}', ...parents.flatMap((one) => ['-p', one])];
        const person = identityEnvironment({ name: 'Dev', email: 'dev@acme.example' }, 1_700_000_000 + count);
        return (await git(hub.dir, [...args, '-m', `${count}`], person)).trim();
      },
      ...reports(),
      pass: hub.pass,
      close: () => Promise.resolve(),
    }),
  );
}
