import { cannot, seen, type TableState } from '../cell.ts';

const AS_IT_WAS = seen(['#1 closed 2', '#2 closed 2'], '2: bot');
const NEWER = seen(['#1 closed 2', '#2 closed 2', '#3 open 3'], '3: bot');

/** Bots have closed the pull request twice. */
export const CLOSED_BY_BOT_TWICE: TableState = {
  title: 'Closed by a bot twice',
  says: 'A bot has closed the pull request of version 2, and the one that was opened in its place: a third one would be a quarrel.',
  version: 2,
  pull: 2,
  enter: async (world) => {
    await world.rotate(2);
    await world.handle();
    await world.close(1, 'bot');
    await world.sweep();
    await world.close(2, 'bot');
  },
  is: AS_IT_WAS,
  cells: [
    { events: ['newer'], does: 'It gets a new pull request.', after: NEWER },
    {
      events: ['same'],
      does: 'It is left closed, with a line in the log that says what to do. The message is deleted.',
      after: AS_IT_WAS,
    },
    {
      events: ['baseElsewhere'],
      does: 'It is left closed.',
      after: seen(['#1 closed 2', '#2 closed 2'], '2 behind: bot'),
    },
    {
      events: ['baseFile'],
      does: 'Its commit is made anew on the new base, so that it fits when it is reopened; it is left closed.',
      after: AS_IT_WAS,
    },
    {
      events: ['baseLine'],
      does: 'Its commit is made anew on the new base, so that it fits when it is reopened; it is left closed.',
      after: seen(['#1 closed 2', '#2 closed 2'], '2: bot', { base: null }),
    },
    { events: ['commit'], does: 'It is left closed.', after: seen(['#1 closed 2', '#2 closed 2'], '2: Ada bot') },
    { events: ['commitLine'], does: 'It is left closed.', after: seen(['#1 closed 2', '#2 closed 2'], '-: Ada bot') },
    { events: ['reopen'], does: 'It is open again.', after: seen(['#1 closed 2', '#2 open 2'], '2: bot') },
    {
      events: ['retryLabel', 'retryComment', 'retryReader', 'unlabel'],
      does: 'It is left closed: nobody has rejected it. Reopen it, or keep the bot from closing it.',
      after: AS_IT_WAS,
    },
    {
      events: ['deleted'],
      does: 'It is left closed, until the next version.',
      after: seen(['#1 closed 2', '#2 closed 2'], 'none'),
    },
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
      after: seen(['#1 closed 2', '#2 closed 2'], '3: bot'),
    },
  ],
};
