import { forgeContract } from '../../contracts/forge.ts';
import { ALICE, openHub, STALE } from './hub.ts';

forgeContract('GitHub', async () => {
  const hub = await openHub();
  return {
    forge: hub.forge(),
    push: hub.push,
    branchOff: (branch) => hub.reset(branch, 'refs/heads/main'),
    deleteBranch: hub.deleteBranch,
    closeAs: (number, who) => hub.people.closeAs(number, who === 'person' ? ALICE : STALE),
    reopen: (number) => hub.people.reopenAs(number, ALICE),
    merge: async (number) => {
      await hub.people.mergeAs(number, ALICE, 'squash');
    },
    comments: async (number) => {
      const pull = (await hub.people.pulls()).find((one) => one.number === number);
      return (pull?.comments ?? []).map(({ body }) => body);
    },
    close: hub.close,
  };
});
