import { handWritten, type TableRules, type TableWorld } from './table-world.ts';

/** Where an event meets a state: the newest version that the state knows, and its newest pull request. */
export interface Place {
  readonly version: number;
  readonly pull: number;
}

/** Something that happens; afterwards the service handles what is in the queue, and looks after everything. */
export interface TableEvent {
  /** As it stands in the page. */
  readonly title: string;
  readonly happen: (world: TableWorld, at: Place) => Promise<void>;
  readonly rules?: TableRules;
  /** It is asked of one state alone. */
  readonly isSpecial?: true;
}

const OTHER = { 'README.md': '# Changed by a person\n' };
const MINE = { 'notes.md': 'mine\n' };

async function appendTo(world: TableWorld, on: 'base' | 'branch'): Promise<void> {
  await world.push(on, { 'db.yaml': `${await world.read(on, 'db.yaml')}# Changed by a person\n` });
}

async function writeOver(world: TableWorld, on: 'base' | 'branch'): Promise<void> {
  await world.push(on, { 'db.yaml': handWritten(await world.read(on, 'db.yaml')) });
}

/** Everything that can happen, by its short name. */
export const EVENTS = {
  newer: { title: 'newer version', happen: (world, { version }) => world.rotate(version + 1) },
  same: { title: 'same version', happen: (world, { version }) => world.repeat(version) },
  baseElsewhere: { title: 'base moved: elsewhere', happen: (world) => world.push('base', OTHER) },
  baseFile: { title: 'base moved: same file', happen: (world) => appendTo(world, 'base') },
  baseLine: { title: 'base moved: same line', happen: (world) => writeOver(world, 'base') },
  commit: { title: "person's commit: elsewhere", happen: (world) => world.push('branch', MINE) },
  commitLine: { title: "person's commit: same line", happen: (world) => writeOver(world, 'branch') },
  commitLineNewer: {
    title: "person's commit: same line, then a newer version",
    happen: async (world, { version }) => {
      await writeOver(world, 'branch');
      await world.rotate(version + 1);
    },
    isSpecial: true,
  },
  update: {
    title: '"Update branch": clean',
    happen: async (world) => {
      await world.push('base', OTHER);
      await world.updateBranch({});
    },
  },
  updateEdited: {
    title: '"Update branch": edited',
    happen: async (world) => {
      await world.push('base', OTHER);
      await world.updateBranch(MINE);
    },
  },
  updateNewer: {
    title: '"Update branch": clean, then a newer version',
    happen: async (world, { version }) => {
      await world.push('base', OTHER);
      await world.updateBranch({});
      await world.rotate(version + 1);
    },
    isSpecial: true,
  },
  updateEditedNewer: {
    title: '"Update branch": edited, then a newer version',
    happen: async (world, { version }) => {
      await world.push('base', OTHER);
      await world.updateBranch(MINE);
      await world.rotate(version + 1);
    },
    isSpecial: true,
  },
  closePerson: { title: "person's close", happen: (world, { pull }) => world.close(pull, 'person') },
  closeBot: { title: "stale-bot's close", happen: (world, { pull }) => world.close(pull, 'bot') },
  reopen: { title: 'reopened by a person', happen: (world, { pull }) => world.reopen(pull) },
  merge: { title: 'merge commit', happen: (world, { pull }) => world.merge(pull, 'merge') },
  squash: { title: 'squash merge', happen: (world, { pull }) => world.merge(pull, 'squash') },
  rebase: { title: 'rebase merge', happen: (world, { pull }) => world.merge(pull, 'rebase') },
  revert: { title: 'taken back on the base', happen: (world) => world.push('base', { 'db.yaml': world.firstText }) },
  retryLabel: {
    title: 'retry label by a writer',
    happen: (world, { pull }) => world.askRetry(pull, 'label', 'writer'),
  },
  retryComment: {
    title: '`/gitops-reloader retry` by a writer',
    happen: (world, { pull }) => world.askRetry(pull, 'comment', 'writer'),
  },
  retryReader: {
    title: '`/gitops-reloader retry` by a reader',
    happen: (world, { pull }) => world.askRetry(pull, 'comment', 'reader'),
  },
  unlabel: {
    title: 'retry label taken off again',
    happen: async (world, { pull }) => {
      await world.askRetry(pull, 'label', 'writer');
      await world.unlabel(pull);
    },
  },
  deleted: { title: 'branch deleted', happen: (world) => world.deleteBranch() },
  deletedRetry: {
    title: 'branch deleted, then `/gitops-reloader retry` by a writer',
    happen: async (world, { pull }) => {
      await world.deleteBranch();
      await world.sweep();
      await world.askRetry(pull, 'comment', 'writer');
    },
    isSpecial: true,
  },
  down: {
    title: 'newer version while the forge is down',
    happen: async (world, { version }) => {
      world.setForge('down');
      await world.rotate(version + 1);
      await world.handle();
      await world.sweep();
      if ((await world.waiting()) !== 1) throw new Error('the message is gone while the forge is down');
      world.setForge('up');
      await world.wait();
    },
  },
  replica: {
    title: 'newer version, and a second replica handles it at the same time',
    happen: (world, { version }) => world.race(version + 1),
  },
  draft: {
    title: 'marked as a draft, then a newer version',
    happen: async (world, { version, pull }) => {
      await world.markDraft(pull);
      await world.rotate(version + 1);
    },
  },
  lock: {
    title: 'conversation locked, then a newer version',
    happen: async (world, { version, pull }) => {
      await world.lock(pull);
      await world.rotate(version + 1);
    },
  },
  limit: {
    title: 'newer version while a limit is reached',
    happen: (world, { version }) => {
      world.setOpening('limit reached');
      return world.rotate(version + 1);
    },
  },
  window: {
    title: 'newer version while no window is open',
    happen: (world, { version }) => {
      world.setOpening('window closed');
      return world.rotate(version + 1);
    },
  },
  room: {
    title: 'room below the limit again, or a window opens',
    happen: async (world) => world.setOpening('free'),
    isSpecial: true,
  },
  undismissed: {
    title: 'newer version, where approvals may not be dismissed',
    happen: (world, { version }) => world.rotate(version + 1),
    rules: { mayDismiss: false },
    isSpecial: true,
  },
} as const satisfies Record<string, TableEvent>;

export type EventName = keyof typeof EVENTS;

/** Those that are asked of every state. */
export function commonEvents(): readonly EventName[] {
  const names = Object.keys(EVENTS) as EventName[];
  return names.filter((name) => !isSpecial(EVENTS[name]));
}

function isSpecial({ isSpecial: only }: TableEvent): boolean {
  return only === true;
}
