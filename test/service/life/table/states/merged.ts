import { cannot, seen, type TableState } from '../cell.ts';

const AS_IT_WAS = seen(['#1 merged 2'], 'none', { base: 2 });
const NEWER = seen(['#1 merged 2', '#2 open 3'], '3: bot', { base: 2 });

/** The pull request was merged. */
export const MERGED: TableState = {
  title: 'Merged',
  says: 'The pull request of version 2 was merged; the base has it, and the branch is gone.',
  version: 2,
  pull: 1,
  enter: async (world) => {
    await world.rotate(2);
    await world.handle();
    await world.merge(1, 'squash');
    await world.sweep();
  },
  is: AS_IT_WAS,
  cells: [
    { events: ['newer'], does: 'It gets a branch of the same name and a new pull request.', after: NEWER },
    { events: ['same'], does: 'Nothing: the base has it. The message is deleted.', after: AS_IT_WAS },
    { events: ['baseElsewhere', 'baseFile'], does: 'Nothing.', after: AS_IT_WAS },
    {
      events: ['baseLine'],
      does: 'Nothing: it looks as if it had been taken back, see below.',
      after: { ...AS_IT_WAS, base: null },
    },
    {
      events: ['revert'],
      does: 'Version 2 is held: it is not proposed again until somebody asks, or a newer version comes.',
      after: { ...AS_IT_WAS, base: 1 },
    },
    {
      events: ['retryLabel', 'retryComment', 'retryReader', 'unlabel'],
      does: 'Nothing: the base has it.',
      after: AS_IT_WAS,
    },
    {
      events: ['down'],
      does: 'The message goes back to the queue; once the forge answers, the newer version is proposed.',
      after: NEWER,
    },
    { events: ['replica'], does: 'One new pull request.', after: NEWER },
    { events: ['lock'], does: 'The newer version gets a new pull request.', after: NEWER },
    cannot('the branch is gone.', 'commit', 'commitLine', 'update', 'updateEdited', 'deleted'),
    cannot('what was merged stays so.', 'closePerson', 'closeBot', 'reopen', 'merge', 'squash', 'rebase', 'draft'),
    {
      events: ['limit', 'window'],
      does: 'Its branch is pushed and waits, without a pull request; the message is deleted.',
      after: seen(['#1 merged 2'], '3: bot', { base: 2 }),
    },
  ],
};
