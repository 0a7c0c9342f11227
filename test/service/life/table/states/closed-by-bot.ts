import { cannot, seen, type TableState } from '../cell.ts';

const AGAIN = seen(['#1 closed 2', '#2 open 2'], '2: bot');
const NEWER = seen(['#1 closed 2', '#2 open 3'], '3: bot');

/** A bot has closed the pull request, and nobody has looked after it yet. */
export const CLOSED_BY_BOT: TableState = {
  title: 'Closed by a bot',
  says: 'A bot has closed the pull request of version 2, and the service has not looked at it since. Whatever happens, version 2 or a newer one is proposed once more.',
  version: 2,
  pull: 1,
  enter: async (world) => {
    await world.rotate(2);
    await world.handle();
    await world.close(1, 'bot');
  },
  is: seen(['#1 closed 2'], '2: bot'),
  cells: [
    { events: ['newer'], does: 'It gets a new pull request.', after: NEWER },
    { events: ['same'], does: 'A new pull request shows the same branch.', after: AGAIN },
    {
      events: ['baseElsewhere'],
      does: 'A new pull request shows the same branch: Git merges it as it is.',
      after: seen(['#1 closed 2', '#2 open 2'], '2 behind: bot'),
    },
    {
      events: ['baseFile'],
      does: 'The commit is made anew on the new base, and a new pull request shows it: while none is open, the forge tells of no conflict.',
      after: AGAIN,
    },
    {
      events: ['baseLine'],
      does: 'The commit is made anew on the new base, and a new pull request shows it.',
      after: seen(['#1 closed 2', '#2 open 2'], '2: bot', { base: null }),
    },
    {
      events: ['commit'],
      does: 'A new pull request shows the branch with the commit.',
      after: seen(['#1 closed 2', '#2 open 2'], '2: Ada bot'),
    },
    {
      events: ['commitLine'],
      does: 'Nothing: the person has the last word on that line.',
      after: seen(['#1 closed 2'], '-: Ada bot'),
    },
    { events: ['reopen'], does: 'It is as if it had never been closed.', after: seen(['#1 open 2'], '2: bot') },
    {
      events: ['retryLabel', 'retryComment', 'retryReader', 'unlabel'],
      does: 'A new pull request shows the same branch, as it would without being asked.',
      after: AGAIN,
    },
    { events: ['deleted'], does: 'Branch and pull request are made once more.', after: AGAIN },
    {
      events: ['down'],
      does: 'The message goes back to the queue; once the forge answers, the newer version is proposed.',
      after: NEWER,
    },
    { events: ['replica'], does: 'One new pull request.', after: NEWER },
    { events: ['lock'], does: 'The newer version gets a new pull request.', after: NEWER },
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
