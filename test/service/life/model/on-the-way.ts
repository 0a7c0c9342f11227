import { ROTATION, readTrailers } from '../../../../src/words/trailers.ts';
import { type Effect, effectsOf, factsOf, namesOf, secretAt } from './effects.ts';
import { type Decision, forgetDecisions, type Life } from './life.ts';
import { openOf, refOf, type SeenPull, type Sight } from './town.ts';

/** What must hold after every step, whoever is in the middle of something. */
export async function brokenOnTheWay(life: Life): Promise<readonly string[]> {
  const sight = await life.town.look();
  const wrong = [
    ...twice(sight),
    ...(await overwritten(life, sight)),
    ...brokenQueue(life, sight),
    ...(await replacedUnderApproval(life, sight)),
    ...saidTwice(life, sight),
    ...(await rewritten(life, sight)),
    ...life.wrong,
  ];
  for (const pull of openOf(sight)) {
    const effects = await effectsOf(life.town, sight.base, pull.head);
    wrong.push(...(await proposedAgain(life, sight, { pull, effects })), ...downgrades(life, pull, effects));
  }
  return wrong;
}

/** Where a rule is against it, what an open pull request shows is only added to. */
async function rewritten({ town, house, heads }: Life, sight: Sight): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { number, head } of house.rewrites === 'refused' ? openOf(sight) : []) {
    const before = heads.get(number) ?? head;
    if (!(await town.isAncestor(before, head))) wrong.push(`#${number} was rewritten past the rule`);
    heads.set(number, head);
  }
  return wrong;
}

function twice(sight: Sight): readonly string[] {
  const branches = openOf(sight).map(({ branch }) => branch);
  return new Set(branches).size < branches.length ? ['two open pull requests for one branch'] : [];
}

async function overwritten({ town, theirs }: Life, { branches }: Sight): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [oid, ref] of theirs) {
    const tip = branches.get(ref);
    if (tip === undefined) wrong.push(`${ref} was deleted with a person's commit`);
    else if (!(await town.isAncestor(oid, tip))) wrong.push(`${ref}: a person's commit was overwritten`);
  }
  return wrong;
}

function brokenQueue({ queued }: Life, { pulls }: Sight): readonly string[] {
  const wrong: string[] = [];
  for (const [number, head] of queued) {
    const pull = pulls.find((one) => one.number === number);
    const isAsQueued = pull?.state === 'open' && pull.head === head && pull.isQueued;
    if (!isAsQueued) wrong.push(`#${number} was touched in the merge queue`);
  }
  return wrong;
}

async function replacedUnderApproval(life: Life, sight: Sight): Promise<readonly string[]> {
  const wrong: string[] = [];
  const base = factsOf(await life.town.filesAt(sight.base));
  for (const decision of life.decisions.slice()) {
    const pull = sight.pulls.find(({ number }) => number === decision.pull);
    if (pull?.state !== 'open' || !stands(decision, pull)) {
      life.decisions.splice(life.decisions.indexOf(decision), 1);
      continue;
    }
    if (decision.head === pull.head) continue;
    const now = namesOf(await effectsOf(life.town, sight.base, pull.head));
    const changed = [...now, ...decision.effects].filter((name) => now.has(name) !== decision.effects.has(name));
    // What the base has by now is nobody's to approve.
    const left = changed.filter(
      (name) => base.get(name.slice(0, name.indexOf('='))) !== name.slice(name.indexOf('=') + 1),
    );
    if (left.length === 0) continue;
    wrong.push(`#${pull.number}: the content under an ${decision.kind} was replaced: ${left.join(', ')}`);
    forgetDecisions(life, pull.number);
  }
  return wrong;
}

function stands({ kind, head }: Decision, { isAutoMerge, approvals }: SeenPull): boolean {
  return kind === 'auto-merge' ? isAutoMerge : approvals.some(({ commit }) => commit === head);
}

function saidTwice({ reopened }: Life, { pulls }: Sight): readonly string[] {
  return pulls.flatMap(({ number, comments }) =>
    new Set(comments).size < comments.length && !reopened.has(number)
      ? [`#${number} says the same twice: ${comments.join(' | ')}`]
      : [],
  );
}

/** What a group turned down that another one took in, or let go, may be forgotten: see ARCHITECTURE.md. */
const REGROUPED = /^(?:other|join) /;

/** What a pull request names was judged with it; what else its tokens hold was not. */
async function proposedAgain(
  { town, turnedDown, isRegrouped }: Life,
  { pulls }: Sight,
  { pull, effects }: { readonly pull: SeenPull; readonly effects: readonly Effect[] },
): Promise<readonly string[]> {
  const names = namesOf(effects);
  const wrong: string[] = [];
  for (const [number, down] of turnedDown) {
    const judged = pulls.find((one) => one.number === number);
    const texts = judged === undefined ? [] : [judged.body, await town.messageOf(judged.head)];
    const named = new Set(texts.flatMap((text) => readTrailers(text, ROTATION)));
    for (const name of down) {
      const isJudged = named.has(name.slice(name.indexOf(' ') + 1)) && !(isRegrouped && REGROUPED.test(name));
      if (isJudged && names.has(name))
        wrong.push(`#${pull.number} proposes ${name} again, turned down with #${number}`);
    }
  }
  return wrong;
}

/** AWS must have gone from what the base had to what is proposed. */
function downgrades({ aws }: Life, { number }: SeenPull, effects: readonly Effect[]): readonly string[] {
  return effects.flatMap(({ place, before, after }) => {
    const secret = secretAt(place);
    if (secret === null || before === null) return [];
    const history = aws.get(secret) ?? [];
    if (history.lastIndexOf(after) > history.indexOf(before)) return [];
    return [`#${number} goes back from ${before} to ${after} at ${place}`];
  });
}

/** What the base went through must be a part of what AWS went through, in its order. */
export function backwards({ bases, aws }: Life): readonly string[] {
  return [...bases].flatMap(([place, seen]) => {
    const history = aws.get(secretAt(place) ?? '') ?? [];
    let from = 0;
    for (const one of seen) {
      from = history.indexOf(one, from);
      if (from === -1) return [`${place} went ${seen.join(' ')} while AWS went ${history.join(' ')}`];
    }
    return [];
  });
}

/** What a pull request shows must be its branch. */
export function notShown(sight: Sight): readonly string[] {
  return openOf(sight)
    .filter((pull) => sight.branches.get(refOf(pull)) !== pull.head)
    .map(({ number }) => `#${number} does not show its branch`);
}
