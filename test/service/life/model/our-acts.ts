import type { MergeWish } from '../../../../src/plan/life/merge-facts.ts';
import { CONFIRM_LABEL } from '../../../../src/plan/life/opening.ts';
import type { Forge, PullRequestDraft } from '../../../../src/ports.ts';
import { ROTATION, readTrailers } from '../../../../src/words/trailers.ts';
import { effectsOf, factsOf, secretAt } from './effects.ts';
import { type Life, noteMerge } from './life.ts';
import { openOf, refOf, type SeenPull, type Sight } from './town.ts';

/** What one process did, and what it may know. */
export interface Watch {
  /** The pull requests that there were when it counted them last; null where it never did. */
  counted: { readonly open: number; readonly createdAt: readonly number[] } | null;
  /** When it opened some since. */
  readonly opened: number[];
  /** Branches whose pull request it closed to open another one. */
  readonly closed: Set<string>;
  /** How often AWS had moved each secret when it began to look. */
  from: ReadonlyMap<string, number>;
}

const HOUR = 3_600_000;
const TWENTY_MINUTES = 1_200_000;

export function newWatch(life: Life): Watch {
  const watch: Watch = { counted: null, opened: [], closed: new Set(), from: new Map() };
  lookAnew(life, watch);
  return watch;
}

/** From now on AWS is asked anew about everything. */
export function lookAnew({ aws }: Life, watch: Watch): void {
  watch.from = new Map([...aws].map(([secret, versions]) => [secret, versions.length - 1]));
}

/** The forge as a process has it, which tells the model of what it does without a person, and where it must not. */
export function watchedForge(life: Life, watch: Watch, forge: Forge): Forge {
  const { town } = life;
  return {
    ...forge,
    recent: async (folder, signal) => {
      const sight = await town.look();
      const createdAt = sight.pulls.map((pull) => pull.createdAt);
      watch.counted = { open: openOf(sight).length, createdAt };
      watch.opened.length = 0;
      return forge.recent(folder, signal);
    },
    open: async (draft, signal) => {
      const before = await town.look();
      const isNew = openOf(before).every(({ branch }) => branch !== draft.branch);
      const wrong = isNew ? [...whyNotOpen(life, watch, draft), ...(await whyNoDraft(life, draft, before))] : [];
      const pull = await forge.open(draft, signal);
      if (isNew) watch.opened.push(town.time.now());
      life.wrong.push(...wrong.map((why) => `#${pull.number} was opened ${why}`));
      return pull;
    },
    close: async (number, comment, signal) => {
      const pull = (await town.look()).pulls.find((one) => one.number === number);
      await forge.close(number, comment, signal);
      if (pull !== undefined) watch.closed.add(pull.branch);
    },
    autoMerge: async (number, wish, signal) => {
      const wrong = wish === null ? [] : await whyNotMerge(life, watch, number, wish);
      const answer = await forge.autoMerge(number, wish, signal);
      if (answer.kind !== 'done') return answer;
      if (wish === null) forgetAutoMerge(life, number);
      else count(life, 'left to the forge');
      life.wrong.push(...wrong.map((why) => `#${number} was left to the forge ${why}`));
      return answer;
    },
    merge: async (number, wish, signal) => {
      const before = await town.look();
      const pull = before.pulls.find((one) => one.number === number);
      const wrong = await whyNotMerge(life, watch, number, wish);
      const blocked = await whyBlocked(life, number);
      const answer = await forge.merge(number, wish, signal);
      if (answer.kind !== 'done' || pull?.state !== 'open') return answer;
      count(life, 'merged by us');
      life.wrong.push(...[...wrong, ...blocked].map((why) => `#${number} was merged by us ${why}`));
      await noteMerge(life, pull, await town.filesAt(before.base));
      return answer;
    },
  };
}

