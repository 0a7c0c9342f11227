import { cannot, seen, type TableState } from '../cell.ts';

const AS_IT_WAS = seen(['#1 open 2'], '2: Ada bot');
const ADDED = seen(['#1 open 3'], '3: bot Ada bot');

/** A person has pushed to the branch. */
export const SHARED: TableState = {
  title: 'Open, with a commit of a person',
  says: 'Version 2 is proposed by one commit of ours, and a person has pushed another one on top of it, somewhere else.',
  version: 2,
  pull: 1,
  enter: async (world) => {
    await world.rotate(2);
    await world.handle();
    await world.push('branch', { 'for-this.md': 'written for this\n' });
  },
  is: AS_IT_WAS,
  cells: [
    {
      events: ['newer'],
      does: "The newer version is added on top; nothing of the person's is rewritten.",
      after: ADDED,
    },
    { events: ['same'], does: 'Nothing: it is proposed already.', after: AS_IT_WAS },
    {
      events: ['baseElsewhere', 'baseFile'],
      does: 'Nothing: Git merges it as it is.',
      after: seen(['#1 open 2'], '2 behind: Ada bot'),
    },
    {
      events: ['baseLine'],
      does: "Nothing: the branch is the person's to bring onto the new base. A newer version is still added.",
      after: seen(['#1 open 2'], '2 behind: Ada bot', { base: null }),
    },
    { events: ['commit'], does: 'It stays as well.', after: seen(['#1 open 2'], '2: Ada Ada bot') },
    {
      events: ['commitLine'],
      does: "It stays, as a person's last word on that line. Nothing is said as long as no newer version comes.",
      after: seen(['#1 open 2'], '-: Ada Ada bot'),
    },
    {
      events: ['commitLineNewer'],
      does: 'It stays, and the newer version is not added: one comment says so, however many versions come, and its message comes back until people have merged or deleted the branch.',
      after: seen(['#1 open 2'], '-: Ada Ada bot', { comments: 1, queue: 1 }),
    },
    { events: ['updateEdited'], does: 'It stays as well.', after: seen(['#1 open 2'], '2: Ada Ada bot') },
    {
      events: ['closePerson'],
      does: 'Version 2 is rejected. The branch stays.',
      after: seen(['#1 closed 2'], '2: Ada bot'),
    },
    {
      events: ['closeBot'],
      does: "The same branch, the person's commit included, is shown once more by a new pull request.",
      after: seen(['#1 closed 2', '#2 open 2'], '2: Ada bot'),
    },
    {
      events: ['merge', 'squash', 'rebase'],
      does: "The branch is deleted if the forge has not done so: all of it, the person's commit too, is on the base.",
      after: seen(['#1 merged 2'], 'none', { base: 2 }),
    },
    {
      events: ['retryLabel', 'retryComment', 'retryReader', 'unlabel'],
      does: 'Nothing: it is proposed already.',
      after: AS_IT_WAS,
    },
    {
      events: ['deleted'],
      does: "Branch and pull request are made once more, with our commit alone: the person's went with the branch.",
      after: seen(['#1 closed 2', '#2 open 2'], '2: bot'),
    },
    {
      events: ['down'],
      does: 'Nothing is written and the message goes back to the queue; once the forge answers, the newer version is added.',
      after: ADDED,
    },
    { events: ['replica'], does: 'It is added once.', after: ADDED },
    {
      events: ['draft'],
      does: 'It stays a draft, and the newer version is added.',
      after: seen(['#1 open 3 draft'], '3: bot Ada bot'),
    },
    { events: ['lock'], does: 'The newer version is added; only comments are not possible.', after: ADDED },
    cannot('it is open.', 'reopen'),
    cannot('nothing was merged.', 'revert'),
    { events: ['update'], does: 'Nothing.', after: seen(['#1 open 2'], '2: Ada Ada bot') },
    {
      events: ['limit', 'window'],
      does: 'It is open already: neither limits nor windows keep its content from changing.',
      after: ADDED,
    },
  ],
};
