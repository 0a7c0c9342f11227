import { cannot, seen, type TableState } from '../cell.ts';

const AS_IT_WAS = '#1 open 2 approved auto-merge';

/** A pull request is open and somebody has approved it; the forge is to merge it by itself. */
export const APPROVED: TableState = {
  title: 'Open and approved, or with auto-merge on',
  says: 'Version 2 is proposed by one commit of ours; a person has approved it and has switched auto-merge on.',
  version: 2,
  pull: 1,
  rules: { neededApprovals: 2 },
  enter: async (world) => {
    await world.rotate(2);
    await world.handle();
    await world.approve(1);
    await world.setAutoMerge(1);
  },
  is: seen([AS_IT_WAS], '2: bot'),
  cells: [
    {
      events: ['newer'],
      does: 'What was approved is not approval of it: auto-merge is switched off and approvals are dismissed first, then the branch is written.',
      after: seen(['#1 open 3'], '3: bot'),
    },
    {
      events: ['undismissed'],
      does: 'The old pull request is marked as withdrawn and closed with its approvals, and the newer version gets one of its own.',
      after: seen(['#1 closed 2', '#2 open 3'], '3: bot', { comments: 1 }),
    },
    {
      events: ['same'],
      does: 'Nothing: it is proposed already, and stays approved.',
      after: seen([AS_IT_WAS], '2: bot'),
    },
    {
      events: ['baseElsewhere', 'baseFile'],
      does: 'Nothing: Git merges it as it is, and it stays approved.',
      after: seen([AS_IT_WAS], '2 behind: bot'),
    },
    {
      events: ['baseLine'],
      does: 'The commit is made anew on the new base. Its content is what was approved, so nothing is dismissed by us; the forge may, where its rules say so.',
      after: seen([AS_IT_WAS], '2: bot', { base: null }),
    },
    {
      events: ['commit'],
      does: "It stays, and approvals are as the forge's rules have them: dismissing them for a person's commit is not ours.",
      after: seen([AS_IT_WAS], '2: Ada bot'),
    },
    {
      events: ['commitLine'],
      does: "It stays, as a person's last word on that line. Nothing is said as long as no newer version comes.",
      after: seen([AS_IT_WAS], '-: Ada bot'),
    },
    {
      events: ['commitLineNewer'],
      does: 'It stays, and the newer version is not added: one comment says so, however many versions come, and its message comes back until people have merged or deleted the branch.',
      after: seen(['#1 open 2 approved auto-merge'], '-: Ada bot', { comments: 1, queue: 1 }),
    },
    {
      events: ['update', 'updateEdited'],
      does: 'Nothing: what came with it is for people, and the forge, to judge.',
      after: seen([AS_IT_WAS], '2: Ada bot'),
    },
    {
      events: ['closePerson'],
      does: 'Version 2 is rejected, whoever had approved it before.',
      after: seen(['#1 closed 2'], '2: bot'),
    },
    {
      events: ['closeBot'],
      does: 'The same branch is shown once more, by a new pull request, which has to be approved again.',
      after: seen(['#1 closed 2', '#2 open 2'], '2: bot'),
    },
    {
      events: ['merge', 'squash', 'rebase'],
      does: 'The branch is deleted if the forge has not done so.',
      after: seen(['#1 merged 2'], 'none', { base: 2 }),
    },
    {
      events: ['retryLabel', 'retryComment', 'retryReader', 'unlabel'],
      does: 'Nothing: it is proposed already.',
      after: seen([AS_IT_WAS], '2: bot'),
    },
    {
      events: ['deleted'],
      does: 'Branch and pull request are made once more; it has to be approved again.',
      after: seen(['#1 closed 2', '#2 open 2'], '2: bot'),
    },
    {
      events: ['down'],
      does: 'Nothing is written or dismissed and the message goes back to the queue; once the forge answers, it is as for any newer version.',
      after: seen(['#1 open 3'], '3: bot'),
    },
    {
      events: ['replica'],
      does: 'One commit, and no approval of the old one survives it.',
      after: seen(['#1 open 3'], '3: bot'),
    },
    {
      events: ['draft'],
      does: 'It stays a draft; approvals and auto-merge of the old version go.',
      after: seen(['#1 open 3 draft'], '3: bot'),
    },
    {
      events: ['lock'],
      does: 'Approvals and auto-merge of the old version go; only comments are not possible.',
      after: seen(['#1 open 3'], '3: bot'),
    },
    cannot('it is open.', 'reopen'),
    cannot('nothing was merged.', 'revert'),
    {
      events: ['limit', 'window'],
      does: 'It is open already: neither limits nor windows keep its content from changing. Approvals and auto-merge of the old version go.',
      after: seen(['#1 open 3'], '3: bot'),
    },
  ],
};
