import { RETRY_COMMAND } from '../../../src/plan/life/ended/retry-request.ts';
import { forgeContract } from '../../contracts/forge.ts';
import { ALICE, openHub, STALE } from './hub.ts';

forgeContract('GitHub', async () => {
  const hub = await openHub();
  await hub.people.permit('wendy', 'write');
  await hub.people.permit('rita', 'read');
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
    conflict: hub.conflict,
    label: (number, label) => hub.people.labelAs(number, label, ALICE),
    askRetry: async (number, who) => {
      await hub.people.commentAs(number, RETRY_COMMAND, { login: who === 'writer' ? 'wendy' : 'rita', type: 'User' });
    },
    lock: (number) => hub.people.lock(number),
    pass: hub.pass,
    comments: async (number) => {
      const pull = (await hub.people.pulls()).find((one) => one.number === number);
      return (pull?.comments ?? []).map(({ body }) => body.replace(/^<!-- gitops-reloader:[a-z0-9-]+ -->\n/, ''));
    },
    close: hub.close,
  };
});
