import { cannot, seen, type TableState } from '../cell.ts';

const ONE = seen(['#1 open 2'], '2: bot');

/** Nothing is proposed. */
export const NOTHING_PROPOSED: TableState = {
  title: 'Nothing proposed',
  says: 'The base has the version that AWS calls current; there is no branch and no pull request.',
  version: 1,
  pull: 0,
  enter: async () => undefined,
  is: seen([], 'none'),
  cells: [
    {
      events: ['newer'],
      does: 'One commit on the head of the base, on a branch whose name is derived, and a pull request that shows it. The message is deleted once both were read back.',
      after: ONE,
    },
    { events: ['same'], does: 'Nothing: the base has it. The message is deleted.', after: seen([], 'none') },
    {
      events: ['baseElsewhere', 'baseFile'],
      does: 'Nothing: the next event reads the base as it then is.',
      after: seen([], 'none'),
    },
    {
      events: ['baseLine'],
      does: "Nothing: a value that is not ours is somebody's own. The next version takes its place.",
      after: seen([], 'none', { base: null }),
    },
    {
      events: ['down'],
      does: 'Nothing is written and the message goes back to the queue; once the forge answers, it is as if it had just come.',
      after: ONE,
    },
    {
      events: ['replica'],
      does: 'One branch and one pull request: the second push finds the branch there, begins again from the refs, and finds nothing left to do.',
      after: ONE,
    },
    cannot(
      'there is no branch and no pull request.',
      'commit',
      'commitLine',
      'update',
      'updateEdited',
      'closePerson',
      'closeBot',
      'reopen',
      'merge',
      'squash',
      'rebase',
      'revert',
      'retryLabel',
      'retryComment',
      'retryReader',
      'unlabel',
      'deleted',
      'draft',
      'lock',
    ),
    {
      events: ['limit', 'window'],
      does: 'Its branch is pushed, which is the waiting list, and the message is deleted. See "Waiting".',
      after: seen([], '2: bot'),
    },
  ],
};
