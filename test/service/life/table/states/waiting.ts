import { cannot, seen, type TableState } from '../cell.ts';

const AS_IT_WAS = seen([], '2: bot');
const NEWER = seen([], '3: bot');

/** The branch waits for its pull request. */
export const WAITING: TableState = {
  title: 'Waiting',
  says: 'Version 2 is on its branch, and no pull request shows it yet: a limit is reached, or no window is open. `status` says until when.',
  version: 2,
  pull: 0,
  enter: async (world) => {
    world.setOpening('limit reached');
    await world.rotate(2);
    await world.handle();
  },
  is: AS_IT_WAS,
  cells: [
    {
      events: ['newer', 'limit', 'window'],
      does: 'The newer version takes the place of the older one on the branch, and waits as long as that would have.',
      after: NEWER,
    },
    {
      events: ['room'],
      does: 'The sweep opens the pull request; what waits longest comes first.',
      after: seen(['#1 open 2'], '2: bot'),
    },
    { events: ['same'], does: 'Nothing: it waits on its branch. The message is deleted.', after: AS_IT_WAS },
    {
      events: ['baseElsewhere'],
      does: 'Nothing: Git merges it as it is.',
      after: seen([], '2 behind: bot'),
    },
    {
      events: ['baseFile'],
      does: 'The commit is made anew on the new base: while no pull request is open, the forge tells of no conflict.',
      after: AS_IT_WAS,
    },
    {
      events: ['baseLine'],
      does: 'The commit is made anew on the new base.',
      after: seen([], '2: bot', { base: null }),
    },
    { events: ['commit'], does: 'It stays, and waits with the branch.', after: seen([], '2: Ada bot') },
    {
      events: ['commitLine'],
      does: "It stays, as a person's last word on that line: nothing is shown any more.",
      after: seen([], '-: Ada bot'),
    },
    {
      events: ['deleted'],
      does: 'The next event about the secret proposes it again: until then nothing tells what waited there.',
      after: seen([], 'none'),
    },
    {
      events: ['down'],
      does: 'Nothing is written and the message goes back to the queue; once the forge answers, the branch gets the newer version and waits.',
      after: NEWER,
    },
    { events: ['replica'], does: 'The branch gets one commit, and waits.', after: NEWER },
    cannot(
      'there is no pull request.',
      'update',
      'updateEdited',
      'closePerson',
      'closeBot',
      'reopen',
      'merge',
      'squash',
      'rebase',
      'retryLabel',
      'retryComment',
      'retryReader',
      'unlabel',
      'draft',
      'lock',
    ),
    cannot('nothing was merged.', 'revert'),
  ],
};
