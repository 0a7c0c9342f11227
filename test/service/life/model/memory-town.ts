import { changesOf, MAIN, type World } from '../../memory-world.ts';
import { createTeamWorld, type Layout } from '../../team-world.ts';
import { PERSON } from '../life-world.ts';
import type { House } from './steps.ts';
import type { Changes, Files, Town } from './town.ts';

const NEVER = new AbortController().signal;

/** A town that is all in memory. */
export function createMemoryTown(layout: Layout, files: Readonly<Record<string, string>>, house: House): Town {
  const { mayDismiss, hasMergeQueue, needs, rewrites } = house;
  const asked = { neededApprovals: needs === 'approval' ? 1 : 0, needsChecks: needs === 'checks' };
  const world = createTeamWorld(layout, { files, rules: { mayDismiss, hasMergeQueue, ...asked } });
  const { workspace, forge } = world;
  if (rewrites === 'refused') workspace.refuseRewrites('refs/heads/gitops-reloader/', 'no force push here');
  return {
    time: world.time,
    inbox: world.inbox,
    start: (how) => world.start(how),
    rotate: (secret, version) => world.rotate(secret, version),
    tell: (secret, version) => void world.tell(secret, version),
    loseAnswer: () => workspace.loseAnswer(),
    ...sightOf(world),
    commit: async (ref, changed) => workspace.commitTo(ref, changed, 'A person was here\n', PERSON),
    mergeTo: async (ref, other, more) => {
      const oid = workspace.tip(other) ?? '';
      return mergeTo(world, ref, { other, oid, more });
    },
    branchOff: async (ref, changed) => {
      workspace.moveRef(ref, workspace.tip(MAIN));
      workspace.commitTo(ref, changed, 'Something else\n', PERSON);
    },
    deleteBranch: async (ref) => {
      // Whose pull request is open, the forge closes it.
      workspace.moveRef(ref, null);
      await forge.pulls();
    },
    merge: (number, how, branch) => merge(world, number, how, branch),
    closeAs: (number, who) => forge.closeAs(number, who),
    reopen: (number) => forge.reopen(number),
    retry: (number, who) => forge.askRetry(number, who),
    label: (number, label) => forge.label(number, label),
    approve: (number) => forge.approve(number, 'grace'),
    requestChanges: (number) => forge.requestChanges(number),
    autoMerge: (number, isOn) => forge.setAutoMerge(number, isOn),
    enqueue: async (number) => void (await forge.queue(number)),
    lock: (number) => forge.lock(number),
    draft: (number, isDraft) => forge.setDraft(number, isDraft),
    check: (number, state) => forge.setChecks(number, state),
    facts: (number) => forge.mergeFacts(number, NEVER),
  };
}

function sightOf({
  workspace,
  forge,
}: World): Pick<Town, 'look' | 'filesAt' | 'messageOf' | 'isAncestor' | 'mergeBase'> {
  const known = new Map<string, Files>();
  return {
    look: async () => {
      const refs = await workspace.refs(['refs/heads/gitops-reloader/'], NEVER);
      return {
        base: workspace.tip(MAIN) ?? '',
        branches: new Map(refs.map(({ name, oid }) => [name, oid])),
        pulls: await forge.pulls(),
      };
    },
    filesAt: async (commit) => {
      const files = known.get(commit) ?? (await readFiles(workspace, commit));
      known.set(commit, files);
      return files;
    },
    messageOf: async (oid) => (await workspace.commit({ name: MAIN, oid }, NEVER)).message,
    isAncestor: async (older, newer) => workspace.isAncestor(older, newer),
    mergeBase: async (one, other) => workspace.mergeBase(one, other) ?? one,
  };
}

async function readFiles(workspace: World['workspace'], oid: string): Promise<Files> {
  const snapshot = await workspace.snapshot({ name: MAIN, oid }, NEVER);
  const files = new Map<string, string>();
  for (const entry of snapshot.entries) files.set(entry.path, Buffer.from(await snapshot.read(entry.oid)).toString());
  return files;
}

interface Other {
  readonly other: string;
  readonly oid: string;
  readonly more: Files;
}

/** Whole files are merged here: where both sides changed one it is a conflict. */
async function mergeTo({ workspace }: World, ref: string, { other, oid, more }: Other): Promise<string | null> {
  const ours = await readFiles(workspace, workspace.tip(ref) ?? '');
  const theirs = await readFiles(workspace, oid);
  const fork = await readFiles(workspace, workspace.mergeBase(workspace.tip(ref) ?? '', oid) ?? '');
  const isBoth = (path: string) => ours.get(path) !== fork.get(path) && theirs.get(path) !== fork.get(path);
  if ([...theirs.keys()].some((path) => isBoth(path) && ours.get(path) !== theirs.get(path))) return null;
  return workspace.mergeTo(ref, other, more, PERSON);
}

async function merge(
  { workspace, forge }: World,
  number: number,
  how: 'merge' | 'squash' | 'rebase',
  branch: 'keep' | 'delete',
): Promise<boolean> {
  const pull = (await forge.pulls()).find((one) => one.number === number && one.state === 'open');
  const changes: Changes | null = pull === undefined ? null : await changesOf(workspace, pull, {});
  if (pull === undefined || changes === null) return false;
  const ref = `refs/heads/${pull.branch}`;
  if (how === 'merge') await workspace.mergeTo(MAIN, ref, new Map(), PERSON);
  else workspace.commitTo(MAIN, changes, how === 'squash' ? `${pull.title}\n\n${pull.body}` : pull.headMessage);
  await forge.markMerged(number);
  if (branch === 'delete') workspace.moveRef(ref, null);
  return true;
}
