import { cannot, seen, type TableState } from '../cell.ts';

/** A pull request is open, and only we have committed to it. */
export const OPEN: TableState = {
  title: 'Open',
  says: 'Version 2 is proposed by one commit of ours; nobody has approved it, and nobody else has pushed to it.',
  version: 2,
  pull: 1,
  enter: async (world) => {
    await world.rotate(2);
    await world.handle();
  },
  is: seen(['#1 open 2'], '2: bot'),
  cells: [
    {
      events: ['newer'],
      does: 'The newer version takes the place of the older one: the branch becomes one commit on the head of the base, the pull request gets its new title and text. There is never a second one.',
      after: seen(['#1 open 3'], '3: bot'),
    },
    {
      events: ['same'],
      does: 'Nothing: it is proposed already. The message is deleted.',
      after: seen(['#1 open 2'], '2: bot'),
    },
    {
      events: ['baseElsewhere', 'baseFile'],
      does: 'Nothing: Git merges it as it is. With `rebaseWhen: behind` the commit is made anew on the new base.',
      after: seen(['#1 open 2'], '2 behind: bot'),
    },
    {
      events: ['baseLine'],
      does: 'The commit is made anew on the new base, where its edit is planned anew: lines are never merged as text. With `rebaseWhen: never` that waits for a newer version.',
      after: seen(['#1 open 2'], '2: bot', { base: null }),
    },
    {
      events: ['commit'],
      does: 'It stays: from now on the branch is only added to. See "Open, with a commit of a person".',
      after: seen(['#1 open 2'], '2: Ada bot'),
    },
    {
      events: ['commitLine'],
      does: "It stays, as a person's last word on that line. Nothing is said as long as no newer version comes.",
      after: seen(['#1 open 2'], '-: Ada bot'),
    },
    {
      events: ['commitLineNewer'],
      does: 'It stays, and the newer version is not added: one comment says so, however many versions come, and its message comes back until people have merged or deleted the branch.',
      after: seen(['#1 open 2'], '-: Ada bot', { comments: 1, queue: 1 }),
    },
    {
      events: ['update'],
      does: "Nothing: a merge of the base that brings nothing else is no person's edit.",
      after: seen(['#1 open 2'], '2: Ada bot'),
    },
    {
      events: ['updateNewer'],
      does: 'The newer version takes the place of both: the branch becomes one commit on the head of the base.',
      after: seen(['#1 open 3'], '3: bot'),
    },
    {
      events: ['updateEdited'],
      does: "It stays: a merge that brings something of its own is a person's commit.",
      after: seen(['#1 open 2'], '2: Ada bot'),
    },
    {
      events: ['updateEditedNewer'],
      does: 'The newer version is added on top of the merge.',
      after: seen(['#1 open 3'], '3: bot Ada bot'),
    },
    {
      events: ['closePerson'],
      does: 'Version 2 is rejected: it is not proposed again. The branch stays, so that the pull request can be reopened.',
      after: seen(['#1 closed 2'], '2: bot'),
    },
    {
      events: ['closeBot'],
      does: 'The same branch is shown once more, by a new pull request: a bot does not judge.',
      after: seen(['#1 closed 2', '#2 open 2'], '2: bot'),
    },
    {
      events: ['merge', 'squash', 'rebase'],
      does: 'The branch is deleted if the forge has not done so. The restarts that this announced follow in a pull request of their own.',
      after: seen(['#1 merged 2'], 'none', { base: 2 }),
    },
    {
      events: ['retryLabel', 'retryComment', 'retryReader', 'unlabel'],
      does: 'Nothing: it is proposed already.',
      after: seen(['#1 open 2'], '2: bot'),
    },
    {
      events: ['deleted'],
      does: "The forge closes the pull request with its branch, which is nobody's judgement: branch and pull request are made once more.",
      after: seen(['#1 closed 2', '#2 open 2'], '2: bot'),
    },
    {
      events: ['down'],
      does: 'Nothing is written and the message goes back to the queue; once the forge answers, the newer version takes the place of the older one.',
      after: seen(['#1 open 3'], '3: bot'),
    },
    {
      events: ['replica'],
      does: 'One commit: the second push finds that the branch has moved, begins again from the refs, and finds nothing left to do.',
      after: seen(['#1 open 3'], '3: bot'),
    },
    {
      events: ['draft'],
      does: 'It stays a draft, and gets the newer version like any other.',
      after: seen(['#1 open 3 draft'], '3: bot'),
    },
    {
      events: ['lock'],
      does: 'The newer version takes the place of the older one; only comments are not possible.',
      after: seen(['#1 open 3'], '3: bot'),
    },
    cannot('it is open.', 'reopen'),
    cannot('nothing was merged.', 'revert'),
    {
      events: ['limit', 'window'],
      does: 'It is open already: neither limits nor windows keep its content from changing.',
      after: seen(['#1 open 3'], '3: bot'),
    },
  ],
};
