import { cannot, seen, type TableState } from '../cell.ts';

const AS_IT_WAS = seen(['#1 closed 2'], '2: bot');
const NEWER = seen(['#1 closed 2', '#2 open 3'], '3: bot');
const AGAIN = seen(['#1 closed 2', '#2 open 2'], '2: bot');

/** A person has closed the pull request. */
export const CLOSED_BY_PERSON: TableState = {
  title: 'Closed by a person',
  says: 'A person has closed the pull request of version 2: exactly that version is rejected. Its branch is still there.',
  version: 2,
  pull: 1,
  enter: async (world) => {
    await world.rotate(2);
    await world.handle();
    await world.close(1, 'person');
  },
  is: AS_IT_WAS,
  cells: [
    { events: ['newer'], does: 'It was not rejected: it gets a pull request of its own.', after: NEWER },
    {
      events: ['same'],
      does: 'Nothing: it is rejected. The message is deleted, and `explain` says why.',
      after: AS_IT_WAS,
    },
    {
      events: ['baseElsewhere', 'baseFile'],
      does: 'Nothing: what was rejected stays as it was left.',
      after: seen(['#1 closed 2'], '2 behind: bot'),
    },
    {
      events: ['baseLine'],
      does: 'Nothing: what was rejected stays as it was left.',
      after: seen(['#1 closed 2'], '2 behind: bot', { base: null }),
    },
    {
      events: ['commit'],
      does: 'Nothing: the version stays rejected, and the commit stays.',
      after: seen(['#1 closed 2'], '2: Ada bot'),
    },
    {
      events: ['commitLine'],
      does: 'Nothing: the version stays rejected, and the commit stays.',
      after: seen(['#1 closed 2'], '-: Ada bot'),
    },
    { events: ['reopen'], does: 'It is as if it had never been closed.', after: seen(['#1 open 2'], '2: bot') },
    {
      events: ['retryLabel', 'retryComment'],
      does: 'Version 2 is proposed again, by a new pull request, within ten minutes.',
      after: AGAIN,
    },
    { events: ['retryReader'], does: 'Nothing: only those who may write are heard.', after: AS_IT_WAS },
    { events: ['unlabel'], does: 'Nothing: who takes it off in time has asked for nothing.', after: AS_IT_WAS },
    { events: ['deleted'], does: 'Nothing: the version stays rejected.', after: seen(['#1 closed 2'], 'none') },
    {
      events: ['deletedRetry'],
      does: 'Version 2 is proposed again, on a new branch, within ten minutes.',
      after: AGAIN,
    },
    {
      events: ['down'],
      does: 'The message goes back to the queue; once the forge answers, the newer version is proposed.',
      after: NEWER,
    },
    { events: ['replica'], does: 'One new pull request.', after: NEWER },
    { events: ['lock'], does: 'The newer version gets a pull request of its own.', after: NEWER },
    cannot('the button is only there on an open pull request.', 'update', 'updateEdited', 'draft'),
    cannot(
      'it is closed; a person would have to reopen it first.',
      'closePerson',
      'closeBot',
      'merge',
      'squash',
      'rebase',
    ),
    cannot('nothing was merged.', 'revert'),
    {
      events: ['limit', 'window'],
      does: 'The branch gets the newer version and waits, without a pull request; the message is deleted.',
      after: seen(['#1 closed 2'], '3: bot'),
    },
  ],
};
