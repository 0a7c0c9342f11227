import { CONFIRM_LABEL } from '../../../../src/plan/life/opening.ts';
import { externalSecret } from '../../manifests.ts';
import { MAIN } from '../../memory-world.ts';
import { effectsOf, factsOf, namesOf, secretAt } from './effects.ts';
import { decide, forgeGoesOn, forgetDecisions, type Life, mergePull, pullAt, tellAll } from './life.ts';
import type { ByPeople, OnBase, OnEnded, OnPull, Push, Remark, Which } from './steps.ts';
import { openOf, refOf, type SeenPull } from './town.ts';

const JOIN = 'join.yaml';

/** What people, other bots and the code host do. False where there was nothing to do it on. */
export async function byPeople(life: Life, step: ByPeople): Promise<boolean> {
  if (step.do === 'forge goes on') return forgeGoesOn(life);
  if (step.do === 'change base' || step.do === 'join') return onBase(life, step);
  if (isOnEnded(step)) return onEnded(life, step);
  const pull = pullAt(await life.town.look(), step.which);
  return pull !== undefined && onPull(life, step, pull);
}

function isOnEnded(step: (OnPull | OnEnded) & Which): step is OnEnded & Which {
  return ['reopen', 'revert', 'retry'].includes(step.do);
}

async function onBase(life: Life, step: Exclude<OnBase, { readonly do: 'forge goes on' }>): Promise<boolean> {
  const { town } = life;
  const files = await town.filesAt((await town.look()).base);
  if (step.do === 'change base') {
    await town.commit(
      MAIN,
      new Map([[step.file, `${files.get(step.file) ?? ''}# ${town.time.now()} ${life.versions}\n`]]),
    );
    return true;
  }
  const isThere = files.has(JOIN);
  await town.commit(MAIN, new Map([[JOIN, isThere ? null : externalSecret('join', ['a', 'c'])]]));
  life.isRegrouped = true;
  for (const place of life.needs) if (place.startsWith('join ')) life.needs.delete(place);
  for (const place of life.bases.keys()) if (place.startsWith('join ')) life.bases.delete(place);
  return true;
}

async function onEnded(life: Life, step: OnEnded & Which): Promise<boolean> {
  const { town, turnedDown } = life;
  if (step.do === 'revert') return revert(life, step.which);
  const ended = (await town.look()).pulls.filter(({ state }) => state !== 'open');
  const pull = ended[step.which % Math.max(ended.length, 1)];
  if (pull === undefined) return false;
  if (step.do === 'retry') {
    await town.retry(pull.number, step.who);
    if (step.who === 'writer') {
      turnedDown.delete(pull.number);
      life.retried.add(pull.number);
      // What was merged has no branch that the sweep could look at.
      tellAll(life);
    }
    return true;
  }
  const isOpen = await town.reopen(pull.number);
  if (isOpen) {
    turnedDown.delete(pull.number);
    forgetDecisions(life, pull.number);
    life.reopened.add(pull.number);
  }
  return isOpen;
}

/** A revert of a merge, as long as nothing was changed on top of it. */
async function revert({ town, merges, turnedDown, retried, bases }: Life, which: number): Promise<boolean> {
  const merged = merges[which % Math.max(merges.length, 1)];
  if (merged === undefined) return false;
  const { number, before, after } = merged;
  const now = await town.filesAt((await town.look()).base);
  const paths = [...after.keys()].filter((path) => before.get(path) !== after.get(path));
  const isRefresh = paths.some((path) => /force-sync/.test(after.get(path) ?? ''));
  if (!isRefresh || paths.some((path) => now.get(path) !== after.get(path))) return false;
  const head = (await town.look()).base;
  const base = await town.commit(MAIN, new Map(paths.map((path) => [path, before.get(path) ?? null])));
  const taken = await lostBetween({ town }, head, base);
  // Who asked for it again before it was taken back has asked all the same: see ARCHITECTURE.md.
  if (!retried.has(number)) turnedDown.set(number, new Set(taken));
  for (const name of taken) bases.delete(name.slice(0, name.indexOf('=')));
  return true;
}

/** What secrets' versions the first commit has, and the second has not. */
async function lostBetween({ town }: Pick<Life, 'town'>, first: string, second: string): Promise<readonly string[]> {
  const after = factsOf(await town.filesAt(second));
  return [...factsOf(await town.filesAt(first))].flatMap(([place, value]) =>
    secretAt(place) === null || after.get(place) === value ? [] : [`${place}=${value}`],
  );
}

async function onPull(life: Life, step: OnPull, pull: SeenPull): Promise<boolean> {
  if (isPush(step)) return push(life, step, pull);
  if (isRemark(step)) return remark(life, step.do, pull);
  switch (step.do) {
    case 'merge':
      return mergePull(life, pull, step.how, step.branch);
    case 'close':
      return close(life, pull, step.who);
    case 'delete branch':
      return deleteBranch(life, pull);
    case 'approve':
    case 'auto-merge':
    case 'enqueue':
      return judge(life, step.do, pull);
    case 'check':
      await life.town.check(pull.number, step.state);
      return true;
  }
}