function count({ counts }: Life, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** What a person has switched on is off: what comes after is another decision. */
function forgetAutoMerge({ decisions }: Life, number: number): void {
  const kept = decisions.filter(({ pull, kind }) => pull !== number || kind !== 'auto-merge');
  decisions.splice(0, decisions.length, ...kept);
}

function whyNotOpen({ house, town }: Life, { counted, opened, closed }: Watch, draft: PullRequestDraft) {
  const { limits, urgent } = house;
  if (isUrgent(urgent, draft) || closed.has(draft.branch)) return [];
  const now = town.time.now();
  const lately = [...(counted?.createdAt ?? []), ...opened].filter((at) => at > now - HOUR);
  const isFull = limits.open !== null && (counted === null || counted.open + opened.length >= limits.open);
  const isBusy = limits.perHour !== null && (counted === null || lately.length >= limits.perHour);
  return [
    ...(isWindowClosed(house, now) ? ['in a closed window'] : []),
    ...(isFull ? [`beyond ${limits.open} at once`] : []),
    ...(isBusy ? [`beyond ${limits.perHour} an hour`] : []),
  ];
}

function isWindowClosed({ windows }: Life['house'], now: number): boolean {
  const isFirstHalf = now % TWENTY_MINUTES < TWENTY_MINUTES / 2;
  return windows !== 'always' && isFirstHalf !== (windows === 'open first');
}

/** Restarts are urgent with what they are made for: those are let through. */
function isUrgent(urgent: string | null, { branch, body }: Pick<SeenPull, 'branch' | 'body'>): boolean {
  const isNamed = readTrailers(body, ROTATION).some((name) => name.startsWith(`${urgent}=`));
  return urgent !== null && (isNamed || branch.endsWith('/restart'));
}

async function whyNoDraft(life: Life, { branch, draft }: PullRequestDraft, sight: Sight): Promise<readonly string[]> {
  const head = sight.branches.get(refOf({ branch }));
  const isMuch = head !== undefined && (await isBeyondObjects(life, sight, head));
  return isMuch && !draft ? ['to be merged although it changes so many objects'] : [];
}

/** Whether it changes more objects than a person need not confirm, whichever base it is compared with. */
async function isBeyondObjects({ town, house }: Life, { base }: Sight, head: string): Promise<boolean> {
  const { maxObjects } = house.limits;
  if (maxObjects === null) return false;
  const now = factsOf(await town.filesAt(base));
  const effects = (await effectsOf(town, base, head)).filter(({ place, after }) => now.get(place) !== after);
  return new Set(effects.map(({ place }) => place.split(' ')[0])).size > maxObjects;
}

/** Why this must not be merged without a person now, whatever reviews and checks say. */
async function whyNotMerge(life: Life, watch: Watch, number: number, { head }: MergeWish): Promise<readonly string[]> {
  const { town, house, theirs } = life;
  const sight = await town.look();
  const pull = sight.pulls.find((one) => one.number === number);
  if (pull === undefined) return ['although there is none'];
  const now = town.time.now();
  const on = [...theirs].filter(([, ref]) => ref === refOf(pull));
  const held = await Promise.all(on.map(([oid]) => town.isAncestor(oid, head)));
  const isClosed = isWindowClosed(house, now) && !isUrgent(house.urgent, pull);
  const isConfirmed = pull.labels.includes(CONFIRM_LABEL) || !(await isBeyondObjects(life, sight, head));
  return [
    ...(house.merge.mode === 'none' ? ['although people merge'] : []),
    ...(pull.branch.endsWith('/restart') ? ['although it restarts'] : []),
    ...(held.includes(true) ? ["with a person's commit"] : []),
    ...(isClosed ? ['in a closed window'] : []),
    ...(isConfirmed ? [] : ['although nobody confirmed so many objects']),
    ...(now < pull.createdAt + house.merge.minimumAgeSeconds * 1000 ? ['too young'] : []),
    ...(await outdated(life, watch, sight, head)),
  ];
}

/** What it brings must have been current since the process began to look. */
async function outdated({ town, aws }: Life, { from }: Watch, { base }: Sight, head: string) {
  return (await effectsOf(town, base, head)).flatMap(({ place, after }) => {
    const secret = secretAt(place) ?? '';
    const current = (aws.get(secret) ?? []).slice(from.get(secret));
    return aws.has(secret) && !current.includes(after) ? [`with ${place}=${after}, which AWS has left`] : [];
  });
}

async function whyBlocked({ town }: Life, number: number): Promise<readonly string[]> {
  const { review, checks, rules, isDraft, isQueued } = await town.facts(number);
  return [
    ...(isDraft ? ['as a draft'] : []),
    ...(isQueued ? ['past the merge queue'] : []),
    ...(review === 'required' || review === 'changes-requested' ? [`with review ${review}`] : []),
    ...(checks === 'pending' || checks === 'failing' ? [`with checks ${checks}`] : []),
    ...(rules === 'satisfied' ? [] : [`with rules ${rules}`]),
  ];
}
