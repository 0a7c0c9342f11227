import { cannot, seen, type TableState } from '../cell.ts';

const AS_IT_WAS = seen(['#1 open 2 queued'], '2: bot');

/** A pull request waits in the merge queue. */
export const QUEUED: TableState = {
  title: 'Open, in a merge queue',
  says: 'Version 2 is proposed by one commit of ours and waits in the merge queue: whoever pushed to it would throw it out of there.',
  version: 2,
  pull: 1,
  rules: { hasMergeQueue: true },
  enter: async (world) => {
    await world.rotate(2);
    await world.handle();
    await world.enqueue(1);
  },
  is: AS_IT_WAS,
  cells: [
    {
      events: ['newer', 'down', 'lock'],
      does: 'It is not touched: the message goes back to the queue, and the newer version is proposed once the merge queue has let go of it.',
      after: { ...AS_IT_WAS, queue: 1 },
    },
    {
      events: ['replica'],
      does: 'It is not touched by either: both messages go back to the queue.',
      after: { ...AS_IT_WAS, queue: 2 },
    },
    { events: ['same'], does: 'Nothing: it is proposed already.', after: AS_IT_WAS },
    {
      events: ['baseElsewhere', 'baseFile'],
      does: 'Nothing, whatever `rebaseWhen` says.',
      after: seen(['#1 open 2 queued'], '2 behind: bot'),
    },
    {
      events: ['baseLine'],
      does: 'Nothing as long as it waits in the merge queue; when the forge throws it out because of the conflict, its commit is made anew on the new base.',
      after: seen(['#1 open 2 queued'], '2 behind: bot', { base: null }),
    },
    {
      events: ['commit'],
      does: 'It stays. The forge takes the pull request out of the merge queue.',
      after: seen(['#1 open 2'], '2: Ada bot'),
    },
    {
      events: ['commitLine'],
      does: "It stays, as a person's last word on that line. The forge takes the pull request out of the merge queue.",
      after: seen(['#1 open 2'], '-: Ada bot'),
    },
    {
      events: ['update', 'updateEdited'],
      does: 'It stays. The forge takes the pull request out of the merge queue.',
      after: seen(['#1 open 2'], '2: Ada bot'),
    },
    { events: ['closePerson'], does: 'Version 2 is rejected.', after: seen(['#1 closed 2'], '2: bot') },
    {
      events: ['closeBot'],
      does: 'The same branch is shown once more, by a new pull request, which is in no queue.',
      after: seen(['#1 closed 2', '#2 open 2'], '2: bot'),
    },
    {
      events: ['merge', 'squash', 'rebase'],
      does: "The branch is deleted if the forge has not done so. The method is the merge queue's.",
      after: seen(['#1 merged 2'], 'none', { base: 2 }),
    },
    {
      events: ['retryLabel', 'retryComment', 'retryReader', 'unlabel'],
      does: 'Nothing: it is proposed already.',
      after: AS_IT_WAS,
    },
    {
      events: ['deleted'],
      does: 'Branch and pull request are made once more.',
      after: seen(['#1 closed 2', '#2 open 2'], '2: bot'),
    },
    {
      events: ['draft'],
      does: 'It is not touched: the message goes back to the queue, until the pull request is in the merge queue no more.',
      after: seen(['#1 open 2 draft queued'], '2: bot', { queue: 1 }),
    },
    cannot('it is open.', 'reopen'),
    cannot('nothing was merged.', 'revert'),
    {
      events: ['limit', 'window'],
      does: 'It is not touched, as by any newer version.',
      after: { ...AS_IT_WAS, queue: 1 },
    },
  ],
};
