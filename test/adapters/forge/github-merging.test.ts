import { afterAll, beforeAll } from 'vitest';
import { createMergingRules } from '../../../src/demo/github/merging/merge-rules.ts';
import { mergingContract } from '../../contracts/forge-merging.ts';
import { ALICE, BOT, draftOf, type Hub, openHub, signal } from './hub.ts';

// One for all: each test has a pull request of its own.
let hub: Hub;
let count = 0;
beforeAll(async () => {
  hub = await openHub();
});
afterAll(() => hub.close());

mergingContract('GitHub', async ({ mayDismiss = true, ...rules }) => {
  count += 1;
  const branch = `gitops-reloader/acme/prod-db-${count}/refresh`;
  const head = await hub.push(branch, 'Bump');
  const { people } = hub;
  const { number } = await hub.forge().open(draftOf(branch), signal());
  await people.setRules({ ...createMergingRules(), ...rules, mayDismiss: mayDismiss ? null : ['root'] });
  const states = { passing: 'SUCCESS', pending: 'PENDING', failing: 'FAILURE' } as const;
  return {
    forge: hub.forge(),
    number,
    head,
    push: () => hub.push(branch, 'Bump again'),
    approve: (by) => people.approveAs(number, { login: by, type: 'User' }),
    requestChanges: () => people.requestChangesAs(number, ALICE),
    setChecks: async (state) => {
      await people.setRules({ needsChecks: true });
      await people.setChecks(number, states[state]);
    },
    setDraft: () => people.markDraft(number, true),
    autoMergeAsPerson: () => people.setAutoMergeAs(number, ALICE, true),
    queue: () => people.enqueueAs(number, BOT),
    closeAsPerson: () => people.closeAs(number, ALICE),
    isMerged: async () => (await people.pulls()).some((pull) => pull.number === number && pull.mergedAt !== null),
    // What is open is looked at again whenever the base moves.
    close: () => people.closeAs(number, ALICE),
  };
});
