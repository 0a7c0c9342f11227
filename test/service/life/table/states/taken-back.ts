import { cannot, seen, type TableState } from '../cell.ts';

const AS_IT_WAS = seen(['#1 merged 2'], 'none');
const NEWER = seen(['#1 merged 2', '#2 open 3'], '3: bot');
const AGAIN = seen(['#1 merged 2', '#2 open 2'], '2: bot');

/** The pull request was merged, and people took it back on the base. */
export const TAKEN_BACK: TableState = {
  title: 'Merged and taken back',
  says: 'The pull request of version 2 was merged, and a commit on the base has taken it back: the base has version 1 again.',
  version: 2,
  pull: 1,
  enter: async (world) => {
    await world.rotate(2);
    await world.handle();
    await world.merge(1, 'squash');
    await world.sweep();
    await world.push('base', { 'db.yaml': world.firstText });
  },
  is: AS_IT_WAS,
  cells: [
    { events: ['newer'], does: 'It was not taken back: it gets a new pull request.', after: NEWER },
    {
      events: ['same'],
      does: 'Nothing: it is held. The message is deleted, and `explain` says why.',
      after: AS_IT_WAS,
    },
    { events: ['baseElsewhere', 'baseFile', 'revert'], does: 'Nothing: it stays held.', after: AS_IT_WAS },
    { events: ['baseLine'], does: 'Nothing: it stays held.', after: { ...AS_IT_WAS, base: null } },
    {
      events: ['retryLabel', 'retryComment'],
      does: 'Version 2 is proposed again, on a new branch, within ten minutes.',
      after: AGAIN,
    },
    { events: ['retryReader'], does: 'Nothing: only those who may write are heard.', after: AS_IT_WAS },
    { events: ['unlabel'], does: 'Nothing: who takes it off in time has asked for nothing.', after: AS_IT_WAS },
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
      after: seen(['#1 merged 2'], '3: bot'),
    },
  ],
};