function isRemark(step: OnPull): step is Remark {
  return ['label', 'request changes', 'lock', 'draft', 'confirm'].includes(step.do);
}

function isPush(step: OnPull): step is Push {
  return ['commit', 'change our line', 'update branch', 'merge another branch'].includes(step.do);
}

async function deleteBranch(life: Life, pull: SeenPull): Promise<boolean> {
  await life.town.deleteBranch(refOf(pull));
  for (const [oid, ref] of life.theirs) if (ref === refOf(pull)) life.theirs.delete(oid);
  life.takenOut.delete(refOf(pull));
  forgetDecisions(life, pull.number);
  tellAll(life);
  return true;
}

async function close(life: Life, pull: SeenPull, who: 'person' | 'bot'): Promise<boolean> {
  const { town } = life;
  const sight = await town.look();
  const elsewhere = openOf(sight).filter(({ number }) => number !== pull.number);
  const shown = await Promise.all(elsewhere.map(({ head }) => effectsOf(town, sight.base, head)));
  // What another pull request still shows is not turned down there.
  const others = namesOf(shown.flat());
  const effects = [...namesOf(await effectsOf(town, sight.base, pull.head))];
  await town.closeAs(pull.number, who);
  forgetDecisions(life, pull.number);
  if (who === 'person') life.turnedDown.set(pull.number, new Set(effects.filter((name) => !others.has(name))));
  else tellAll(life);
  return true;
}

/** A reviewer sees what is at the head now; whoever is about to push has looked already. */
async function judge(life: Life, what: 'approve' | 'auto-merge' | 'enqueue', pull: SeenPull): Promise<boolean> {
  const { town, gaps, queued } = life;
  if (gaps.size > 0 || (what === 'enqueue' && !life.house.hasMergeQueue)) return false;
  if (what === 'approve') {
    await town.approve(pull.number);
    await decide(life, pull, 'approval');
  } else if (what === 'auto-merge') {
    await town.autoMerge(pull.number, true);
    await decide(life, pull, 'auto-merge');
  } else {
    await town.enqueue(pull.number);
    queued.set(pull.number, pull.head);
  }
  return true;
}

async function push(life: Life, step: Push, pull: SeenPull): Promise<boolean> {
  const ref = refOf(pull);
  const oid = await pushed(life, step, pull);
  if (oid === null) return false;
  forgetDecisions(life, pull.number);
  // A clean "Update branch" is nobody's work.
  if (step.do !== 'update branch' || step.edit === 'something') life.theirs.set(oid, ref);
  return true;
}

async function pushed(life: Life, step: Push, pull: SeenPull): Promise<string | null> {
  const { town } = life;
  const ref = refOf(pull);
  const note = new Map([['README.md', `# ${life.versions} ${pull.head}\n`]]);
  switch (step.do) {
    case 'commit':
      return town.commit(ref, note);
    case 'change our line':
      return takeOut(life, pull);
    case 'update branch': {
      const { base } = await town.look();
      if (await town.isAncestor(base, pull.head)) return null;
      return town.mergeTo(ref, MAIN, step.edit === 'something' ? note : new Map());
    }
    case 'merge another branch': {
      const other = `refs/heads/feature-${life.versions}-${pull.head.slice(0, 8)}`;
      await town.branchOff(other, new Map([[`${pull.head.slice(0, 8)}.md`, 'Mine.\n']]));
      return town.mergeTo(ref, other, new Map());
    }
  }
}

/** A person gives one ExternalSecret back what it had. */
async function takeOut(life: Life, pull: SeenPull): Promise<string | null> {
  const { town, takenOut } = life;
  const { base } = await town.look();
  const effects = (await effectsOf(town, base, pull.head)).filter(({ place }) => secretAt(place) !== null);
  const [name] = effects.map(({ place }) => place.split(' ')[0] ?? '');
  if (name === undefined) return null;
  const path = `${name}.yaml`;
  const text = (await town.filesAt(await town.mergeBase(base, pull.head))).get(path);
  if (text === undefined || text === (await town.filesAt(pull.head)).get(path)) return null;
  const out = namesOf(effects.filter(({ place }) => place.startsWith(`${name} `)));
  takenOut.set(refOf(pull), new Set([...(takenOut.get(refOf(pull)) ?? []), ...out]));
  return town.commit(refOf(pull), new Map([[path, text]]));
}

async function remark({ town }: Life, what: Remark['do'], { number }: SeenPull): Promise<boolean> {
  if (what === 'label') await town.label(number, 'urgent');
  else if (what === 'lock') await town.lock(number);
  else if (what === 'draft') await town.draft(number, true);
  else if (what === 'confirm') {
    await town.label(number, CONFIRM_LABEL);
    await town.draft(number, false);
  } else await town.requestChanges(number);
  return true;
}
